//! Sessions of `exec_command` that change their manager with their processes.

use crate::stage::{host, rung, start, store};
use handfast::exec::{ExecCommand, ExecEvent, ExecEvents, ExecProfile, ExecResponse, WriteStdin};
use handfast::{Cause, DetachedStore, ProcessHandle, ProcessManager, ProcessStatus, Rung};
use std::time::Duration;

/// The longest wait of one call; only a failing test comes to it.
const LONG_MS: u64 = 30_000;

fn manager(store: &DetachedStore, rung: Rung) -> ProcessManager {
    let profile = ExecProfile::new()
        .allow_login_shell(false)
        .deterministic_ids()
        .grace(Duration::ZERO);
    let builder = ProcessManager::builder().force(rung).exec_profile(profile);
    builder.detached_store(store).build().unwrap()
}

fn two() -> Option<(DetachedStore, ProcessManager, ProcessManager)> {
    let rung = rung()?;
    let store = store();
    let (one, other) = (manager(&store, rung), manager(&store, rung));
    Some((store, one, other))
}

/// Starts a command on a terminal that says `ready`, and goes on.
async fn ready(manager: &ProcessManager, cmd: &str) -> (i32, ProcessHandle) {
    let mut command = ExecCommand::new(cmd);
    command.tty = true;
    command.yield_time_ms = Some(LONG_MS);
    command.until = Some("ready".parse().unwrap());
    let answer = manager.exec_command(command).await.unwrap();
    assert!(answer.matched, "{}", answer.text());
    let id = answer.session_id.unwrap();
    let listed = manager.list_sessions();
    let handle = listed.iter().find(|info| info.session_id == id).unwrap();
    (id, handle.handle.unwrap())
}

async fn ask(manager: &ProcessManager, id: i32, chars: &str, until: Option<&str>) -> ExecResponse {
    let mut write = WriteStdin::new(id, chars);
    write.yield_time_ms = Some(LONG_MS);
    write.until = until.map(|pattern| pattern.parse().unwrap());
    manager.write_stdin(write).await.unwrap()
}

async fn refusal(manager: &ProcessManager, id: i32) -> &'static str {
    let refused = manager.write_stdin(WriteStdin::new(id, "")).await;
    refused.unwrap_err().code()
}

/// All events of a session up to its end: output, interactions, ends.
async fn told(events: &mut ExecEvents, id: i32) -> (String, usize) {
    let (mut output, mut interactions) = (String::new(), 0);
    loop {
        match events.next().await.unwrap().event {
            ExecEvent::Output(told) => output += &String::from_utf8_lossy(&told.bytes),
            ExecEvent::Interaction(told) if told.session_id == id => interactions += 1,
            ExecEvent::End(end) if end.session_id == id => return (output, interactions),
            _ => {}
        }
    }
}

const ECHO: &str = "stty -echo; echo ready; while read -r word; do echo got $word; done; exit 3";

#[tokio::test]
async fn a_session_goes_along_under_its_number_and_is_told_of_by_the_new_manager() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (id, handle) = ready(&one, ECHO).await;
    let [mut at_one, mut at_other] = [one.exec_events(), other.exec_events()];
    let detached = one.detach(&host()).unwrap();
    assert_eq!((detached.count, &*detached.handles), (1, &[handle][..]));
    assert_eq!(detached.process_ids, [id]);
    // The old manager says what became of it, and lists it no more.
    assert_eq!(refusal(&one, id).await, "exec.detached");
    assert!(one.list_sessions().is_empty());
    assert_eq!(refusal(&other, id).await, "exec.unknown-process-id");
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.handles, back.process_ids), (vec![handle], vec![id]));
    assert_eq!(refusal(&one, id).await, "exec.elsewhere");
    assert_eq!(other.list_sessions()[0].handle, Some(handle));
    let answer = ask(&other, id, "words\n", Some("got words")).await;
    assert!(answer.matched, "{}", answer.text());
    assert_eq!(answer.session_id, Some(id));
    drop(one);
    let last = ask(&other, id, "\u{4}", None).await;
    assert_eq!((last.session_id, last.exit_code), (None, Some(3)));
    let (output, interactions) = told(&mut at_other, id).await;
    assert!(output.contains("got words"), "{output}");
    assert_eq!(interactions, 2);
    drop((other, store));
    // There was one end, and it was not told to the first one.
    for events in [&mut at_one, &mut at_other] {
        while let Some(told) = events.next().await {
            assert!(!matches!(told.event, ExecEvent::End(_)), "{told:?}");
        }
    }
}

#[tokio::test]
async fn what_it_writes_while_it_is_detached_is_in_the_first_answer() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (flood, gate) = (3 * 1024 * 1024, crate::stage::Gate::new());
    let script = format!(
        "stty -opost; echo ready; read -r x < {}; echo first; head -c {flood} /dev/zero; \
         echo last; read -r x",
        gate.path().display()
    );
    let (id, handle) = ready(&one, &script).await;
    one.detach(&host()).unwrap();
    drop(one);
    gate.open().await;
    let output = store.output(handle).unwrap().unwrap();
    let end = "ready\nfirst\nlast\n".len() as u64 + flood;
    output.wait_for_output(end - 1).await;
    other.reattach(&host()).unwrap();
    let answer = ask(&other, id, "", Some("last")).await;
    let text = answer.text();
    assert!(text.contains("first"), "{}", &text[..200.min(text.len())]);
    assert!(text.contains("last"), "the tail is there");
    assert!(!text.contains("ready"), "that was answered before");
    other.kill(handle).await.unwrap();
}

#[tokio::test]
async fn an_exit_while_detached_is_in_the_first_answer_and_told_once() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let gate = crate::stage::Gate::new();
    let script = format!(
        "echo ready; read -r x < {}; echo bye; exit 9",
        gate.path().display()
    );
    let (id, handle) = ready(&one, &script).await;
    let [mut at_one, mut at_other] = [one.exec_events(), other.exec_events()];
    let mut changes = store.subscribe();
    one.detach(&host()).unwrap();
    gate.open().await;
    crate::stage::until(&mut changes, handle, "exited").await;
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.reattached, back.ended), (0, vec![handle]));
    assert_eq!(back.process_ids, [id]);
    let answer = ask(&other, id, "", None).await;
    assert_eq!((answer.session_id, answer.exit_code), (None, Some(9)));
    assert!(answer.text().contains("bye"), "{}", answer.text());
    told(&mut at_other, id).await;
    drop((one, other, store));
    for events in [&mut at_one, &mut at_other] {
        while let Some(told) = events.next().await {
            assert!(!matches!(told.event, ExecEvent::End(_)), "{told:?}");
        }
    }
}

#[tokio::test]
async fn who_has_the_number_keeps_it_and_the_other_stays_detached() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (id, mine) = ready(&one, ECHO).await;
    let (same, theirs) = ready(&other, ECHO).await;
    assert_eq!(id, same, "numbers follow from the seed");
    one.detach(&host()).unwrap();
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.reattached, &*back.process_ids), (0, &[][..]));
    assert_eq!((back.skipped, &*back.skipped_handles), (1, &[mine][..]));
    assert_eq!(back.skipped_process_ids, [id]);
    assert_eq!(other.list_sessions()[0].handle, Some(theirs));
    assert_eq!(store.list_processes()[0].handle, mine);
    // It is there for the next one, or once the number is free.
    other.kill_session(id).await;
    let third = manager(&store, rung().unwrap());
    assert_eq!(third.reattach(&host()).unwrap().process_ids, [id]);
    assert!(ask(&third, id, "still\n", Some("got still")).await.matched);
}

/// The number of one that went is not given to another one while it lives.
#[tokio::test]
async fn a_number_that_went_is_not_given_to_another_one() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    let (id, _) = ready(&one, ECHO).await;
    one.detach(&host()).unwrap();
    let (next, _) = ready(&one, ECHO).await;
    assert_ne!(next, id);
    other.reattach(&host()).unwrap();
    let (third, _) = ready(&one, ECHO).await;
    assert!(third != id && third != next);
    // And it may come back.
    other.detach(&host()).unwrap();
    assert_eq!(one.reattach(&host()).unwrap().process_ids, [id]);
    assert!(ask(&one, id, "home\n", Some("got home")).await.matched);
}

#[tokio::test]
async fn one_that_is_detached_under_the_same_number_ends_the_stale_one() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (id, stale) = ready(&one, ECHO).await;
    let (same, fresh) = ready(&other, ECHO).await;
    assert_eq!(id, same);
    let mut changes = store.subscribe();
    one.detach(&host()).unwrap();
    other.detach(&host()).unwrap();
    crate::stage::until(&mut changes, stale, "terminated").await;
    let status = store.query_status(stale).unwrap();
    let by = matches!(
        status,
        ProcessStatus::Terminated {
            cause: Cause::Replaced,
            ..
        }
    );
    assert!(by, "{status:?}");
    let back = one.reattach(&host()).unwrap();
    assert_eq!((back.handles, back.process_ids), (vec![fresh], vec![id]));
    assert_eq!(back.ended, [stale]);
    assert!(ask(&one, id, "it\n", Some("got it")).await.matched);
}

#[tokio::test]
async fn clean_ends_sessions_and_their_numbers_are_gone() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (id, handle) = ready(&one, ECHO).await;
    let plain = start(&one, crate::stage::puppet("park").grace(Duration::ZERO)).await;
    one.detach(&host()).unwrap();
    let receipts = store.clean(&host()).await;
    let ended: Vec<_> = receipts.iter().map(|receipt| receipt.handle).collect();
    assert_eq!(ended, [handle, plain]);
    assert_eq!(refusal(&one, id).await, "exec.elsewhere");
    let back = other.reattach(&host()).unwrap();
    assert_eq!(
        (back.process_ids, back.ended),
        (vec![], vec![handle, plain])
    );
}

/// A poll that waits while its session is detached is told so, and what it had collected is not lost.
#[tokio::test]
async fn a_poll_under_way_is_answered_and_loses_nothing() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    let (id, handle) = ready(&one, ECHO).await;
    let poll = tokio::spawn({
        let one = one.clone();
        async move {
            let mut write = WriteStdin::new(id, "early\n");
            write.yield_time_ms = Some(2_000);
            one.write_stdin(write).await
        }
    });
    let output = one.output(handle).unwrap().unwrap();
    crate::stage::said(&one, handle, "got early").await;
    one.detach(&host()).unwrap();
    drop(output);
    let answer = poll.await.unwrap().unwrap_err();
    assert_eq!(answer.code(), "exec.detached");
    other.reattach(&host()).unwrap();
    let answer = ask(&other, id, "late\n", Some("got late")).await;
    assert!(answer.text().contains("got early"), "{}", answer.text());
}

/// Starts that race with detaches: a session and its process are always at the same place.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_and_its_process_are_at_one_place() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let one = one.clone();
        starts.spawn(async move {
            let mut command = ExecCommand::new("read -r x");
            command.stdin_open = true;
            command.yield_time_ms = Some(250);
            drop(one.exec_command(command).await);
        });
    }
    let detaching = tokio::task::spawn_blocking({
        let one = one.clone();
        move || {
            let mut all = (Vec::new(), Vec::new());
            while all.0.len() < 8 {
                let detached = one.detach(&host()).unwrap();
                all.0.extend(detached.handles);
                all.1.extend(detached.process_ids);
            }
            all
        }
    });
    let (handles, process_ids) = detaching.await.unwrap();
    starts.join_all().await;
    assert_eq!(handles.len(), process_ids.len());
    let left = one.list_sessions();
    assert_eq!(left.len() + process_ids.len(), 16);
    for info in left {
        assert!(one.query_status(info.handle.unwrap()).is_ok());
    }
    let back = other.reattach(&host()).unwrap();
    assert_eq!(
        (back.reattached, back.process_ids.len()),
        (handles.len(), handles.len())
    );
    for info in other.list_sessions() {
        assert!(other.query_status(info.handle.unwrap()).is_ok());
    }
    drop((one, other, store));
}
