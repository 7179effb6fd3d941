//! What a text stands for, and owners that are made by a start.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::{Client, ClientError};
use handfast_daemon::wire::*;

fn labelled(label: &str, script: &str) -> Start {
    Start {
        name: Some(label.into()),
        ..sh(script)
    }
}

async fn handle(client: &Client, text: &str) -> Result<String, ClientError> {
    let of = InfoOf {
        process_id: text.into(),
        members: false,
    };
    client.call(&of).await.map(|info| info.handle)
}

#[tokio::test]
async fn a_label_stands_for_the_one_that_lives() {
    let stage = Stage::new();
    let client = stage.client().await;
    let old = client.call(&labelled("web", "exit 0")).await.unwrap();
    let wait = Wait {
        process_id: "web".into(),
        conditions: vec![Condition::TreeEmpty {}],
        wait_ms: None,
    };
    client.call(&wait).await.unwrap();
    assert_eq!(handle(&client, "web").await.unwrap(), old.handle);
    let one = client.call(&labelled("web", "sleep 1000")).await.unwrap();
    assert_eq!(handle(&client, "web").await.unwrap(), one.handle);
    let two = client.call(&labelled("web", "sleep 1000")).await.unwrap();
    let Err(ClientError::Refused(error)) = handle(&client, "web").await else {
        unreachable!("two are called so")
    };
    assert_eq!(error.name(), "process.ambiguous");
    let candidates = &error.data.as_ref().unwrap().details["candidates"];
    let mut named: Vec<&str> = candidates
        .as_array()
        .unwrap()
        .iter()
        .map(|candidate| candidate["handle"].as_str().unwrap())
        .collect();
    named.sort_unstable();
    let mut both = [one.handle.as_str(), &two.handle];
    both.sort_unstable();
    assert_eq!(named, both);
    // Nothing is done to one of several, whatever the verb.
    let stop = Stop {
        process_id: "web".into(),
        grace_ms: None,
    };
    assert_eq!(code(client.call(&stop).await), "process.ambiguous");
    let terminate = Terminate {
        process_id: "web".into(),
    };
    assert_eq!(code(client.call(&terminate).await), "process.ambiguous");
    // A handle, and the name that a process was given, come before labels.
    assert_eq!(handle(&client, &two.handle).await.unwrap(), two.handle);
    let exact = client.call(&named_web()).await.unwrap();
    assert_eq!(handle(&client, "web").await.unwrap(), exact.handle);
    stage.end().await;
}

fn named_web() -> Start {
    named("web", sh("sleep 1000"))
}

/// A label of somebody else is as one that nobody has.
#[tokio::test]
async fn labels_of_others_are_not_seen() {
    let stage = Stage::new();
    let (one, other) = (stage.client().await, stage.client().await);
    one.call(&labelled("web", "sleep 1000")).await.unwrap();
    let of = |text: &str| InfoOf {
        process_id: text.into(),
        members: false,
    };
    let theirs = other.call(&of("web")).await.unwrap_err();
    let nobodys = other.call(&of("wob")).await.unwrap_err();
    assert_eq!(
        theirs.to_string().replace("web", "wob"),
        nobodys.to_string()
    );
    // The user sees all.
    assert!(stage.user().await.call(&of("web")).await.is_ok());
    stage.end().await;
}

#[tokio::test]
async fn a_start_for_an_owner_below_makes_it() {
    let stage = Stage::new();
    let user = stage.user().await;
    let start = Start {
        owner: Some("agent".into()),
        ..named("web", sh("sleep 1000"))
    };
    user.call(&start).await.unwrap();
    // The same name again is another owner's.
    user.call(&named("web", sh("sleep 1000"))).await.unwrap();
    let list = List {
        owner: Some("user/agent".into()),
        ..List::default()
    };
    let listed = user.call(&list).await.unwrap().processes;
    assert_eq!((listed.len(), listed[0].process_id.as_str()), (1, "web"));
    let owners = user.call(&OwnerList {}).await.unwrap().owners;
    let about = |owner: &str| {
        let found = owners.iter().find(|info| info.owner == owner);
        found.map(|info| (info.running, info.sessions))
    };
    assert_eq!(about("user/agent"), Some((1, 0)));
    assert_eq!(about("user"), Some((1, 1)));
    for odd in ["a/b", ""] {
        let start = Start {
            owner: Some(odd.into()),
            ..sh("true")
        };
        let refused = code(user.call(&start).await);
        assert!(
            refused.starts_with("token.") || refused.starts_with("owner."),
            "{refused}"
        );
    }
    // Somebody below makes owners below themselves only.
    let client = stage.client().await;
    let start = Start {
        owner: Some("agent".into()),
        ..sh("sleep 1000")
    };
    let handle = client.call(&start).await.unwrap().handle;
    let of = InfoOf {
        process_id: handle,
        members: false,
    };
    let owner = client.call(&of).await.unwrap().owner;
    assert_eq!(owner, format!("{}/agent", client.welcome().owner));
    stage.end().await;
}
