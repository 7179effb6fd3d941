//! What clients are told, and what becomes of sessions that move, that are approved and denied.

use crate::stage::{code, finish, long, manager, profile, ready, says, tty, until, with};
use handfast::exec::{
    ApprovalRequest, Approver, Deciding, Decision, EndCause, ExecBegin, ExecEnd, ExecEvent,
    ExecEvents, ExecStatus, InputRequest, WriteStdin,
};
use handfast::session::WriteOptions;
use std::sync::Arc;

/// Everything of one session, up to its end.
#[derive(Default)]
struct Course {
    begin: Option<Arc<ExecBegin>>,
    output: Vec<u8>,
    omitted: u64,
    interactions: Vec<String>,
    end: Option<Arc<ExecEnd>>,
}

/// Reads until this session has ended, and checks the order of everything on the way.
async fn course(events: &mut ExecEvents, call_id: &str) -> Course {
    let mut course = Course::default();
    loop {
        let told = events.next().await.unwrap();
        course.omitted += told.missed_bytes;
        match told.event {
            ExecEvent::Begin(begin) if begin.call_id == call_id => {
                assert!(course.begin.is_none(), "it begins once");
                course.begin = Some(begin);
            }
            ExecEvent::Output(output) if output.call_id == call_id => {
                assert!(course.begin.is_some() && !output.bytes.is_empty());
                assert!(output.bytes.len() <= 8192);
                course.omitted += output.omitted_before;
                course.output.extend_from_slice(&output.bytes);
            }
            ExecEvent::Interaction(it) if it.call_id == call_id => {
                assert!(course.begin.is_some());
                course.interactions.push(it.stdin.clone());
            }
            ExecEvent::End(end) if end.call_id == call_id => {
                assert!(course.begin.is_some());
                course.end = Some(end);
                return course;
            }
            _ => {}
        }
    }
}

/// Nothing of this session is told any more.
fn nothing_more(events: &mut ExecEvents, call_id: &str) {
    while let Some(told) = events.try_next() {
        let whose = match &told.event {
            ExecEvent::Begin(begin) => &begin.call_id,
            ExecEvent::Output(output) => &output.call_id,
            ExecEvent::Interaction(it) => &it.call_id,
            ExecEvent::End(end) => &end.call_id,
            _ => continue,
        };
        assert_ne!(whose, call_id, "{:?}", told.event);
    }
}

#[tokio::test]
async fn begin_output_input_and_end_come_once_and_in_order() {
    let manager = manager();
    let mut events = manager.exec_events();
    let mut command = tty(until(
        "stty -echo; echo ready; read a; echo more; read word; echo got $word; exit 3",
        "ready",
    ));
    command.call_id = Some("mine".into());
    let id = ready(&manager, command).await;
    let handle = manager.list_sessions()[0].handle.unwrap();
    let written = manager.write(handle, "\n", WriteOptions::default()).await;
    assert!(written.unwrap().is_complete());
    let polled = manager.write_stdin(says(id, "", "more")).await.unwrap();
    assert_eq!(polled.session_id, Some(id));
    let answer = finish(&manager, id, "word\n").await;
    assert_eq!(answer.exit_code, Some(3));
    let seen = course(&mut events, "mine").await;
    let begin = seen.begin.unwrap();
    assert_eq!(
        (begin.session_id, begin.command[0].as_str()),
        (id, "/bin/sh")
    );
    assert_eq!(begin.cwd, std::path::Path::new("/"));
    assert_eq!(seen.interactions, ["", "word\n"]);
    assert_eq!(
        String::from_utf8(seen.output).unwrap(),
        "ready\r\nmore\r\ngot word\r\n"
    );
    let end = seen.end.unwrap();
    assert_eq!(
        (end.exit_code, end.status, end.cause),
        (3, ExecStatus::Failed, EndCause::Itself)
    );
    assert_eq!(end.aggregated_output, "ready\r\nmore\r\ngot word\r\n");
    assert!(end.stderr.is_empty() && end.stdout == end.aggregated_output);
    nothing_more(&mut events, "mine");
}

#[tokio::test]
async fn an_end_is_told_that_no_call_has_seen() {
    let manager = manager();
    let mut events = manager.exec_events();
    let id = ready(&manager, tty(until("echo ready; read word", "ready"))).await;
    let listed = manager.list_sessions();
    manager.kill(listed[0].handle.unwrap()).await.unwrap();
    let end = course(&mut events, &listed[0].call_id).await.end.unwrap();
    assert_eq!(
        (end.session_id, end.exit_code, end.cause),
        (id, 137, EndCause::Kill)
    );
    // The poll that comes later finds the code all the same, and is no late one.
    let answer = manager.write_stdin(WriteStdin::poll(id)).await.unwrap();
    assert_eq!((answer.exit_code, answer.late), (Some(137), false));
}

#[tokio::test]
async fn no_character_is_cut_in_an_event() {
    let manager = manager();
    let mut events = manager.exec_events();
    let script = "printf 'caf\\303'; read word; printf '\\251'; printf '\\377'";
    let mut command = until(script, "caf");
    command.stdin_open = true;
    command.call_id = Some("utf8".into());
    let id = ready(&manager, command).await;
    finish(&manager, id, "\n").await;
    let mut pieces = Vec::new();
    loop {
        match events.next().await.unwrap().event {
            ExecEvent::Output(output) => pieces.push(output.bytes.clone()),
            ExecEvent::End(_) => break,
            _ => {}
        }
    }
    assert_eq!(pieces[0], b"caf");
    assert_eq!(
        pieces.concat(),
        "café".bytes().chain([0xff]).collect::<Vec<_>>()
    );
    for piece in &pieces {
        let text = String::from_utf8_lossy(piece);
        assert!(text.matches('\u{fffd}').count() <= usize::from(piece.contains(&0xff)));
    }
}

#[tokio::test]
async fn of_a_flood_every_byte_is_told_or_counted() {
    let manager = manager();
    let mut events = manager.exec_events();
    let mut command = long("head -c 8000000 /dev/zero");
    command.call_id = Some("flood".into());
    let call = {
        let manager = manager.clone();
        tokio::spawn(async move { manager.exec_command(command).await.unwrap() })
    };
    let seen = course(&mut events, "flood").await;
    let answer = call.await.unwrap();
    assert_eq!(seen.output.len() as u64 + seen.omitted, 8_000_000);
    assert_eq!(
        answer.output().len() as u64 + answer.omitted_bytes,
        8_000_000 + marker(answer.omitted_bytes)
    );
    let end = seen.end.unwrap();
    assert!(end.stdout.contains(&format!(
        "... {} bytes omitted ...",
        8_000_000 - 1024 * 1024
    )));
}

fn marker(omitted: u64) -> u64 {
    format!("\n... {omitted} bytes omitted ...\n").len() as u64
}

#[tokio::test]
async fn a_start_that_fails_begins_and_ends() {
    let manager = manager();
    let mut events = manager.exec_events();
    let mut command = long("true");
    command.workdir = Some("/no/such/place".into());
    command.call_id = Some("fails".into());
    assert_eq!(
        code(manager.exec_command(command).await),
        "exec.create-process"
    );
    let end = course(&mut events, "fails").await.end.unwrap();
    assert_eq!(
        (end.exit_code, end.status, end.cause),
        (-1, ExecStatus::Failed, EndCause::NotStarted)
    );
    assert!(end.stderr.contains("/no/such/place") && end.stdout.is_empty());
    assert_eq!(end.aggregated_output, end.stderr);
    nothing_more(&mut events, "fails");
}

#[tokio::test]
async fn a_session_that_moves_goes_on_writing_and_is_told_of_where_it_arrives() {
    let (here, there) = (manager(), manager());
    let mut events = there.exec_events();
    let script = "stty -echo; echo ready; while read word; do echo \"$word\"; done";
    let id = ready(&here, tty(until(script, "ready"))).await;
    let handle = here.list_sessions()[0].handle.unwrap();
    let moving = here.export_sessions();
    assert_eq!(
        (moving.len(), moving[0].id(), moving[0].handle()),
        (1, id, Some(handle))
    );
    assert_eq!(
        code(here.write_stdin(WriteStdin::poll(id)).await),
        "exec.unknown-process-id"
    );
    assert!(here.list_sessions().is_empty());
    // Its input goes on working meanwhile, and its output is kept.
    let written = here
        .write(handle, "detached-alive\n", WriteOptions::default())
        .await;
    assert!(written.unwrap().is_complete());
    let output = here.output(handle).unwrap().unwrap();
    output
        .wait_for_output("ready\r\ndetached-alive\r\n".len() as u64 - 1)
        .await;
    assert_eq!(there.import_sessions(moving).imported, [id]);
    let answer = there
        .write_stdin(says(id, "", "detached-alive"))
        .await
        .unwrap();
    assert_eq!(answer.output(), "detached-alive\r\n");
    let mut end = WriteStdin::poll(id);
    end.close_stdin = true;
    end.yield_time_ms = Some(crate::stage::LONG_MS);
    assert_eq!(there.write_stdin(end).await.unwrap().exit_code, Some(0));
    let mut told = Vec::new();
    while let Some(one) = events.try_next() {
        told.push(one.event);
    }
    let ends = told
        .iter()
        .filter(|event| matches!(event, ExecEvent::End(_)));
    assert_eq!(ends.count(), 1);
    assert!(matches!(told.last(), Some(ExecEvent::End(_))));
}

/// Allows what does not remove anything.
struct Careful;

impl Approver for Careful {
    fn command(&self, request: ApprovalRequest) -> Deciding<'_> {
        Box::pin(async move {
            let _pause = request.pause();
            tokio::task::yield_now().await;
            decide(request.command.last().unwrap())
        })
    }

    fn input(&self, request: InputRequest) -> Deciding<'_> {
        Box::pin(async move { decide(&request.chars) })
    }
}

fn decide(text: &str) -> Decision {
    if !text.contains("rm ") {
        return Decision::Allow;
    }
    let reason = "nothing is removed here".to_owned();
    Decision::Deny { reason }
}

#[tokio::test]
async fn who_is_asked_decides_before_anything_is_done() {
    let manager = with(profile().approver(Careful));
    let mut events = manager.exec_events();
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("kept");
    std::fs::write(&file, "").unwrap();
    let mut command = long(&format!("rm {}", file.display()));
    command.call_id = Some("rm".into());
    let error = manager.exec_command(command).await.unwrap_err();
    assert!(
        error.to_string().ends_with("nothing is removed here"),
        "{error}"
    );
    let end = course(&mut events, "rm").await.end.unwrap();
    assert_eq!((end.exit_code, end.status), (-1, ExecStatus::Declined));
    let id = ready(&manager, tty(until("echo ready; exec sh", "ready"))).await;
    let write = WriteStdin::new(id, format!("rm {}\n", file.display()));
    assert_eq!(
        code(manager.write_stdin(write).await),
        "exec.stdin-approval"
    );
    let answer = manager
        .write_stdin(says(id, "echo $((6 * 7))\n", "42"))
        .await
        .unwrap();
    assert!(answer.matched && file.exists());
    manager.end_sessions().await;
}

#[tokio::test]
async fn what_is_denied_while_it_runs_fails_with_the_message() {
    let manager = manager();
    let mut events = manager.exec_events();
    let mut command = until("echo ready; exec sleep 1000", "ready");
    command.call_id = Some("denied".into());
    let id = ready(&manager, command).await;
    assert!(
        manager
            .deny_session(id, "Network access was denied")
            .unwrap()
    );
    let error = manager.write_stdin(WriteStdin::poll(id)).await.unwrap_err();
    assert!(
        error.of_write().ends_with("Network access was denied"),
        "{error}"
    );
    let end = course(&mut events, "denied").await.end.unwrap();
    assert_eq!(
        (end.exit_code, end.status, end.cause),
        (-1, ExecStatus::Failed, EndCause::Denied)
    );
    assert_eq!(end.aggregated_output, "ready\n\nNetwork access was denied");
    assert!(manager.list_processes().is_empty());
}

#[tokio::test]
async fn those_who_listen_learn_of_ends_that_the_end_of_the_manager_brings() {
    let manager = manager();
    let mut events = manager.exec_events();
    ready(&manager, tty(until("echo ready; read word", "ready"))).await;
    let call_id = manager.list_sessions()[0].call_id.clone();
    drop(manager);
    let end = course(&mut events, &call_id).await.end.unwrap();
    assert_eq!(end.cause, EndCause::OwnerGone);
    assert_eq!(events.next().await, None);
}
