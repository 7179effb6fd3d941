//! What is moved, what is said about it, and what answers meanwhile.

use crate::stage::{LONG, host, manager, puppet, rung, said, sh, start, store, two, until};
use handfast::owner::{OwnerId, OwnerSpec};
use handfast::{Cause, LookupError, ProcessStatus};
use std::time::Duration;

#[tokio::test]
async fn a_process_goes_from_one_manager_to_another_under_its_handle() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let handle = start(&one, puppet("park")).await;
    let ProcessStatus::Running { pid } = one.query_status(handle).unwrap() else {
        panic!("it runs")
    };
    assert_eq!(
        other.query_status(handle),
        Err(LookupError::Elsewhere { handle })
    );
    let detached = one.detach(&host()).unwrap();
    assert_eq!((detached.count, &*detached.handles), (1, &[handle][..]));
    assert_eq!(detached.ended, []);
    for manager in [&one, &other] {
        let gone = manager.query_status(handle).unwrap_err();
        assert_eq!(gone, LookupError::Detached { handle });
        assert_eq!(gone.code(), "process.detached");
        assert!(manager.list_processes().is_empty());
    }
    assert_eq!(store.list_processes()[0].handle, handle);
    assert_eq!(
        store.query_status(handle),
        Ok(ProcessStatus::Running { pid })
    );
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.reattached, &*back.handles), (1, &[handle][..]));
    assert_eq!((back.skipped, &*back.ended), (0, &[][..]));
    assert_eq!(
        other.query_status(handle),
        Ok(ProcessStatus::Running { pid })
    );
    assert_eq!(
        one.query_status(handle),
        Err(LookupError::Elsewhere { handle })
    );
    assert_eq!(
        store.query_status(handle),
        Err(LookupError::Elsewhere { handle })
    );
    assert!(store.list_processes().is_empty());
    // All verbs work where it is now, and it is stopped for good.
    let receipt = other.kill(handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    let status = other.query_status(handle).unwrap();
    assert!(matches!(
        status,
        ProcessStatus::Terminated {
            cause: Cause::Kill,
            ..
        }
    ));
}

#[tokio::test]
async fn it_may_go_back_and_forth() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    let handle = start(&one, puppet("park")).await;
    for _ in 0..50 {
        assert_eq!(one.detach(&host()).unwrap().count, 1);
        assert_eq!(other.reattach(&host()).unwrap().reattached, 1);
        assert_eq!(other.detach(&host()).unwrap().count, 1);
        assert_eq!(one.reattach(&host()).unwrap().reattached, 1);
    }
    assert_eq!(one.kill(handle).await.unwrap().members_before, 1);
}

#[tokio::test]
async fn an_owner_without_a_process_is_no_error() {
    let Some((store, one, _)) = two() else {
        return;
    };
    let handle = start(&one, puppet("park")).await;
    let nobody = OwnerId::new("nobody").unwrap();
    assert_eq!(one.detach(&nobody), Ok(Default::default()));
    assert_eq!(one.reattach(&nobody), Ok(Default::default()));
    assert_eq!(one.reattach(&host()), Ok(Default::default()));
    assert_eq!(store.clean(&nobody).await, []);
    assert_eq!(store.clean_all().await, []);
    assert!(one.query_status(handle).is_ok(), "it was not touched");
}

/// Each owner's processes go alone, and stay its own.
#[tokio::test]
async fn another_owner_is_not_touched() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let id = OwnerId::new("agent-7").unwrap();
    let agent = one.add_owner(OwnerSpec::new(id.clone())).unwrap();
    let theirs = agent.start(puppet("park").build()).await.unwrap();
    let own = start(&one, puppet("park")).await;
    assert_eq!(one.detach(&id).unwrap().handles, [theirs]);
    assert!(one.query_status(own).is_ok());
    assert_eq!(store.list_processes()[0].owner, id);
    assert_eq!(other.reattach(&host()), Ok(Default::default()));
    assert_eq!(other.reattach(&id).unwrap().handles, [theirs]);
    assert_eq!(other.info(theirs).unwrap().owner, id);
    assert_eq!(one.detach(&host()).unwrap().handles, [own]);
    // The end of the owner finds its process wherever it is.
    other.detach(&id).unwrap();
    let end = agent.end().await.unwrap();
    assert_eq!(end.receipts.len(), 1);
    assert!(store.query_status(theirs).unwrap().is_over());
    assert!(!store.query_status(own).unwrap().is_over());
}

#[tokio::test]
async fn summaries_are_sorted_and_tombstones_go_along() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let over = start(&one, puppet("exit 7")).await;
    one.wait_tree(over).await.unwrap();
    let mut handles = Vec::new();
    for _ in 0..5 {
        handles.push(start(&one, puppet("park")).await);
    }
    let detached = one.detach(&host()).unwrap();
    assert!(handles.is_sorted());
    assert_eq!((detached.count, detached.handles), (5, handles.clone()));
    assert_eq!(detached.ended, [over]);
    assert_eq!(
        one.query_status(over),
        Err(LookupError::Detached { handle: over })
    );
    let listed: Vec<_> = store
        .list_processes()
        .iter()
        .map(|info| info.handle)
        .collect();
    assert_eq!(listed, handles);
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.handles, back.ended), (handles, vec![over]));
    let status = other.query_status(over).unwrap();
    assert!(matches!(status, ProcessStatus::Exited { exit_code: 7, .. }));
}

/// Ids of all managers of a store are different, so nothing can collide.
#[tokio::test]
async fn processes_of_two_managers_come_to_a_third() {
    let Some(rung) = rung() else { return };
    let store = store();
    let managers = [manager(&store, rung), manager(&store, rung)];
    let mut handles = Vec::new();
    for manager in managers.iter().cycle().take(6) {
        handles.push(start(manager, puppet("park")).await);
    }
    for manager in managers {
        assert_eq!(manager.detach(&host()).unwrap().count, 3);
    }
    let third = manager(&store, rung);
    let own = start(&third, puppet("park")).await;
    assert_eq!(third.reattach(&host()).unwrap().handles, handles);
    handles.push(own);
    let listed: Vec<_> = third
        .list_processes()
        .iter()
        .map(|info| info.handle)
        .collect();
    assert_eq!(listed, handles);
}

#[tokio::test]
async fn waits_and_stops_under_way_are_answered_where_they_were_asked() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    // It notes that it was asked, and ends when it is told to.
    let config = sh("trap 'echo asked' TERM; echo ready; while :; do read -r word && exit 3; done");
    let handle = start(&one, config.grace(LONG)).await;
    said(&one, handle, "ready").await;
    let wait = tokio::spawn({
        let one = one.clone();
        async move { one.wait(handle).await }
    });
    let stop = tokio::spawn({
        let one = one.clone();
        async move { one.stop_process(handle).await }
    });
    said(&one, handle, "asked").await;
    assert_eq!(one.detach(&host()).unwrap().count, 1);
    assert_eq!(other.reattach(&host()).unwrap().reattached, 1);
    other
        .write(handle, "go\n", Default::default())
        .await
        .unwrap();
    let ended = wait.await.unwrap().unwrap();
    assert_eq!((ended.exit_code, ended.cause), (Some(3), Cause::Stop));
    let receipt = stop.await.unwrap().unwrap();
    assert_eq!((receipt.handle, receipt.survivors.len()), (handle, 0));
    assert!(other.query_status(handle).unwrap().is_over());
}

/// One whose start is under way is not left behind: it answers its start, and is detached.
#[tokio::test]
async fn what_is_being_started_is_moved_too() {
    let Some((store, one, other)) = two() else {
        return;
    };
    start(&one, puppet("park")).await;
    let mut changes = one.subscribe();
    let mut starting = Box::pin(one.start_process(puppet("park").build()));
    // Its registration is the first thing that others can see of it.
    while one.list_processes().len() < 2 {
        assert!(
            futures_poll(&mut starting).is_none(),
            "it is not done before it began"
        );
        tokio::task::yield_now().await;
    }
    let detached = one.detach(&host()).unwrap();
    assert_eq!(detached.count, 2);
    let handle = starting.await.unwrap();
    assert_eq!(detached.handles[1], handle);
    until(&mut changes, handle, "detached").await;
    assert!(store.query_status(handle).is_ok());
    other.reattach(&host()).unwrap();
    let status = other.query_status(handle).unwrap();
    assert!(
        matches!(status, ProcessStatus::Running { .. }),
        "{status:?}"
    );
}

/// Polls once, on the spot.
fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn deadlines_go_on_while_it_is_detached() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let mut changes = store.subscribe();
    let config = puppet("park")
        .deadline(Duration::from_millis(300))
        .grace(Duration::ZERO);
    let handle = start(&one, config).await;
    one.detach(&host()).unwrap();
    until(&mut changes, handle, "terminated").await;
    other.reattach(&host()).unwrap();
    let status = other.query_status(handle).unwrap();
    let by = matches!(
        status,
        ProcessStatus::Terminated {
            cause: Cause::Deadline,
            ..
        }
    );
    assert!(by, "{status:?}");
}
