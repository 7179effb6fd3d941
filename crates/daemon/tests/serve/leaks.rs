//! What is told after the right to know it is gone: nothing.

use super::stage::{Stage, code, named, sh, write};
use handfast_daemon::connect::{Client, Notes};
use handfast_daemon::wire::*;

async fn with_token(stage: &Stage, token: Secret) -> (Client, Notes) {
    let token = Some(token);
    let hello = Initialize {
        token,
        ..stage.hello()
    };
    stage.greet(hello).await.unwrap()
}

/// Says a line each time it is written to.
fn echo(name: &str) -> Start {
    Start {
        pipe_stdin: true,
        lifetime: Some(LifetimeName::User),
        ..named(name, sh("exec cat"))
    }
}

#[tokio::test]
async fn a_token_that_was_taken_back_ends_what_is_followed_and_what_is_waited_for() {
    let stage = Stage::new();
    let user = stage.user().await;
    user.call(&echo("cat")).await.unwrap();
    let made = user.call(&CreateToken::default()).await.unwrap();
    let (other, mut notes) = with_token(&stage, made.token).await;
    let follow = Subscribe {
        process_id: Some("cat".into()),
        after_seq: 0,
    };
    other.call(&follow).await.unwrap();
    other.call(&Subscribe::default()).await.unwrap();
    other.call(&EventsSubscribe::default()).await.unwrap();
    write(&user, "cat", "before\n").await;
    let told: OutputNote = notes.next().await.unwrap().read().unwrap();
    assert_eq!(told.chunk.0, b"before\n");
    let wait = Read {
        process_id: "cat".into(),
        after_seq: 1,
        max_bytes: None,
        wait_ms: 60_000,
    };
    let waiting = other.call(&wait);
    let revoke = RevokeToken {
        token_id: made.about.token_id,
    };
    let (answer, ()) = tokio::join!(waiting, async {
        // Asked for before, as both go over one runtime in the order of their first turns.
        other.call(&DaemonStatus {}).await.unwrap();
        user.call(&revoke).await.unwrap();
        write(&user, "cat", "after\n").await;
    });
    assert_eq!(code(answer), "token.unknown");
    user.call(&Terminate {
        process_id: "cat".into(),
    })
    .await
    .unwrap();
    // Everything that was told to it until now comes before this answer.
    assert_eq!(code(other.call(&DaemonStatus {}).await), "token.unknown");
    stage.end().await;
    drop(other);
    while let Some(told) = notes.next().await {
        assert!(told.read::<OutputNote>().is_none(), "{told:?}");
        assert!(
            told.read::<EventNote>()
                .is_none_or(|event| event.word != "terminated"),
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn who_has_given_a_process_away_is_told_nothing_more_of_it() {
    let stage = Stage::new();
    let user = stage.user().await;
    let (agent, mut notes) = stage.greet(stage.hello()).await.unwrap();
    agent
        .call(&Start {
            notify: Some(true),
            ..echo("cat")
        })
        .await
        .unwrap();
    write(&agent, "cat", "mine\n").await;
    let told: OutputNote = notes.next().await.unwrap().read().unwrap();
    assert_eq!(told.chunk.0, b"mine\n");
    let wait = Read {
        process_id: "cat".into(),
        after_seq: 1,
        max_bytes: None,
        wait_ms: 60_000,
    };
    let transfer = Transfer {
        process_id: "cat".into(),
        to: "user".into(),
    };
    let (answer, ()) = tokio::join!(agent.call(&wait), async {
        agent.call(&transfer).await.unwrap();
        write(&user, "cat", "theirs\n").await;
    });
    assert_eq!(code(answer), "process.unknown");
    user.call(&Terminate {
        process_id: "cat".into(),
    })
    .await
    .unwrap();
    agent.call(&DaemonStatus {}).await.unwrap();
    drop(agent);
    while let Some(told) = notes.next().await {
        assert!(told.read::<OutputNote>().is_none(), "{told:?}");
        assert!(told.read::<ExitedNote>().is_none(), "{told:?}");
    }
    stage.end().await;
}

/// Else one owner could keep all others from beginning a session.
#[tokio::test]
async fn one_owner_cannot_take_all_tokens() {
    let stage = Stage::new();
    let client = stage.client().await;
    let refused = loop {
        match client.call(&CreateToken::default()).await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(refused.code(), "token.too-many");
    stage.client().await.call(&DaemonStatus {}).await.unwrap();
    stage.end().await;
}

/// A client that asks for much and reads nothing makes few answers: all others are answered meanwhile, and
/// when it reads at last it gets each one.
#[tokio::test]
async fn who_asks_for_much_and_reads_nothing_makes_few_answers() {
    use std::io::{BufRead, BufReader, Write as _};
    let stage = Stage::new();
    let user = stage.user().await;
    let start = named("big", sh("head -c 1000000 /dev/zero; sleep 1000"));
    user.call(&Start {
        lifetime: Some(LifetimeName::User),
        ..start
    })
    .await
    .unwrap();
    let token = handfast_daemon::connect::user_token(&stage.place)
        .unwrap()
        .0;
    let stream = stage.connect();
    let mut asked = format!(
        "{{\"id\":0,\"method\":\"initialize\",\"params\":{{\"clientName\":\"x\",\"token\":\"{token}\"}}}}\n\
         {{\"method\":\"initialized\"}}\n"
    );
    const MANY: usize = 40;
    for id in 1..=MANY {
        asked += &format!(
            "{{\"id\":{id},\"method\":\"process/view\",\"params\":{{\"processId\":\"big\"}}}}\n"
        );
    }
    let read = move || {
        (&stream).write_all(asked.as_bytes()).unwrap();
        let lines = BufReader::new(&stream).lines();
        lines
            .take(MANY + 1)
            .filter(|line| line.as_ref().unwrap().contains("\"result\""))
            .count()
    };
    let reading = tokio::task::spawn_blocking(read);
    for _ in 0..20 {
        user.call(&DaemonStatus {}).await.unwrap();
    }
    assert_eq!(reading.await.unwrap(), MANY + 1);
    stage.end().await;
}
