//! What cannot be done is said in three lines and by its code.

use crate::stage::Stage;

#[test]
fn a_process_that_is_not_there() {
    let stage = Stage::new();
    let verbs = ["info", "logs", "stop", "wait"];
    let said = verbs.map(|verb| stage.refused(&[verb, "nobody"]));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_name_that_several_have() {
    let stage = Stage::new();
    let mut ids = [(); 2].map(|()| stage.start(&["--name", "web"], "sleep 1000"));
    let said = stage.refused(&["stop", "web"]);
    ids.sort();
    for (id, shown) in ids.iter().zip(["ID1", "ID2"]) {
        assert!(said.contains(id.as_str()), "{shown} is not in {said}");
    }
    let mut said = said;
    for id in &ids {
        said = said.replace(id.as_str(), "ID");
    }
    insta::assert_snapshot!(said);
    // Neither was touched.
    assert_eq!(stage.json(&["ps"]).len(), 2);
}

#[test]
fn a_program_that_cannot_be_started() {
    let stage = Stage::new();
    let text = stage.file("text", "no program");
    let said = [
        stage.refused(&["start", "--", "no-such-program"]),
        stage.refused(&["start", "--", "/no/such/program"]),
        stage.refused(&["start", "--", text.to_str().unwrap()]),
        stage.refused(&["start", "--cwd", "/no/such/folder", "--", "true"]),
        stage.refused(&[
            "start",
            "--containment",
            "group",
            "--require",
            "kernel",
            "--",
            "true",
        ]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn words_that_mean_nothing() {
    let stage = Stage::new();
    let said = [
        stage.refused(&["start", "--lifetime", "forever", "--", "true"]),
        stage.refused(&["start", "--ready-when", "port:0", "--", "true"]),
        stage.refused(&["wait", "x", "--for", "luck"]),
        stage.refused(&["stop"]),
        stage.refused(&["logs", "--head", "1", "-f", "x"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn patterns_that_cannot_be_read() {
    let stage = Stage::new();
    let id = stage.start(&[], "sleep 1000");
    let said = [
        stage.refused(&["logs", &id, "--grep", "("]),
        stage.refused(&["wait", &id, "--for", "regex:("]),
    ];
    insta::assert_snapshot!(said.join("\n").replace(&id, "ID"));
}

#[test]
fn a_token_that_is_none() {
    let stage = Stage::new();
    let file = stage.file("token", "no token\n");
    let said = [
        stage.refused(&["ps", "--token-file", file.to_str().unwrap()]),
        stage.refused(&["ps", "--token-file", "/no/such/file"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

/// What only the daemon can judge is told as a wrong command line too, with the way out.
#[test]
fn options_that_the_daemon_cannot_take() {
    let stage = Stage::new();
    let id = stage.start(&["--tty", "--name", "cat"], "exec cat");
    let said = [
        stage.refused(&["start", "--ready-when", "http:x", "--", "true"]),
        stage.refused(&["start", "--owner", "a/b", "--", "true"]),
        stage
            .refused(&["transfer", &id, "--to", ""])
            .replace(&id, "ID"),
        stage.refused(&["send", "cat", "--key", "ctrl-nothing"]),
        stage.refused(&["send", "cat", "--key", "'half"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
