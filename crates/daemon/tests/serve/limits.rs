//! What one client can make grow has a bound, and no client makes another one wait.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::connect;
use handfast_daemon::serve::Settings;
use handfast_daemon::wire::*;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off_and_hurts_nobody() {
    let mut settings = Settings::default();
    settings.patience = Duration::from_millis(300);
    let stage = Stage::with(settings);
    let other = stage.client().await;
    let fifo = stage.fifo("f");
    // By hand, as our own client always reads.
    let mut slow = connect(&stage.place).unwrap().0;
    let mut lines =
        b"{\"id\":1,\"method\":\"initialize\",\"params\":{\"clientName\":\"slow\"}}\n".to_vec();
    lines.extend_from_slice(b"{\"method\":\"initialized\"}\n");
    let mut flood = fifo.tree();
    flood.argv[2] =
        Word::from(format!("{} & yes", String::from_utf8_lossy(flood.argv[2].bytes())).as_str());
    flood.notify = None;
    lines.extend(request_line(&RequestId::Number(2), "process/start", &flood));
    slow.write_all(&lines).unwrap();
    let held = fifo.held().await;
    // Meanwhile others are served as ever.
    for number in 0..20 {
        let name = number.to_string();
        other.call(&named(&name, sh("echo hi"))).await.unwrap();
        assert_eq!(super::stage::read_all(&other, &name).await.0, "hi\n");
    }
    // It is cut off, which is the end of its session.
    held.ended().await;
    let mut rest = Vec::new();
    tokio::task::spawn_blocking(move || slow.read_to_end(&mut rest).map(|_| ()))
        .await
        .unwrap()
        .unwrap_or_else(|error| assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset));
    stage.end().await;
}

#[tokio::test]
async fn too_many_requests_are_refused_and_a_stop_still_gets_through() {
    let mut settings = Settings::default();
    settings.in_flight = 8;
    let stage = Stage::with(settings);
    let client = Arc::new(stage.client().await);
    client.call(&named("p", sh("sleep 1000"))).await.unwrap();
    let wait = || Wait {
        process_id: "p".into(),
        conditions: vec![],
        wait_ms: None,
    };
    let mut waits = tokio::task::JoinSet::new();
    let mut refused = 0;
    // One more than there is room for: whichever it is, it is told at once.
    for _ in 0..9 {
        let client = Arc::clone(&client);
        waits.spawn(async move { client.call(&wait()).await });
    }
    let first = waits.join_next().await.unwrap().unwrap();
    refused += usize::from(code(first) == "wire.busy");
    assert_eq!(refused, 1);
    let killed = client
        .call(&Terminate {
            process_id: "p".into(),
        })
        .await
        .unwrap();
    assert!(killed.running);
    while let Some(waited) = waits.join_next().await {
        assert_eq!(waited.unwrap().unwrap().outcome, "exited");
    }
    stage.end().await;
}

#[tokio::test]
async fn too_many_connections_are_told_so_and_a_place_that_is_free_again_is_given() {
    let mut settings = Settings::default();
    settings.connections = 2;
    let stage = Stage::with(settings);
    let first = stage.client().await;
    let second = stage.client().await;
    let third = stage.greet(stage.hello()).await;
    assert_eq!(code(third.map(|_| ())), "connect.too-many");
    drop(first);
    loop {
        match stage.greet(stage.hello()).await {
            Ok(_) => break,
            Err(error) => assert_eq!(error.code(), "connect.too-many"),
        }
    }
    drop(second);
    stage.end().await;
}

/// A session that waits to be resumed takes a place, also without a connection.
#[tokio::test]
async fn too_many_sessions_are_refused_until_one_is_over() {
    let mut settings = Settings::default();
    settings.sessions = 2;
    let stage = Stage::with(settings);
    let hello = |resume_ms| Initialize {
        resume_ms: Some(resume_ms),
        ..stage.hello()
    };
    let (waiting, _) = stage.greet(hello(3_600_000)).await.unwrap();
    drop(waiting);
    let (second, _) = stage.greet(hello(0)).await.unwrap();
    let third = stage.greet(hello(0)).await;
    assert_eq!(code(third.map(|_| ())), "session.too-many");
    drop(second);
    loop {
        match stage.greet(hello(0)).await {
            Ok(_) => break,
            Err(error) => assert_eq!(error.code(), "session.too-many"),
        }
    }
    stage.end().await;
}
