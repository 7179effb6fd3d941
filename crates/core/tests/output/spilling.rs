//! The whole output on disk.

use super::{MIB, captured, manager, sh, start};
use handfast::output::{Capture, Captured, Cursor, Quota, Spill, Stream};

#[tokio::test]
async fn what_is_spilled_is_read_from_the_first_byte_to_the_last_while_it_comes() {
    let place = tempfile::tempdir().unwrap();
    let quota = Quota::new(1 << 30);
    let flood = 32 * MIB;
    let manager = manager();
    let spill = Spill::into(place.path(), &quota).segment(MIB);
    let capture = Capture::default().keep(64 * 1024).spill(spill);
    let config = captured(testkit::puppet()).args(["flood", &flood.to_string()]);
    let (handle, output) = start(&manager, config.capture(capture)).await;
    let mut cursor = Cursor::default();
    loop {
        output.wait_for_output(cursor.offset()).await;
        let chunk = output.fetch_next(&mut cursor, 100_000).await;
        assert_eq!(chunk.omitted_before, 0, "{:?}", output.status());
        assert!(chunk.bytes == testkit::flood(chunk.offset, chunk.bytes.len()));
        if chunk.ended {
            break;
        }
    }
    assert_eq!(cursor.offset(), flood);
    let middle = output.fetch(flood / 2, 1000).await;
    assert_eq!((middle.offset, middle.bytes.len()), (flood / 2, 1000));
    // From memory alone the same is a gap that is told.
    let kept = output.read(flood / 2, 1000);
    assert_eq!(kept.offset - kept.omitted_before, flood / 2);
    assert!(kept.omitted_before > 0);
    let spilled = output.status().spill.unwrap();
    assert_eq!(
        (spilled.on_disk, spilled.missed, spilled.error),
        (flood, 0, None)
    );
    manager.wait_tree(handle).await.unwrap();
    drop((manager, output));
    // The last clone may be dropped by a task that ends just now.
    let gone = || std::fs::read_dir(place.path()).unwrap().count() == 0;
    while !gone() {
        tokio::task::yield_now().await;
    }
    assert_eq!(quota.used(), 0);
}

#[tokio::test]
async fn a_disk_that_refuses_loses_nothing_of_memory_and_stops_nobody() {
    let manager = manager();
    let spill = Spill::into("/nowhere/at/all", &Quota::new(MIB));
    let config =
        sh("seq 1 300000; echo done >&2").capture(Capture::default().keep(1000).spill(spill));
    let (handle, output) = start(&manager, config).await;
    assert!(manager.wait(handle).await.unwrap().success());
    let totals = output.wait_for_output(u64::MAX).await;
    let chunk = output.fetch(0, 500).await;
    assert!(chunk.bytes.starts_with(b"1\n2\n3\n"));
    let tail = output.fetch(500, 500).await;
    assert_eq!(tail.omitted_before, totals.sum() - 1000);
    let spilled = output.status().spill.unwrap();
    assert!(spilled.error.is_some() && spilled.on_disk == 0 && spilled.missed > 0);
}

#[tokio::test]
async fn a_quota_drops_the_oldest_and_the_gap_is_exact() {
    let place = tempfile::tempdir().unwrap();
    let quota = Quota::new(4 * MIB);
    let flood = 16 * MIB;
    let manager = manager();
    let spill = Spill::into(place.path(), &quota);
    let capture = Capture::default().keep(64 * 1024).spill(spill);
    let config = captured(testkit::puppet()).args(["flood", &flood.to_string()]);
    let (handle, output) = start(&manager, config.capture(capture)).await;
    manager.wait(handle).await.unwrap();
    output.wait_for_output(u64::MAX).await;
    let (mut cursor, mut got, mut omitted) = (Cursor::default(), 0, 0);
    loop {
        let chunk = output.fetch_next(&mut cursor, 100_000).await;
        assert!(chunk.bytes == testkit::flood(chunk.offset, chunk.bytes.len()));
        omitted += chunk.omitted_before;
        got += chunk.bytes.len() as u64;
        if chunk.ended {
            break;
        }
    }
    assert_eq!(got + omitted, flood);
    assert!(got > 2 * MIB && quota.used() <= 4 * MIB);
    let spilled = output.status().spill.unwrap();
    assert_eq!((spilled.missed, spilled.error), (0, None));
}

/// One stream from its first byte to its last: what came, and how much is gone.
async fn all_of(output: &Captured, stream: Stream, limit: usize) -> (Vec<u8>, u64) {
    let (mut bytes, mut omitted, mut from) = (Vec::new(), 0, 0);
    loop {
        let chunk = output.fetch_stream(stream, from, limit).await;
        assert_eq!(chunk.offset - chunk.omitted_before, from);
        assert_eq!(chunk.next, chunk.offset + chunk.bytes.len() as u64);
        omitted += chunk.omitted_before;
        from = chunk.next;
        bytes.extend(chunk.bytes);
        if chunk.ended {
            return (bytes, omitted);
        }
    }
}

/// Two streams that take turns: each is read whole from disk and memory together.
#[tokio::test]
async fn a_stream_is_fetched_without_the_other() {
    let place = tempfile::tempdir().unwrap();
    let quota = Quota::new(1 << 30);
    let manager = manager();
    let spill = Spill::into(place.path(), &quota).segment(16 * 1024);
    let capture = Capture::default().keep(4096).spill(spill);
    let script = "i=0; while [ $i -lt 4000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done";
    let (handle, output) = start(&manager, sh(script).capture(capture)).await;
    assert!(manager.wait(handle).await.unwrap().success());
    output.wait_for_output(u64::MAX).await;
    for (stream, word) in [(Stream::Stdout, "out"), (Stream::Stderr, "err")] {
        let lines: String = (0..4000).map(|i| format!("{word} {i}\n")).collect();
        for limit in [1000, 100_000] {
            let (bytes, omitted) = all_of(&output, stream, limit).await;
            assert_eq!(omitted, 0);
            assert!(bytes == lines.as_bytes(), "{word} by {limit}");
        }
        // From memory alone the same has a gap that is told.
        let kept = output.read_stream(stream, 10_000, 100);
        assert!(kept.omitted_before > 0);
        let fetched = output.fetch_stream(stream, 10_000, 100).await;
        assert_eq!((fetched.offset, fetched.omitted_before), (10_000, 0));
        assert!(fetched.bytes == lines.as_bytes()[10_000..10_100]);
    }
    assert_eq!(
        output.fetch_stream(Stream::Terminal, 0, 100).await.bytes,
        b""
    );
}

/// Control: what the quota has dropped is counted, of each stream by itself.
#[tokio::test]
async fn what_a_quota_dropped_of_a_stream_is_counted() {
    let place = tempfile::tempdir().unwrap();
    let quota = Quota::new(64 * 1024);
    let manager = manager();
    let spill = Spill::into(place.path(), &quota);
    let capture = Capture::default().keep(4096).spill(spill);
    let script = "seq 1 20000; seq 1 20000 >&2; seq 1 20000";
    let (handle, output) = start(&manager, sh(script).capture(capture)).await;
    manager.wait(handle).await.unwrap();
    let totals = output.wait_for_output(u64::MAX).await;
    for stream in [Stream::Stdout, Stream::Stderr] {
        let (bytes, omitted) = all_of(&output, stream, 10_000).await;
        assert_eq!(bytes.len() as u64 + omitted, totals.of(stream));
        assert!(omitted > 0, "{stream:?}");
    }
}
