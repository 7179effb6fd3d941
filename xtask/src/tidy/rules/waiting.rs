//! Tests wait for facts, and only tasks choose between futures.

use super::super::scan;
use super::{Finding, Source};

/// How far above a `sleep` its note may stand.
const NOTE_LINES: usize = 2;

/// A test may sleep only to see that something does *not* happen.
pub(super) fn sleeps(source: &Source) -> Vec<Finding> {
    let sleeps = scan::words_before(&source.code, "sleep", "(");
    let bare = sleeps.filter(|&at| source.in_test(at) && !has_note(source, source.line(at)));
    let rule = "a test waits for facts; a `sleep` needs `// ABSENCE:` and what must not happen";
    bare.map(|at| source.finding(at, rule)).collect()
}

fn has_note(source: &Source, line: usize) -> bool {
    let lines = line.saturating_sub(NOTE_LINES)..=line;
    lines
        .into_iter()
        .any(|line| source.comment_line(line).contains("// ABSENCE:"))
}

/// `select!` is in files named task.rs, and is tokio's by its full name.
pub(super) fn selects(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for at in scan::words_before(&source.code, "select", "!") {
        if source.file_name() != "task.rs" {
            findings.push(source.finding(at, "`select!` is allowed in files named task.rs only"));
        } else if !source.code[..at].ends_with("tokio::") {
            findings.push(source.finding(at, "write `tokio::select!` in full"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    #[test]
    fn a_sleep_in_a_test_is_found() {
        let text = "fn f() {\n    thread::sleep(TICK);\n}";
        assert_lines(sleeps, "a/tests/b.rs", text, &[2]);
        assert_lines(sleeps, "testkit/src/lib.rs", text, &[2]);
        assert_lines(sleeps, "a/src/b.rs", text, &[]);
        assert_lines(
            sleeps,
            "a/src/b.rs",
            &format!("#[cfg(test)]\nmod tests {{\n{text}\n}}"),
            &[4],
        );
    }

    #[test]
    fn a_sleep_with_a_note_is_free() {
        let text = "// ABSENCE: nothing dies.\n\nsleep(TICK);\nsleep(TICK); // ABSENCE: x.";
        assert_lines(sleeps, "a/tests/b.rs", text, &[]);
        assert_lines(
            sleeps,
            "a/tests/b.rs",
            "// ABSENCE: x.\n\n\nsleep(TICK);",
            &[4],
        );
        assert_lines(
            sleeps,
            "a/tests/b.rs",
            "run(\"sleep(1)\"); sleep_until(x)",
            &[],
        );
    }

    #[test]
    fn a_select_outside_a_task_is_found() {
        assert_lines(selects, "a/src/task.rs", "tokio::select! {}", &[]);
        assert_lines(selects, "a/src/task.rs", "\nselect! {}", &[2]);
        assert_lines(selects, "a/src/start.rs", "tokio::select! {}", &[1]);
    }
}
