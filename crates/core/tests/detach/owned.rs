//! Sessions of owners that change their manager: they stay their owner's.

use crate::stage::{host, rung, store};
use handfast::exec::{ExecCommand, ExecProfile, WriteStdin};
use handfast::owner::{Limits, Owner, OwnerId, OwnerSpec};
use handfast::{DetachedStore, ProcessHandle, ProcessManager};
use std::time::Duration;

const LONG_MS: u64 = 30_000;

fn two() -> Option<(DetachedStore, ProcessManager, ProcessManager)> {
    let rung = rung()?;
    let store = store();
    let manager = || {
        let profile = ExecProfile::new()
            .allow_login_shell(false)
            .deterministic_ids()
            .grace(Duration::ZERO);
        let builder = ProcessManager::builder().force(rung).exec_profile(profile);
        builder.detached_store(&store).build().unwrap()
    };
    let (one, other) = (manager(), manager());
    Some((store, one, other))
}

fn agent(manager: &ProcessManager, name: &str) -> Owner {
    let spec = OwnerSpec::new(OwnerId::new(name).unwrap()).limits(Limits::agent());
    manager.add_owner(spec).unwrap()
}

async fn ready(owner: &Owner) -> (i32, ProcessHandle) {
    let mut command = ExecCommand::new("echo ready; read word; echo got $word; read word");
    command.stdin_open = true;
    command.yield_time_ms = Some(LONG_MS);
    command.until = Some("ready".parse().unwrap());
    let answer = owner.exec_command(command).await.unwrap();
    assert!(answer.matched, "{}", answer.text());
    let listed = owner.list_sessions().unwrap();
    (answer.session_id.unwrap(), listed[0].handle.unwrap())
}

async fn refusal(owner: &Owner, id: i32) -> &'static str {
    let refused = owner.write_stdin(WriteStdin::new(id, "x\n")).await;
    refused.unwrap_err().code()
}

#[tokio::test]
async fn the_session_of_an_owner_comes_back_to_that_owner_and_to_nobody_else() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let (mine, _) = (agent(&one, "mine"), agent(&one, "another"));
    let (id, handle) = ready(&mine).await;
    let detached = one.detach(mine.id()).unwrap();
    assert_eq!(
        (detached.handles, detached.process_ids),
        (vec![handle], vec![id])
    );
    assert_eq!(refusal(&mine, id).await, "exec.detached");
    // It counts on.
    assert_eq!(mine.count().unwrap(), 1);
    let another = other.owner(&OwnerId::new("another").unwrap()).unwrap();
    for owner in [&host(), another.id()] {
        assert!(other.reattach(owner).unwrap().process_ids.is_empty());
    }
    let there = other.owner(mine.id()).unwrap();
    assert_eq!(other.reattach(mine.id()).unwrap().process_ids, [id]);
    assert_eq!(refusal(&another, id).await, "exec.unknown-process-id");
    let mut write = WriteStdin::new(id, "word\n");
    write.yield_time_ms = Some(LONG_MS);
    write.until = Some("got word".parse().unwrap());
    let answer = there.write_stdin(write).await.unwrap();
    assert!(answer.matched, "{}", answer.text());
    assert_eq!(refusal(&mine, id).await, "exec.elsewhere");
    there.end().await.unwrap();
    drop(store);
}

#[tokio::test]
async fn a_later_owner_of_the_same_name_gets_nothing_that_was_detached() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let first = agent(&one, "name");
    let (id, handle) = ready(&first).await;
    one.detach(first.id()).unwrap();
    let end = first.end().await.unwrap();
    assert_eq!(end.receipts[0].handle, handle);
    let second = agent(&one, "name");
    let back = one.reattach(second.id()).unwrap();
    assert!(back.process_ids.is_empty() && back.handles.is_empty() && back.ended.is_empty());
    assert_eq!(refusal(&second, id).await, "exec.unknown-process-id");
    // The control: its own come back.
    let (id, _) = ready(&second).await;
    one.detach(second.id()).unwrap();
    assert_eq!(other.reattach(second.id()).unwrap().process_ids, [id]);
    drop(store);
}

/// However a hand-over and a detach meet: the session is where its process is, and its owner's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hand_over_that_meets_a_detach_leaves_session_and_process_with_one_owner() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    for turns in 0..30 {
        let parent = agent(&one, "parent");
        let spec = OwnerSpec::new(OwnerId::new("child").unwrap()).below(parent.id().clone());
        let child = one.add_owner(spec).unwrap();
        let (id, handle) = ready(&child).await;
        let (giver, to) = (child.clone(), parent.id().clone());
        let hand = tokio::spawn(async move { giver.transfer(handle, &to) });
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        let went = one.detach(child.id()).unwrap();
        let handed = hand.await.unwrap();
        let has = match &handed {
            Ok(handed) => {
                assert!(went.process_ids.is_empty() && handed.session_id == Some(id));
                &parent
            }
            Err(refused) => {
                assert_eq!(refused.code(), "process.detached", "{refused:?}");
                assert_eq!(went.process_ids, [id]);
                assert_eq!(other.reattach(child.id()).unwrap().process_ids, [id]);
                &child
            }
        };
        let manager = if handed.is_ok() { &one } else { &other };
        let has = manager.owner(has.id()).unwrap();
        assert_eq!(has.list_sessions().unwrap()[0].handle, Some(handle));
        assert!(has.kill_session(id).await.unwrap());
        parent.end().await.unwrap();
    }
}
