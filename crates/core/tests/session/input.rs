//! What is written arrives once, whole and in order, or it is said how much did.

use crate::stage::{LONG, Talk, manager, on_terminal, piped, sh};
use handfast::ProcessConfig;
use handfast::session::{Interrupted, ScreenSize, Stopped, WRITE_BYTES, WriteOptions};
use std::time::{Duration, Instant};

fn within(milliseconds: u64) -> WriteOptions {
    WriteOptions::default().deadline(Duration::from_millis(milliseconds))
}

#[tokio::test]
async fn what_is_typed_is_echoed_and_read() {
    let mut talk = Talk::start(on_terminal("/bin/cat")).await;
    talk.write("hellö\n").await;
    talk.expect("hellö\r\nhellö\r\n").await;
    talk.write("unfinished").await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    talk.output.wait_for_output(u64::MAX).await;
    let said = talk.said();
    assert!(said.ends_with("unfinished\r\nunfinished\r\n"), "{said:?}");
    assert!(talk.manager.wait(talk.handle).await.unwrap().success());
}

#[tokio::test]
async fn a_new_size_is_seen() {
    let script = "trap 'stty size; exit' WINCH; echo ready; while :; do read a; done";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("ready").await;
    let size = |rows, columns| ScreenSize { rows, columns };
    talk.manager.resize(talk.handle, size(31, 97)).unwrap();
    talk.expect("31 97\r\n").await;
    let error = talk.manager.resize(talk.handle, size(0, 97)).unwrap_err();
    assert_eq!(error.code(), "session.bad-size");
    assert_eq!(talk.manager.screen(talk.handle).unwrap().size, size(31, 97));
}

#[tokio::test]
async fn an_interrupt_reaches_the_foreground_and_throws_away_what_was_typed() {
    let script = "trap 'echo interrupted' INT; echo ready; while :; do read a && echo got $a; done";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("ready").await;
    talk.write("begun").await;
    let how = talk.manager.interrupt(talk.handle).await.unwrap();
    assert_eq!(how, Interrupted::Foreground);
    talk.expect("interrupted").await;
    talk.write("next\n").await;
    talk.expect("got next\r\n").await;
    talk.press("'again' ctrl-c").await;
    talk.expect("interrupted").await;
    talk.end().await;
}

#[tokio::test]
async fn an_interrupt_gets_through_to_a_program_that_does_not_read() {
    let mut talk = Talk::start(sh("echo ready; exec sleep 1000")).await;
    talk.expect("ready").await;
    let line = format!("{}\n", "x".repeat(999)).repeat(1000);
    let written = talk.manager.write(talk.handle, line, within(300)).await;
    assert_eq!(written.unwrap().stopped, Some(Stopped::Deadline));
    talk.manager.interrupt(talk.handle).await.unwrap();
    let ended = talk.manager.wait(talk.handle).await.unwrap();
    assert_eq!(ended.signal, Some(2));
}

#[tokio::test]
async fn an_interrupt_is_a_key_for_a_program_that_takes_all() {
    let script = "stty raw -echo; echo ready; head -c 1 | od -An -tx1; stty sane";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("ready").await;
    let how = talk.manager.interrupt(talk.handle).await.unwrap();
    assert_eq!(how, Interrupted::Key);
    talk.expect("03").await;
}

#[tokio::test]
async fn without_a_terminal_the_group_is_interrupted() {
    let mut talk = Talk::start(piped(
        "trap 'echo interrupted; exit' INT; echo ready; sleep 1000 & wait",
    ))
    .await;
    talk.expect("ready").await;
    let how = talk.manager.interrupt(talk.handle).await.unwrap();
    assert_eq!(how, Interrupted::Group);
    talk.expect("interrupted").await;
    talk.end().await;
}

#[tokio::test]
async fn a_line_is_refused_or_arrives_whole() {
    let mut talk = Talk::start(sh("echo ready; cat | sha256sum")).await;
    talk.expect("ready").await;
    let long = format!("{}\n", "x".repeat(4096));
    let refused = talk.manager.write(talk.handle, long, within(600_000));
    let error = refused.await.unwrap_err();
    assert_eq!(error.code(), "session.line-too-long");
    talk.write("x".repeat(4000)).await;
    let refused = talk
        .manager
        .write(talk.handle, "x".repeat(96), within(1000));
    assert_eq!(refused.await.unwrap_err().code(), "session.line-too-long");
    talk.write(format!("{}\n", "x".repeat(95))).await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    let hash = talk.expect("[0-9a-f]{64}").await;
    let script = "(head -c 4095 /dev/zero | tr '\\0' x; echo) | sha256sum";
    let mut same = Talk::start(sh(script)).await;
    assert_eq!(same.expect("[0-9a-f]{64}").await, hash);
}

#[tokio::test]
async fn many_lines_wait_for_a_slow_reader_and_none_is_cut() {
    let script = "stty -echo; echo ready; IFS= read -r a; while IFS= read -r a; do \
                  echo ${#a}; test ${#a} = 3999 && break; done";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("ready").await;
    let mut lines = String::from("first\n");
    for _ in 0..60 {
        lines.push_str(&format!("{}\n", "y".repeat(3000)));
    }
    lines.push_str(&format!("{}\n", "z".repeat(3999)));
    talk.write(lines).await;
    talk.output.wait_for_output(u64::MAX).await;
    let said = talk.said();
    assert_eq!(said.matches("3000\r\n").count(), 60);
    assert!(said.ends_with("3999\r\n"), "{said}");
}

#[tokio::test]
async fn a_raw_terminal_takes_a_line_of_any_length() {
    let script = "stty raw -echo; echo ready; head -c 100000 | wc -c";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("ready").await;
    talk.write("x".repeat(100_000)).await;
    talk.expect("100000").await;
}

#[tokio::test]
async fn a_write_ends_at_its_deadline_and_says_what_was_taken() {
    for config in [
        sh("stty raw -echo; echo ready; exec sleep 1000"),
        piped("echo ready; exec sleep 1000"),
    ] {
        let mut talk = Talk::start(config).await;
        talk.expect("ready").await;
        let begun = Instant::now();
        let text = "x".repeat(WRITE_BYTES);
        let first = talk.manager.write(talk.handle, text, within(300));
        // Behind it, and with less time: it is given up before its turn.
        let second = talk.manager.write(talk.handle, "y", within(100));
        let (first, second) = tokio::join!(first, second);
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(begun.elapsed() >= Duration::from_millis(300));
        assert!((1..WRITE_BYTES).contains(&first.taken), "{first:?}");
        assert_eq!(first.stopped, Some(Stopped::Deadline));
        assert_eq!((second.taken, second.stopped), (0, Some(Stopped::Deadline)));
        talk.end().await;
    }
}

/// A terminal that is full when its programs end never takes more, and calls itself ready for ever.
#[tokio::test]
async fn a_write_that_waits_is_answered_when_nobody_is_left_to_read() {
    let mut talk = Talk::start(sh("stty raw -echo; echo ready; exec sleep 1000")).await;
    talk.expect("ready").await;
    let text = "x".repeat(WRITE_BYTES);
    let full = talk.manager.write(talk.handle, text, within(300));
    assert_eq!(full.await.unwrap().stopped, Some(Stopped::Deadline));
    let long = WriteOptions::default().deadline(LONG);
    let waiting = talk.manager.write(talk.handle, "y", long);
    let (waiting, killed) = tokio::join!(waiting, talk.manager.kill(talk.handle));
    assert!(killed.unwrap().survivors.is_empty());
    let code = waiting.unwrap_err().code();
    assert!(["session.over", "session.closed"].contains(&code), "{code}");
}

#[tokio::test]
async fn a_repeated_write_is_answered_and_not_done_again() {
    let mut talk = Talk::start(piped("while read a; do echo got $a; done; echo end")).await;
    let named = || WriteOptions::default().write_id("w1");
    for repeated in [false, true, true] {
        let written = talk.manager.write(talk.handle, "one\n", named()).await;
        let written = written.unwrap();
        assert_eq!((written.taken, written.repeated), (4, repeated));
    }
    let bad = WriteOptions::default().write_id("");
    let error = talk.manager.write(talk.handle, "no", bad).await;
    assert_eq!(error.unwrap_err().code(), "session.bad-write-id");
    talk.write("two\n").await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    talk.expect("end").await;
    assert_eq!(talk.said(), "got one\ngot two\nend\n");
}

#[tokio::test]
async fn a_pipe_is_written_and_closed_once() {
    let talk = Talk::start(piped("wc -c; exec sleep 1000")).await;
    talk.write("x".repeat(300_000)).await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    talk.manager.close_stdin(talk.handle).await.unwrap();
    let error = talk.manager.write(talk.handle, "x", within(1000)).await;
    assert_eq!(error.unwrap_err().code(), "session.closed");
    let mut talk = talk;
    talk.expect("300000").await;
    assert!(
        talk.manager
            .take_stdio(talk.handle)
            .unwrap()
            .stdin
            .is_none()
    );
    talk.end().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let manager = manager();
    let config = ProcessConfig::builder("/bin/sleep").arg("1000").build();
    let handle = manager.start_process(config).await.unwrap();
    let options = WriteOptions::default;
    let error = manager.write(handle, "x", options()).await.unwrap_err();
    assert_eq!(error.code(), "session.no-input");
    assert!(error.hint().is_some());
    assert_eq!(
        manager.screen(handle).unwrap_err().code(),
        "session.not-a-terminal"
    );
    manager.kill(handle).await.unwrap();
    let talk = Talk::start(on_terminal("/bin/cat")).await;
    let error = talk.manager.press(talk.handle, "entr", options()).await;
    assert_eq!(error.unwrap_err().code(), "session.bad-keys");
    let large = vec![b'x'; WRITE_BYTES + 1];
    let error = talk.manager.write(talk.handle, large, options()).await;
    assert_eq!(error.unwrap_err().code(), "session.too-much");
    talk.manager.kill(talk.handle).await.unwrap();
    talk.output.wait_for_output(u64::MAX).await;
    let error = talk
        .manager
        .write(talk.handle, "x", within(LONG.as_millis() as u64));
    assert_eq!(error.await.unwrap_err().code(), "session.over");
}
