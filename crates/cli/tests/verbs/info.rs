//! `info`: everything about a process, and why it ended.

use crate::stage::Stage;

/// With what differs from run to run taken out.
fn shown(stage: &Stage, id: &str) -> String {
    let said = stage.said(&["info", id]);
    let plain = said.lines().map(|line| {
        let (what, how) = line.split_at(10);
        let how = match what.trim() {
            "id" | "handle" | "started" | "in" | "gets" | "member" | "uses" | "held" => "…",
            "ended" => "…, after …",
            "output" => how.split(',').next().unwrap(),
            "state" => how.split(", pid").next().unwrap(),
            _ => how,
        };
        format!("{what}{how}\n")
    });
    plain.collect()
}

#[test]
fn everything_is_said_in_words() {
    let stage = Stage::new();
    let live = stage.start(
        &["--name", "web", "--ready-when", "up"],
        "echo up; sleep 1000",
    );
    let over = stage.start(&["--ready-when", "exit"], "exit 0");
    let killed = stage.start(&[], "kill -SEGV $$");
    stage.said(&["wait", &killed]);
    let late = stage.start(&["--timeout", "10ms"], "exec sleep 1000");
    stage.said(&["wait", &late]);
    let all = [live, over, killed, late].map(|id| shown(&stage, &id));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn who_keeps_an_output_open_is_named() {
    let stage = Stage::new();
    let id = stage.start(&[], "sleep 1000 & exit 0");
    stage.said(&["wait", &id]);
    let said = stage.said(&["info", &id]);
    assert!(said.contains("running-detached"), "{said}");
    assert!(said.contains("(sleep 1000, a member)"), "{said}");
    let [info] = stage.json(&["info", &id]).try_into().unwrap();
    assert_eq!(info["output"]["holders"][0]["command"], "sleep 1000");
}

#[test]
fn variables_are_named_and_their_values_are_not_told() {
    let stage = Stage::new();
    let id = stage.start(&["--env", "SECRET_THING=hidden-value"], "sleep 1000");
    for said in [
        stage.said(&["info", &id]),
        stage.said(&["info", "--json", &id]),
    ] {
        assert!(!said.contains("hidden-value"), "{said}");
    }
    let variables = stage.json(&["info", &id])[0]["variables"].clone();
    assert!(
        variables
            .as_array()
            .unwrap()
            .contains(&"SECRET_THING".into())
    );
}
