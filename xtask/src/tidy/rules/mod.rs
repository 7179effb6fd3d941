//! The house rules, each a function; their kin share a file.

mod danger;
mod lints;
mod names;
mod platform;
mod size;
mod waiting;

use super::Finding;
use super::source::Source;

/// A rule looks at one file and returns what breaks it.
pub(super) type Rule = fn(&Source) -> Vec<Finding>;

/// Every rule.
pub(super) const ALL: &[Rule] = &[
    size::functions,
    size::files,
    size::parameters,
    names::head,
    names::file_names,
    names::unfinished_work,
    danger::unsafe_place,
    danger::unsafe_reason,
    danger::panics,
    danger::wildcards,
    platform::platform_cfg,
    waiting::sleeps,
    waiting::selects,
    lints::exceptions,
    lints::forbid_unsafe,
];

/// Asserts that the rules find exactly these lines of `text` to be wrong.
#[cfg(test)]
#[track_caller]
fn assert_lines(rule: Rule, path: &str, text: &str, lines: &[usize]) {
    let findings = rule(&Source::new(path, text));
    let mut found: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
    found.sort_unstable();
    assert_eq!(found, lines, "{path}: {findings:?}");
}
