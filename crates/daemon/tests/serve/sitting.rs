//! Sitting at the terminal of a process: one session at a time.

use crate::stage::{Stage, code, named, sh};
use handfast_daemon::wire::*;

fn attach(take_over: bool) -> Attach {
    Attach {
        process_id: "tty".to_owned(),
        take_over,
    }
}

fn release() -> Release {
    Release {
        process_id: "tty".to_owned(),
    }
}

fn terminal() -> Start {
    Start {
        tty: true,
        lifetime: Some(LifetimeName::User),
        ..named("tty", sh("sleep 1000"))
    }
}

async fn user(
    stage: &Stage,
) -> (
    handfast_daemon::connect::Client,
    handfast_daemon::connect::Notes,
) {
    let token = handfast_daemon::connect::user_token(&stage.place).unwrap();
    let hello = Initialize {
        token: Some(token),
        ..stage.hello()
    };
    stage.greet(hello).await.unwrap()
}

#[tokio::test]
async fn one_sits_there_until_it_leaves_or_is_replaced() {
    let stage = Stage::new();
    let (first, mut told) = user(&stage).await;
    let (second, _notes) = user(&stage).await;
    first.call(&terminal()).await.unwrap();
    assert!(!first.call(&attach(false)).await.unwrap().taken_over);
    // Again it is the same one.
    assert!(!first.call(&attach(false)).await.unwrap().taken_over);
    assert_eq!(code(second.call(&attach(false)).await), "process.attached");
    assert!(second.call(&attach(true)).await.unwrap().taken_over);
    let note = told.next().await.unwrap().read::<TakenNote>().unwrap();
    assert_eq!(note.process_id, "tty");
    // Who sits there no more cannot free the place.
    first.call(&release()).await.unwrap();
    assert_eq!(code(first.call(&attach(false)).await), "process.attached");
    second.call(&release()).await.unwrap();
    assert!(!first.call(&attach(false)).await.unwrap().taken_over);
    stage.end().await;
}

#[tokio::test]
async fn the_place_of_one_who_is_gone_is_free() {
    let stage = Stage::new();
    let (first, _notes) = user(&stage).await;
    first.call(&terminal()).await.unwrap();
    first.call(&attach(false)).await.unwrap();
    drop((first, _notes));
    let (second, _notes) = user(&stage).await;
    // Its end is noticed a moment later.
    while let Err(error) = second.call(&attach(false)).await {
        assert_eq!(error.code(), "process.attached");
    }
    stage.end().await;
}

#[tokio::test]
async fn what_belongs_to_another_owner_has_no_place() {
    let stage = Stage::new();
    let (first, _notes) = user(&stage).await;
    first.call(&terminal()).await.unwrap();
    let stranger = stage.client().await;
    assert_eq!(code(stranger.call(&attach(true)).await), "process.unknown");
    assert_eq!(code(stranger.call(&release()).await), "process.unknown");
    stage.end().await;
}
