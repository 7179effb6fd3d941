//! `handfast run`: what it passes on, what it returns, and that nothing outlives it.

use crate::puppet::{ARGUMENTS, PART};
use crate::stage::{handfast, run, said, text};
use std::io::{BufRead, BufReader, PipeReader, Read, Write};
use std::process::{Child, Command, Stdio};

#[test]
fn the_programs_code_comes_back_whole() {
    for code in [0_u32, 1, 42, 125, 256, 0xc000_0005] {
        let output = run(&[], &format!("exit {code}")).output().unwrap();
        let returned = output.status.code();
        assert_eq!(returned, Some(code.cast_signed()), "{}", text(&output));
    }
}

#[test]
fn arguments_come_as_they_were_given() {
    let odd = [
        "a b",
        "",
        "quote\"d",
        "back\\slash\\",
        "ä€",
        "%PATH%",
        "-x",
        "--",
    ];
    let output = run(&[], "told").arg("--").args(odd).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(said(&output.stdout), odd.map(|word| format!("<{word}>")));
}

#[test]
fn input_and_output_are_the_callers() {
    let mut command = run(&[], "echo");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all("one\nzwei ä\n".as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(said(&output.stdout), ["<one>", "<zwei ä>"]);
}

#[test]
fn what_takes_too_long_ends_with_124() {
    let output = run(&["--timeout", "1s", "--grace", "0s"], "stay")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(124), "{}", text(&output));
}

#[test]
fn a_wrong_command_line_and_a_program_that_is_not_there_have_their_codes() {
    for (words, code) in [
        (&["run"][..], 2),
        (&["run", "--containment", "cgroup", "--", "x"], 2),
        (&["run", "--grace", "long", "--", "x"], 2),
        (&["nonsense"], 2),
        (&["run", "--", "no-such-program"], 127),
    ] {
        let output = handfast(words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{words:?}: {}",
            text(&output)
        );
    }
}

#[test]
fn a_receipt_says_how_it_was_held() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt");
    let mut command = handfast(&["run", "--json"]);
    command.arg(&file);
    crate::stage::with_puppet(&mut command, "exit 300");
    assert_eq!(command.output().unwrap().status.code(), Some(300));
    let line = std::fs::read_to_string(file).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(
        (&line["rung"], &line["grade"]),
        (&"job".into(), &"kernel".into())
    );
    assert_eq!(line["exit_code"], 300);
}

/// A tree whose member says `up`, with what can be said to it and the witness that all of it holds.
struct Held {
    first: Child,
    lines: BufReader<std::process::ChildStdout>,
    witness: PipeReader,
}

fn held(mut command: Command) -> Held {
    let (witness, theirs) = std::io::pipe().unwrap();
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut first = command.stderr(theirs).spawn().unwrap();
    // Its copy of the witness.
    drop(command);
    let mut held = Held {
        lines: BufReader::new(first.stdout.take().unwrap()),
        first,
        witness,
    };
    held.until("@up");
    held
}

impl Held {
    fn until(&mut self, wanted: &str) {
        let mut line = String::new();
        while line.trim_end() != wanted {
            line.clear();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "no {wanted}");
        }
    }
}

#[test]
fn a_tree_ends_with_handfast_that_is_terminated() {
    let mut held = held(run(&[], "tree"));
    held.first.kill().unwrap();
    held.first.wait().unwrap();
    let mut rest = String::new();
    held.witness.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

/// The control: without handfast the member outlives who started it.
#[test]
fn without_handfast_a_member_lives_on() {
    let mut plain = Command::new(std::env::current_exe().unwrap());
    plain.args(ARGUMENTS).env(PART, "tree");
    let mut held = held(plain);
    held.first.kill().unwrap();
    held.first.wait().unwrap();
    drop(held.first.stdin.take());
    held.until("@alive");
}
