//! What `README.md` says can be done.

use crate::stage::{Running, Stage, text};
use clap::Parser;
use handfast_cli::app::App;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const README: &str = include_str!("../../../../README.md");

/// The lines of fenced blocks that begin with `handfast `, without their comments.
fn commands() -> Vec<Vec<String>> {
    let mut blocks = Vec::new();
    for block in README.split("\n```").skip(1).step_by(2) {
        let lines = block
            .lines()
            .skip(1)
            .filter(|line| line.starts_with("handfast "));
        let lines = lines.map(|line| line.split("  #").next().unwrap().trim().to_owned());
        blocks.push(lines.collect());
    }
    blocks
}

/// As a shell splits it.
fn words(line: &str) -> Vec<String> {
    let script = r#"for word in "$@"; do printf '%s\0' "$word"; done"#;
    let output = Command::new("sh")
        .args(["-c", &format!("set -- {line}; {script}")])
        .output()
        .unwrap();
    let said = text(&output.stdout);
    said.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn every_command_is_one_that_there_is() {
    let all: Vec<String> = commands().concat();
    assert!(all.len() > 15, "{all:?}");
    for line in all {
        if let Err(error) = App::try_parse_from(words(&line)) {
            panic!("{line}: {error}");
        }
    }
}

/// The first minute with the daemon, line by line, with a stand-in for the server.
#[test]
fn the_first_minute_is_as_it_says() {
    let stage = Stage::new();
    let npm = stage.file(
        "npm",
        "#!/bin/sh\nsleep 1000 &\necho \"$* is ready in 12 ms\"\nwait\n",
    );
    std::fs::set_permissions(&npm, std::fs::Permissions::from_mode(0o755)).unwrap();
    let blocks = commands();
    let block = blocks
        .iter()
        .find(|block| block.iter().any(|line| line.contains(" ps")))
        .unwrap();
    let said = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {line}")]);
        stage.at_home(&mut command);
        let programs = testkit::handfast()
            .parent()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let path = format!("{}:{programs}:/usr/bin:/bin", stage.folder().display());
        command.env("PATH", path).current_dir(stage.folder());
        command
    };
    let output = |line: &str| {
        let output = said(line).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        text(&output.stdout)
    };
    let [start, ps, logs, stop] = block.as_slice() else {
        panic!("{block:?}");
    };
    let id = output(start);
    let listed = output(ps);
    assert!(
        listed.contains(id.trim()) && listed.contains("npm run dev"),
        "{listed}"
    );
    let mut following = Running::start(&mut said(logs));
    assert_eq!(following.line(), "run dev is ready in 12 ms");
    drop(following);
    let stopped = output(stop);
    assert!(
        stopped.starts_with("web: 2 members, all gone after"),
        "{stopped}"
    );
}
