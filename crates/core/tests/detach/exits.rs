//! Ends while nobody manages the process: told once, and there for who comes back.

use crate::stage::{Gate, host, puppet, start, two, until};
use handfast::config::Output;
use handfast::{Cause, LookupError, ProcessStatus};

#[tokio::test]
async fn an_exit_while_detached_is_there_after_the_reattach() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let gate = Gate::new();
    let words = format!("gate {} say words exit 5", gate.path().display());
    let handle = start(&one, puppet(&words).stdout(Output::Captured)).await;
    let mut told = [one.subscribe(), store.subscribe(), other.subscribe()];
    one.detach(&host()).unwrap();
    drop(one);
    gate.open().await;
    let [at_one, at_store, at_other] = &mut told;
    assert_eq!(until(at_one, handle, "detached").await, [""; 0]);
    // Its leader's end and the end of its tree may be told apart.
    let before = until(at_store, handle, "exited").await;
    assert_eq!(before.first(), Some(&"detached"));
    assert!(store.list_processes().is_empty());
    let status = store.query_status(handle).unwrap();
    assert!(matches!(status, ProcessStatus::Exited { exit_code: 5, .. }));
    assert_eq!(
        other.query_status(handle),
        Err(LookupError::Detached { handle })
    );
    let back = other.reattach(&host()).unwrap();
    assert_eq!((back.reattached, &*back.ended), (0, &[handle][..]));
    assert_eq!(other.query_status(handle), Ok(status));
    let ended = other.wait(handle).await.unwrap();
    assert_eq!((ended.exit_code, ended.cause), (Some(5), Cause::Itself));
    let output = other.output(handle).unwrap().unwrap();
    assert_eq!(output.read(0, 100).bytes, b"words\n");
    // Nobody is told of it a second time.
    let witness = start(&other, puppet("exit 0")).await;
    let mut others = 0;
    loop {
        let change = at_other.next().await.unwrap().unwrap();
        others += usize::from(change.handle == handle);
        if change.handle == witness && change.word == "exited" {
            break;
        }
    }
    assert_eq!(others, 0);
    assert_eq!(
        at_one.next().await,
        Ok(None),
        "the first one is gone for good"
    );
}

/// The watcher is armed again: the end after a reattach is told there, exactly once.
#[tokio::test]
async fn an_end_after_the_reattach_is_told_to_the_new_manager_once() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let handle = start(&one, puppet("park")).await;
    let mut told = [one.subscribe(), store.subscribe(), other.subscribe()];
    one.detach(&host()).unwrap();
    other.reattach(&host()).unwrap();
    other.kill(handle).await.unwrap();
    let [at_one, at_store, at_other] = &mut told;
    let before = until(at_other, handle, "terminated").await;
    assert_eq!(before.first(), Some(&"reattached"));
    // The last words of each channel: nothing of the end is in the two others.
    drop((one, other));
    drop(store);
    let mut ends = Vec::new();
    for changes in [at_one, at_store, at_other] {
        while let Some(change) = changes.next().await.unwrap() {
            ends.push(change.word);
        }
    }
    assert_eq!(ends, ["detached", "detached", "reattached"]);
}

#[tokio::test]
async fn the_store_bounds_its_tombstones() {
    let Some(rung) = crate::stage::rung() else {
        return;
    };
    let builder = handfast::DetachedStore::builder().reaper(testkit::reaper());
    let store = builder.tombstones(2).build().unwrap();
    let one = crate::stage::manager(&store, rung);
    let mut handles = Vec::new();
    for code in 0..4 {
        let handle = start(&one, puppet(&format!("exit {code}"))).await;
        one.wait_tree(handle).await.unwrap();
        handles.push(handle);
    }
    assert_eq!(one.detach(&host()).unwrap().ended, handles);
    let known = handles
        .iter()
        .map(|handle| store.query_status(*handle).is_ok());
    assert_eq!(known.collect::<Vec<_>>(), [false, false, true, true]);
    for handle in &handles[..2] {
        let handle = *handle;
        assert_eq!(
            one.query_status(handle),
            Err(LookupError::Forgotten { handle })
        );
    }
    assert_eq!(one.reattach(&host()).unwrap().ended, handles[2..]);
}
