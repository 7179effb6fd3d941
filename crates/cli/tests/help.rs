//! What `handfast` says of itself, before it does anything.

#![cfg(target_os = "linux")]

use clap::CommandFactory;
use handfast_cli::app::App;
use std::process::{Command, Stdio};

/// What it prints when it is asked with these words; it must succeed.
fn said(words: &[&str]) -> String {
    let mut command = Command::new(testkit::handfast());
    command.args(words).stdin(Stdio::null());
    let output = command.output().expect("handfast starts");
    assert!(output.status.success(), "{words:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).expect("help is text")
}

#[test]
fn the_version_is_that_of_the_crate_and_nothing_else() {
    let version = concat!("handfast ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(said(&["--version"]), version);
    assert_eq!(said(&["-V"]), version);
}

#[test]
fn help_names_every_verb_and_what_is_hidden_stays_so() {
    for help in [said(&["--help"]), said(&["-h"])] {
        for verb in App::command().get_subcommands() {
            let named = format!("\n  {} ", verb.get_name());
            assert!(help.contains(&named), "{named}: {help}");
        }
        for word in ["Examples:", "Exit codes", "125"] {
            assert!(help.contains(word), "{word}: {help}");
        }
        assert!(!help.contains("__"), "{help}");
    }
}

#[test]
fn every_verb_has_help_with_examples_that_fits() {
    for verb in App::command().get_subcommands() {
        let name = verb.get_name();
        for help in [said(&[name, "--help"]), said(&[name, "-h"])] {
            assert!(help.contains("Examples:\n  handfast "), "{name}: {help}");
            let long = help.lines().find(|line| line.chars().count() > 110);
            assert_eq!(long, None, "{name}");
        }
    }
}

#[test]
fn the_page_on_the_command_line_names_every_verb() {
    let page = include_str!("../../../docs/cli.md");
    for verb in App::command().get_subcommands() {
        let row = format!("| [`{}`](#", verb.get_name());
        assert!(page.contains(&row), "{row}");
    }
}
