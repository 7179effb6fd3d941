//! `send` and `signal`: text, keys, the end of input, and signals.

use crate::stage::{Stage, text};
use std::io::Write;
use std::process::Stdio;

#[test]
fn text_and_lines_reach_a_pipe_and_so_does_its_end() {
    let stage = Stage::new();
    let id = stage.start(&["--stdin"], "cat; echo over");
    assert_eq!(stage.said(&["send", &id, "one", "two", "--enter"]), "");
    stage.said(&["wait", &id, "--for", "regex:one two\n"]);
    let [sent] = stage
        .json(&["send", &id, "three", "--eof"])
        .try_into()
        .unwrap();
    assert_eq!(
        (&sent["taken"], &sent["complete"]),
        (&5.into(), &true.into())
    );
    stage.said(&["wait", &id]);
    assert_eq!(stage.said(&["logs", &id]), "one two\nthreeover\n");
}

#[test]
fn all_of_standard_input_is_sent() {
    let stage = Stage::new();
    let id = stage.start(&["--stdin"], "wc -c");
    let mut command = stage.handfast(&["send", &id, "--stdin", "--eof"]);
    let mut sending = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = sending.stdin.take().unwrap();
    input.write_all(&vec![b'x'; 1_000_000]).unwrap();
    drop(input);
    assert!(sending.wait().unwrap().success());
    stage.said(&["wait", &id]);
    assert_eq!(stage.said(&["logs", &id]).trim(), "1000000");
}

#[test]
fn keys_are_pressed_on_a_terminal() {
    let stage = Stage::new();
    let script = "trap 'echo caught' INT; echo up; until read -r line; do :; done; echo \"read $line\"; read -r more || echo no more";
    let id = stage.start(&["--tty", "--ready-when", "up"], script);
    stage.said(&["send", &id, "--key", "ctrl-c"]);
    stage.said(&["wait", &id, "--for", "regex:caught"]);
    stage.said(&["send", &id, "hello", "--enter"]);
    stage.said(&["wait", &id, "--for", "regex:read hello"]);
    stage.said(&["send", &id, "--eof"]);
    stage.said(&["wait", &id]);
    assert!(stage.said(&["logs", &id]).contains("no more"));
}

#[test]
fn what_is_not_read_is_said() {
    let stage = Stage::new();
    let id = stage.start(&["--stdin"], "sleep 1000");
    let long = "x".repeat(100_000);
    let output = stage.output(&["send", &id, &long, "--within", "50ms"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        text(&output.stderr).contains("and reads no more"),
        "{output:?}"
    );
}

#[test]
fn a_signal_reaches_a_program_or_its_whole_tree() {
    let stage = Stage::new();
    let script = "trap 'echo leader' USR1; sh -c 'trap \"echo member; exit\" USR1; echo up; while :; do sleep 0.01; done' & while :; do wait; done";
    let id = stage.start(&["--ready-when", "up"], script);
    assert_eq!(
        stage.said(&["signal", &id, "usr1"]),
        "SIGUSR1 sent to its program\n"
    );
    stage.said(&["wait", &id, "--for", "regex:leader"]);
    let [line] = stage
        .json(&["signal", &id, "USR1", "--to", "tree"])
        .try_into()
        .unwrap();
    assert!(line["reached"].as_u64().unwrap() >= 2, "{line}");
    stage.said(&["wait", &id, "--for", "regex:member"]);
}
