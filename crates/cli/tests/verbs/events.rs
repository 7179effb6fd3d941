//! `events` and `clean`: what has happened, and what is forgotten.

use crate::stage::{Running, Stage};
use serde_json::Value;

fn words(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect()
}

#[test]
fn what_has_happened_is_told_in_its_order_and_then_what_happens() {
    let stage = Stage::new();
    let id = stage.start(
        &["--name", "web", "--ready-when", "up"],
        "echo up; exec sleep 1000",
    );
    let events = stage.json(&["events", "web"]);
    assert_eq!(words(&events), ["running", "ready"]);
    assert!(
        events
            .iter()
            .all(|event| event["id"] == *id && event["at"].is_string())
    );
    let mut command = stage.handfast(&["events", "-f", "--json"]);
    let mut following = Running::start(&mut command);
    let mut next = move || -> Value { serde_json::from_str(&following.line()).unwrap() };
    assert_eq!(next()["event"], "running");
    assert_eq!(next()["event"], "ready");
    stage.said(&["stop", "web"]);
    let mut event = next();
    // Its program may be seen to have ended before its tree is.
    while event["event"] != "terminated" {
        event = next();
    }
    assert_eq!(event["cause"], "stop");
    assert_eq!(stage.json(&["events", "--owner", "nobody"]), [0; 0]);
    let said = stage.said(&["events"]);
    assert!(
        said.lines()
            .last()
            .unwrap()
            .ends_with("web terminated by SIGTERM: it was asked to stop"),
        "{said}"
    );
}

#[test]
fn what_is_over_is_forgotten_and_what_lives_is_not() {
    let stage = Stage::new();
    let live = stage.start(&[], "sleep 1000");
    let over = stage.start(&["--ready-when", "exit"], "exit 0");
    assert_eq!(stage.json(&["clean", "--older-than", "1h"]), [0; 0]);
    let [line] = stage.json(&["clean", "--dry-run"]).try_into().unwrap();
    assert_eq!(
        (&line["id"], &line["forgotten"]),
        (&over.clone().into(), &false.into())
    );
    let [line] = stage.json(&["clean"]).try_into().unwrap();
    assert_eq!(
        (&line["id"], &line["forgotten"]),
        (&over.clone().into(), &true.into())
    );
    assert!(stage.refused(&["info", &over]).ends_with("exit code 3\n"));
    assert_eq!(stage.json(&["ps", "--all"])[0]["id"], live);
    // One by one.
    let other = stage.start(
        &["--name", "done", "--ready-when", "exit"],
        "echo kept; exit 0",
    );
    let said = stage.said(&["clean", "done"]);
    assert!(said.starts_with(&format!("{other}\n")), "{said}");
    assert_eq!(stage.json(&["ps", "--all"]).len(), 1);
}
