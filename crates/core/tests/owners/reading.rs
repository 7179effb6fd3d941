//! What an owner reads: all that came, or how much of it is gone.

use crate::stage::{LONG, agent, expect, manager, said, sh};
use handfast::config::Stream;
use handfast::output::{Capture, Condition, Cursor, Outcome};
use handfast::owner::Limits;
use handfast::session::WriteOptions;
use handfast::{ProcessStatus, Scope};

const KIB: usize = 1024;

/// What is in memory of this process, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}

#[tokio::test]
async fn d05_how_it_ended_and_that_its_output_ended_are_told() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let handle = agent.start(sh("echo last; exit 3").build()).await.unwrap();
    agent.wait_tree(handle).await.unwrap();
    let listed = &agent.list().unwrap()[0];
    let status = &listed.info.status;
    assert!(
        matches!(status, ProcessStatus::Exited { exit_code: 3, .. }),
        "{status:?}"
    );
    assert_eq!(listed.ended.unwrap().exit_code, Some(3));
    assert_eq!(said(&agent, handle).await, b"last\n");
    assert_eq!(
        agent.output_status(handle).unwrap().unwrap().word(),
        "closed"
    );
    // A signal is told apart from a code, and an output that is open from one that ended.
    let handle = agent.start(sh("echo up; read a").build()).await.unwrap();
    expect(&agent, handle, "up").await;
    assert_eq!(agent.output_status(handle).unwrap().unwrap().word(), "open");
    assert!(agent.list().unwrap()[0].ended.is_none());
    agent.signal(handle, 10, Scope::Leader).await.unwrap();
    let ended = agent.wait(handle).await.unwrap();
    assert_eq!((ended.exit_code, ended.signal), (None, Some(10)));
}

#[tokio::test]
async fn d06_a_prompt_without_a_newline_is_there_at_once() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let script = "printf 'password: '; read word; echo got $word";
    let handle = agent.start(sh(script).build()).await.unwrap();
    expect(&agent, handle, "password: $").await;
    let mut cursor = Cursor::default();
    let chunk = agent.poll(handle, &mut cursor, 100).await.unwrap().unwrap();
    assert_eq!(chunk.bytes, b"password: ");
    let options = WriteOptions::default().deadline(LONG);
    agent.write(handle, "secret\n", options).await.unwrap();
    expect(&agent, handle, "got secret").await;
    // And nothing of it is told twice.
    let chunk = agent.poll(handle, &mut cursor, 100).await.unwrap().unwrap();
    assert_eq!(chunk.bytes, b"got secret\n");
}

#[tokio::test]
async fn d07_bytes_that_are_no_text_end_nothing() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let script = r"printf 'one\377two'; head -c 300000 /dev/zero; printf three";
    let handle = agent.start(sh(script).build()).await.unwrap();
    let bytes = said(&agent, handle).await;
    assert_eq!(bytes.len(), 300_012);
    assert!(bytes.starts_with(b"one\xfftwo\0") && bytes.ends_with(b"\0three"));
    // It was not blocked in a write that nobody took.
    assert!(agent.wait(handle).await.unwrap().success());
}

#[tokio::test]
async fn d08_a_line_of_50_mb_is_bounded_and_seen() {
    const LINE: u64 = 50_000_000;
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let before = resident();
    let script = format!("head -c {LINE} /dev/zero | tr '\\0' a");
    let config = sh(&script).capture(Capture::default().keep(64 * KIB));
    let handle = agent.start(config.build()).await.unwrap();
    let end = [Condition::Output { from: u64::MAX }];
    agent.wait_for(handle, &end, LONG).await.unwrap();
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB");
    let bytes = agent
        .read(handle, 0, usize::MAX)
        .await
        .unwrap()
        .unwrap()
        .bytes;
    assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == b'a'));
    let status = agent.output_status(handle).unwrap().unwrap();
    assert_eq!(status.totals.stdout, LINE);
    assert_eq!(status.omitted.stdout, LINE - 64 * KIB as u64);
    // The control: what is kept is as much as was asked for, and not less.
    let kept = agent
        .read(handle, LINE - 1000, 5000)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((kept.bytes.len(), kept.omitted_before), (1000, 0));
}

#[tokio::test]
async fn d09_what_is_left_out_is_counted_to_the_byte() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let config = sh("seq 1 5000").capture(Capture::default().keep(1000));
    let handle = agent.start(config.build()).await.unwrap();
    agent
        .wait_for(handle, &[Condition::Output { from: u64::MAX }], LONG)
        .await
        .unwrap();
    let all: String = (1..=5000).map(|number| format!("{number}\n")).collect();
    let all = all.into_bytes();
    let head = agent.read(handle, 0, 10_000).await.unwrap().unwrap();
    assert_eq!(
        (head.bytes.as_slice(), head.omitted_before),
        (&all[..500], 0)
    );
    let tail = agent.read(handle, 500, 10_000).await.unwrap().unwrap();
    assert_eq!(tail.bytes, all[all.len() - 500..]);
    assert_eq!(tail.omitted_before, all.len() as u64 - 1000);
    // The control: with room for it nothing is left out.
    let handle = agent.start(sh("seq 1 5000").build()).await.unwrap();
    assert_eq!(said(&agent, handle).await, all);
}

#[tokio::test]
async fn d10_readers_take_nothing_from_each_other_and_a_lost_reply_comes_again() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let script = "echo one; read a; echo two";
    let handle = agent.start(sh(script).build()).await.unwrap();
    expect(&agent, handle, "one\n").await;
    let (mut first, mut second) = (Cursor::default(), Cursor::default());
    let lost = first;
    let poll = async |cursor: &mut Cursor| {
        let chunk = agent.poll(handle, cursor, 100).await.unwrap().unwrap();
        String::from_utf8(chunk.bytes).unwrap()
    };
    assert_eq!(poll(&mut first).await, "one\n");
    assert_eq!(poll(&mut first).await, "");
    agent.close_stdin(handle).await.unwrap();
    said(&agent, handle).await;
    assert_eq!(poll(&mut first).await, "two\n");
    assert_eq!(poll(&mut second).await, "one\ntwo\n");
    let mut again = lost;
    assert_eq!(poll(&mut again).await, "one\ntwo\n");
}

#[tokio::test]
async fn d11_order_times_and_carriage_returns_are_kept() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let script = "echo one; read a; echo two >&2; read a; printf 'three\\r\\n'";
    let handle = agent.start(sh(script).build()).await.unwrap();
    for pattern in ["one\n", "two\n"] {
        expect(&agent, handle, pattern).await;
        agent
            .write(handle, "\n", WriteOptions::default())
            .await
            .unwrap();
    }
    expect(&agent, handle, "three").await;
    said(&agent, handle).await;
    let chunk = agent.read(handle, 0, 100).await.unwrap().unwrap();
    assert_eq!(chunk.bytes, b"one\ntwo\nthree\r\n");
    let segments: Vec<_> = chunk
        .segments
        .iter()
        .map(|segment| (segment.stream, segment.offset, segment.len))
        .collect();
    let expected = [
        (Stream::Stdout, 0, 4),
        (Stream::Stderr, 0, 4),
        (Stream::Stdout, 4, 7),
    ];
    assert_eq!(segments, expected);
    assert!(chunk.segments.is_sorted_by_key(|segment| segment.at));
    let stderr = agent
        .read_stream(handle, Stream::Stderr, (0, 100))
        .unwrap()
        .unwrap();
    assert_eq!(stderr.bytes, b"two\n");
}

#[tokio::test]
async fn d23_the_last_output_is_whole_when_the_exit_is_known() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    // Characters of two bytes across every border of 4,096.
    let script = "i=0; while [ $i -lt 3000 ]; do printf 'ää€'; i=$((i+1)); done; printf end";
    for _ in 0..10 {
        let handle = agent.start(sh(script).build()).await.unwrap();
        let waited = agent
            .wait_for(handle, &[Condition::Exit], LONG)
            .await
            .unwrap();
        assert!(matches!(waited.outcome, Outcome::Exited { .. }));
        let text = String::from_utf8(said(&agent, handle).await).unwrap();
        assert_eq!(text, "ää€".repeat(3000) + "end");
        agent.wait_tree(handle).await.unwrap();
    }
}
