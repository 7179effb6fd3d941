//! Names and sentences: those of the wire, as other languages write them. Pure.

/// What somebody gives without a name, in this order, where the schema does not demand it.
const FIRST: [(&str, &[&str]); 4] = [
    ("exec/command", &["cmd"]),
    ("exec/write", &["sessionId", "chars"]),
    ("process/start", &["argv"]),
    ("process/view", &["processId"]),
];

/// Methods whose names say something else than they do without the words before them.
const NAMES: [(&str, &str); 2] = [
    ("exec/command", "execCommand"),
    ("exec/write", "writeStdin"),
];

/// What a client says where nothing else is said: it asks for output, and is not told of it.
const SAID: [(&str, &str, bool); 1] = [("process/start", "notify", false)];

/// Which of the fields of a method are given without a name, besides those that must be there.
pub(super) fn first(method: &str) -> &'static [&'static str] {
    let found = FIRST.iter().find(|(name, _)| *name == method);
    found.map_or(&[], |(_, fields)| fields)
}

/// What a client says for a field where nothing else is said.
pub(super) fn said(method: &str, field: &str) -> Option<bool> {
    let mut said = SAID.iter();
    said.find_map(|(name, of, value)| (*name == method && *of == field).then_some(*value))
}

/// The name of the verb, in camel case: of processes without that word.
pub(super) fn verb(method: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(name, _)| *name == method) {
        return (*name).to_owned();
    }
    match method.split_once('/') {
        Some(("process", verb)) => verb.to_owned(),
        Some((what, verb)) => format!("{what}{}", pascal(verb)),
        None => method.to_owned(),
    }
}

/// `tree-empty` and `treeEmpty` as `TreeEmpty`.
pub(super) fn pascal(name: &str) -> String {
    let mut pascal = String::with_capacity(name.len());
    let mut is_first = true;
    for one in name.chars() {
        if one == '-' {
            is_first = true;
            continue;
        }
        if is_first {
            pascal.extend(one.to_uppercase());
        } else {
            pascal.push(one);
        }
        is_first = false;
    }
    pascal
}

/// `treeEmpty` as `tree_empty`.
pub(super) fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for one in name.chars() {
        if one.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(one.to_ascii_lowercase());
    }
    snake
}

/// Without examples in Rust, and without its links.
pub(super) fn doc(text: &str) -> String {
    let text = text.split("```").next().unwrap_or_default().trim();
    let mut doc = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, behind)) = after.split_once("`]") else {
            break;
        };
        doc.push_str(before);
        doc.push('`');
        doc.push_str(name);
        doc.push('`');
        rest = match behind
            .strip_prefix('(')
            .and_then(|link| link.split_once(')'))
        {
            Some((_, behind)) => behind,
            None => behind,
        };
    }
    doc.push_str(rest);
    doc
}

/// What a method does, as a sentence that begins with a capital: without its name before it.
pub(super) fn sentence(doc: &str) -> String {
    let without = match doc.split_once(": ") {
        Some((name, rest)) if name.starts_with('`') && name.ends_with('`') => rest,
        _ => doc,
    };
    let mut letters = without.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The first sentence of what is to be said on one line.
pub(super) fn on_one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_each_language() {
        assert_eq!(verb("process/closeStdin"), "closeStdin");
        assert_eq!(verb("owner/endTurn"), "ownerEndTurn");
        assert_eq!(verb("exec/write"), "writeStdin");
        assert_eq!(snake("ownerEndTurn"), "owner_end_turn");
        assert_eq!(pascal("tree-empty"), "TreeEmpty");
    }

    #[test]
    fn links_and_examples_are_left_out() {
        let text = "As of [`Start`] and [`Read`](super::Read).\n\n```\nrust\n```";
        assert_eq!(doc(text), "As of `Start` and `Read`.");
        assert_eq!(doc("`a/b`: does [it"), "`a/b`: does [it");
        assert_eq!(sentence("`a/b`: does it: so."), "Does it: so.");
        assert_eq!(sentence("Plain."), "Plain.");
    }
}
