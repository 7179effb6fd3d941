//! `exec`: a program's output and code, and what becomes of one that takes too long.

use crate::stage::{Running, Stage, fifo, text};
use std::fs::File;
use std::io::Read;

#[test]
fn its_output_and_code_are_those_of_the_program() {
    let stage = Stage::new();
    let script = "echo out; echo err >&2; exit 3";
    let output = stage.output(&["exec", "--", "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        (text(&output.stdout).as_str(), text(&output.stderr).as_str()),
        ("out\n", "err\n")
    );
    let output = stage.output(&["exec", "--", "sh", "-c", "kill -TERM $$"]);
    assert_eq!(output.status.code(), Some(143));
    let output = stage.output(&["exec", "--", "no-such-program"]);
    assert_eq!(output.status.code(), Some(127));
}

#[test]
fn one_that_takes_too_long_goes_on_under_its_id() {
    let stage = Stage::new();
    let script = "echo begun; exec sleep 1000";
    let words = [
        "exec", "--yield", "300ms", "--name", "slow", "--", "sh", "-c", script,
    ];
    let output = stage.output(&words);
    assert_eq!(output.status.code(), Some(124), "{output:?}");
    assert_eq!(text(&output.stdout), "begun\n");
    let [info] = stage.json(&["info", "slow"]).try_into().unwrap();
    let id = info["id"].as_str().unwrap();
    assert_eq!(
        text(&output.stderr),
        format!("handfast: `{id}` still runs: handfast logs -f {id}\n")
    );
    // It is bound to nobody, so it lives on.
    assert_eq!(
        (&info["status"], &info["bound"]),
        (&"running".into(), &false.into())
    );
}

#[test]
fn its_tree_ends_with_it_and_with_its_program() {
    let stage = Stage::new();
    let held = fifo(&stage, "held");
    let script = format!("exec 9>{}; sleep 1000 & echo up; wait", held.display());
    let mut running = Running::start(&mut stage.handfast(&["exec", "--", "sh", "-c", &script]));
    let mut tree = File::open(&held).unwrap();
    assert_eq!(running.line(), "up");
    running.child.kill().unwrap();
    tree.read_to_end(&mut Vec::new()).unwrap();
    // A program that leaves somebody behind, who holds the output too.
    let script = "(trap '' TERM; while :; do sleep 1000; done) & echo leader gone; exit 0";
    let words = [
        "exec", "--grace", "50ms", "--name", "leaves", "--", "sh", "-c", script,
    ];
    assert_eq!(stage.said(&words), "leader gone\n");
    assert_eq!(stage.json(&["ps"]), [0; 0]);
}

#[test]
fn a_line_of_json_has_it_all() {
    let stage = Stage::new();
    let words = [
        "exec",
        "--json",
        "--",
        "sh",
        "-c",
        "printf 'one\ntwo'; exit 4",
    ];
    let output = stage.output(&words);
    assert_eq!(output.status.code(), Some(4));
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["output"], "one\ntwo");
    assert_eq!(
        (&line["ended"], &line["exit_code"]),
        (&true.into(), &4.into())
    );
}
