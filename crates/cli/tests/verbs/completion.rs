//! Completion of ids and names, asked of bash itself; and that nothing is started for it.

use crate::stage::{Stage, text};
use std::process::Command;

/// What bash offers after these words, the last of which is being typed.
fn offered(stage: &Stage, words: &[&str]) -> Vec<String> {
    let script = stage.said(&["completions", "bash"]);
    let path = stage.file("completion.sh", script);
    let folder = testkit::handfast()
        .parent()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let ask = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _handfast_ids handfast "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let mut command = Command::new("bash");
    command
        .args(["--norc", "-c", ask, "bash"])
        .arg(path)
        .arg("handfast")
        .args(words);
    stage.at_home(&mut command);
    let output = command
        .env("PATH", format!("{folder}:/usr/bin:/bin"))
        .output()
        .unwrap();
    let said = text(&output.stdout);
    assert_eq!(text(&output.stderr), "");
    said.lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn ids_and_names_follow_verbs_that_take_them() {
    let stage = Stage::new();
    let web = stage.start(&["--name", "web"], "sleep 1000");
    let over = stage.start(&["--name", "over", "--ready-when", "exit"], "exit 0");
    assert_eq!(offered(&stage, &["stop", ""]), ["web", &web]);
    assert_eq!(offered(&stage, &["stop", "w"])[0], "web");
    assert_eq!(offered(&stage, &["stop", "web", &web[..3]]), [web.as_str()]);
    // What is over can still be read.
    assert_eq!(offered(&stage, &["logs", ""]), ["over", "web", &over, &web]);
    assert_eq!(offered(&stage, &["logs", "-f", "we"]), ["web"]);
    // Everything else is as without.
    assert_eq!(offered(&stage, &["stop", "--gra"]), ["--grace"]);
    assert!(offered(&stage, &["st"]).contains(&"stop".to_owned()));
}

#[test]
fn where_there_is_no_daemon_nothing_is_started_for_it() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(testkit::handfast());
    let output = command
        .args(["__complete", "stop"])
        .env("HANDFAST_HOME", home.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{output:?}"
    );
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
