//! Writing to sessions.

use crate::stage::{LONG_MS, code, finish, long, manager, ready, says, tty, until};
use handfast::exec::{EndCause, WriteStdin};

#[tokio::test]
async fn an_interpreter_is_talked_to() {
    let manager = manager();
    let mut python = tty(until("exec python3 -q -i", ">>> $"));
    python.shell = Some("bash".into());
    let id = ready(&manager, python).await;
    let answer = manager
        .write_stdin(says(id, "6 * 7\n", ">>> $"))
        .await
        .unwrap();
    assert!(
        answer.matched && answer.output().contains("\r\n42\r\n"),
        "{}",
        answer.output()
    );
    let mut end = WriteStdin::poll(id);
    end.close_stdin = true;
    end.yield_time_ms = Some(LONG_MS);
    let answer = manager.write_stdin(end).await.unwrap();
    assert_eq!((answer.exit_code, answer.session_id), (Some(0), None));
}

#[tokio::test]
async fn an_interrupt_on_a_terminal_gets_through_also_when_nobody_reads() {
    let manager = manager();
    let script = format!("exec {} say ready park", testkit::puppet().display());
    let id = ready(&manager, tty(until(&script, "ready"))).await;
    // In canonical mode nobody reads this line before the interrupt.
    manager
        .write_stdin(WriteStdin::new(id, "unread\n"))
        .await
        .unwrap();
    let answer = finish(&manager, id, "\u{3}").await;
    assert_eq!(
        (answer.exit_code, answer.ended.unwrap().cause),
        (Some(130), EndCause::Interrupt)
    );
}

#[tokio::test]
async fn an_interrupt_reaches_a_command_without_a_terminal() {
    let manager = manager();
    // It says so itself: a shell that is about to start something may keep an interrupt to itself.
    let script = format!("exec {} say ready park", testkit::puppet().display());
    let id = ready(&manager, until(&script, "ready")).await;
    let answer = finish(&manager, id, "\u{3}").await;
    assert_eq!(
        (answer.exit_code, answer.ended.unwrap().cause),
        (Some(130), EndCause::Interrupt)
    );
    let script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done";
    let id = ready(&manager, until(script, "ready")).await;
    let answer = finish(&manager, id, "\u{3}").await;
    assert_eq!((answer.exit_code, answer.output()), (Some(9), "caught\n"));
    assert_eq!(answer.ended.unwrap().cause, EndCause::Itself);
}

#[tokio::test]
async fn without_a_terminal_nothing_else_is_taken() {
    let manager = manager();
    let id = ready(&manager, until("echo ready; exec sleep 1000", "ready")).await;
    for chars in ["x", "\u{3}\n", "\u{3}\u{3}"] {
        let write = WriteStdin::new(id, chars);
        assert_eq!(
            code(manager.write_stdin(write).await),
            "exec.stdin-closed",
            "{chars:?}"
        );
    }
    manager.end_sessions().await;
}

#[tokio::test]
async fn text_for_the_input_needs_no_quotes_and_ends() {
    let manager = manager();
    let text = "it's \"$HOME\" `x`\n".repeat(20_000);
    let mut command = long("cksum");
    command.stdin = Some(text.clone());
    let counted = manager.exec_command(command).await.unwrap();
    assert_eq!(counted.exit_code, Some(0));
    assert!(
        counted.output().contains(&format!(" {}", text.len())),
        "{}",
        counted.output()
    );
}

#[tokio::test]
async fn an_open_pipe_is_written_to_and_closed() {
    let manager = manager();
    let mut command = until("test -t 0 || echo pipe; cat", "one");
    command.stdin = Some("one\n".into());
    command.stdin_open = true;
    let id = ready(&manager, command).await;
    let answer = manager.write_stdin(says(id, "two\n", "two")).await.unwrap();
    assert_eq!(answer.output(), "two\n");
    let mut last = WriteStdin::new(id, "three\n");
    last.close_stdin = true;
    last.yield_time_ms = Some(LONG_MS);
    let answer = manager.write_stdin(last).await.unwrap();
    assert_eq!((answer.output(), answer.exit_code), ("three\n", Some(0)));
}

#[tokio::test]
async fn text_for_a_terminal_is_typed() {
    let manager = manager();
    let mut command = tty(until("read word; echo got $word; read word", "got typed"));
    command.stdin = Some("typed\n".into());
    let id = ready(&manager, command).await;
    assert_eq!(finish(&manager, id, "\n").await.exit_code, Some(0));
}

#[tokio::test]
async fn a_write_to_who_does_not_read_comes_back_with_its_count() {
    let manager = manager();
    let script = "stty raw -echo; echo ready; exec sleep 1000";
    let id = ready(&manager, tty(until(script, "ready"))).await;
    let text = "x".repeat(200_000);
    let error = manager
        .write_stdin(WriteStdin::new(id, text))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "exec.write-to-stdin");
    let handfast::exec::ExecError::WriteToStdin { taken, bytes, .. } = error else {
        panic!("{error}");
    };
    assert!(taken > 0 && taken < bytes && bytes == 200_000, "{taken}");
    // An interrupt gets through all the same, if the program lets it.
    assert!(manager.kill_session(id).await);
}

#[tokio::test]
async fn a_repeated_write_is_not_written_again() {
    let manager = manager();
    let mut command = until("echo ready; cat", "ready");
    command.stdin_open = true;
    let id = ready(&manager, command).await;
    for _ in 0..3 {
        let mut write = WriteStdin::new(id, "once\n");
        write.write_id = Some("w1".into());
        manager.write_stdin(write).await.unwrap();
    }
    let mut last = WriteStdin::poll(id);
    last.close_stdin = true;
    last.yield_time_ms = Some(LONG_MS);
    let answer = manager.write_stdin(last).await.unwrap();
    assert_eq!(answer.exit_code, Some(0));
    let handle = answer.handle.unwrap();
    let all = manager.output(handle).unwrap().unwrap().read(0, 100).bytes;
    assert_eq!(String::from_utf8_lossy(&all), "ready\nonce\n");
}

#[tokio::test]
async fn calls_on_one_session_take_turns() {
    let manager = manager();
    let script = "stty -echo; echo ready; while read word; do echo \"<$word>\"; done";
    let id = ready(&manager, tty(until(script, "ready"))).await;
    let calls = (0..6).map(|number| {
        let manager = manager.clone();
        tokio::spawn(async move {
            let mine = format!("<w{number}>");
            let write = says(id, &format!("w{number}\n"), &mine);
            let answer = manager.write_stdin(write).await.unwrap();
            assert!(answer.output().contains(&mine), "{}", answer.output());
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    manager.end_sessions().await;
}
