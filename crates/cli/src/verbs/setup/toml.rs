//! The same for settings in TOML: line by line, so that everything else stays as it is. Pure.
//!
//! What must stay true: as for JSON. A value that is written in a way that is not understood here is
//! left alone.

use super::{Change, NAME};
use serde_json::Value;

/// The name of the server whose table a line begins, if it does.
fn server<'l>(line: &'l str, key: &str) -> Option<&'l str> {
    let inside = line.trim().strip_prefix('[')?.split(']').next()?.trim();
    let name = inside.strip_prefix(key)?.strip_prefix('.')?;
    let quoted = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'));
    quoted.or_else(|| (!name.contains(['.', '"'])).then_some(name))
}

/// A line `NAME = VALUE`: its value.
fn value<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let rest = line.trim_start().strip_prefix(name)?.trim_start();
    rest.strip_prefix('=').map(str::trim)
}

/// A string, plain or literal.
fn string(value: &str) -> Option<String> {
    let literal = value
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    match literal {
        Some(text) if !text.contains('\'') => Some(text.to_owned()),
        _ => serde_json::from_str(value).ok(),
    }
}

fn entry(key: &str, program: &str) -> [String; 3] {
    [
        format!("[{key}.{NAME}]"),
        format!("command = {}", Value::from(program)),
        "args = [\"mcp\"]".to_owned(),
    ]
}

/// Changes settings that keep their servers in tables below this key.
pub(super) fn change(text: &str, key: &str, change: &Change<'_>) -> (String, Vec<String>) {
    let mut touched = Vec::new();
    let mut made: Vec<String> = Vec::new();
    for (name, lines) in tables(text, key) {
        match name {
            Some(NAME) if change.undo => drop_blank_end(&mut made),
            Some(NAME) => {
                made.extend(entry(key, change.program));
                // What else the user has said of it stays.
                let known = ["command", "args"];
                let others = lines.iter().skip(1);
                let others =
                    others.filter(|line| known.iter().all(|name| value(line, name).is_none()));
                made.extend(others.map(|line| (*line).to_owned()));
            }
            Some(other) if change.wrap || change.undo => {
                let table = if change.undo {
                    unwrapped(&lines, change)
                } else {
                    wrapped(&lines, change)
                };
                if table.is_some() {
                    touched.push(other.to_owned());
                }
                made.extend(table.unwrap_or_else(|| owned(&lines)));
            }
            Some(_) | None => made.extend(owned(&lines)),
        }
    }
    let is_there = tables(text, key)
        .iter()
        .any(|(name, _)| *name == Some(NAME));
    if !change.undo && !is_there {
        if made.iter().any(|line| !line.trim().is_empty()) {
            made.push(String::new());
        }
        made.extend(entry(key, change.program));
    }
    let mut text = made.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    (text, touched)
}

fn drop_blank_end(lines: &mut Vec<String>) {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
}

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// The lines, table by table, with the name of the server that each is of.
fn tables<'t>(text: &'t str, key: &str) -> Vec<(Option<&'t str>, Vec<&'t str>)> {
    let mut tables: Vec<(Option<&str>, Vec<&str>)> = vec![(None, Vec::new())];
    for line in text.lines() {
        if line.trim_start().starts_with('[') && !line.trim_start().starts_with("[\"") {
            tables.push((server(line, key), Vec::new()));
        }
        if let Some((_, lines)) = tables.last_mut() {
            lines.push(line);
        }
    }
    tables
}

fn is_ours(command: &str, change: &Change<'_>) -> bool {
    let name = command.rsplit('/').next().unwrap_or(command);
    command == change.program || name == NAME
}

/// The command of a table, and where its line is.
fn command(lines: &[&str]) -> Option<(usize, String)> {
    let mut lines = lines.iter().enumerate();
    let (at, text) = lines.find_map(|(at, line)| Some((at, value(line, "command")?)))?;
    Some((at, string(text)?))
}

fn wrapped(lines: &[&str], change: &Change<'_>) -> Option<Vec<String>> {
    let (at, word) = command(lines).filter(|(_, word)| !is_ours(word, change))?;
    let words = format!("\"run\", \"--\", {}", Value::from(word.as_str()));
    let mut made = owned(lines);
    made[at] = format!("command = {}", Value::from(change.program));
    let args = lines.iter().position(|line| value(line, "args").is_some());
    match args {
        None => made.insert(at + 1, format!("args = [{words}]")),
        Some(args) => {
            let rest = value(lines[args], "args")?.strip_prefix('[')?.trim_start();
            let more = if rest.starts_with(']') { "" } else { ", " };
            made[args] = format!("args = [{words}{more}{rest}");
        }
    }
    Some(made)
}

fn unwrapped(lines: &[&str], change: &Change<'_>) -> Option<Vec<String>> {
    let (at, _) = command(lines).filter(|(_, word)| is_ours(word, change))?;
    let args = lines
        .iter()
        .position(|line| value(line, "args").is_some())?;
    let rest = value(lines[args], "args")?;
    let rest = rest.strip_prefix("[\"run\", \"--\", ")?;
    // Words are written as JSON by us, so that is how the first one ends.
    let mut words = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let word = words.next()?.ok()?;
    let rest = rest.get(words.byte_offset()..)?;
    let rest = rest.strip_prefix(", ").unwrap_or(rest);
    let mut made = owned(lines);
    made[at] = format!("command = {}", Value::from(word));
    made[args] = format!("args = [{rest}");
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "mcp_servers";

    fn with(text: &str, wrap: bool, undo: bool) -> String {
        let program = "/opt/handfast";
        change(
            text,
            KEY,
            &Change {
                program,
                wrap,
                undo,
            },
        )
        .0
    }

    const TEXT: &str = "model = \"x\" # mine\n\n[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"-y\", \"x\"]\n\n[mcp_servers.a.env]\ncommand = \"no\"\n";

    #[test]
    fn it_is_put_in_once_and_nothing_else_is_touched() {
        let once = with(TEXT, false, false);
        let ours = "\n[mcp_servers.handfast]\ncommand = \"/opt/handfast\"\nargs = [\"mcp\"]\n";
        assert_eq!(once, format!("{TEXT}{ours}"));
        assert_eq!(with(&once, false, false), once);
        assert_eq!(with(&once, false, true), TEXT);
        assert_eq!(with("", false, false), ours.trim_start());
    }

    #[test]
    fn others_are_wrapped_once_and_unwrapped_again() {
        let once = with(TEXT, true, false);
        let want =
            "command = \"/opt/handfast\"\nargs = [\"run\", \"--\", \"npx\", \"-y\", \"x\"]\n";
        assert!(once.contains(want), "{once}");
        // A table below it is none of a server.
        assert!(once.contains("command = \"no\""));
        assert_eq!(with(&once, true, false), once);
        assert_eq!(with(&once, false, true), TEXT);
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        let text = "[mcp_servers.a]\ncommand = \"\"\"x\"\"\"\n";
        assert!(with(text, true, false).starts_with(text));
    }
}
