//! What a file is called, how it begins, and what it leaves for later.

use super::super::scan;
use super::{Finding, Source};

/// Names that say nothing about what happens in a file.
const EMPTY_NAMES: [&str; 7] = ["imp", "utils", "util", "helpers", "common", "types", "misc"];

/// Every file says first what it is.
pub(super) fn head(source: &Source) -> Vec<Finding> {
    let first = (0..source.lines())
        .find(|&line| !source.code_line(line).is_empty() || !source.comment_line(line).is_empty());
    let has_head = first.is_some_and(|line| source.comment_line(line).starts_with("//!"));
    let rule = "a file begins with a `//!` head";
    (!has_head)
        .then(|| source.finding(0, rule))
        .into_iter()
        .collect()
}

/// Files and folders are named after what happens in them.
pub(super) fn file_names(source: &Source) -> Vec<Finding> {
    let path = source.path.strip_suffix(".rs").unwrap_or(&source.path);
    let empty = path.split('/').filter(|part| EMPTY_NAMES.contains(part));
    empty
        .map(|part| source.finding(0, format!("`{part}` names nothing")))
        .collect()
}

/// What is left for later has an issue.
pub(super) fn unfinished_work(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in 0..source.lines() {
        let comment = source.comment_line(line);
        for mark in ["FIXME", "TODO"] {
            let bare = scan::words(comment, mark).any(|at| !names_issue(&comment[at..]));
            if bare {
                let rule = format!("{mark} needs an issue: `{mark}(#<number>)`");
                findings.push(source.finding_on_line(line, rule));
            }
        }
    }
    findings
}

fn names_issue(text: &str) -> bool {
    text.split('#')
        .skip(1)
        .any(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    #[test]
    fn a_file_without_a_head_is_found() {
        assert_lines(head, "a.rs", "\n//! What this is.\nfn f() {}", &[]);
        assert_lines(head, "a.rs", "fn f() {}\n//! Too late.", &[1]);
        assert_lines(head, "a.rs", "// Not a head.\nfn f() {}", &[1]);
        assert_lines(head, "a.rs", "", &[1]);
    }

    #[test]
    fn an_empty_name_is_found() {
        assert_lines(file_names, "crates/a/src/typescript.rs", "", &[]);
        for path in [
            "src/utils.rs",
            "src/imp/mod.rs",
            "tests/common/mod.rs",
            "src/types.rs",
        ] {
            assert_lines(file_names, path, "", &[1]);
        }
    }

    #[test]
    fn unfinished_work_without_an_issue_is_found() {
        assert_lines(
            unfinished_work,
            "a.rs",
            "// TODO(#12): x\n// FIXME #3 y\nf(\"TODO\")",
            &[],
        );
        assert_lines(
            unfinished_work,
            "a.rs",
            "f();\n// TODO: x\ng(); // FIXME(me)",
            &[2, 3],
        );
    }
}
