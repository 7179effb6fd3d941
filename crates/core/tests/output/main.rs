//! The output of real processes: what comes is kept or counted, whatever they do.

#![cfg(target_os = "linux")]

use handfast::config::{Output, ProcessConfig, ProcessConfigBuilder, Stdin};
use handfast::output::{Capture, Captured, Condition, Cursor, Outcome, Pattern, Stream};
use handfast::{ProcessHandle, ProcessManager};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

mod holding;
mod spilling;

/// Far more than anything here takes; only a failing test comes to it.
const LONG: Duration = Duration::from_secs(600);
const MIB: u64 = 1024 * 1024;

fn manager() -> ProcessManager {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    builder.build().expect("a manager can be made")
}

/// Both streams captured, stdin a pipe.
fn captured(program: impl Into<std::path::PathBuf>) -> ProcessConfigBuilder {
    ProcessConfig::builder(program)
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdin::Pipe)
        .stdout(Output::Captured)
        .stderr(Output::Captured)
}

fn sh(script: &str) -> ProcessConfigBuilder {
    captured("/bin/sh").args(["-c", script])
}

async fn start(
    manager: &ProcessManager,
    config: ProcessConfigBuilder,
) -> (ProcessHandle, Captured) {
    let started = manager.start_process(config.build()).await;
    let handle = started.expect("it starts");
    let output = manager.output(handle).expect("it is known");
    (handle, output.expect("it is captured"))
}

fn matching(pattern: &str, from: u64) -> [Condition; 1] {
    let pattern: Pattern = pattern.parse().expect("a pattern");
    [Condition::Match { pattern, from }]
}

/// What is in memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("we run");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

/// Reads everything with a cursor: what came, and how much did not.
fn read_all(output: &Captured) -> (Vec<u8>, u64) {
    let (mut cursor, mut bytes, mut omitted) = (Cursor::default(), Vec::new(), 0);
    loop {
        let chunk = output.poll(&mut cursor, 10_000);
        omitted += chunk.omitted_before;
        bytes.extend(&chunk.bytes);
        if chunk.ended {
            return (bytes, omitted);
        }
        assert!(!chunk.bytes.is_empty(), "it has not ended");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_stop_nobody() {
    let manager = manager();
    let (handle, output) = start(
        &manager,
        sh(r"printf 'one\377two'; head -c 300000 /dev/zero; printf three"),
    )
    .await;
    output.wait_for_output(u64::MAX).await;
    let (bytes, omitted) = read_all(&output);
    assert_eq!((bytes.len(), omitted), (300_012, 0));
    assert!(bytes.starts_with(b"one\xfftwo") && bytes.ends_with(b"three"));
    assert!(manager.wait(handle).await.unwrap().success());
}

#[tokio::test]
async fn text_without_a_newline_is_there_at_once() {
    let manager = manager();
    let (handle, output) = start(
        &manager,
        sh("printf 'password: '; read word; echo got $word"),
    )
    .await;
    let waited = manager
        .wait_for(handle, &matching("password: $", 0), LONG)
        .await
        .unwrap();
    assert_eq!(waited.outcome, Outcome::Matched { offset: 0, len: 10 });
    let mut stdin = manager.take_stdio(handle).unwrap().stdin.unwrap();
    stdin.write_all(b"secret\n").await.unwrap();
    let waited = manager
        .wait_for(handle, &matching("got secret", 10), LONG)
        .await
        .unwrap();
    assert_eq!(
        waited.outcome,
        Outcome::Matched {
            offset: 10,
            len: 10
        }
    );
    assert_eq!(output.read(0, 100).bytes, b"password: got secret\n");
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn a_line_of_100_mb_is_bounded() {
    let manager = manager();
    let before = resident();
    let (handle, output) = start(&manager, sh("head -c 100000000 /dev/zero | tr '\\0' a")).await;
    let totals = output.wait_for_output(u64::MAX).await;
    assert_eq!(totals.stdout, 100_000_000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB");
    assert_eq!(output.status().omitted.stdout, 100_000_000 - MIB);
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn what_is_left_out_is_counted_exactly() {
    let manager = manager();
    let config = sh("seq 1 50000").capture(Capture::default().keep(1000));
    let (handle, output) = start(&manager, config).await;
    output.wait_for_output(u64::MAX).await;
    let all: String = (1..=50_000).map(|number| format!("{number}\n")).collect();
    let (bytes, omitted) = read_all(&output);
    assert_eq!(
        bytes,
        [&all.as_bytes()[..500], &all.as_bytes()[all.len() - 500..]].concat()
    );
    assert_eq!(omitted, all.len() as u64 - 1000);
    let status = output.status();
    assert_eq!(
        (status.omitted.stdout, status.totals.stdout),
        (omitted, all.len() as u64)
    );
    assert_eq!(status.word(), "closed");
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn readers_take_nothing_from_one_another() {
    let manager = manager();
    let (handle, output) = start(&manager, sh("echo one; read word; echo two")).await;
    manager
        .wait_for(handle, &matching("one\n", 0), LONG)
        .await
        .unwrap();
    let (mut first, mut second) = (Cursor::default(), Cursor::default());
    let lost_reply = first;
    assert_eq!(output.poll(&mut first, 100).bytes, b"one\n");
    drop(manager.take_stdio(handle).unwrap());
    manager.wait(handle).await.unwrap();
    output.wait_for_output(u64::MAX).await;
    assert_eq!(output.poll(&mut first, 100).bytes, b"two\n");
    assert_eq!(output.poll(&mut second, 100).bytes, b"one\ntwo\n");
    // A reply that was lost can be had again.
    let mut again = lost_reply;
    assert_eq!(output.poll(&mut again, 4).bytes, b"one\n");
    assert!(output.poll(&mut second, 100).ended);
}

#[tokio::test]
async fn the_order_of_both_streams_and_their_offsets_are_kept() {
    let manager = manager();
    let script = "echo one; read word; echo two >&2; read word; printf 'three\\r\\n'";
    let (handle, output) = start(&manager, sh(script)).await;
    let mut stdin = manager.take_stdio(handle).unwrap().stdin.unwrap();
    output.wait_for_output(3).await;
    stdin.write_all(b"\n").await.unwrap();
    output.wait_for_output(7).await;
    stdin.write_all(b"\n").await.unwrap();
    output.wait_for_output(u64::MAX).await;
    let chunk = output.read(0, 100);
    assert_eq!(chunk.bytes, b"one\ntwo\nthree\r\n");
    let segments: Vec<_> = chunk
        .segments
        .iter()
        .map(|it| (it.stream, it.offset, it.len))
        .collect();
    let expected = [
        (Stream::Stdout, 0, 4),
        (Stream::Stderr, 0, 4),
        (Stream::Stdout, 4, 7),
    ];
    assert_eq!(segments, expected);
    assert!(chunk.segments.is_sorted_by_key(|segment| segment.at));
    assert_eq!(output.read_stream(Stream::Stderr, 0, 100).bytes, b"two\n");
    assert_eq!(
        output.read_stream(Stream::Stdout, 2, 100).bytes,
        b"e\nthree\r\n"
    );
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn one_byte_at_a_time_is_all_there() {
    let manager = manager();
    let config = captured("/bin/dd").args(["if=/dev/zero", "bs=1", "count=20000", "status=none"]);
    let (handle, output) = start(&manager, config).await;
    assert_eq!(output.wait_for_output(u64::MAX).await.stdout, 20_000);
    assert_eq!(read_all(&output), (vec![0; 20_000], 0));
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn of_a_flood_head_and_tail_are_exact_and_memory_stays() {
    const FLOOD: u64 = 300 * MIB;
    let manager = manager();
    let before = resident();
    let config = captured("/bin/dd").args(["if=/dev/zero", "bs=64K", "count=4800", "status=none"]);
    let (handle, output) = start(&manager, config).await;
    let (mut next, mut grown) = (0, 0);
    while output.wait_for_output(next).await.stdout < FLOOD {
        next += MIB;
        grown = grown.max(resident().saturating_sub(before));
    }
    assert!(grown < 8 * 1024, "{grown} KiB");
    manager.wait(handle).await.unwrap();

    let flood = 16 * MIB;
    let config = captured(testkit::puppet()).args(["flood", &flood.to_string()]);
    let (handle, output) = start(&manager, config).await;
    assert_eq!(output.wait_for_output(u64::MAX).await.stdout, flood);
    let half = MIB / 2;
    let head = output.read(0, usize::MAX);
    assert!(head.bytes == testkit::flood(0, half as usize));
    let tail = output.read(half, usize::MAX);
    assert_eq!(
        (tail.offset, tail.omitted_before),
        (flood - half, flood - MIB)
    );
    assert!(tail.bytes == testkit::flood(flood - half, half as usize));
    manager.wait(handle).await.unwrap();
}

#[tokio::test]
async fn the_output_answers_until_its_tombstone_goes_and_its_clones_after_that() {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let manager = builder.tombstones(1).build().unwrap();
    let (first, kept) = start(&manager, sh("echo first")).await;
    manager.wait_tree(first).await.unwrap();
    let (second, _) = start(&manager, sh("echo second")).await;
    manager.wait_tree(second).await.unwrap();
    assert!(manager.output(first).is_err());
    let second = manager.output(second).unwrap().unwrap();
    second.wait_for_output(u64::MAX).await;
    kept.wait_for_output(u64::MAX).await;
    assert_eq!(second.read(0, 100).bytes, b"second\n");
    assert_eq!(kept.read(0, 100).bytes, b"first\n");
}

#[tokio::test]
async fn only_what_is_asked_for_is_captured() {
    let manager = manager();
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", "echo out; echo err >&2"])
        .stdout(Output::Pipe)
        .stderr(Output::Captured)
        .build();
    let handle = manager.start_process(config).await.unwrap();
    let mut stdio = manager.take_stdio(handle).unwrap();
    assert!(stdio.stdin.is_none() && stdio.stderr.is_none());
    let mut out = String::new();
    tokio::io::AsyncReadExt::read_to_string(stdio.stdout.as_mut().unwrap(), &mut out)
        .await
        .unwrap();
    let output = manager.output(handle).unwrap().unwrap();
    output.wait_for_output(u64::MAX).await;
    assert_eq!(
        (out.as_str(), output.read(0, 100).bytes),
        ("out\n", b"err\n".to_vec())
    );
    let none = manager
        .start_process(ProcessConfig::builder("/bin/true").build())
        .await
        .unwrap();
    assert!(manager.output(none).unwrap().is_none());
    let waited = manager
        .wait_for(none, &[Condition::Output { from: 0 }], LONG)
        .await
        .unwrap();
    assert_eq!(waited.outcome, Outcome::Impossible);
    manager.wait(handle).await.unwrap();
    manager.wait(none).await.unwrap();
}

/// Writes its numbers by turns to descriptor 1 and 2, each with one write.
const BY_TURNS: &str =
    "i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); echo $i >&2; i=$((i+1)); done";

#[tokio::test]
async fn streams_that_go_together_keep_their_order() {
    let manager = manager();
    let (handle, output) = start(&manager, sh(BY_TURNS).output(Output::Captured)).await;
    manager.wait_tree(handle).await.unwrap();
    output.wait_for_output(u64::MAX).await;
    let counted: String = (0..2000).map(|number| format!("{number}\n")).collect();
    assert_eq!(String::from_utf8(read_all(&output).0).unwrap(), counted);
    let status = output.status();
    assert_eq!(status.totals.sum(), counted.len() as u64);

    // The control: apart, each stream has its own half, and a later `stderr` takes them apart.
    let config = sh(BY_TURNS)
        .output(Output::Captured)
        .stderr(Output::Captured);
    let (handle, output) = start(&manager, config).await;
    manager.wait_tree(handle).await.unwrap();
    output.wait_for_output(u64::MAX).await;
    let errors = output.read_stream(Stream::Stderr, 0, 1 << 20);
    let odd: String = (0..1000)
        .map(|number| format!("{}\n", 2 * number + 1))
        .collect();
    assert_eq!(String::from_utf8(errors.bytes).unwrap(), odd);
}
