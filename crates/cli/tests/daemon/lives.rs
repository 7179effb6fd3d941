//! Its life: in the foreground, its log, signals.

use super::home::{Home, ended, kill};
use handfast_daemon::connect::{Launch, connect_or_start};
use handfast_daemon::wire::DaemonStatus;
use rustix::process::Signal;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

#[test]
fn in_the_foreground_it_logs_to_standard_error_and_a_second_one_is_refused() {
    let home = Home::new();
    let mut command = home.handfast("daemon run");
    let mut daemon = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(daemon.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(
        line.contains("INFO") && line.contains("serving pid="),
        "{line}"
    );
    assert!(!home.log().exists());
    let second = home.output("daemon run");
    assert_eq!(second.status.code(), Some(125));
    let why = String::from_utf8(second.stderr).unwrap();
    assert!(why.contains("`handfast daemon stop` ends it"), "{why}");
    assert_eq!(home.status()["idleExitMs"], serde_json::Value::Null);
    home.said("daemon stop");
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn a_signal_ends_it_in_order() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let home = Home::new();
        home.started();
        let pidfd = home.pidfd();
        kill(&pidfd, signal);
        ended(&pidfd);
        assert!(!home.path().join("run/socket").exists(), "{signal:?}");
        let log = fs::read_to_string(home.log()).unwrap();
        assert!(log.contains("left why=Told"), "{log}");
    }
}

#[test]
fn the_log_is_printed_and_followed_over_a_new_file() {
    let home = Home::new();
    home.started();
    assert_eq!(home.said("daemon logs -n 1").lines().count(), 1);
    let mut command = home.handfast("daemon logs -f");
    let mut follow = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("serving"));
    home.said("daemon stop");
    let left = lines.find(|line| line.as_ref().unwrap().contains("left why="));
    assert!(left.is_some());
    // A full file is put aside, and the next daemon begins another one.
    let mut log = fs::File::options().append(true).open(home.log()).unwrap();
    log.write_all(&vec![b'\n'; 1024 * 1024]).unwrap();
    home.started();
    let again = lines.find(|line| line.as_ref().unwrap().contains("serving"));
    assert!(again.is_some());
    let about = fs::metadata(home.log()).unwrap();
    assert!(about.len() < 4096, "{about:?}");
    follow.kill().unwrap();
    follow.wait().unwrap();
}

/// Who is connected keeps it; when they are gone it leaves by itself.
#[tokio::test]
async fn it_leaves_when_nobody_has_needed_it() {
    let home = Home::new();
    let idle = Duration::from_millis(100);
    let mut launch = Launch::new(testkit::handfast(), "test");
    launch.idle_exit = idle;
    let (client, _) = connect_or_start(&home.place(), &launch).await.unwrap();
    let pidfd = home.pidfd();
    // ABSENCE: it does not leave.
    tokio::time::sleep(idle * 4).await;
    client.call(&DaemonStatus {}).await.unwrap();
    drop(client);
    tokio::task::spawn_blocking(move || ended(&pidfd))
        .await
        .unwrap();
    assert!(!home.path().join("run/socket").exists());
    let log = fs::read_to_string(home.log()).unwrap();
    assert!(log.contains("left why=Left(Idle)"), "{log}");
}
