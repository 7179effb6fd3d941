//! The man pages are complete, and are what formatters understand.

use clap::{Command, CommandFactory};
use handfast_cli::app::App;
use std::collections::BTreeMap;
use std::process::{Command as Program, Stdio};
use xtask::man::write_pages;

/// Every page by its file's name.
fn pages() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let written = write_pages(folder.path()).expect("the pages can be written");
    let read = written.iter().map(|path| {
        let name = path.file_name().expect("a file has a name");
        let text = std::fs::read_to_string(path).expect("a page is text");
        (name.to_string_lossy().into_owned(), text)
    });
    read.collect()
}

#[test]
fn there_is_a_page_for_the_program_and_for_each_verb_and_those_below() {
    let mut expected = vec!["handfast.1".to_owned()];
    let app = App::command();
    let shown = |command: &Command| -> Vec<String> {
        let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
        verbs.map(|verb| verb.get_name().to_owned()).collect()
    };
    for verb in shown(&app) {
        let below = app.find_subcommand(&verb).map(shown).unwrap_or_default();
        expected.extend(
            below
                .iter()
                .map(|below| format!("handfast-{verb}-{below}.1")),
        );
        expected.push(format!("handfast-{verb}.1"));
    }
    expected.sort();
    let found: Vec<String> = pages().into_keys().collect();
    assert_eq!(found, expected);
}

#[test]
fn every_page_has_every_section_and_every_option() {
    let app = App::command();
    for (name, text) in pages() {
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
            "EXAMPLES",
            "\"SEE ALSO\"",
        ] {
            let count = text
                .lines()
                .filter(|line| *line == format!(".SH {section}"))
                .count();
            assert_eq!(count, 1, "{name}: {section}\n{text}");
        }
        for word in ["HANDFAST_FORCE", "HANDFAST_REAPER", "NO_COLOR", "125"] {
            assert!(text.contains(word), "{name}: {word}");
        }
        let verb = name.trim_end_matches(".1").strip_prefix("handfast-");
        let command = verb.map_or(Some(&app), |verb| {
            let nested = verb
                .split_once('-')
                .and_then(|(verb, below)| app.find_subcommand(verb)?.find_subcommand(below));
            nested.or_else(|| app.find_subcommand(verb))
        });
        let command = command.expect("a page is of a verb");
        assert_has_options(&name, &text, command);
    }
}

fn assert_has_options(name: &str, text: &str, command: &Command) {
    let shown = command.get_arguments().filter(|one| !one.is_hide_set());
    for long in shown.filter_map(|one| one.get_long()) {
        let option = format!("\\-\\-{}", long.replace('-', "\\-"));
        assert!(text.contains(&option), "{name}: --{long}");
    }
}

/// Without a formatter: each line is text or one of the macros that `man(7)` knows.
#[test]
fn no_line_is_taken_for_a_macro_by_mistake() {
    let known = [
        "ie", "el", "TH", "SH", "SS", "TP", "IP", "PP", "RS", "RE", "nf", "fi", "br",
    ];
    for (name, text) in pages() {
        let macros = text.lines().filter_map(|line| line.strip_prefix('.'));
        for line in macros {
            let word = line.split([' ', '\\']).next().unwrap_or_default();
            assert!(known.contains(&word), "{name}: .{line}");
        }
        assert!(!text.lines().any(|line| line.starts_with('\'')), "{name}");
        assert!(text.is_ascii(), "{name}");
    }
}

/// With one: it has nothing to warn of.
#[test]
fn formatters_have_nothing_to_say() {
    for (program, arguments) in [
        ("groff", &["-man", "-Tascii", "-ww", "-z"][..]),
        ("mandoc", &["-Tlint", "-Werror"][..]),
    ] {
        for (name, text) in pages() {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let path = folder.path().join(&name);
            std::fs::write(&path, text).expect("a page can be written");
            let mut command = Program::new(program);
            command.args(arguments).arg(&path).stdin(Stdio::null());
            let Ok(output) = command.output() else {
                // This formatter is not here.
                break;
            };
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        }
    }
}
