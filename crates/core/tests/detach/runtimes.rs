//! Managers of one store in different runtimes: none of them has to outlive another.

use crate::stage::{host, manager, puppet, rung, said, sh, start, store, stubborn};
use handfast::ProcessStatus;
use handfast::session::WriteOptions;
use testkit::{Oracle, PATIENCE};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_process_outlives_the_runtime_that_it_was_started_in() {
    let Some(rung) = rung() else { return };
    let store = store();
    let first = runtime();
    let handle = first.block_on(async {
        let one = manager(&store, rung);
        let handle = start(
            &one,
            sh("while read -r word; do echo got $word; done; exit 4"),
        )
        .await;
        one.write(handle, "one\n", WriteOptions::default())
            .await
            .unwrap();
        one.detach(&host()).unwrap();
        handle
    });
    drop(first);
    let second = runtime();
    second.block_on(async {
        let other = manager(&store, rung);
        assert_eq!(other.reattach(&host()).unwrap().handles, [handle]);
        other
            .write(handle, "two\n", WriteOptions::default())
            .await
            .unwrap();
        said(&other, handle, "got one\ngot two\n").await;
        other.close_stdin(handle).await.unwrap();
        assert_eq!(other.wait(handle).await.unwrap().exit_code, Some(4));
        let next = start(&other, puppet("exit 6")).await;
        assert_eq!(other.wait(next).await.unwrap().exit_code, Some(6));
    });
}

/// Dropped where there is no runtime at all, as at the end of a `main`.
#[test]
fn a_manager_may_end_outside_of_any_runtime() {
    let Some(rung) = rung() else { return };
    let [left, detached] = [Oracle::new(), Oracle::new()];
    let store = store();
    let runtime = runtime();
    let one = runtime.block_on(async {
        let one = manager(&store, rung);
        start(&one, stubborn(&detached)).await;
        one.detach(&host()).unwrap();
        start(&one, stubborn(&left)).await;
        one
    });
    drop(runtime);
    assert!(left.wait_joined(1, PATIENCE) && detached.wait_joined(1, PATIENCE));
    drop(one);
    assert!(left.wait_empty(PATIENCE));
    assert_eq!(detached.alive(), 1);
    drop(store);
    assert!(detached.wait_empty(PATIENCE));
}

#[test]
fn blocking_managers_share_a_store_too() {
    let Some(rung) = rung() else { return };
    let store = store();
    let build = || {
        let builder = handfast::ProcessManager::builder().force(rung);
        handfast::blocking::ProcessManager::build(builder.detached_store(&store)).unwrap()
    };
    let one = build();
    let handle = one.start_process(puppet("park").build()).unwrap();
    assert_eq!(one.detach(&host()).unwrap().handles, [handle]);
    drop(one);
    let other = build();
    assert_eq!(other.reattach(&host()).unwrap().handles, [handle]);
    let status = other.query_status(handle).unwrap();
    assert!(matches!(status, ProcessStatus::Running { .. }));
    other.detach(&host()).unwrap();
    let receipts = handfast::blocking::clean(&store, &host());
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].survivors, []);
    assert_eq!(handfast::blocking::clean_all(&store), []);
    assert!(store.query_status(handle).unwrap().is_over());
}
