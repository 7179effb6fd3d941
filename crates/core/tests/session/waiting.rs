//! Whether a program waits for somebody to type.

use crate::stage::{Talk, on_terminal, sh};
use handfast::config::ProcessConfigBuilder;
use handfast::session::InputState;

fn state(talk: &Talk) -> InputState {
    talk.manager.input_state(talk.handle).unwrap()
}

async fn until(talk: &Talk, wanted: impl Fn(&InputState) -> bool) -> InputState {
    loop {
        let state = state(talk);
        if wanted(&state) {
            return state;
        }
        tokio::task::yield_now().await;
    }
}

fn waits(state: &InputState) -> bool {
    matches!(state, InputState::Waiting { .. })
}

/// The shell reads, readline selects, less reads `/dev/tty`, python polls or selects.
fn readers() -> [ProcessConfigBuilder; 5] {
    [
        sh("read a"),
        on_terminal("/bin/cat"),
        on_terminal("/bin/bash").args(["--norc", "-i"]),
        sh("seq 1 100 | less"),
        on_terminal("/usr/bin/env").args(["python3", "-qi"]),
    ]
}

#[tokio::test]
async fn readers_are_seen_to_wait_and_since_when() {
    for config in readers() {
        let talk = Talk::start(config).await;
        let first = until(&talk, waits).await;
        let InputState::Waiting { pid, .. } = first else {
            panic!("{first:?}");
        };
        assert!(talk.manager.members(talk.handle).unwrap().contains(&pid));
        talk.end().await;
    }
}

#[tokio::test]
async fn a_wait_goes_on_and_the_next_begins_anew() {
    let talk = Talk::start(on_terminal("/bin/cat")).await;
    let since = |state| match state {
        InputState::Waiting {
            since, not_before, ..
        } => (since, not_before),
        other => panic!("{other:?}"),
    };
    let first = since(until(&talk, waits).await);
    assert_eq!(since(state(&talk)), first);
    assert_eq!(first.1, None);
    talk.write("word\n").await;
    let anew = |state: &InputState| waits(state) && since(*state).0 != first.0;
    let second = since(until(&talk, anew).await);
    assert!(second.0 > first.0);
    assert!(second.1.unwrap() <= second.0);
    talk.end().await;
}

#[tokio::test]
async fn who_works_does_not_wait() {
    let mut talk = Talk::start(sh("echo ready; exec sleep 1000")).await;
    talk.expect("ready").await;
    assert_eq!(state(&talk), InputState::Busy);
    talk.manager.kill(talk.handle).await.unwrap();
    talk.output.wait_for_output(u64::MAX).await;
    assert_eq!(state(&talk).word(), "busy");
}
