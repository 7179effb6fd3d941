//! `wait`: for each of its conditions, and for what can happen no more.

use crate::stage::{Running, Stage, fifo, text};
use std::fs::File;
use std::net::TcpListener;

#[test]
fn the_end_of_a_program_is_waited_for_and_may_be_passed_on() {
    let stage = Stage::new();
    let gate = fifo(&stage, "gate");
    let script = format!("cat {}; exit 5", gate.display());
    let id = stage.start(&[], &script);
    let waiting = Running::start(&mut stage.handfast(&["wait", &id]));
    drop(File::options().write(true).open(&gate).unwrap());
    let (said, code) = waiting.end();
    assert_eq!((said.as_str(), code), ("exited with code 5\n", Some(0)));
    assert_eq!(
        stage.output(&["wait", &id, "--exit-code"]).status.code(),
        Some(5)
    );
    let killed = stage.start(&["--ready-when", "up"], "echo up; kill -9 $$");
    assert_eq!(
        stage
            .output(&["wait", &killed, "--exit-code"])
            .status
            .code(),
        Some(137)
    );
}

#[test]
fn the_first_of_several_counts_and_is_named() {
    let stage = Stage::new();
    let id = stage.start(&[], "echo ready; sleep 1000");
    let words = ["wait", &id, "--for", "exit", "--for", "regex:re.dy"];
    let [waited] = stage.json(&words).try_into().unwrap();
    assert_eq!(
        (&waited["condition"], &waited["outcome"]),
        (&"regex:re.dy".into(), &"matched".into())
    );
    assert_eq!(
        stage.json(&["wait", &id, "--for", "quiet:1ms"])[0]["outcome"],
        "quiet"
    );
}

#[test]
fn a_port_is_waited_for() {
    let stage = Stage::new();
    let id = stage.start(&[], "sleep 1000");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("port:{}", listener.local_addr().unwrap().port());
    assert_eq!(
        stage.json(&["wait", &id, "--for", &port])[0]["outcome"],
        "open"
    );
}

#[test]
fn what_can_happen_no_more_is_told_and_so_is_that_the_time_is_over() {
    let stage = Stage::new();
    let over = stage.start(&["--ready-when", "exit"], "exit 0");
    let output = stage.output(&["wait", &over, "--for", "regex:never"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).starts_with("impossible: "),
        "{output:?}"
    );
    let live = stage.start(&[], "sleep 1000");
    let output = stage.output(&["wait", &live, "--timeout", "10ms"]);
    assert_eq!(output.status.code(), Some(124));
    // Nothing of the tree is left only when what the program left behind has ended too.
    let left = stage.start(&[], "sleep 1000 & exit 0");
    stage.said(&["wait", &left]);
    let output = stage.output(&["wait", &left, "--for", "empty", "--timeout", "10ms"]);
    assert_eq!(output.status.code(), Some(124));
    stage.said(&["stop", &left]);
    assert_eq!(
        stage.json(&["wait", &left, "--for", "empty"])[0]["outcome"],
        "tree-empty"
    );
}

/// Who waits for longer than a second is told so, if they sit at a terminal, and only then.
#[test]
fn what_takes_long_is_said_on_a_terminal() {
    let stage = Stage::new();
    // A shell that waits for a child may see that end first, and end with 143 before the signal is its own.
    let id = stage.start(&["--name", "it"], "exec sleep 1000");
    let mut screen = testkit::Screen::new(24, 80);
    let mut command = screen.command(&testkit::handfast(), ["wait", "it"]);
    stage.at_home(&mut command);
    let mut waiting = command.spawn().unwrap();
    screen.until("handfast: waiting for `it` …");
    stage.said(&["stop", &id]);
    // It is taken back before the answer.
    screen.until("\r\u{1b}[K");
    screen.until("by SIGTERM");
    assert!(waiting.wait().unwrap().success());
}
