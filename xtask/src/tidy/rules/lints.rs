//! Exceptions from lints are visible and have reasons.

use super::super::scan;
use super::{Finding, Source};

/// `expect` with a reason complains when it is no longer needed; `allow` stays for ever.
pub(super) fn exceptions(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for attribute in scan::attributes(&source.code) {
        let text = &source.code[attribute.clone()];
        let has = |word| scan::words_before(text, word, "(").next().is_some();
        if has("allow") {
            findings
                .push(source.finding(attribute.start, "use `expect` with a reason, not `allow`"));
        } else if has("expect") && scan::words_before(text, "reason", "=").next().is_none() {
            findings.push(source.finding(attribute.start, "`expect` needs a reason"));
        }
    }
    findings
}

/// Every crate but `handfast-sys` forbids `unsafe` at its root.
pub(super) fn forbid_unsafe(source: &Source) -> Vec<Finding> {
    let is_root = is_crate_root(&source.path);
    let forbids = scan::attributes(&source.code).any(|attribute| {
        let text: String = source.code[attribute].split_whitespace().collect();
        text == "#![forbid(unsafe_code)]"
    });
    let bare = is_root && !forbids && !source.path.starts_with("crates/core/sys/");
    let rule = "the root of a crate says `#![forbid(unsafe_code)]`";
    bare.then(|| source.finding(0, rule)).into_iter().collect()
}

/// The roots that cargo finds: `lib.rs`, `main.rs`, `bin/<name>.rs` and `bin/<name>/main.rs`.
fn is_crate_root(path: &str) -> bool {
    let Some((_, inside)) = path.rsplit_once("src/") else {
        return false;
    };
    let parts: Vec<&str> = inside.split('/').collect();
    matches!(
        parts[..],
        ["lib.rs" | "main.rs"] | ["bin", _] | ["bin", _, "main.rs"]
    )
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    #[test]
    fn an_exception_without_a_reason_is_found() {
        assert_lines(
            exceptions,
            "a.rs",
            "#![allow(dead_code)]\n#[allow(x)]\nfn f() {}",
            &[1, 2],
        );
        assert_lines(
            exceptions,
            "a.rs",
            "#[cfg_attr(test, allow(x))]\nfn f() {}",
            &[1],
        );
        assert_lines(exceptions, "a.rs", "#[expect(dead_code)]\nfn f() {}", &[1]);
        let fine = "#[expect(dead_code, reason = \"x\")]\nfn f() { allow(1); a.expect(\"b\"); }";
        assert_lines(exceptions, "a.rs", fine, &[]);
    }

    #[test]
    fn a_root_that_does_not_forbid_unsafe_is_found() {
        for path in [
            "a/src/lib.rs",
            "a/src/main.rs",
            "a/src/bin/b.rs",
            "a/src/bin/b/main.rs",
        ] {
            assert_lines(
                forbid_unsafe,
                path,
                "//! Head.\n// #![forbid(unsafe_code)]",
                &[1],
            );
            assert_lines(
                forbid_unsafe,
                path,
                "//! Head.\n#![forbid(unsafe_code)]",
                &[],
            );
        }
        assert_lines(forbid_unsafe, "a/src/b/lib.rs", "//! Head.", &[]);
        assert_lines(forbid_unsafe, "a/src/bin/b/c.rs", "//! Head.", &[]);
        assert_lines(
            forbid_unsafe,
            "crates/core/sys/src/lib.rs",
            "//! Head.",
            &[],
        );
    }
}
