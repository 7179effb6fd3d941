//! A daemon of another version, and programs that are no daemon.

use super::home::{Home, ended};
use handfast_daemon::connect::{Launch, connect_or_start};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Whatever it speaks, it can be stopped, and nothing but `restart` is asked of people.
#[test]
fn one_of_another_version_is_told_of_and_can_be_stopped() {
    let home = Home::new();
    let mut command = home.command(&testkit::sitter());
    command.arg(home.path().join("run")).arg("stranger");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut stranger = command.spawn().unwrap();
    let mut said = BufReader::new(stranger.stdout.take().unwrap()).lines();
    let mut words = stranger.stdin.take().unwrap();
    assert_eq!(said.next().unwrap().unwrap(), "waiting");
    std::io::Write::write_all(&mut words, b"go\n").unwrap();
    assert!(said.next().unwrap().unwrap().starts_with("ours"));
    for words in ["daemon status", "daemon start"] {
        let output = home.output(words);
        assert_eq!(output.status.code(), Some(125));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("handfast daemon restart"), "{told}");
    }
    let pidfd = home.pidfd();
    home.said("daemon restart");
    ended(&pidfd);
    assert_eq!(home.status()["running"], true);
    drop(words);
    stranger.wait().unwrap();
}

#[tokio::test]
async fn a_program_that_is_no_daemon_is_told_of() {
    let home = Home::new();
    let with = |program: &str| Launch::new(program, "test");
    let begin = async |launch: &Launch| {
        let error = connect_or_start(&home.place(), launch).await.unwrap_err();
        (error.code().to_owned(), error.to_string())
    };
    let (code, _) = begin(&with("/bin/true")).await;
    assert_eq!(code, "daemon.died");
    let (code, _) = begin(&with("/nowhere/handfast")).await;
    assert_eq!(code, "daemon.spawn");
    // One that says something else, for ever.
    let mut launch = with("/usr/bin/yes");
    launch.patience = std::time::Duration::from_millis(300);
    let (code, _) = begin(&launch).await;
    assert!(
        ["daemon.died", "daemon.slow"].contains(&code.as_str()),
        "{code}"
    );
}
