//! Relative links in Markdown files must point at files that exist.

use super::Finding;

/// Checks one Markdown file; `exists` is asked about paths relative to the root.
pub(super) fn check(path: &str, text: &str, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        if fenced || is_fence {
            continue;
        }
        for target in targets(&without_code(line)) {
            let file = resolve(path, target);
            if !file.as_deref().is_some_and(exists) {
                let rule = format!("this link points at nothing: {target}");
                findings.push(Finding {
                    path: path.to_owned(),
                    line: index + 1,
                    rule,
                });
            }
        }
    }
    findings
}

/// The line without its code spans.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect()
}

/// The relative targets on this line, without `#section` and title.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let inline = line
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let definition = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "));
    let all = inline.chain(definition.map(|(_, target)| target));
    all.filter_map(|target| {
        let target = target.split_whitespace().next()?.trim_matches(['<', '>']);
        let file = target.split('#').next()?;
        let is_relative = !file.is_empty() && !file.contains(':');
        is_relative.then_some(file)
    })
}

/// The target as a path from the root; nothing if it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn broken(text: &str) -> Vec<usize> {
        let exists = |path: &str| ["README.md", "docs/a.md", "docs"].contains(&path);
        check("docs/a.md", text, &exists)
            .iter()
            .map(|finding| finding.line)
            .collect()
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        assert_eq!(broken("x\n[a](b.md)"), [2]);
        assert_eq!(broken("[a]: ../b.md"), [1]);
        assert_eq!(broken("[a](../../README.md)"), [1]);
        assert_eq!(broken("[a](a.md) and [b](b.md#part \"title\")"), [1]);
    }

    #[test]
    fn other_links_are_left_alone() {
        assert_eq!(
            broken("[a](a.md#x) [b](../README.md) [c](../docs/) [d](/README.md)"),
            NONE
        );
        assert_eq!(
            broken("[a](https://example.org/b) [b](#part) [c](mailto:a@b.example)"),
            NONE
        );
        assert_eq!(broken("`[a](b.md)`\n```\n[a](b.md)\n```\n"), NONE);
    }
}
