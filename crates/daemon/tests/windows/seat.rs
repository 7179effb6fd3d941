//! One daemon for a place.

use crate::stage::Stage;
use handfast_daemon::Place;
use handfast_daemon::connect::{ConnectError, connect, user_token};
use handfast_daemon::listen::{Claimed, claim};

#[test]
fn a_second_daemon_is_refused_by_the_seat_and_the_next_one_is_not() {
    let above = tempfile::tempdir().unwrap();
    let place = Place::at(above.path().join("daemon"));
    let nobody = connect(&place).unwrap_err();
    assert!(matches!(nobody, ConnectError::NoDaemon { .. }), "{nobody}");
    let Claimed::Ours(first) = claim(&place).unwrap() else {
        panic!("the seat was free")
    };
    let Claimed::Taken = claim(&place).unwrap() else {
        panic!("there are two")
    };
    let (_connection, peer) = connect(&place).unwrap();
    assert_eq!(peer.pid, std::process::id());
    first.leave(|| ());
    let nobody = connect(&place).unwrap_err();
    assert!(matches!(nobody, ConnectError::NoDaemon { .. }), "{nobody}");
    let Claimed::Ours(next) = claim(&place).unwrap() else {
        panic!("the seat was left")
    };
    // One that gives it up without order leaves a name behind, which is in nobody's way.
    drop(next);
    let nobody = connect(&place).unwrap_err();
    assert!(matches!(nobody, ConnectError::NoDaemon { .. }), "{nobody}");
    let Claimed::Ours(_) = claim(&place).unwrap() else {
        panic!("the seat was given up")
    };
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clients_come_at_once() {
    let stage = Stage::new();
    let clients: Vec<_> = (0..48)
        .map(|_| {
            let place = stage.place.clone();
            let runtime = tokio::runtime::Handle::current();
            let client = move || runtime.block_on(crate::stage::user(&place));
            tokio::task::spawn_blocking(client)
        })
        .collect();
    let mut open = Vec::new();
    for client in clients {
        let client = client.await.unwrap();
        assert_eq!(client.0.welcome().owner, "user");
        open.push(client);
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_the_one_of_the_daemon_that_is_there() {
    let first = Stage::new();
    let second = Stage::new();
    let token = user_token(&first.place).unwrap();
    assert_ne!(token.0, user_token(&second.place).unwrap().0);
    first.end().await;
    second.end().await;
}
