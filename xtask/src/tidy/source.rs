//! One Rust file as the rules see it: its masked text, its lines, and which of it is test code.

use std::ops::Range;

use super::Finding;
use super::mask::{Masked, mask};
use super::scan;

/// Folders whose files are test code as a whole. `testkit` is never shipped.
const TEST_FOLDERS: [&str; 3] = ["tests", "benches", "testkit"];

/// A file under check.
pub(super) struct Source {
    /// Relative to the root of the repository, with `/`.
    pub(super) path: String,
    /// The text without comments and contents of strings.
    pub(super) code: String,
    comments: String,
    line_starts: Vec<usize>,
    tests: Vec<Range<usize>>,
    is_test: bool,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let Masked { code, comments } = mask(text);
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .filter(|&start| start < text.len())
            .collect();
        let tests = test_items(&code);
        let is_test = is_test_path(path) || tests.contains(&(0..code.len()));
        Self {
            path: path.to_owned(),
            code,
            comments,
            line_starts,
            tests,
            is_test,
        }
    }

    /// A finding at this offset.
    pub(super) fn finding(&self, offset: usize, rule: impl Into<String>) -> Finding {
        self.finding_on_line(self.line(offset), rule)
    }

    /// A finding on the line with this index.
    pub(super) fn finding_on_line(&self, line: usize, rule: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line: line + 1,
            rule: rule.into(),
        }
    }

    /// The index of the line with this offset, counted from 0.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts
            .partition_point(|&start| start <= offset)
            .saturating_sub(1)
    }

    /// The number of lines.
    pub(super) fn lines(&self) -> usize {
        self.line_starts.len()
    }

    /// The code of one line.
    pub(super) fn code_line(&self, line: usize) -> &str {
        self.code[self.line_range(line)].trim()
    }

    /// The comment on one line.
    pub(super) fn comment_line(&self, line: usize) -> &str {
        self.comments[self.line_range(line)].trim()
    }

    fn line_range(&self, line: usize) -> Range<usize> {
        let end = self
            .line_starts
            .get(line + 1)
            .copied()
            .unwrap_or(self.code.len());
        self.line_starts.get(line).copied().unwrap_or(end)..end
    }

    /// Whether the code at this offset is compiled for tests only.
    pub(super) fn in_test(&self, offset: usize) -> bool {
        self.is_test || self.tests.iter().any(|range| range.contains(&offset))
    }

    /// The number of lines that items for tests take away from this file.
    pub(super) fn test_lines(&self) -> usize {
        let inside = |start: &usize| self.tests.iter().any(|range| range.contains(start));
        self.line_starts
            .iter()
            .filter(|start| inside(start))
            .count()
    }

    /// The last part of the path.
    pub(super) fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

fn is_test_path(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| TEST_FOLDERS.contains(&part))
}

/// The items under a `#[cfg(test)]`, from the attribute on. An inner one covers the whole file.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for attribute in scan::attributes(code) {
        let text: String = code[attribute.clone()].split_whitespace().collect();
        let is_cfg = text.starts_with("#[cfg(") || text.starts_with("#![cfg(");
        let is_test = scan::words(&text, "test").next().is_some() && !text.contains("not(test");
        if is_cfg && is_test && text.starts_with("#!") {
            found.push(0..code.len());
        } else if is_cfg && is_test {
            found.push(attribute.start..scan::item_after(code, attribute.end).end);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_for_tests_are_test_code_and_the_rest_is_not() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("src/lib.rs", text);
        let at = |name| text.find(name).expect("it is in the text");
        assert!(source.in_test(at("fn b")));
        assert!(!source.in_test(at("fn a")) && !source.in_test(at("fn c")));
        assert_eq!((source.lines(), source.test_lines()), (6, 4));
    }

    #[test]
    fn a_cfg_that_excludes_tests_marks_no_test_code() {
        let text = "#[cfg(not(test))]\nfn a() {}\n";
        assert!(!Source::new("src/lib.rs", text).in_test(text.len() - 3));
    }

    #[test]
    fn folders_decide_for_whole_files() {
        for path in [
            "a/tests/b.rs",
            "testkit/src/lib.rs",
            "a/benches/b.rs",
            "a/src/x/tests.rs",
        ] {
            assert!(Source::new(path, "fn a() {}").in_test(0), "{path}");
        }
        assert!(!Source::new("a/src/attests.rs", "fn a() {}").in_test(0));
    }

    #[test]
    fn lines_are_counted_from_one_in_findings() {
        let source = Source::new("a.rs", "a\nb\n");
        assert_eq!(source.finding(0, "").line, 1);
        assert_eq!(source.finding(2, "").line, 2);
        assert_eq!((source.code_line(1), source.code_line(9)), ("b", ""));
    }
}
