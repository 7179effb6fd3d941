//! What a store does not do, and what it says then.

use crate::stage::{host, manager, puppet, rung, start, store};
use handfast::detached::DetachError;
use handfast::{DetachedStore, LookupError, ManagerError, ProcessManager};

#[tokio::test]
async fn a_manager_without_a_store_moves_nothing() {
    let Some(rung) = rung() else { return };
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let alone = builder.force(rung).build().unwrap();
    let handle = start(&alone, puppet("park")).await;
    for refused in [
        alone.detach(&host()).map(drop),
        alone.reattach(&host()).map(drop),
    ] {
        let error = refused.unwrap_err();
        assert_eq!(
            (error, error.code()),
            (DetachError::NoStore, "detach.no-store")
        );
        assert!(error.hint().is_some());
    }
    assert!(alone.query_status(handle).is_ok());
}

/// All managers of a store share its reapers, so there is one program for all.
#[tokio::test]
async fn a_manager_cannot_bring_another_reaper() {
    let plain = DetachedStore::new().unwrap();
    let named = store();
    for (store, asked) in [(&plain, testkit::reaper()), (&named, "/bin/true".into())] {
        let builder = ProcessManager::builder().reaper(&asked);
        let refused = builder.detached_store(store).build();
        let Err(error @ ManagerError::ReaperOfStore { .. }) = refused else {
            panic!("taken: {refused:?}")
        };
        assert_eq!(error.code(), "manager.reaper-of-store");
        assert!(error.to_string().contains(&*asked.to_string_lossy()));
    }
    let same = ProcessManager::builder().reaper(testkit::reaper());
    assert!(same.detached_store(&named).build().is_ok());
}

/// Which rung is a matter of each manager: one that was started on another stays there.
#[tokio::test]
async fn managers_of_one_store_may_be_on_different_rungs() {
    let Some(rung) = rung() else { return };
    let store = store();
    let one = manager(&store, rung);
    let other = manager(&store, handfast::Rung::Group);
    let handle = start(&one, puppet("park")).await;
    one.detach(&host()).unwrap();
    other.reattach(&host()).unwrap();
    let info = other.info(handle).unwrap();
    assert_eq!((info.rung, info.grade), (rung, rung.grade()));
    let own = start(&other, puppet("park")).await;
    assert_eq!(other.info(own).unwrap().rung, handfast::Rung::Group);
    drop(one);
    assert!(!other.query_status(handle).unwrap().is_over());
}

#[tokio::test]
async fn a_handle_of_another_store_is_unknown() {
    let Some(rung) = rung() else { return };
    let [ours, theirs] = [store(), store()];
    let (one, stranger) = (manager(&ours, rung), manager(&theirs, rung));
    let handle = start(&one, puppet("park")).await;
    one.detach(&host()).unwrap();
    assert_eq!(
        stranger.query_status(handle),
        Err(LookupError::Unknown { handle })
    );
    assert_eq!(stranger.reattach(&host()), Ok(Default::default()));
    assert_eq!(ours.list_processes().len(), 1);
}
