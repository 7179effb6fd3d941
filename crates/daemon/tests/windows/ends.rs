//! The end of a client, and the end of the daemon, by whatever cause.

use crate::stage::{Alone, Stage, Witness};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_terminated_takes_what_is_bound_to_its_session_along() {
    let stage = Stage::new();
    let witness = Witness::new();
    let folder = stage.place.path().to_str().unwrap().to_owned();
    let script = format!("client {folder} {}", witness.port());
    let work = move || {
        let mut client = Alone::playing(&script);
        let [one, other] = witness.held::<2>();
        assert_eq!(client.next().as_deref(), Some("started"));
        assert!(one.lives() && other.lives());
        client.terminate();
        // Whichever of both came first: one ends, and the other one is on a lease.
        (one, other)
    };
    let (one, other) = tokio::task::spawn_blocking(work).await.unwrap();
    let user = stage.user().await;
    let wait = handfast_daemon::wire::Wait {
        process_id: "bound".into(),
        conditions: vec![handfast_daemon::wire::Condition::TreeEmpty {}],
        wait_ms: None,
    };
    assert_eq!(user.call(&wait).await.unwrap().outcome, "tree-empty");
    let both = [one, other].map(|one| one.lives());
    assert_eq!(both.iter().filter(|lives| **lives).count(), 1, "{both:?}");
    stage.end().await;
}
