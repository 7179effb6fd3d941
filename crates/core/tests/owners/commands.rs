//! Commands of owners: sessions whose numbers mean nothing to others.

use crate::stage::{agent, below, builder, manager};
use handfast::config::Lifetime;
use handfast::exec::{EndCause, ExecCommand, ExecEvent, ExecProfile, WriteStdin};
use handfast::owner::{Limits, Owner};
use handfast::{ProcessManager, ProcessStatus};
use std::time::Duration;
use testkit::{Oracle, PATIENCE};
use tokio::task::JoinSet;

const LONG_MS: u64 = 30_000;

/// Numbers that every owner draws alike, so that a number alone would be mistaken.
fn with_sessions() -> Option<ProcessManager> {
    with(profile())
}

fn profile() -> ExecProfile {
    ExecProfile::new()
        .allow_login_shell(false)
        .deterministic_ids()
        .grace(Duration::ZERO)
}

fn with(profile: ExecProfile) -> Option<ProcessManager> {
    manager()?;
    Some(builder().exec_profile(profile).build().unwrap())
}

/// Starts a command that reads, and waits until it says so.
async fn reader(owner: &Owner, word: &str) -> i32 {
    let mut command =
        ExecCommand::new(format!("echo {word} ready; read a; echo {word} $a; read b"));
    command.yield_time_ms = Some(LONG_MS);
    command.stdin_open = true;
    command.purpose = Some(format!("test {word}"));
    command.until = Some(format!("{word} ready").parse().unwrap());
    let answer = owner.exec_command(command).await.unwrap();
    assert!(answer.matched, "{}", answer.text());
    answer.session_id.unwrap()
}

fn says(session_id: i32, chars: &str, pattern: &str) -> WriteStdin {
    let mut write = WriteStdin::new(session_id, chars);
    write.yield_time_ms = Some(LONG_MS);
    write.until = Some(pattern.parse().unwrap());
    write
}

#[tokio::test]
async fn a_number_means_nothing_to_another_owner() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let first = agent(&manager, "first", Limits::agent());
    let second = agent(&manager, "second", Limits::agent());
    let number = reader(&first, "one").await;
    // Not even that it is somebody's.
    let never = second
        .write_stdin(WriteStdin::new(number + 1, ""))
        .await
        .unwrap_err();
    let foreign = second
        .write_stdin(WriteStdin::new(number, "x\n"))
        .await
        .unwrap_err();
    let told = |error: &handfast::exec::ExecError, id: i32| {
        format!("{error} {error:?}").replace(&id.to_string(), "ID")
    };
    assert_eq!(told(&foreign, number), told(&never, number + 1));
    assert!(!second.kill_session(number).await.unwrap());
    assert!(second.list_sessions().unwrap().is_empty() && manager.list_sessions().is_empty());
    // The same number is another session there.
    assert_eq!(reader(&second, "two").await, number);
    let answer = first
        .write_stdin(says(number, "it\n", "one it"))
        .await
        .unwrap();
    assert!(answer.matched, "{}", answer.text());
    assert_eq!(second.list().unwrap()[0].purpose(), Some("test two"));
    assert!(second.kill_session(number).await.unwrap());
    assert_eq!(first.list_sessions().unwrap().len(), 1);
    first.end().await.unwrap();
    let ended = first
        .write_stdin(WriteStdin::new(number, ""))
        .await
        .unwrap_err();
    assert_eq!(ended.code(), "owner.ended");
}

#[tokio::test]
async fn commands_count_against_the_limits() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let owner = agent(&manager, "agent", Limits::agent().processes(1));
    let number = reader(&owner, "one").await;
    assert_eq!(owner.count().unwrap(), 1);
    let refused = owner
        .exec_command(ExecCommand::new("true"))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "exec.create-process");
    assert!(
        refused.to_string().contains("`agent` may have 1 processes"),
        "{refused}"
    );
    owner.stop_session(number).await.unwrap();
    let answer = owner
        .exec_command(ExecCommand::new("echo again"))
        .await
        .unwrap();
    assert_eq!(answer.exit_code, Some(0));
    // What it keeps counts too: it is read twice, by calls and by handle.
    let small = Limits::unlimited().output_bytes(1024);
    let poor = agent(&manager, "poor", small);
    let refused = poor
        .exec_command(ExecCommand::new("true"))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("bytes of output in memory"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_ended_command_that_made_room_says_so() {
    let Some(manager) = with_sessions() else {
        return;
    };
    const BOTH: u64 = 2 * 1024 * 1024;
    let limits = |room: u64| Limits::agent().output_bytes(BOTH + room);
    // The control has room for what the first one leaves.
    for (name, room) in [("tight", 0), ("roomy", BOTH)] {
        let owner = agent(&manager, name, limits(room));
        let number = reader(&owner, "one").await;
        let handle = owner.list().unwrap()[0].info.handle;
        // Written and read past the session, so that no answer has it yet.
        owner
            .write(handle, "late\n", handfast::session::WriteOptions::default())
            .await
            .unwrap();
        crate::stage::expect(&owner, handle, "one late").await;
        owner.kill(handle).await.unwrap();
        let mut second = ExecCommand::new("echo two");
        second.yield_time_ms = Some(LONG_MS);
        let second = owner.exec_command(second).await.unwrap();
        assert_eq!(second.exit_code, Some(0));
        let first = owner.write_stdin(WriteStdin::new(number, "")).await;
        let text = first.unwrap().text_with_facts();
        let (lost, kept) = ("... 9 bytes omitted ...", "one late\n");
        let expected = if room == 0 { lost } else { kept };
        let other = if room == 0 { kept } else { lost };
        assert!(text.contains(expected) && !text.contains(other), "{text}");
        assert_eq!(text.contains("given up to make room"), room == 0, "{text}");
    }
}

#[tokio::test]
async fn the_end_of_an_owner_is_told_once_to_those_who_listen_to_its_sessions() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let owner = agent(&manager, "agent", Limits::agent());
    let mut events = owner.exec_events().unwrap();
    reader(&owner, "one").await;
    let handle = owner.list().unwrap()[0].info.handle;
    owner.end().await.unwrap();
    let ended = loop {
        let told = events.next().await.unwrap();
        if let ExecEvent::End(end) = told.event {
            break end;
        }
    };
    assert_eq!(ended.cause, EndCause::OwnerEnded);
    assert!(manager.query_status(handle).unwrap().is_over());
}

#[tokio::test]
async fn a_session_goes_along_with_its_process() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent());
    let number = reader(&child, "one").await;
    let handle = child.list().unwrap()[0].info.handle;
    let handed = child.transfer(handle, parent.id()).unwrap();
    assert_eq!(
        (handed.session_id, handed.session_lost),
        (Some(number), None)
    );
    let gone = child
        .write_stdin(WriteStdin::new(number, "x\n"))
        .await
        .unwrap_err();
    assert_eq!(gone.code(), "exec.unknown-process-id");
    child.end().await.unwrap();
    let answer = parent
        .write_stdin(says(number, "it\n", "one it"))
        .await
        .unwrap();
    assert!(answer.matched, "{}", answer.text());
    // A number that is taken stays what it is; the process goes all the same, and is read by handle.
    let other = below(&parent, "other", Limits::agent());
    assert_eq!(reader(&other, "two").await, number);
    let second = other.list().unwrap()[0].info.handle;
    let handed = other.transfer(second, parent.id()).unwrap();
    assert_eq!(
        (handed.session_id, handed.session_lost),
        (None, Some(number))
    );
    assert!(matches!(
        parent.status(second).unwrap(),
        ProcessStatus::Running { .. }
    ));
    assert_eq!(parent.list_sessions().unwrap().len(), 1);
    let chunk = parent.read(second, 0, 100).await.unwrap().unwrap();
    assert_eq!(chunk.bytes, b"two ready\n");
    // A refused one stays where it was, with its session.
    let last = below(&parent, "last", Limits::agent().processes(0));
    let refused = parent.transfer(handle, last.id()).unwrap_err();
    assert_eq!(refused.code(), "owner.limit-reached");
    let answer = parent
        .write_stdin(WriteStdin::new(number, "done\n"))
        .await
        .unwrap();
    assert_eq!(answer.exit_code, Some(0));
    parent.end().await.unwrap();
}

/// Hands it over again and again; answers how often that was done.
async fn hand_often(from: Owner, to: Owner, handle: handfast::ProcessHandle) -> usize {
    let mut done = 0;
    for _ in 0..100 {
        if let Ok(handed) = from.transfer(handle, to.id()) {
            assert!(handed.session_id.is_some(), "{handed:?}");
            done += 1;
        }
        tokio::task::yield_now().await;
    }
    done
}

/// A refusal does not take the session away, not even for a moment; that one is refused and one is done
/// at the same time makes no difference.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_refused_a_hand_over_keeps_the_session_at_every_moment() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let parent = agent(&manager, "parent", Limits::agent());
    let full = below(&parent, "full", Limits::agent().processes(0));
    let number = reader(&parent, "one").await;
    let handle = parent.list().unwrap()[0].info.handle;
    let refused = tokio::spawn(hand_often(parent.clone(), full, handle));
    while !refused.is_finished() {
        assert_eq!(parent.list_sessions().unwrap().len(), 1);
        tokio::task::yield_now().await;
    }
    assert_eq!(refused.await.unwrap(), 0);
    // The control: one who is not refused has it no more.
    let child = below(&parent, "child", Limits::agent());
    let up = tokio::spawn(hand_often(child.clone(), parent.clone(), handle));
    let down = tokio::spawn(hand_often(parent.clone(), child.clone(), handle));
    let (up, down) = (up.await.unwrap(), down.await.unwrap());
    assert!(down == up || down == up + 1, "{down} {up}");
    let (has, not) = match down == up {
        true => (&parent, &child),
        false => (&child, &parent),
    };
    assert!(not.list_sessions().unwrap().is_empty());
    let answer = has.write_stdin(says(number, "it\n", "one it")).await;
    assert!(answer.unwrap().matched);
}

/// Whatever is handed over while its owner ends: it has ended, or its session is with the receiver.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hand_over_that_meets_the_end_of_the_giver_is_done_or_refused_with_its_session() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let parent = agent(&manager, "parent", Limits::unlimited());
    for turns in 0..30 {
        let child = below(&parent, "child", Limits::agent());
        let number = reader(&child, "one").await;
        let handle = child.list().unwrap()[0].info.handle;
        let (ending, to) = (child.clone(), parent.id().clone());
        let end = tokio::spawn(async move { ending.end().await });
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        let handed = child.transfer(handle, &to);
        end.await.unwrap().unwrap();
        let listed = parent.list_sessions().unwrap();
        match handed {
            Ok(handed) => {
                assert_eq!(handed.session_id, Some(number));
                assert_eq!(listed[0].handle, Some(handle));
                assert!(parent.kill_session(number).await.unwrap());
            }
            Err(refused) => {
                let codes = ["owner.ended", "process.unknown"];
                assert!(codes.contains(&refused.code()), "{refused:?}");
                assert!(listed.is_empty(), "{listed:?}");
            }
        }
        assert!(parent.status(handle).unwrap().is_over());
    }
    parent.end().await.unwrap();
}

/// When the end is answered nothing is left, wherever the starts were.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commands_that_meet_the_end_leave_nothing() {
    let Some(manager) = with_sessions() else {
        return;
    };
    let oracle = Oracle::new();
    let member = format!(
        "exec {} join {} park",
        testkit::puppet().display(),
        oracle.dir().display()
    );
    for round in 0..10 {
        let owner = agent(&manager, "agent", Limits::unlimited());
        let mut events = owner.exec_events().unwrap();
        let mut calls = JoinSet::new();
        for _ in 0..8 {
            let (owner, mut command) = (owner.clone(), ExecCommand::new(member.clone()));
            command.yield_time_ms = Some(LONG_MS);
            calls.spawn(async move { owner.exec_command(command).await });
        }
        for _ in 0..round * 3 {
            tokio::task::yield_now().await;
        }
        let end = owner.end().await.unwrap();
        assert!(end.left.is_empty() && manager.list_processes().is_empty());
        let (mut ran, mut begun) = (0, 0_usize);
        for answer in calls.join_all().await {
            match answer {
                Ok(answer) => {
                    let cause = answer.ended.map(|end| end.cause);
                    assert_eq!(cause, Some(EndCause::OwnerEnded), "{}", answer.text());
                    (ran, begun) = (ran + 1, begun + 1);
                }
                Err(refused) if refused.code() == "owner.ended" => {}
                Err(refused) => {
                    assert_eq!(refused.code(), "exec.create-process", "{refused:?}");
                    assert!(refused.to_string().contains("has ended"), "{refused}");
                    begun += 1;
                }
            }
        }
        // Each that was begun has one end, of which its listeners hear also after that of the owner.
        while begun > 0 {
            let told = events.next().await.unwrap();
            begun -= usize::from(matches!(told.event, ExecEvent::End(_)));
        }
        assert_eq!(end.receipts.len(), ran);
        assert!(oracle.wait_empty(PATIENCE));
    }
}

#[tokio::test]
async fn what_survives_its_owner_takes_its_session_to_the_next_one_above() {
    let Some(manager) = with(profile().lifetime(Lifetime::User)) else {
        return;
    };
    let parent = agent(&manager, "parent", Limits::agent());
    let child = below(&parent, "child", Limits::agent());
    let number = reader(&child, "one").await;
    let end = child.end().await.unwrap();
    assert_eq!((end.left.len(), &end.heir), (1, parent.id()));
    let answer = parent.write_stdin(says(number, "it\n", "one it")).await;
    assert!(answer.unwrap().matched);
    // One of the same name begins with nothing.
    let again = below(&parent, "child", Limits::agent());
    let unknown = again.write_stdin(WriteStdin::new(number, "")).await;
    assert_eq!(unknown.unwrap_err().code(), "exec.unknown-process-id");
    parent.stop_session(number).await.unwrap();
}
