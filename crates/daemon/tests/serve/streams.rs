//! Output by numbers, input in order and once.

use super::stage::{Stage, code, named, read_all, sh, wait_for, write};
use handfast_daemon::wire::*;
use std::sync::Arc;

#[tokio::test]
async fn what_a_process_says_is_read_with_its_end() {
    let stage = Stage::new();
    let client = stage.client().await;
    let start = named("hi", sh("echo out; echo err >&2; exit 7"));
    let started = client.call(&start).await.unwrap();
    assert_eq!(
        (started.process_id.as_str(), started.repeated),
        ("hi", false)
    );
    let (said, seqs, last) = read_all(&client, "hi").await;
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["err", "out"]);
    assert_eq!(
        (last.exit_code, last.signal, last.exited),
        (Some(7), None, true)
    );
    assert_eq!(last.omitted_bytes, 0);
    // The exit has a number among those of the chunks, and the close is the last one.
    assert_eq!(last.next_seq, seqs.len() as u64 + 3);
    assert!(seqs.windows(2).all(|pair| pair[0] < pair[1]));
    // By the handle too, and from any place again.
    let (again, ..) = read_all(&client, &started.handle).await;
    assert_eq!(again, said);
    stage.end().await;
}

#[tokio::test]
async fn a_limit_of_bytes_gives_one_chunk_at_the_least_and_says_where_to_go_on() {
    let stage = Stage::new();
    let client = stage.client().await;
    let script = "echo one; read x; echo two; read x; echo three";
    let mut start = named("p", sh(script));
    start.pipe_stdin = true;
    client.call(&start).await.unwrap();
    wait_for(&client, "p", "one").await;
    write(&client, "p", "\n").await;
    wait_for(&client, "p", "two").await;
    write(&client, "p", "\n").await;
    let (said, ..) = read_all(&client, "p").await;
    assert_eq!(said, "one\ntwo\nthree\n");
    let read = |after_seq, max_bytes| Read {
        process_id: "p".into(),
        after_seq,
        max_bytes: Some(max_bytes),
        wait_ms: 0,
    };
    let (mut after, mut found) = (0, Vec::new());
    while found.len() < 3 {
        let answer = client.call(&read(after, 1)).await.unwrap();
        let [chunk] = &answer.chunks[..] else {
            panic!("not one chunk: {answer:?}")
        };
        assert_eq!(answer.next_seq, chunk.seq + 1);
        found.extend_from_slice(&answer.chunks);
        after = chunk.seq;
    }
    let offsets: Vec<u64> = found.iter().map(|chunk| chunk.offset).collect();
    assert_eq!(offsets, [0, 4, 8]);
    let two = client.call(&read(0, 8)).await.unwrap();
    assert_eq!(two.chunks, found[..2]);
    stage.end().await;
}

#[tokio::test]
async fn what_is_not_kept_is_counted() {
    let stage = Stage::new();
    let client = stage.client().await;
    let mut start = named("flood", sh("head -c 3000000 /dev/zero"));
    start.keep_bytes = Some(10_000);
    client.call(&start).await.unwrap();
    let (_, _, last) = read_all(&client, "flood").await;
    let read = Read {
        process_id: "flood".into(),
        after_seq: 0,
        max_bytes: None,
        wait_ms: 0,
    };
    let answer = client.call(&read).await.unwrap();
    let told: u64 = answer
        .chunks
        .iter()
        .map(|chunk| chunk.chunk.0.len() as u64)
        .sum();
    assert_eq!(told + answer.omitted_bytes, 3_000_000);
    assert!(told > 0 && told <= 20_000, "{told}");
    assert!(last.closed);
    stage.end().await;
}

/// Written one after the other without waiting for the answers, over one connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writes_keep_the_order_in_which_they_came() {
    let stage = Stage::new();
    let client = Arc::new(stage.client().await);
    let mut start = named("cat", sh("cat"));
    start.pipe_stdin = true;
    client.call(&start).await.unwrap();
    let mut expected = String::new();
    let mut answers = Vec::new();
    for number in 0..100 {
        let line = format!("{number}\n");
        expected += &line;
        let write = Write {
            process_id: "cat".into(),
            chunk: Bytes(line.into()),
            write_id: None,
            wait_ms: Some(60_000),
        };
        let call = {
            let client = Arc::clone(&client);
            async move { client.call(&write).await.unwrap() }
        };
        let mut call = Box::pin(call);
        // Begun here, so that the lines leave in this order; some are answered at once.
        let begun =
            std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context)));
        match begun.await {
            std::task::Poll::Ready(answer) => assert_eq!(answer.status, WriteStatus::Accepted),
            std::task::Poll::Pending => answers.push(tokio::spawn(call)),
        }
        tokio::task::yield_now().await;
    }
    for answer in answers {
        assert_eq!(answer.await.unwrap().status, WriteStatus::Accepted);
    }
    let close = CloseStdin {
        process_id: "cat".into(),
    };
    client.call(&close).await.unwrap();
    assert_eq!(read_all(&client, "cat").await.0, expected);
    stage.end().await;
}

#[tokio::test]
async fn a_write_that_is_repeated_is_written_once() {
    let stage = Stage::new();
    let client = stage.client().await;
    let mut start = named("cat", sh("cat"));
    start.pipe_stdin = true;
    client.call(&start).await.unwrap();
    let write = |id: &str| Write {
        process_id: "cat".into(),
        chunk: Bytes::from(&b"x"[..]),
        write_id: Some(id.into()),
        wait_ms: None,
    };
    let mut repeated = Vec::new();
    for id in ["1", "1", "2", "1"] {
        repeated.push(client.call(&write(id)).await.unwrap().repeated);
    }
    assert_eq!(repeated, [false, true, false, true]);
    let close = CloseStdin {
        process_id: "cat".into(),
    };
    client.call(&close).await.unwrap();
    assert_eq!(read_all(&client, "cat").await.0, "xx");
    assert_eq!(write_status(&client, "cat").await, WriteStatus::StdinClosed);
    assert_eq!(
        write_status(&client, "never").await,
        WriteStatus::UnknownProcess
    );
    client.call(&named("deaf", sh("exit 0"))).await.unwrap();
    assert_eq!(
        write_status(&client, "deaf").await,
        WriteStatus::StdinClosed
    );
    stage.end().await;
}

async fn write_status(client: &handfast_daemon::connect::Client, name: &str) -> WriteStatus {
    write(client, name, "x").await.status
}

#[tokio::test]
async fn a_session_is_told_of_output_exit_and_close_in_order_and_without_a_gap() {
    let stage = Stage::new();
    let (client, mut notes) = stage.greet(stage.hello()).await.unwrap();
    let mut start = named(
        "p",
        sh("for i in 1 2 3 4 5 6 7 8 9; do echo $i; done; exit 3"),
    );
    start.notify = None;
    client.call(&start).await.unwrap();
    let (mut said, mut seqs, mut exits) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let told = notes.next().await.unwrap();
        if let Some(output) = told.read::<OutputNote>() {
            assert_eq!(output.process_id, "p");
            said.extend_from_slice(&output.chunk.0);
            seqs.push(output.seq);
        } else if let Some(exited) = told.read::<ExitedNote>() {
            exits.push(exited.exit_code);
            seqs.push(exited.seq);
        } else if let Some(closed) = told.read::<ClosedNote>() {
            seqs.push(closed.seq);
            break;
        }
    }
    assert_eq!(
        String::from_utf8(said).unwrap(),
        "1\n2\n3\n4\n5\n6\n7\n8\n9\n"
    );
    assert_eq!(exits, [3]);
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    assert_eq!(notes.dropped(), 0);
    stage.end().await;
}

#[tokio::test]
async fn a_long_poll_wakes_for_output_and_for_the_exit() {
    let stage = Stage::new();
    let client = stage.client().await;
    let mut start = named("p", sh("read x; echo $x; read x; exit 5"));
    start.pipe_stdin = true;
    client.call(&start).await.unwrap();
    let read = |after_seq| Read {
        process_id: "p".into(),
        after_seq,
        max_bytes: None,
        wait_ms: 60_000,
    };
    // Nothing has come, so this waits for the write.
    let wait = read(0);
    let (answer, _) = tokio::join!(client.call(&wait), write(&client, "p", "hello\n"));
    let answer = answer.unwrap();
    assert_eq!(answer.chunks[0].chunk.0, b"hello\n");
    assert!(!answer.exited);
    let wait = read(1);
    let (answer, _) = tokio::join!(client.call(&wait), write(&client, "p", "\n"));
    let answer = answer.unwrap();
    assert_eq!(
        (answer.exited, answer.exit_code, answer.chunks.len()),
        (true, Some(5), 0)
    );
    assert_eq!(
        code(
            client
                .call(&Read {
                    process_id: "never".into(),
                    ..read(0)
                })
                .await
        ),
        "process.unknown"
    );
    stage.end().await;
}
