//! Papers name only tests that exist: those of [`PAPERS`].
//!
//! A name is `binary::module::test`, or `crate::module::test` for one beside its code. Tests that a
//! macro makes have no `fn` of their own: there the word must be in the code. Comments are no code.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Papers in `docs` that name tests, and how many names each has at least: a paper in which none were
/// found would pass.
const PAPERS: &[(&str, usize)] = &[
    ("agent-processes.md", 40),
    ("guarantees.md", 100),
    ("landscape.md", 60),
    ("unified-exec.md", 100),
];

/// Where the tests of a binary or a crate are.
fn places(root: &Path, first: &str) -> Vec<PathBuf> {
    let crates = ["core", "core/sys", "core/reaper", "daemon", "cli"]
        .map(|name| root.join("crates").join(name));
    let own = [root.join("testkit"), root.join("xtask")];
    let all = || crates.iter().chain(&own);
    let named = match first {
        "handfast" => Some("crates/core/src"),
        "handfast-sys" => Some("crates/core/sys/src"),
        "handfast-reaper" => Some("crates/core/reaper/src"),
        _ => None,
    };
    let tests = all().map(|folder| folder.join("tests"));
    // `xtask::guarantees::x` and the like: a crate, then its binary.
    let beside = root.join(first).join("tests");
    let of_binary = tests.flat_map(|tests| [tests.join(first), tests.join(format!("{first}.rs"))]);
    let found = named.map(|path| root.join(path)).into_iter();
    found
        .chain([beside])
        .chain(of_binary)
        .filter(|path| path.exists())
        .collect()
}

fn sources(place: &Path, found: &mut Vec<(PathBuf, String)>) {
    if place.is_dir() {
        for entry in fs::read_dir(place).expect("a folder of ours can be read") {
            sources(&entry.expect("so can its entries").path(), found);
        }
    } else if place.extension().is_some_and(|end| end == "rs") {
        let text = fs::read_to_string(place).expect("a file of ours can be read");
        let code = text.lines().filter_map(|line| line.split("//").next());
        found.push((place.to_owned(), code.collect::<Vec<_>>().join("\n")));
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    text.split(|character| !is_part(character))
        .any(|found| found == word)
}

/// The sources of binaries and crates that were looked at, each read once.
struct Tests {
    root: PathBuf,
    read: HashMap<String, Vec<(PathBuf, String)>>,
}

impl Tests {
    fn new() -> Tests {
        Tests {
            root: xtask::repository_root(),
            read: HashMap::new(),
        }
    }

    fn of(&mut self, first: &str) -> &[(PathBuf, String)] {
        let root = &self.root;
        self.read.entry(first.to_owned()).or_insert_with(|| {
            let mut files = Vec::new();
            for place in places(root, first) {
                sources(&place, &mut files);
            }
            files
        })
    }
}

/// Whether a test has this name, as far as the sources tell.
fn exists(tests: &mut Tests, name: &str) -> bool {
    let parts: Vec<&str> = name.split("::").collect();
    let [first, modules @ .., last] = parts.as_slice() else {
        return false;
    };
    let files = tests.of(first);
    // The innermost module is the file, or the folder of a face, or stands in the file.
    let is_there = |path: &Path, code: &str| {
        modules.last().is_none_or(|module| {
            path.file_stem().is_some_and(|stem| stem == *module)
                || path.parent().is_some_and(|folder| folder.ends_with(module))
                || has_word(code, module)
        })
    };
    files
        .iter()
        .any(|(path, code)| is_there(path, code) && has_word(code, last))
}

/// The names in backticks that are names of tests.
fn named(paper: &str) -> Vec<&str> {
    let spans = paper.split('`').skip(1).step_by(2);
    let is_name = |span: &&str| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-:".contains(c);
        span.contains("::") && span.chars().all(plain)
    };
    spans.filter(is_name).collect()
}

fn paper(root: &Path, name: &str) -> String {
    fs::read_to_string(root.join("docs").join(name)).expect("the paper is there")
}

#[test]
fn every_test_that_the_papers_name_exists() {
    let mut tests = Tests::new();
    for (name, least) in PAPERS {
        let paper = paper(&tests.root, name);
        let named = named(&paper);
        let missing: Vec<_> = named
            .iter()
            .filter(|name| !exists(&mut tests, name))
            .collect();
        assert!(missing.is_empty(), "{name}: {missing:#?}");
        assert!(
            named.len() > *least,
            "{name}: {} names were found",
            named.len()
        );
    }
}

/// Every section that concerns the two tools has its table.
#[test]
fn every_section_of_the_tools_is_there() {
    let paper = paper(&xtask::repository_root(), "unified-exec.md");
    let sections = [
        "1.", "2.", "3.", "4.", "5.", "6.", "7.", "8.", "10.", "12.", "A.",
    ];
    let missing: Vec<_> = sections
        .iter()
        .filter(|section| !paper.contains(&format!("\n## {section} ")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Tests that are left out under Wine are on the paper with the reason, and no others are.
#[test]
fn what_wine_cannot_run_is_on_the_paper() {
    let root = xtask::repository_root();
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a file of ours is there");
    let lists = [
        "crates/core/sys/src/wine.rs",
        "crates/core/tests/windows/wine.rs",
    ];
    let rows: Vec<String> = lists.iter().flat_map(|list| rows(&read(list))).collect();
    let paper = read("docs/guarantees.md");
    let table = paper.split("| test | what Wine lacks |").nth(1);
    let table = table
        .and_then(|rest| rest.split("\n\n").next())
        .unwrap_or_default();
    let said: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(said, rows);
    assert!(!rows.is_empty());
}

/// The rows of a list of what Wine cannot run.
fn rows(source: &str) -> Vec<String> {
    let list = source
        .split("CANNOT")
        .nth(1)
        .and_then(|rest| rest.split("];").next());
    // Names and reasons in turns: strings without escapes.
    let strings: Vec<&str> = list
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    let rows = strings
        .chunks(2)
        .map(|pair| format!("| `{}` | {} |", pair[0], pair[1]));
    rows.collect()
}

/// Every fault that others have had has its line.
#[test]
fn every_fault_has_a_line() {
    let root = xtask::repository_root();
    let paper = paper(&root, "agent-processes.md");
    let line = |number: &u32| paper.contains(&format!("\n| D{number} |"));
    let missing: Vec<u32> = (1..=26).filter(|number| !line(number)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every requirement and every property has its line.
#[test]
fn every_promise_has_a_line() {
    let root = xtask::repository_root();
    let paper = paper(&root, "guarantees.md");
    let counts = [6, 5, 8, 5, 5, 4, 6, 6];
    let requirements = (1..).zip(counts).flat_map(|(chapter, count)| {
        (1..=count).map(move |number| format!("| R{chapter}.{number} |"))
    });
    let properties = (1..=25).filter(|number| *number != 23);
    let properties = properties.map(|number| format!("| P{number} |"));
    let both = ["| P23a |", "| P23b |"].map(str::to_owned);
    let all: Vec<String> = requirements.chain(properties).chain(both).collect();
    assert_eq!(all.len(), 45 + 26);
    let missing: Vec<_> = all.iter().filter(|line| !paper.contains(*line)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The negative control: names that are wrong in one part are found out.
#[test]
fn a_test_that_does_not_exist_is_found_out() {
    let mut tests = Tests::new();
    let good = "promises::exits::every_exit_code_comes_back_as_it_was";
    assert!(exists(&mut tests, good));
    for wrong in [
        "promises::exits::every_exit_code_comes_back_as_it_was_not",
        "promises::stop::every_exit_code_comes_back_as_it_was",
        "promise::exits::every_exit_code_comes_back_as_it_was",
        "owner::it_is_never_killed",
    ] {
        assert!(!exists(&mut tests, wrong), "{wrong}");
    }
    let text = "`a::b` and `Rung::Group` and `plain` and `x y::z`";
    assert_eq!(named(text), ["a::b"]);
}
