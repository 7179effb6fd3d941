//! The caller's streams are the program's: untouched, and held by nobody else.

use crate::kit::{Running, code, command, file, handfast, output, puppet, text};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::process::Stdio;

/// A mebibyte in which every byte value follows every other.
fn every_byte() -> Vec<u8> {
    (0..1 << 20_u32)
        .map(|number: u32| (number.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect()
}

#[test]
fn a_mebibyte_goes_in_and_comes_out_byte_for_byte() {
    let mut child = handfast("")
        .args(puppet("echo"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&every_byte()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stdout == every_byte(),
        "{} bytes came back",
        output.stdout.len()
    );
}

#[test]
fn output_and_error_stay_apart() {
    let output = output("", "say out err error exit 0");
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        ("out\n".into(), "error\n".into())
    );
}

#[test]
fn the_program_has_three_descriptors_whatever_the_caller_left_open() {
    let words = puppet("print-fds").join(" ");
    let handfast = testkit::handfast();
    let script = format!(
        "exec 3</dev/null 7>&1; exec {} run {words} </dev/null",
        handfast.display()
    );
    let output = command("sh").args(["-c", &script]).output().unwrap();
    let numbers: Vec<_> = text(&output.stdout)
        .lines()
        .map(|line| line.split(' ').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(numbers, ["0", "1", "2"]);
}

#[test]
fn a_stream_that_the_caller_closed_is_the_null_device() {
    for (closing, words) in [
        ("<&-", "read-line exit 5"),
        (">&-", "say lost exit 5"),
        ("2>&-", "err lost exit 5"),
        ("<&- >&- 2>&-", "wait-eof say lost err lost exit 5"),
    ] {
        let words = puppet(words).join(" ");
        let script = format!(
            "exec {} run {words} {closing}",
            testkit::handfast().display()
        );
        let output = command("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(code(output.status), 5, "{closing}: {output:?}");
        assert!(!text(&output.stdout).contains("lost"), "{closing}");
    }
}

#[test]
fn a_reader_sees_the_end_when_the_program_closes_its_output_and_lives() {
    let mut running = Running::up("", "say up close 1 park");
    assert_eq!(running.line(), "");
    running.signal("TERM");
    assert_eq!(running.end(), (String::new(), 143));
}

#[test]
fn a_writer_sees_a_broken_pipe_when_the_program_closes_its_input_and_lives() {
    let mut command = handfast("");
    command
        .args(puppet("close 0 say up park"))
        .stdin(Stdio::piped());
    let mut running = Running::start(&mut command);
    assert_eq!(running.line(), "up");
    // More than a pipe holds, so it waits for a reader or for the last one's end.
    let mut stdin = running.child.stdin.take().unwrap();
    let broken = stdin.write_all(&vec![0; 1 << 20]).unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::BrokenPipe);
    running.signal("TERM");
    assert_eq!(running.end().1, 143);
}

#[test]
fn a_program_that_is_done_ends_the_streams_also_of_what_it_left() {
    let mut child = handfast("--grace 50ms")
        .args(puppet("spawn [ ignore TERM park ] exit 0"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_log_file_gets_both_streams_in_order_and_is_appended_to() {
    let folder = tempfile::tempdir().unwrap();
    let log = file(folder.path(), "log", "before\n");
    let run = || {
        let mut command = handfast("--log-file log");
        command.args(puppet("say one err two say three exit 3"));
        command.current_dir(folder.path()).output().unwrap()
    };
    for _ in 0..2 {
        let output = run();
        assert_eq!(output.status.code(), Some(3));
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{output:?}"
        );
    }
    let logged = fs::read_to_string(log).unwrap();
    assert_eq!(logged, "before\none\ntwo\nthree\none\ntwo\nthree\n");
}
