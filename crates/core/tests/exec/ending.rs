//! Lists, stops, limits and what is left of a session.

use crate::stage::{finish, long, manager, profile, ready, tty, until, with};
use handfast::exec::{AtLimit, EndCause, ExecError, WriteStdin};
use std::time::Duration;

const WAITS: &str = "echo ready; read word";

#[tokio::test]
async fn a_list_needs_no_number_and_says_what_each_is_for() {
    let manager = manager();
    for purpose in ["first", "second"] {
        let mut command = tty(until(WAITS, "ready"));
        command.purpose = Some(purpose.into());
        command.call_id = Some(format!("call-{purpose}"));
        ready(&manager, command).await;
    }
    let listed = manager.list_sessions();
    let said: Vec<_> = listed
        .iter()
        .map(|one| {
            (
                one.session_id,
                one.call_id.as_str(),
                one.purpose.as_deref().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (1000, "call-first", "first"),
            (1001, "call-second", "second")
        ]
    );
    assert_eq!(
        (listed[0].command.as_str(), listed[0].argv.len()),
        (WAITS, 3)
    );
    assert!(listed[0].running && listed[0].tty && listed[0].last_output.is_some());
    // One that has ended is hidden before anybody has looked at it.
    let handle = listed[0].handle.unwrap();
    manager.kill(handle).await.unwrap();
    let left: Vec<_> = manager
        .list_sessions()
        .iter()
        .map(|one| one.session_id)
        .collect();
    assert_eq!(left, [1001]);
    manager.end_sessions().await;
    assert!(manager.list_sessions().is_empty() && manager.list_processes().is_empty());
}

#[tokio::test]
async fn a_stop_asks_first_and_its_session_goes_on_answering() {
    let manager = with(profile().grace(Duration::from_secs(600)));
    let script = "trap 'echo bye; exit 6' TERM; echo ready; while :; do sleep 0.05; done";
    let id = ready(&manager, until(script, "ready")).await;
    let stopped = manager.stop_session(id).await.unwrap();
    let receipt = stopped.receipt.unwrap();
    assert!(stopped.was_running && receipt.survivors.is_empty() && receipt.killed == 0);
    let late = manager.write_stdin(WriteStdin::poll(id)).await.unwrap();
    assert_eq!(
        (late.exit_code, late.ended.unwrap().cause),
        (Some(6), EndCause::Stop)
    );
    assert!(
        late.output().contains("that was not read before:\n"),
        "{}",
        late.output()
    );
    // A second one is no error.
    assert!(!manager.stop_session(id).await.unwrap().was_running);
    let unknown = manager.stop_session(4321).await.unwrap_err();
    assert_eq!(unknown.code(), "exec.unknown-process-id");
}

#[tokio::test]
async fn a_kill_says_whether_there_was_anything_to_kill() {
    let manager = manager();
    let id = ready(&manager, tty(until(WAITS, "ready"))).await;
    assert!(manager.kill_session(id).await);
    assert!(!manager.kill_session(id).await);
    assert!(!manager.kill_session(4321).await);
    let late = manager.write_stdin(WriteStdin::poll(id)).await.unwrap();
    assert_eq!(
        (late.exit_code, late.ended.unwrap().cause),
        (Some(137), EndCause::Kill)
    );
}

#[tokio::test]
async fn a_call_that_waits_learns_of_a_kill_from_outside() {
    let manager = manager();
    let mut events = manager.exec_events();
    let call = {
        let manager = manager.clone();
        tokio::spawn(async move { manager.exec_command(long("echo up; exec sleep 1000")).await })
    };
    loop {
        let told = events.next().await.unwrap();
        if matches!(told.event, handfast::exec::ExecEvent::Output(_)) {
            break;
        }
    }
    assert!(manager.kill_session(1000).await);
    let answer = call.await.unwrap().unwrap();
    assert_eq!((answer.exit_code, answer.output()), (Some(137), "up\n"));
    assert_eq!(answer.ended.unwrap().cause, EndCause::Kill);
}

#[tokio::test]
async fn ending_all_ends_all() {
    let manager = manager();
    for _ in 0..3 {
        ready(&manager, tty(until(WAITS, "ready"))).await;
    }
    let receipts = manager.end_sessions().await;
    assert!(
        receipts
            .iter()
            .all(|one| one.was_running && one.receipt.is_some())
    );
    let ids: Vec<_> = receipts.iter().map(|one| one.session_id).collect();
    assert_eq!(ids, [1000, 1001, 1002]);
    assert!(manager.list_processes().is_empty());
    let late = manager.write_stdin(WriteStdin::poll(1001)).await.unwrap();
    assert_eq!(late.ended.unwrap().cause, EndCause::EndAll);
}

#[tokio::test]
async fn one_that_has_to_make_room_is_named_and_goes_on_answering() {
    let manager = with(profile().sessions(3).protected(1));
    for _ in 0..3 {
        ready(&manager, tty(until(WAITS, "ready"))).await;
    }
    // The first was used last.
    let answer = manager
        .write_stdin(WriteStdin::new(1000, "x"))
        .await
        .unwrap();
    assert_eq!(answer.session_id, Some(1000));
    let answer = manager
        .exec_command(tty(until(WAITS, "ready")))
        .await
        .unwrap();
    assert_eq!(answer.session_id, Some(1003));
    assert!(
        answer.notices[0].contains("session 1001"),
        "{:?}",
        answer.notices
    );
    let late = manager.write_stdin(WriteStdin::poll(1001)).await.unwrap();
    assert_eq!(
        (late.exit_code, late.ended.unwrap().cause),
        (Some(137), EndCause::Prune)
    );
    let left: Vec<_> = manager
        .list_sessions()
        .iter()
        .map(|one| one.session_id)
        .collect();
    assert_eq!(left, [1000, 1002, 1003]);
    manager.end_sessions().await;
}

#[tokio::test]
async fn short_commands_push_nobody_out() {
    let manager = with(profile().sessions(2).protected(0));
    for _ in 0..2 {
        ready(&manager, tty(until(WAITS, "ready"))).await;
    }
    for _ in 0..5 {
        let answer = manager.exec_command(long("true")).await.unwrap();
        assert!(answer.notices.is_empty());
    }
    assert_eq!(manager.list_sessions().len(), 2);
    manager.end_sessions().await;
}

#[tokio::test]
async fn where_the_limit_refuses_sixteen_at_once_are_exactly_five() {
    let manager = with(profile().sessions(5).at_limit(AtLimit::Refuse));
    let starts = (0..16).map(|_| {
        let manager = manager.clone();
        tokio::spawn(async move { manager.exec_command(tty(until(WAITS, "ready"))).await })
    });
    let (mut started, mut refused) = (0, 0);
    for start in starts.collect::<Vec<_>>() {
        match start.await.unwrap() {
            Ok(answer) => started += usize::from(answer.session_id.is_some()),
            Err(ExecError::AtLimit { limit: 5 }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((started, refused), (5, 11));
    // One that ends makes room.
    let first = manager.list_sessions()[0].session_id;
    assert_eq!(finish(&manager, first, "\n").await.exit_code, Some(0));
    ready(&manager, tty(until(WAITS, "ready"))).await;
    manager.end_sessions().await;
}

/// How many descriptors this process has.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test]
async fn sessions_that_nobody_looks_at_keep_no_descriptors() {
    let manager = manager();
    let mut events = manager.exec_events();
    ready(&manager, tty(until(WAITS, "ready"))).await;
    let before = descriptors();
    // Each ends after its call was answered, and nobody asks for it again.
    for _ in 0..10 {
        ready(&manager, tty(until(WAITS, "ready"))).await;
    }
    assert!(descriptors() > before);
    for one in manager.list_sessions().iter().skip(1) {
        manager.kill(one.handle.unwrap()).await.unwrap();
        manager.wait_tree(one.handle.unwrap()).await.unwrap();
    }
    let mut ended = 0;
    while ended < 10 {
        let told = events.next().await.unwrap();
        ended += usize::from(matches!(told.event, handfast::exec::ExecEvent::End(_)));
    }
    // They are closed by tasks of their own.
    while descriptors() > before {
        tokio::task::yield_now().await;
    }
    manager.end_sessions().await;
}
