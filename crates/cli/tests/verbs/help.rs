//! The help of every verb that asks the daemon.

use clap::CommandFactory;
use handfast_cli::app::App;
use std::process::Command;

fn help(words: &[&str]) -> String {
    let mut command = Command::new(testkit::handfast());
    command
        .args(words)
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Those that have snapshots elsewhere.
const ELSEWHERE: [&str; 5] = ["run", "doctor", "completions", "daemon", "bridge"];

#[test]
fn the_help_of_every_verb() {
    for verb in App::command().get_subcommands() {
        let name = verb.get_name();
        if !ELSEWHERE.contains(&name) {
            insta::assert_snapshot!(name, help(&[name, "--help"]));
        }
    }
}

#[test]
fn no_line_of_help_is_wider_than_a_screen() {
    for verb in App::command().get_subcommands() {
        for option in ["-h", "--help"] {
            let help = help(&[verb.get_name(), option]);
            let wide = help.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{}", verb.get_name());
        }
    }
}
