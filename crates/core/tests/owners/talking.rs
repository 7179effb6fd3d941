//! What an owner says to its processes, and what it lists of them.

use crate::stage::{LONG, agent, expect, manager, puppet, said, sh};
use handfast::config::{ProcessConfig, Terminal};
use handfast::owner::Limits;
use handfast::session::{ScreenSize, Stopped, WRITE_BYTES, WriteOptions};
use handfast::{ProcessStatus, Scope};
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn d01_a_write_that_nobody_reads_stops_nobody_else() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let deaf = agent
        .start(sh("echo up; exec sleep 1000").build())
        .await
        .unwrap();
    expect(&agent, deaf, "up").await;
    let writer = agent.clone();
    let options = WriteOptions::default().deadline(LONG);
    let much = vec![b'x'; WRITE_BYTES];
    let write = tokio::spawn(async move { writer.write(deaf, much, options).await });
    // All of this is answered while that write is under way.
    for _ in 0..3 {
        let other = agent
            .start(sh("read a; echo got $a").build())
            .await
            .unwrap();
        assert_eq!(
            (agent.list().unwrap().is_empty(), agent.count().unwrap()),
            (false, 2)
        );
        agent
            .write(other, "it\n", WriteOptions::default())
            .await
            .unwrap();
        expect(&agent, other, "got it").await;
        agent.kill(other).await.unwrap();
        assert!(agent.read(deaf, 0, 100).await.unwrap().is_some());
        assert!(!agent.info(deaf).unwrap().status.is_over());
        assert!(!write.is_finished(), "nobody has read");
    }
    agent.kill(deaf).await.unwrap();
    let written = write.await.unwrap().unwrap();
    assert!(written.taken < WRITE_BYTES);
    assert_eq!(written.stopped, Some(Stopped::Closed));
    // The control: what is read is taken whole.
    let cat = agent
        .start(sh("exec cat >/dev/null").build())
        .await
        .unwrap();
    let options = WriteOptions::default().deadline(LONG);
    let written = agent
        .write(cat, vec![b'x'; WRITE_BYTES], options)
        .await
        .unwrap();
    assert!(written.is_complete());
    agent.kill(cat).await.unwrap();
}

#[tokio::test]
async fn d12_end_of_input_signals_terminal_directory_and_environment_are_there() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let handle = agent.start(sh("cat; echo ended").build()).await.unwrap();
    agent
        .write(handle, "half a line", WriteOptions::default())
        .await
        .unwrap();
    agent.close_stdin(handle).await.unwrap();
    assert_eq!(said(&agent, handle).await, b"half a lineended\n");

    let script = "trap 'echo caught' USR1; echo up; while :; do read a; done";
    let handle = agent.start(sh(script).build()).await.unwrap();
    expect(&agent, handle, "up").await;
    agent.signal(handle, 10, Scope::Leader).await.unwrap();
    expect(&agent, handle, "caught").await;
    agent.interrupt(handle).await.unwrap();
    assert_eq!(agent.wait(handle).await.unwrap().signal, Some(2));

    let script =
        "trap 'stty size' WINCH; pwd; echo $WORD; test -t 0 && echo tty; while :; do read a; done";
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .env("WORD", "given")
        .working_directory("/usr")
        .terminal(Terminal::default());
    let handle = agent.start(config.build()).await.unwrap();
    expect(&agent, handle, "/usr\r\ngiven\r\ntty\r\n").await;
    let size = ScreenSize {
        rows: 31,
        columns: 97,
    };
    agent.resize(handle, size).unwrap();
    expect(&agent, handle, "31 97\r\n").await;
    assert_eq!(agent.screen(handle).unwrap().size, size);
    agent.kill(handle).await.unwrap();
}

#[tokio::test]
async fn the_list_needs_no_handle_and_says_what_each_is_for() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let before = SystemTime::now();
    let first = sh("echo building; read a").purpose("build before the tests");
    let first = agent.start(first.build()).await.unwrap();
    expect(&agent, first, "building").await;
    let second = agent.start(puppet("exit 7").build()).await.unwrap();
    agent.wait_tree(second).await.unwrap();
    // As after a restart of who asks: the name of the owner is all that is left.
    let listed = manager.owner(agent.id()).unwrap().list().unwrap();
    let handles: Vec<_> = listed.iter().map(|process| process.info.handle).collect();
    assert_eq!(handles, [second, first], "the newest first");
    assert_eq!(listed[1].purpose(), Some("build before the tests"));
    assert_eq!(listed[0].purpose(), None);
    assert!(listed[1].age >= listed[0].age);
    assert!(listed[1].last_output.unwrap() >= before);
    assert!(listed[0].last_output.is_none());
    assert_eq!(listed[0].ended.unwrap().exit_code, Some(7));
    assert!(matches!(
        listed[1].info.status,
        ProcessStatus::Running { .. }
    ));
    let long = puppet("exit 0").purpose("x".repeat(1025)).build();
    let refused = agent.start(long).await.unwrap_err();
    assert_eq!(refused.code(), "config.purpose-too-long");
    agent.end().await.unwrap();
}

#[tokio::test]
async fn a_cleanup_ends_what_is_too_old_and_nothing_else() {
    let Some(manager) = manager() else { return };
    let old = agent(&manager, "old", Limits::agent());
    let other = agent(&manager, "other", Limits::agent());
    let over = old.start(puppet("exit 0").build()).await.unwrap();
    old.wait_tree(over).await.unwrap();
    let handle = old.start(puppet("park").build()).await.unwrap();
    let foreign = other.start(puppet("park").build()).await.unwrap();
    assert!(old.cleanup(LONG).await.unwrap().is_empty());
    assert_eq!(old.count().unwrap(), 1);
    let receipts = old.cleanup(Duration::ZERO).await.unwrap();
    assert_eq!(receipts.len(), 1);
    assert_eq!(receipts[0].handle, handle);
    let ended = old.wait(handle).await.unwrap();
    assert_eq!(ended.cause, handfast::Cause::TooOld);
    assert!(!other.status(foreign).unwrap().is_over());
    other.end().await.unwrap();
}
