//! Systems differ in the faces of `handfast-sys`, and nowhere else but in which reaper there is, and in two parts of
//! the command line.

use super::super::scan;
use super::{Finding, Source};

const SYS: &str = "crates/core/sys/";

/// The reaper of one system is another program than that of the next, so its root chooses whole halves.
/// What they share (the wire, the ledger) is above that choice, and nothing else of the crate chooses.
const REAPER: &str = "crates/core/reaper/src/lib.rs";

/// What a terminal is to a program, and what there is to try on a host, is not one thing under several names: each
/// system has a relay and a doctor of its own. Both are made of portable calls, so they are no part of the faces.
const COMMAND_LINE: [&str; 2] = [
    "crates/cli/src/terminal/mod.rs",
    "crates/cli/src/verbs/doctor/mod.rs",
];
const PLATFORM_WORDS: [&str; 4] = ["target_os", "unix", "windows", "target_family"];

/// A platform `cfg` chooses a module in a face. Tests may ask where they run.
pub(super) fn platform_cfg(source: &Source) -> Vec<Finding> {
    let rule = "a platform `cfg` belongs on a `mod` line of a face in crates/core/sys, of the reaper's \
                root, or of the terminal and the doctor of the command line";
    let attributes = scan::attributes(&source.code).filter_map(|attribute| {
        let text = &source.code[attribute.clone()];
        let asks = ["cfg", "cfg_attr"]
            .iter()
            .any(|word| scan::words_before(text, word, "(").next().is_some());
        (asks && names_platform(text) && !chooses_module(source, attribute.end))
            .then_some(attribute.start)
    });
    let macros = scan::words_before(&source.code, "cfg", "!").filter(|&at| {
        let end = source.code[at..]
            .find('(')
            .and_then(|open| scan::close(&source.code, at + open));
        end.is_some_and(|end| names_platform(&source.code[at..end]))
    });
    let found = attributes.chain(macros).filter(|&at| !source.in_test(at));
    found.map(|at| source.finding(at, rule)).collect()
}

fn names_platform(text: &str) -> bool {
    PLATFORM_WORDS
        .iter()
        .any(|word| scan::words(text, word).next().is_some())
}

fn chooses_module(source: &Source, end: usize) -> bool {
    let is_face = ["mod.rs", "lib.rs"].contains(&source.file_name());
    let is_chosen = source.path == REAPER || COMMAND_LINE.contains(&&*source.path);
    if !(is_face && source.path.starts_with(SYS) || is_chosen) {
        return false;
    }
    let item = scan::item_after(&source.code, end);
    let before = source.code[item]
        .split(['{', ';'])
        .next()
        .unwrap_or_default();
    before.split_whitespace().any(|word| word == "mod")
}

#[cfg(test)]
mod tests {
    use super::super::assert_lines;
    use super::*;

    const FACE: &str = "crates/core/sys/src/tree/mod.rs";

    #[test]
    fn a_face_chooses_its_modules() {
        let text = "#[cfg_attr(target_os = \"linux\", path = \"linux.rs\")]\n\
                    #[cfg_attr(windows, path = \"windows.rs\")]\npub(crate) mod os;\n\
                    #[cfg(unix)]\nmod a { fn b() {} }";
        assert_lines(platform_cfg, FACE, text, &[]);
        assert_lines(
            platform_cfg,
            "crates/core/sys/src/tree/linux.rs",
            text,
            &[1, 2, 4],
        );
        assert_lines(
            platform_cfg,
            "crates/core/src/tree/mod.rs",
            text,
            &[1, 2, 4],
        );
        assert_lines(platform_cfg, REAPER, text, &[]);
        let deeper = "crates/core/reaper/src/wire/mod.rs";
        assert_lines(platform_cfg, deeper, text, &[1, 2, 4]);
        assert_lines(platform_cfg, REAPER, "#[cfg(unix)]\nfn f() {}", &[1]);
    }

    #[test]
    fn a_platform_cfg_on_anything_else_is_found() {
        assert_lines(platform_cfg, FACE, "#[cfg(unix)]\nuse a::b;", &[1]);
        assert_lines(
            platform_cfg,
            FACE,
            "fn f() {\n    if cfg!(not(windows)) { g() }\n}",
            &[2],
        );
        assert_lines(
            platform_cfg,
            "a.rs",
            "#![cfg(\n    any(unix, feature = \"a\")\n)]",
            &[1],
        );
    }

    #[test]
    fn other_conditions_and_tests_are_free() {
        assert_lines(
            platform_cfg,
            "a.rs",
            "#[cfg(feature = \"unix\")] fn f() { windows(3) }",
            &[],
        );
        assert_lines(platform_cfg, "a/tests/b.rs", "#![cfg(unix)]", &[]);
        assert_lines(
            platform_cfg,
            "a.rs",
            "#[cfg(test)] mod tests { #[cfg(unix)] fn f() {} }",
            &[],
        );
    }
}
