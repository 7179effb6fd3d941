//! Changes of settings in JSON: our server put in and taken out, other servers wrapped and unwrapped.
//! Pure.
//!
//! What must stay true: doing it twice is doing it once; taking out and unwrapping leaves what was there
//! before, but for blanks.

use super::jsonc::{Kind, Member, Node, Odd, read};
use super::{Change, NAME};
use serde_json::{Value, json};
use std::ops::Range;

/// What of a text is replaced by what.
type Edit = (Range<usize>, String);

/// Applies edits that do not touch one another.
fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut text = text.to_owned();
    for (at, new) in edits {
        text.replace_range(at, &new);
    }
    text
}

/// The server as it stands in settings.
fn entry(program: &str, with_type: bool) -> String {
    let (command, args) = (json!(program), json!(["mcp"]));
    if with_type {
        format!("{{ \"type\": \"stdio\", \"command\": {command}, \"args\": {args} }}")
    } else {
        format!("{{ \"command\": {command}, \"args\": {args} }}")
    }
}

/// The blanks before a place, back to its line's beginning; none where something else stands there.
fn indent(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_blank = line.chars().all(|letter| letter == ' ' || letter == '\t');
    if is_blank { line } else { "" }
}

/// Puts a member first into an object.
fn put_in(text: &str, object: &Node, (key, value): (&str, &str)) -> Edit {
    let member = format!("{}: {value}", Value::from(key));
    match object.members().first() {
        Some(first) => {
            let indent = indent(text, first.start);
            let blank = if indent.is_empty() {
                " ".to_owned()
            } else {
                format!("\n{indent}")
            };
            (first.start..first.start, format!("{member},{blank}"))
        }
        None => {
            let outer = indent(text, object.at.start);
            // Where it stands behind its name, its line is what it is indented by.
            let outer = if outer.is_empty() {
                line_indent(text, object.at.start)
            } else {
                outer
            };
            let place = object.at.start + 1..object.at.start + 1;
            (place, format!("\n{outer}  {member}\n{outer}"))
        }
    }
}

/// How the line of a place is indented.
fn line_indent(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let end = line.find(|letter| letter != ' ' && letter != '\t');
    line.get(..end.unwrap_or(line.len())).unwrap_or_default()
}

/// Takes a member out, with the comma that it needs no more.
fn take_out(object: &Node, place: usize) -> Option<Edit> {
    let members = object.members();
    let member = members.get(place)?;
    let before = place.checked_sub(1).and_then(|before| members.get(before));
    let at = match (before, members.get(place + 1)) {
        (Some(before), _) => before.value.at.end..member.value.at.end,
        (None, Some(next)) => member.start..next.start,
        (None, None) => member.start..member.value.at.end,
    };
    Some((at, String::new()))
}

/// Changes the settings of a client that keeps its servers below this key.
pub(super) fn change(
    text: &str,
    (key, with_type): (&str, bool),
    change: &Change<'_>,
) -> Result<(String, Vec<String>), Odd> {
    let base = if text.trim().is_empty() { "{}\n" } else { text };
    let root = read(base)?;
    if !root.is_object() {
        return Err(Odd { at: root.at.start });
    }
    let servers = root.get(key).filter(|servers| servers.is_object());
    let mut edits = Vec::new();
    let mut touched = Vec::new();
    for (place, member) in servers
        .map(Node::members)
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        let is_ours = member.key == NAME;
        if is_ours && change.undo {
            edits.extend(servers.and_then(|servers| take_out(servers, place)));
        } else if !is_ours && (change.wrap || change.undo) {
            let edit = if change.undo {
                unwrap(member, change)
            } else {
                wrap(member, change)
            };
            if !edit.is_empty() {
                touched.push(member.key.clone());
                edits.extend(edit);
            }
        }
    }
    if !change.undo {
        edits.extend(ours(
            base,
            (&root, servers),
            (key, &entry(change.program, with_type)),
        ));
    }
    Ok((apply(base, edits), touched))
}

/// Puts our server in, or in its old place.
fn ours(
    text: &str,
    (root, servers): (&Node, Option<&Node>),
    (key, entry): (&str, &str),
) -> Option<Edit> {
    let Some(servers) = servers else {
        let outer = root
            .members()
            .first()
            .map_or("  ", |first| indent(text, first.start));
        let value = format!("{{\n{outer}  {}: {entry}\n{outer}}}", Value::from(NAME));
        return Some(put_in(text, root, (key, &value)));
    };
    match servers.get(NAME) {
        None => Some(put_in(text, servers, (NAME, entry))),
        Some(old) => {
            let same = |text: &str| serde_json::from_str::<Value>(text).ok();
            let was = text.get(old.at.clone()).unwrap_or_default();
            (same(was) != same(entry)).then(|| (old.at.clone(), entry.to_owned()))
        }
    }
}

fn is_ours(command: &str, change: &Change<'_>) -> bool {
    let name = command.rsplit('/').next().unwrap_or(command);
    command == change.program || name == NAME
}

/// `COMMAND ARGS…` becomes `handfast run -- COMMAND ARGS…`.
fn wrap(member: &Member, change: &Change<'_>) -> Vec<Edit> {
    let Some(command) = member.value.get("command") else {
        return Vec::new();
    };
    let Some(word) = command.text().filter(|word| !is_ours(word, change)) else {
        return Vec::new();
    };
    let words = format!("\"run\", \"--\", {}", Value::from(word));
    let args = match member.value.get("args") {
        Some(args) if matches!(args.kind, Kind::Array(_)) => {
            let more = if args.items().is_empty() { "" } else { ", " };
            (
                args.at.start + 1..args.at.start + 1,
                format!("{words}{more}"),
            )
        }
        Some(_) => return Vec::new(),
        None => (
            command.at.end..command.at.end,
            format!(", \"args\": [{words}]"),
        ),
    };
    vec![
        (command.at.clone(), Value::from(change.program).to_string()),
        args,
    ]
}

/// And back.
fn unwrap(member: &Member, change: &Change<'_>) -> Vec<Edit> {
    let command = member.value.get("command");
    let args = member
        .value
        .get("args")
        .map(Node::items)
        .unwrap_or_default();
    let (Some(command), [run, dashes, word, rest @ ..]) = (command, args) else {
        return Vec::new();
    };
    let is_wrapped = command
        .text()
        .is_some_and(|command| is_ours(command, change))
        && run.text() == Some("run")
        && dashes.text() == Some("--");
    let Some(word) = word.text().filter(|_| is_wrapped) else {
        return Vec::new();
    };
    let end = rest.first().map_or(args[2].at.end, |next| next.at.start);
    vec![
        (command.at.clone(), Value::from(word).to_string()),
        (run.at.start..end, String::new()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: (&str, bool) = ("mcpServers", false);

    fn with(text: &str, wrap: bool, undo: bool) -> String {
        let program = "/opt/handfast";
        let wanted = Change {
            program,
            wrap,
            undo,
        };
        change(text, KEY, &wanted).unwrap().0
    }

    #[test]
    fn it_is_put_in_once_and_nothing_else_is_touched() {
        let text = "{\n  // mine\n  \"theme\": \"dark\",\n  \"mcpServers\": {\n    \"a\": { \"command\": \"npx\" }\n  }\n}\n";
        let once = with(text, false, false);
        assert!(once.contains("\n    \"handfast\": { \"command\": \"/opt/handfast\", \"args\": [\"mcp\"] },\n    \"a\""));
        assert!(once.contains("// mine\n  \"theme\": \"dark\","));
        assert_eq!(with(&once, false, false), once);
        assert_eq!(with(&once, false, true), text);
    }

    #[test]
    fn an_empty_file_becomes_one_that_is_read() {
        for empty in ["", "{}", "{ }\n", "{\"x\": 1}", "{\"mcpServers\": {}}"] {
            let made = with(empty, false, false);
            let value: Value = serde_json::from_str(&made).unwrap();
            assert_eq!(
                value["mcpServers"]["handfast"]["args"],
                json!(["mcp"]),
                "{made}"
            );
        }
    }

    #[test]
    fn others_are_wrapped_once_and_unwrapped_again() {
        let text = r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "x"]}, "b": {"command": "/bin/b"},
            "c": {"url": "http://localhost"}, "d": {"command": "d", "args": []}}}"#;
        let once = with(text, true, false);
        let value: Value = serde_json::from_str(&once).unwrap();
        let servers = &value["mcpServers"];
        assert_eq!(servers["a"]["command"], "/opt/handfast");
        assert_eq!(servers["a"]["args"], json!(["run", "--", "npx", "-y", "x"]));
        assert_eq!(servers["b"]["args"], json!(["run", "--", "/bin/b"]));
        assert_eq!(servers["c"], json!({"url": "http://localhost"}));
        assert_eq!(with(&once, true, false), once);
        let undone: Value = serde_json::from_str(&with(&once, false, true)).unwrap();
        let before: Value = serde_json::from_str(text).unwrap();
        assert_eq!(undone["mcpServers"]["a"], before["mcpServers"]["a"]);
        assert_eq!(undone["mcpServers"]["d"], before["mcpServers"]["d"]);
        assert_eq!(undone["mcpServers"]["b"]["command"], "/bin/b");
        assert!(undone["mcpServers"].get("handfast").is_none());
    }
}
