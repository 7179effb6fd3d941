//! `token`, `--token-file` and `transfer`: who may do what, on the command line.

use crate::stage::{Stage, text};
use std::os::unix::fs::PermissionsExt;

fn token(stage: &Stage, file: &str, options: &[&str]) -> String {
    let path = stage.folder().join(file).to_str().unwrap().to_owned();
    let words = [&["token", "create", "--out", &path], options].concat();
    stage.said(&words);
    path
}

#[test]
fn a_token_acts_for_its_owner_within_its_scopes() {
    let stage = Stage::new();
    let agent = token(&stage, "agent", &["--owner", "agent"]);
    let mode = std::fs::metadata(&agent).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let words = [
        "start",
        "--token-file",
        &agent,
        "--name",
        "theirs",
        "--",
        "sleep",
        "1000",
    ];
    stage.said(&words);
    stage.start(&["--name", "mine"], "sleep 1000");
    let names = |words: &[&str]| -> Vec<String> {
        let found = stage.json(words);
        let name = |line: &serde_json::Value| line["name"].as_str().unwrap().to_owned();
        found.iter().map(name).collect()
    };
    assert_eq!(names(&["ps", "--token-file", &agent]), ["theirs"]);
    assert_eq!(names(&["ps"]), ["mine", "theirs"]);
    assert_eq!(names(&["ps", "--owner", "agent"]), ["theirs"]);
    // What is another's is answered as what never was.
    let others = stage.refused(&["stop", "--token-file", &agent, "mine"]);
    let nobody = stage.refused(&["stop", "--token-file", &agent, "nobody"]);
    assert_eq!(others.replace("mine", "X"), nobody.replace("nobody", "X"));
    assert!(others.ends_with("exit code 3\n"), "{others}");
    // One that may only look.
    let reader = token(&stage, "reader", &["--owner", "agent", "--scope", "read"]);
    assert_eq!(names(&["ps", "--token-file", &reader]), ["theirs"]);
    let refused = stage.refused(&["stop", "--token-file", &reader, "theirs"]);
    assert!(refused.ends_with("exit code 4\n"), "{refused}");
}

#[test]
fn a_token_that_was_taken_back_is_good_for_nothing() {
    let stage = Stage::new();
    let agent = token(&stage, "agent", &["--owner", "agent", "--expires", "1h"]);
    let [listed] = stage.json(&["token", "list"]).try_into().unwrap();
    assert_eq!(listed["owner"], "user/agent");
    assert!(listed["expires"].is_string());
    let id = listed["id"].as_str().unwrap();
    assert_eq!(
        stage.said(&["token", "revoke", id]),
        format!("{id}: 1 token taken back\n")
    );
    let refused = stage.refused(&["ps", "--token-file", &agent]);
    assert!(refused.ends_with("exit code 4\n"), "{refused}");
    assert_eq!(stage.json(&["token", "list"]), [0; 0]);
}

#[test]
fn a_token_is_printed_once_and_a_file_is_not_overwritten() {
    let stage = Stage::new();
    let printed = stage.said(&["token", "create", "--scope", "read"]);
    let [line] = stage
        .json(&["token", "create", "--scope", "read"])
        .try_into()
        .unwrap();
    assert_ne!(line["token"].as_str().unwrap(), printed.trim());
    assert_eq!(line["scopes"], serde_json::json!(["read"]));
    let listed = stage.said(&["token", "list"]);
    assert!(!listed.contains(printed.trim()), "{listed}");
    let there = stage.file("there", "mine");
    let output = stage.output(&["token", "create", "--out", there.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(std::fs::read(&there).unwrap(), b"mine");
    // None was made that nobody has.
    assert_eq!(
        stage.json(&["token", "list"]).len(),
        2,
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_process_is_given_to_another_owner() {
    let stage = Stage::new();
    let agent = token(&stage, "agent", &["--owner", "agent"]);
    let id = stage.start(&["--name", "web"], "sleep 1000");
    let said = stage.said(&["transfer", "web", "--to", "agent"]);
    assert_eq!(said, format!("{id} belongs to user/agent\n"));
    assert_eq!(
        stage.json(&["ps", "--token-file", &agent])[0]["name"],
        "web"
    );
    stage.said(&["stop", "--token-file", &agent, "web"]);
    let refused = stage.refused(&["transfer", "web", "--to", "nobody"]);
    assert!(refused.ends_with("exit code 3\n"), "{refused}");
}
