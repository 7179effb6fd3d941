//! What a start answers.

use crate::stage::{code, finish, long, manager, profile, ready, tty, until, with};
use handfast::config::Environment;
use handfast::exec::{EndCause, ExecCommand, ExecEvent, Leader, SandboxPermissions, WriteStdin};
use std::time::Duration;

#[tokio::test]
async fn a_short_command_answers_with_its_code_and_is_no_session() {
    let manager = manager();
    let answer = manager
        .exec_command(long("echo out; echo err >&2; exit 3"))
        .await
        .unwrap();
    assert_eq!((answer.exit_code, answer.session_id), (Some(3), None));
    assert_eq!(answer.output().len(), "out\nerr\n".len());
    // It was not charged the window.
    assert!(answer.wall_time < answer.wait.applied);
    let text = answer.text();
    let lines: Vec<_> = text.lines().collect();
    let id = lines[0].strip_prefix("Chunk ID: ").unwrap();
    assert!(id.len() == 6 && id.chars().all(|digit| "0123456789abcdef".contains(digit)));
    assert!(lines[1].starts_with("Wall time: ") && lines[1].ends_with(" seconds"));
    let rest = [
        "Process exited with code 3",
        "Original token count: 2",
        "Output:",
    ];
    assert_eq!(lines[2..5], rest);
    let end = answer.ended.unwrap();
    assert_eq!((end.cause, end.exit_code), (EndCause::Itself, Some(3)));
    let state = answer.state;
    assert_eq!(
        (state.leader, state.output_open, state.tree),
        (Leader::Exited, false, Some(0))
    );
    assert!(manager.list_sessions().is_empty() && manager.list_processes().is_empty());
}

#[tokio::test]
async fn output_before_a_silence_is_there_and_each_poll_has_what_is_new() {
    let manager = manager();
    let mut command = long("echo first; read word; echo second; read word; echo third");
    command.tty = true;
    command.until = Some("first\r\n".parse().unwrap());
    let answer = manager.exec_command(command).await.unwrap();
    let id = answer.session_id.unwrap();
    assert_eq!(
        (id, answer.exit_code, answer.output()),
        (1000, None, "first\r\n")
    );
    assert!(
        answer
            .text()
            .contains("\nProcess running with session ID 1000\n")
    );
    let listed = manager.list_processes();
    assert_eq!((listed.len(), Some(listed[0].handle)), (1, answer.handle));
    let answer = manager
        .write_stdin(crate::stage::says(id, "a\n", "second"))
        .await
        .unwrap();
    assert!(answer.output().starts_with("a\r\nsecond"));
    let answer = finish(&manager, id, "b\n").await;
    assert!(
        answer.output().ends_with("b\r\nthird\r\n"),
        "{}",
        answer.output()
    );
    assert!(!answer.output().contains("first"));
    assert_eq!(answer.exit_code, Some(0));
}

#[tokio::test]
async fn a_command_gets_exactly_its_environment() {
    let environment: Environment = [("PATH", "/usr/bin:/bin"), ("MINE", "1")]
        .into_iter()
        .collect();
    let manager = with(profile().environment(environment).cwd("/tmp"));
    let answer = manager
        .exec_command(long("exec env -u PWD -u _ -u SHLVL"))
        .await
        .unwrap();
    let mut lines: Vec<_> = answer.output().lines().collect();
    lines.sort_unstable();
    let want = [
        "CODEX_CI=1",
        "COLORTERM=",
        "GH_PAGER=cat",
        "GIT_PAGER=cat",
        "JJ_PAGER=cat",
        "LANG=C.UTF-8",
        "LC_ALL=C.UTF-8",
        "LC_CTYPE=C.UTF-8",
        "MINE=1",
        "NO_COLOR=1",
        "PAGER=cat",
        "PATH=/usr/bin:/bin",
        "TERM=dumb",
    ];
    let lines: Vec<_> = lines
        .into_iter()
        .filter(|line| !line.starts_with("OLDPWD="))
        .collect();
    assert_eq!(lines, want);
}

#[tokio::test]
async fn directory_and_shell_are_those_that_were_asked_for() {
    let manager = with(profile().cwd("/usr"));
    let mut command = long("pwd; echo $0; readlink /proc/self/fd/0");
    command.workdir = Some("bin".into());
    command.shell = Some("/bin/bash".into());
    let answer = manager.exec_command(command.clone()).await.unwrap();
    let lines: Vec<_> = answer.output().lines().collect();
    assert!(
        lines[0].ends_with("/bin") && lines[1] == "/bin/bash",
        "{lines:?}"
    );
    assert_eq!(lines[2], "/dev/null");
    command.workdir = Some("".into());
    command.login = Some(true);
    assert_eq!(
        code(manager.exec_command(command).await),
        "exec.login-refused"
    );
}

#[tokio::test]
async fn what_cannot_be_started_is_named_and_its_number_is_free_again() {
    let manager = manager();
    let mut nowhere = long("true");
    nowhere.workdir = Some("/no/such/place".into());
    let error = manager.exec_command(nowhere).await.unwrap_err();
    assert_eq!(error.code(), "exec.create-process");
    assert!(error.to_string().contains("/no/such/place"), "{error}");
    let mut no_shell = long("true");
    no_shell.shell = Some("/no/such/bash".into());
    let error = manager.exec_command(no_shell).await.unwrap_err();
    assert!(error.to_string().contains("/no/such/bash"), "{error}");
    assert_eq!(
        code(manager.exec_command(long("  ")).await),
        "exec.missing-command-line"
    );
    let mut because = long("true");
    because.justification = Some("why".into());
    assert_eq!(
        code(manager.exec_command(because.clone()).await),
        "exec.justification"
    );
    because.sandbox_permissions = Some(SandboxPermissions::RequireEscalated);
    assert_eq!(code(manager.exec_command(because).await), "exec.escalation");
    let id = ready(&manager, tty(until("echo ready; read word", "ready"))).await;
    assert_eq!(id, 1000);
    manager.end_sessions().await;
}

#[tokio::test]
async fn who_holds_the_output_of_an_ended_command_delays_nobody_and_is_named() {
    let manager = manager();
    let mut events = manager.exec_events();
    let answer = manager
        .exec_command(long("sleep 1000 & echo started"))
        .await
        .unwrap();
    assert_eq!((answer.exit_code, answer.session_id), (Some(0), None));
    assert_eq!(answer.output(), "started\n");
    assert!(answer.wall_time < answer.wait.applied);
    assert_eq!(
        (answer.state.output_open, answer.state.tree),
        (true, Some(1))
    );
    let holders = &answer.output_holders.found;
    assert!(!holders.is_empty() && holders.iter().all(|one| one.command.contains("sleep 1000")));
    assert!(answer.text_with_facts().contains("held by"));
    // What is left of it can be ended by its number, also when its end was told.
    while !matches!(events.next().await.unwrap().event, ExecEvent::End(_)) {}
    let handle = answer.handle.unwrap();
    let receipt = manager.stop_session(1000).await.unwrap();
    assert!(!receipt.was_running && receipt.receipt.unwrap().survivors.is_empty());
    manager.wait_tree(handle).await.unwrap();
}

/// The negative control of the test before: nobody is named where nobody holds anything.
#[tokio::test]
async fn nobody_is_named_where_the_output_has_ended() {
    let manager = manager();
    // It says so when it holds the output no more: until then it does, as any child that was just forked.
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "mkfifo {0}; (exec >/dev/null 2>&1; echo > {0}; exec sleep 1000) & read x < {0}; echo started",
        folder.path().join("gate").display()
    );
    let answer = manager.exec_command(long(&script)).await.unwrap();
    assert_eq!((answer.exit_code, answer.state.tree), (Some(0), Some(1)));
    assert!(answer.output_holders.found.is_empty());
    // Its output is at its end, however long the host takes to tell.
    let output = manager.output(answer.handle.unwrap()).unwrap().unwrap();
    output.wait_for_output(u64::MAX).await;
    assert!(!output.status().is_open());
    manager.kill(answer.handle.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_flood_is_bounded_and_counted() {
    let manager = manager();
    let mut command = long("head -c 5000000 /dev/zero | tr '\\0' x");
    command.max_output_tokens = Some(100);
    let answer = manager.exec_command(command).await.unwrap();
    assert_eq!(answer.omitted_bytes, 5_000_000 - 1024 * 1024);
    assert_eq!(answer.original_token_count(), 1_250_000);
    let marker = format!("... {} bytes omitted ...", answer.omitted_bytes);
    assert!(answer.output().contains(&marker));
    let text = answer.text();
    assert!(text.len() < 1000 && text.contains(&marker), "{text}");
    assert!(text.contains("Warning: truncated output (original token count: 1250000)"));
}

#[tokio::test]
async fn a_timeout_ends_a_command_whoever_waits_and_is_said() {
    let manager = manager();
    let mut command = long("exec sleep 1000");
    command.timeout_ms = Some(1);
    let answer = manager.exec_command(command).await.unwrap();
    assert_eq!(answer.ended.unwrap().cause, EndCause::Deadline);
    assert_eq!(answer.exit_code, Some(137));
    assert!(answer.text_with_facts().contains("timeout was reached"));
}

#[tokio::test]
async fn a_signal_from_elsewhere_is_told_from_our_own() {
    let manager = manager();
    let answer = manager.exec_command(long("kill -TERM $$")).await.unwrap();
    assert_eq!(
        (answer.exit_code, answer.ended.unwrap().cause),
        (Some(143), EndCause::Signal)
    );
}

#[tokio::test]
async fn a_start_with_the_same_key_starts_nothing() {
    let manager = manager();
    let keyed = || {
        let mut command = until("echo ready; read word; exit 5", "ready");
        command.request_key = Some("key".into());
        tty(command)
    };
    let starts = (0..8).map(|_| {
        let (manager, mut command) = (manager.clone(), keyed());
        // Those that find the first one wait for nothing in particular.
        command.until = None;
        command.yield_time_ms = Some(250);
        tokio::spawn(async move { manager.exec_command(command).await.unwrap().session_id })
    });
    for start in starts.collect::<Vec<_>>() {
        assert_eq!(start.await.unwrap(), Some(1000));
    }
    assert_eq!(
        (
            manager.list_sessions().len(),
            manager.list_processes().len()
        ),
        (1, 1)
    );
    let ended = finish(&manager, 1000, "word\n").await;
    assert_eq!(ended.exit_code, Some(5));
    // Also when it is over.
    let again = manager.exec_command(keyed()).await.unwrap();
    assert_eq!((again.exit_code, again.late), (Some(5), true));
    assert!(manager.list_processes().is_empty());
    // The negative control: without a key there are two.
    let other = ready(&manager, tty(until("echo ready; read word", "ready"))).await;
    assert_eq!(other, 1001);
    manager.end_sessions().await;
}

#[tokio::test]
async fn a_call_that_is_given_up_stops_nothing_and_loses_nothing() {
    let manager = manager();
    let mut events = manager.exec_events();
    let call = {
        let manager = manager.clone();
        tokio::spawn(async move {
            manager
                .exec_command(tty(long("echo first; read word")))
                .await
        })
    };
    loop {
        let told = events.next().await.unwrap();
        if matches!(told.event, ExecEvent::Output(_)) {
            break;
        }
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let listed = manager.list_sessions();
    assert_eq!((listed.len(), listed[0].session_id), (1, 1000));
    let answer = finish(&manager, 1000, "\n").await;
    assert!(
        answer.output().starts_with("first\r\n"),
        "{}",
        answer.output()
    );
}

#[tokio::test]
async fn a_wait_does_not_run_out_while_it_is_paused() {
    let manager = manager();
    let id = ready(
        &manager,
        tty(until("echo ready; read word; exit 4", "ready")),
    )
    .await;
    let guard = manager.pause_exec();
    let poll = {
        let manager = manager.clone();
        tokio::spawn(async move { manager.write_stdin(WriteStdin::new(id, "x")).await.unwrap() })
    };
    // ABSENCE: it must not be answered while it is paused.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(!poll.is_finished());
    drop(guard);
    assert_eq!(poll.await.unwrap().session_id, Some(id));
    manager.end_sessions().await;
}

#[tokio::test]
async fn a_session_that_is_not_there_is_told_from_one_that_is_over() {
    let manager = manager();
    let error = manager
        .write_stdin(WriteStdin::poll(1234))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "exec.unknown-process-id");
    assert!(error.of_write().contains("was ever started"));
    let answer = manager
        .exec_command(ExecCommand::new("echo last; exit 7"))
        .await
        .unwrap();
    assert_eq!(answer.exit_code, Some(7));
    for chars in ["", "\u{3}"] {
        let late = manager
            .write_stdin(WriteStdin::new(1000, chars))
            .await
            .unwrap();
        assert_eq!(
            (late.exit_code, late.session_id, late.late),
            (Some(7), None, true)
        );
        assert!(
            late.output().starts_with("Session 1000 has ended"),
            "{}",
            late.output()
        );
        assert!(late.output().ends_with("last\n"));
        assert_eq!(
            late.output().contains("Nothing was written"),
            !chars.is_empty()
        );
    }
}
