//! One owner cannot touch what is another's, nor find out that it is there.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::{Client, ClientError};
use handfast_daemon::wire::*;

async fn token(of: &Client, owner: &str, scopes: &[ScopeName]) -> CreatedToken {
    let create = CreateToken {
        owner: (!owner.is_empty()).then(|| owner.to_owned()),
        scopes: Some(scopes.to_vec()),
        expires_in_ms: None,
    };
    of.call(&create).await.unwrap()
}

const ALL: [ScopeName; 5] = [
    ScopeName::Read,
    ScopeName::Write,
    ScopeName::Stop,
    ScopeName::Start,
    ScopeName::Transfer,
];

/// An answer as text, without the name.
fn text<T: serde::Serialize>(name: &str, answer: Result<T, ClientError>) -> String {
    let text = match answer {
        Ok(answer) => serde_json::to_string(&answer).unwrap(),
        Err(ClientError::Refused(error)) => serde_json::to_string(&error).unwrap(),
        Err(error) => panic!("{error}"),
    };
    text.replace(name, "NAME")
}

macro_rules! ask {
    ($client:ident, $name:ident, $($params:expr,)*) => {
        vec![$(text($name, $client.call(&$params).await)),*]
    };
}

/// What every verb answers about a process, as text without the name.
#[rustfmt::skip]
async fn answers(client: &Client, name: &str) -> Vec<String> {
    let process_id = name.to_owned();
    let id = || process_id.clone();
    let some = || Some(id());
    let signal = |signal| Signal { process_id: id(), signal, scope: None };
    let size = Size { rows: 1, columns: 1 };
    ask![client, name,
        Read { process_id: id(), after_seq: 0, max_bytes: None, wait_ms: 0 },
        Write { process_id: id(), chunk: Bytes::default(), write_id: None, wait_ms: None },
        Press { process_id: id(), keys: "a".into(), write_id: None, wait_ms: None },
        CloseStdin { process_id: id() },
        signal(SignalName::Number(9)),
        signal(SignalName::Named(Interrupt::Interrupt)),
        Terminate { process_id: id() },
        Stop { process_id: id(), grace_ms: None },
        ReceiptOf { process_id: id() },
        InfoOf { process_id: id(), members: true },
        Wait { process_id: id(), conditions: vec![], wait_ms: Some(0) },
        Resize { process_id: id(), size },
        Screen { process_id: id(), redraw: false },
        InputStateOf { process_id: id() },
        Subscribe { process_id: some(), after_seq: 0 },
        Unsubscribe { process_id: some() },
        Detach { process_id: some() },
        Reattach { process_id: some() },
        Transfer { process_id: id(), to: "user".into() },
        Renew { process_id: id() },
    ]
}

#[tokio::test]
async fn a_process_of_another_owner_is_answered_as_one_that_never_was() {
    let stage = Stage::new();
    let (mine, other) = (stage.client().await, stage.client().await);
    let fifo = stage.fifo("f");
    let theirs = other.call(&named("web", fifo.tree())).await.unwrap();
    let held = fifo.held().await;
    let never = "6f1c0b1e-94d2-8a77-8000-00000000002a";
    let of_theirs = answers(&mine, &theirs.handle).await;
    let of_nothing = answers(&mine, never).await;
    assert_eq!(of_theirs, of_nothing);
    assert_eq!(answers(&mine, "web").await, answers(&mine, "nothing").await);
    let listed = mine
        .call(&List {
            all: true,
            ..List::default()
        })
        .await
        .unwrap();
    assert_eq!(listed.processes, []);
    // Nothing of all that has reached it; and the control: its owner does.
    assert!(held.is_held());
    assert_ne!(answers(&other, "web").await, of_nothing);
    held.ended().await;
    // The name is free to whoever else wants it.
    mine.call(&named("web", sh("exit 0"))).await.unwrap();
    stage.end().await;
}

#[tokio::test]
async fn a_token_allows_its_scopes_and_nothing_else() {
    let stage = Stage::new();
    let user = stage.user().await;
    let handle = user.call(&sh("sleep 1000")).await.unwrap().handle;
    let made = token(&user, "", &[ScopeName::Read]).await;
    let reader = stage.with_token(made.token).await.unwrap();
    assert_eq!(reader.welcome().scopes, [ScopeName::Read]);
    let refused = [
        code(reader.call(&sh("exit 0")).await),
        code(
            reader
                .call(&Stop {
                    process_id: handle.clone(),
                    grace_ms: None,
                })
                .await,
        ),
        code(
            reader
                .call(&Terminate {
                    process_id: handle.clone(),
                })
                .await,
        ),
        code(
            reader
                .call(&CloseStdin {
                    process_id: handle.clone(),
                })
                .await,
        ),
        code(reader.call(&Detach::default()).await),
    ];
    assert!(
        refused.iter().all(|code| code == "token.not-allowed"),
        "{refused:?}"
    );
    let info = InfoOf {
        process_id: handle,
        members: false,
    };
    assert!(reader.call(&info).await.is_ok());
    let more = CreateToken {
        scopes: Some(ALL.to_vec()),
        ..CreateToken::default()
    };
    assert_eq!(code(reader.call(&more).await), "token.more-than-parent");
    stage.end().await;
}

#[tokio::test]
async fn owners_above_see_what_is_below_and_not_the_other_way_round() {
    let stage = Stage::new();
    let user = stage.user().await;
    let agent = stage
        .with_token(token(&user, "agent", &ALL).await.token)
        .await
        .unwrap();
    assert_eq!(agent.welcome().owner, "user/agent");
    let sub = stage
        .with_token(token(&agent, "sub", &ALL).await.token)
        .await
        .unwrap();
    assert_eq!(sub.welcome().owner, "user/agent/sub");
    for client in [&user, &agent, &sub] {
        client.call(&named("p", sh("sleep 1000"))).await.unwrap();
    }
    let mut seen = Vec::new();
    for client in [&user, &agent, &sub] {
        let listed = client.call(&List::default()).await.unwrap();
        seen.push(listed.processes.len());
    }
    assert_eq!(seen, [3, 2, 1]);
    let only = List {
        owner: Some("user/agent/sub".into()),
        ..List::default()
    };
    assert_eq!(user.call(&only).await.unwrap().processes.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_good_for_nothing_and_neither_is_what_came_from_it() {
    let stage = Stage::new();
    let user = stage.user().await;
    let made = token(&user, "agent", &ALL).await;
    let agent = stage.with_token(made.token.clone()).await.unwrap();
    let below = token(&agent, "sub", &ALL).await;
    let sub = stage.with_token(below.token.clone()).await.unwrap();
    let listed = user.call(&ListTokens {}).await.unwrap().tokens;
    let ids: Vec<&str> = listed.iter().map(|one| one.token_id.as_str()).collect();
    assert_eq!(ids, [made.about.token_id.as_str(), &below.about.token_id]);
    let revoke = |token_id: &str| RevokeToken {
        token_id: token_id.to_owned(),
    };
    // Nobody takes back what is above.
    assert_eq!(
        code(sub.call(&revoke(&made.about.token_id)).await),
        "token.unknown"
    );
    assert_eq!(code(user.call(&revoke("t0")).await), "token.unknown");
    let revoked = user.call(&revoke(&made.about.token_id)).await.unwrap();
    assert_eq!(revoked.revoked, 2);
    assert_eq!(code(agent.call(&List::default()).await), "token.unknown");
    assert_eq!(code(sub.call(&List::default()).await), "token.unknown");
    for gone in [made.token, below.token] {
        assert_eq!(
            code(stage.with_token(gone).await.map(|_| ())),
            "token.unknown"
        );
    }
    let expired = CreateToken {
        expires_in_ms: Some(0),
        ..CreateToken::default()
    };
    let expired = user.call(&expired).await.unwrap().token;
    assert_eq!(
        code(stage.with_token(expired).await.map(|_| ())),
        "token.expired"
    );
    for wrong in ["", "hfo_", "x"] {
        let refused = stage.with_token(Secret(wrong.to_owned())).await;
        assert_eq!(code(refused.map(|_| ())), "token.unknown");
    }
    stage.end().await;
}
