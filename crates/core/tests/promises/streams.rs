//! Where the three streams of a child go: each way in which that can be asked for.

use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio as HostStdio;
use std::sync::Arc;

use handfast::config::{Output, Stdin};
use tokio::io::AsyncWriteExt;

use crate::stage::{Stage, apart, everything, puppet, sh};

#[tokio::test]
async fn input_is_at_its_end_at_once_unless_one_is_given() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    assert_eq!(stage.run(puppet("read-line")).await.out, "eof\n");
    let told = stage.run(puppet("print-fds")).await;
    assert_eq!(told.told("fd 0 -> "), ["/dev/null"]);
}

#[tokio::test]
async fn what_is_written_to_the_input_pipe_is_read_up_to_its_end() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("read-line echo exit 3").stdin(Stdin::Pipe);
    let handle = stage.start(config.stdout(Output::Pipe)).await;
    let stdio = stage.manager.take_stdio(handle).unwrap();
    let (mut stdin, stdout) = (stdio.stdin.unwrap(), stdio.stdout.unwrap());
    stdin.write_all(b"one\ntwo\nthree").await.unwrap();
    drop(stdin);
    assert_eq!(everything(stdout).await, b"line one\ntwo\nthree");
    assert_eq!(stage.manager.wait(handle).await.unwrap().exit_code, Some(3));
}

#[tokio::test]
async fn an_input_that_is_a_descriptor_is_read_and_stays_ours() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("input");
    fs::write(&path, "one\ntwo\n").unwrap();
    let file: Arc<OwnedFd> = Arc::new(File::open(&path).unwrap().into());
    let stdin = || Stdin::Descriptor(Arc::clone(&file));
    let first = stage.run(puppet("read-line").stdin(stdin())).await;
    assert_eq!(first.out, "line one\n");
    // It is the same open file: the second reader goes on where the first one stopped.
    let second = stage.run(puppet("read-line").stdin(stdin())).await;
    assert_eq!(second.out, "line two\n");
    assert!(rustix::io::fcntl_getfd(&*file).is_ok());
}

#[tokio::test]
async fn output_goes_nowhere_unless_a_place_is_given() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let handle = stage.start(puppet("say lost err lost park")).await;
    let stdio = stage.manager.take_stdio(handle).unwrap();
    assert!(stdio.stdin.is_none() && stdio.stdout.is_none() && stdio.stderr.is_none());
    stage.manager.kill(handle).await.unwrap();
    // Each of the two is seen through the other one.
    for (number, other) in [(1, 2), (2, 1)] {
        let script = format!("(readlink /proc/$$/fd/{number} >&{other}); exit 0");
        let config = sh(&script).env("PATH", "/usr/bin:/bin");
        let config = match other {
            1 => config.stdout(Output::Pipe),
            _ => config.stderr(Output::Pipe),
        };
        let handle = stage.start(config).await;
        let stdio = stage.manager.take_stdio(handle).unwrap();
        let pipe = stdio.stdout.or(stdio.stderr).unwrap();
        assert_eq!(everything(pipe).await, b"/dev/null\n");
    }
}

#[tokio::test]
async fn the_two_outputs_are_kept_apart() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let run = stage.run(puppet("say out err err say more")).await;
    assert_eq!(
        (run.out.as_str(), run.err.as_str()),
        ("out\nmore\n", "err\n")
    );
}

#[tokio::test]
async fn each_pipe_is_taken_once() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let handle = stage
        .start(puppet("say x").stdin(Stdin::Pipe).stdout(Output::Pipe))
        .await;
    let first = stage.manager.take_stdio(handle).unwrap();
    assert!(first.stdin.is_some() && first.stdout.is_some() && first.stderr.is_none());
    let second = stage.manager.take_stdio(handle).unwrap();
    assert!(second.stdin.is_none() && second.stdout.is_none());
}

#[tokio::test]
async fn a_file_is_appended_to_and_made_for_its_owner_alone() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let (out, err) = (place.path().join("out"), place.path().join("err"));
    fs::write(&out, "before\n").unwrap();
    for _ in 0..2 {
        let config = puppet("say a err b")
            .stdout(Output::File(out.clone()))
            .stderr(Output::File(err.clone()));
        stage.end_of(config).await;
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), "before\na\na\n");
    assert_eq!(fs::read_to_string(&err).unwrap(), "b\nb\n");
    let mode = fs::metadata(&err).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_log_file_gets_both_outputs_in_the_order_of_writing() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("log");
    fs::write(&log, "before\n").unwrap();
    stage
        .end_of(puppet("say 1 err 2 say 3 say 4 err 5").log_file(&log))
        .await;
    stage.end_of(puppet("err 6 say 7").log_file(&log)).await;
    let all = fs::read_to_string(&log).unwrap();
    assert_eq!(all, "before\n1\n2\n3\n4\n5\n6\n7\n");
}

/// Two writers with one open file each would write over each other without `O_APPEND`.
#[tokio::test]
async fn two_processes_append_to_one_log_without_losing_a_line() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("log");
    let script = |name: &str| {
        let script = format!("i=0; while [ $i -lt 500 ]; do echo {name}; i=$((i+1)); done");
        sh(&script).log_file(&log)
    };
    let first = stage.start(script("first")).await;
    let second = stage.start(script("second")).await;
    stage.manager.wait(first).await.unwrap();
    stage.manager.wait(second).await.unwrap();
    let all = fs::read_to_string(&log).unwrap();
    for name in ["first", "second"] {
        assert_eq!(all.lines().filter(|line| *line == name).count(), 500);
    }
    assert_eq!(all.lines().count(), 1000);
}

#[tokio::test]
async fn an_output_that_is_a_descriptor_is_written_and_stays_ours() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("output");
    let file: Arc<OwnedFd> = Arc::new(File::create(&path).unwrap().into());
    for word in ["one", "two"] {
        let output = || Output::Descriptor(Arc::clone(&file));
        let config = puppet(&format!("say {word} err {word}"));
        stage.end_of(config.stdout(output()).stderr(output())).await;
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), "one\none\ntwo\ntwo\n");
}

#[tokio::test]
async fn the_hosts_own_output_is_shared_only_where_that_is_asked_for() {
    let path = "streams::the_hosts_own_output_is_shared_only_where_that_is_asked_for";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command
            .stdout(HostStdio::piped())
            .stderr(HostStdio::piped());
        let seen = command.output().unwrap();
        assert!(seen.status.success(), "{seen:?}");
        let out = String::from_utf8(seen.stdout).unwrap();
        let err = String::from_utf8(seen.stderr).unwrap();
        let is_refused = err.contains("cannot be had here");
        assert_eq!(out.contains("shared-out"), !is_refused, "{out} {err}");
        assert_eq!(err.contains("shared-err"), !is_refused, "{out} {err}");
        assert!(!out.contains("kept") && !err.contains("kept"));
        return;
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    stage.end_of(puppet("say kept-out err kept-err")).await;
    let shared = puppet("say shared-out err shared-err");
    stage
        .end_of(shared.stdout(Output::Inherit).stderr(Output::Inherit))
        .await;
}

#[tokio::test]
async fn the_end_of_a_process_does_not_wait_for_the_end_of_its_output() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage
        .start_ready(puppet("spawn [ park ] say ready exit 7"))
        .await;
    assert_eq!(stage.manager.wait(handle).await.unwrap().exit_code, Some(7));
    // The member still holds the pipe; with it goes the output.
    let receipt = stage.manager.kill(handle).await.unwrap();
    assert_eq!(receipt.killed, 1);
    assert_eq!(lines.next().await, None);
}
