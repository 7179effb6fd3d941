//! Daemons that hand over to another program, with everybody at work throughout.

use super::stage::{Stage, hello, info, read, said, sh, wait_for, write};
use handfast_daemon::connect::{Client, ClientError, Notes};
use handfast_daemon::program::successor;
use handfast_daemon::wire::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tokio::sync::watch;

const FLOOD: &str = "read go; i=0; while [ $i -lt 20000 ]; do printf '%015d\\n' $((i*16)); i=$((i+1)); done; read l; exit 4";
const FLOODED: usize = 20_000 * 16;

/// This build at another path, with its reaper beside it.
fn another(stage: &Stage) -> PathBuf {
    let program = stage.program("another");
    fs::copy(testkit::handfast(), &program).unwrap();
    program
}

/// A program that says it can, and then does this.
fn broken(stage: &Stage, does: &str) -> PathBuf {
    let program = stage.program("broken");
    let can = successor::can();
    let text = format!("#!/bin/sh\ncase \"$*\" in *--probe*) echo '{can}';; *) {does};; esac\n");
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

fn to(program: &Path) -> DaemonUpgrade {
    let program = Some(Word::from(program.to_str().unwrap()));
    DaemonUpgrade { program }
}

async fn status(client: &Client) -> DaemonStatusAnswer {
    client.call(&DaemonStatus {}).await.unwrap()
}

/// Hands over, and waits until the next one answers on the same session.
async fn upgrade(client: &Client, program: &Path) {
    let before = client.call(&to(program)).await.unwrap().pid;
    loop {
        let now = status(client).await;
        assert_eq!(now.upgrade_failed, None);
        if now.pid != before {
            let path = now.program.unwrap();
            assert_eq!(path, Word::from(program.to_str().unwrap()));
            return;
        }
    }
}

/// What comes of a process, to one who follows it: each byte once, in order, and its end.
async fn follow(mut notes: Notes, name: &'static str) -> (Vec<u8>, i32) {
    let (mut bytes, mut last, mut code) = (Vec::new(), 0, None);
    loop {
        let told = notes.next().await.unwrap();
        if let Some(output) = told.read::<OutputNote>().filter(|it| it.process_id == name) {
            assert_eq!(output.seq, last + 1, "numbers go on");
            assert_eq!(output.offset, bytes.len() as u64);
            last = output.seq;
            bytes.extend(output.chunk.0);
        }
        if let Some(exited) = told.read::<ExitedNote>().filter(|it| it.process_id == name) {
            assert_eq!(exited.seq, last + 1);
            (last, code) = (exited.seq, Some(exited.exit_code));
        }
        if let Some(closed) = told.read::<ClosedNote>().filter(|it| it.process_id == name) {
            assert_eq!(closed.seq, last + 1);
            return (bytes, code.unwrap());
        }
    }
}

/// Writes counted lines until it is told to stop; answers how many.
async fn write_lines(client: Client, name: &'static str, mut stop: watch::Receiver<u64>) -> u64 {
    let mut count = 0;
    while *stop.borrow_and_update() == 0 {
        let line = Write {
            process_id: name.to_owned(),
            chunk: Bytes::from(format!("{count}\n").as_bytes()),
            write_id: None,
            wait_ms: Some(60_000),
        };
        let written = client.call(&line).await.unwrap();
        assert_eq!(written.status, WriteStatus::Accepted);
        count += 1;
    }
    count
}

/// There and back and there again; what ends with a session is among what goes on.
#[tokio::test]
async fn everything_and_everybody_goes_on_over_upgrades_and_back() {
    let stage = Stage::new();
    stage.user().await;
    let (one, notes) = stage.steady(&hello()).await;
    let owner = one.welcome().owner.clone();
    let mut start = sh("flood", LifetimeName::Session, FLOOD);
    start.notify = Some(true);
    one.call(&start).await.unwrap();
    let following = tokio::spawn(follow(notes, "flood"));
    let (other, _notes) = stage.steady_user().await;
    talkers(&other).await;
    let (writer, _) = stage.steady_user().await;
    let (stop_in, stop) = watch::channel(0);
    let writing = tokio::spawn(write_lines(writer, "pipe", stop));
    // It waits all the time.
    let (waiter, _) = stage.steady_user().await;
    let waiting = tokio::spawn(async move {
        let wait = Wait {
            process_id: "flood".into(),
            conditions: vec![Condition::Exit {}],
            wait_ms: None,
        };
        waiter
            .call(&wait)
            .await
            .map(|waited| waited.status.exit_code)
    });
    write(&one, "flood", "go\n").await;
    let there = another(&stage);
    for program in [there.clone(), testkit::handfast(), there] {
        upgrade(&other, &program).await;
        // Both sessions are what they were, and what they have goes on.
        assert_eq!(info(&one, "flood").await.owner, owner);
        for name in ["pipe", "terminal"] {
            assert_eq!(info(&other, name).await.status.state, "running");
        }
        write(&other, "terminal", "hello\n").await;
    }
    stop_in.send_replace(1);
    let written = writing.await.unwrap();
    write(&one, "flood", "end\n").await;
    let (bytes, code) = following.await.unwrap();
    assert_eq!((bytes.len(), code), (FLOODED, 4));
    assert!(bytes == testkit::flood(0, FLOODED));
    assert_eq!(waiting.await.unwrap().unwrap(), Some(4));
    lines(
        &other,
        "pipe",
        (0..written).map(|line| format!("got:{line}")),
    )
    .await;
    lines(&other, "terminal", (0..3).map(|_| "got:hello".to_owned())).await;
    // What was bound to a session is so still.
    drop(other);
    let user = stage.user().await;
    for name in ["pipe", "terminal"] {
        wait_for(&user, name, Condition::Exit {}).await;
        let ended = info(&user, name).await.status;
        assert_eq!(ended.cause.as_deref(), Some("owner-gone"));
    }
    stage.end().await;
}

/// Those that repeat what they are told, on a pipe and on a terminal.
async fn talkers(other: &Client) {
    for (name, tty) in [("pipe", false), ("terminal", true)] {
        let script = "stty -echo 2>/dev/null; echo ready; while read l; do echo got:$l; done";
        let mut start = sh(name, LifetimeName::Session, script);
        (start.tty, start.pipe_stdin) = (tty, !tty);
        other.call(&start).await.unwrap();
        wait_for(other, name, said("ready")).await;
    }
}

/// All that it has said are these lines, each once.
async fn lines(client: &Client, name: &str, expected: impl Iterator<Item = String>) {
    let mut expected: Vec<String> = expected.collect();
    expected.insert(0, "ready".to_owned());
    let last = format!("{}\\s*$", expected.last().unwrap());
    wait_for(client, name, said(&last)).await;
    loop {
        let answer = read(client, name, 0).await;
        let bytes: Vec<u8> = answer
            .chunks
            .iter()
            .flat_map(|it| it.chunk.0.clone())
            .collect();
        let text = String::from_utf8(bytes).unwrap();
        let said: Vec<&str> = text.lines().collect();
        // What is told of a match may not have its number yet.
        if said.len() >= expected.len() {
            assert_eq!(said, expected);
            return;
        }
    }
}

#[tokio::test]
async fn a_next_one_that_does_not_come_up_leaves_everything_as_it_was() {
    let stage = Stage::new();
    stage.user().await;
    let (one, _) = stage.steady(&hello()).await;
    let (user, _) = stage.steady_user().await;
    let script = "while read l; do echo got:$l; done";
    one.call(&sh("mine", LifetimeName::Session, script))
        .await
        .unwrap();
    for does in ["exit 3", "echo 'handfast: failed a.b c'", "kill -9 $$"] {
        let program = broken(&stage, does);
        user.call(&to(&program)).await.unwrap();
        let failed = loop {
            if let Some(failed) = status(&user).await.upgrade_failed {
                break failed;
            }
        };
        let said = failed.contains("ended before it served") || failed.contains("a.b c");
        assert!(said, "{failed}");
        write(&one, "mine", &format!("{}\n", does.len())).await;
        wait_for(&one, "mine", said_line(does.len())).await;
    }
    // Control: after all of that it can.
    upgrade(&user, &another(&stage)).await;
    assert_eq!(info(&one, "mine").await.status.state, "running");
    stage.end().await;
}

fn said_line(number: usize) -> Condition {
    said(&format!("got:{number}"))
}

#[tokio::test]
async fn what_cannot_take_over_is_refused_before_anything_happens() {
    let stage = Stage::new();
    let user = stage.user().await;
    let pid = status(&user).await.pid;
    let nowhere = stage.program("nowhere");
    for program in [Path::new("/bin/true"), &nowhere, Path::new("handfast")] {
        let refused = user.call(&to(program)).await.unwrap_err();
        assert_eq!(refused.code(), "daemon.upgrade-refused", "{program:?}");
    }
    // Only the user may.
    let other = stage.client(&hello()).await.unwrap();
    let refused = other.call(&to(&another(&stage))).await;
    assert!(
        matches!(&refused, Err(ClientError::Refused(error)) if error.name() == "daemon.not-yours")
    );
    // It was never gone.
    assert_eq!(status(&user).await.pid, pid);
    stage.end().await;
}
