//! What can hurt: `unsafe`, panics, and arms that swallow new variants.

use super::super::scan;
use super::{Finding, Source};

/// The only place for `unsafe`.
const UNSAFE_HOME: &str = "crates/core/sys/";

/// Files whose `match` must not compile until somebody decided about a new variant.
const TOTAL_FILES: [&str; 2] = ["life.rs", "ledger.rs"];

/// How many lines of one statement may stand between the comment and its block.
const STATEMENT_LINES: usize = 4;

/// `unsafe` is in one crate.
pub(super) fn unsafe_place(source: &Source) -> Vec<Finding> {
    if source.path.starts_with(UNSAFE_HOME) {
        return Vec::new();
    }
    let rule = "`unsafe` is allowed in crates/core/sys only";
    scan::words(&source.code, "unsafe")
        .map(|at| source.finding(at, rule))
        .collect()
}

/// Every block says why it is sound.
pub(super) fn unsafe_reason(source: &Source) -> Vec<Finding> {
    let blocks = scan::words_before(&source.code, "unsafe", "{");
    let impls = scan::words_before(&source.code, "unsafe", "impl");
    let bare = blocks
        .chain(impls)
        .filter(|&at| !has_reason(source, source.line(at)));
    let rule = "an `unsafe` block needs `// SAFETY:` above";
    bare.map(|at| source.finding(at, rule)).collect()
}

/// Looks upwards from the block, over the lines of its statement, through the comment above.
fn has_reason(source: &Source, block: usize) -> bool {
    let mut passed = 0;
    for line in (0..=block).rev() {
        let (code, comment) = (source.code_line(line), source.comment_line(line));
        if comment.contains("SAFETY:") {
            return true;
        }
        let is_earlier_statement = line < block && code.ends_with([';', '{', '}', ',']);
        if is_earlier_statement || (code.is_empty() && comment.is_empty()) {
            return false;
        }
        passed += usize::from(!code.is_empty());
        if passed > STATEMENT_LINES {
            return false;
        }
    }
    false
}

/// Shipped code reports; it does not panic. `expect` with a reason is for what cannot happen.
pub(super) fn panics(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["panic", "todo", "unimplemented"] {
        for at in scan::words_before(&source.code, name, "!") {
            findings.push((at, format!("no `{name}!` outside tests")));
        }
    }
    for at in scan::words_before(&source.code, "unwrap", "()") {
        if source.code[..at].trim_end().ends_with('.') {
            findings.push((at, "no `.unwrap()` outside tests".to_owned()));
        }
    }
    findings.retain(|&(at, _)| !source.in_test(at));
    findings
        .into_iter()
        .map(|(at, rule)| source.finding(at, rule))
        .collect()
}

/// The pure machines list every case.
pub(super) fn wildcards(source: &Source) -> Vec<Finding> {
    if !TOTAL_FILES.contains(&source.file_name()) {
        return Vec::new();
    }
    let arms = scan::words_before(&source.code, "_", "=>").filter(|&at| !source.in_test(at));
    let rule = "no `_ =>` here: list the cases, so that a new one needs a decision";
    arms.map(|at| source.finding(at, rule)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    const SYS: &str = "crates/core/sys/src/a.rs";

    #[test]
    fn unsafe_outside_its_home_is_found() {
        let text = "// unsafe\nfn f() { unsafe { g() } }";
        assert_lines(unsafe_place, SYS, text, &[]);
        assert_lines(unsafe_place, "crates/core/src/a.rs", text, &[2]);
        assert_lines(unsafe_place, "crates/core/tests/a.rs", text, &[2]);
        assert_lines(
            unsafe_place,
            "a.rs",
            "#![forbid(unsafe_code)] f(\"unsafe\")",
            &[],
        );
    }

    #[test]
    fn an_unsafe_block_without_a_reason_is_found() {
        assert_lines(unsafe_reason, SYS, "f();\nunsafe { g() }", &[2]);
        assert_lines(
            unsafe_reason,
            SYS,
            "// Fast.\nunsafe impl Send for A {}",
            &[2],
        );
        assert_lines(unsafe_reason, SYS, "f(\"SAFETY:\");\nunsafe { g() }", &[2]);
        let second = "// SAFETY: x.\nunsafe { g() };\nunsafe { h() };";
        assert_lines(unsafe_reason, SYS, second, &[3]);
    }

    #[test]
    fn a_reason_may_stand_above_the_statement() {
        assert_lines(
            unsafe_reason,
            SYS,
            "// SAFETY: it is\n// so.\nlet x =\n    unsafe { g() };",
            &[],
        );
        assert_lines(
            unsafe_reason,
            SYS,
            "let x = unsafe { g() }; // SAFETY: x.",
            &[],
        );
        assert_lines(
            unsafe_reason,
            SYS,
            "unsafe fn f();\nunsafe extern \"C\" {}",
            &[],
        );
    }

    #[test]
    fn panics_are_found_outside_tests_only() {
        let text = "a.unwrap();\npanic!(\"x\");\ntodo!();\nunimplemented!();\nb\n    .unwrap()";
        assert_lines(panics, "a/src/a.rs", text, &[1, 2, 3, 4, 6]);
        assert_lines(panics, "a/tests/a.rs", text, &[]);
        let text = "a.unwrap_or(b); // .unwrap()\nresume_panic(\"panic!\"); #[cfg(test)] fn f() { panic!() }";
        assert_lines(panics, "a/src/a.rs", text, &[]);
    }

    #[test]
    fn an_arm_for_everything_is_found_in_the_pure_machines() {
        let text = "match a {\n    A => b,\n    _ => c,\n}";
        assert_lines(wildcards, "a/src/life.rs", text, &[3]);
        assert_lines(wildcards, "a/src/ledger.rs", text, &[3]);
        assert_lines(wildcards, "a/src/task.rs", text, &[]);
        assert_lines(
            wildcards,
            "a/src/life.rs",
            "match a { (A, _) => b, B(_) => c }",
            &[],
        );
    }
}
