//! What users of other tools complain of, where no other test shows it: `docs/landscape.md`.

use crate::stage::{LONG, Talk, manager, on_terminal, piped, sh};
use handfast::output::view::View;
use handfast::output::{Captured, Condition, Outcome};
use handfast::{ProcessConfig, ProcessStatus, StartError};

/// A bar that is drawn ten thousand times is one line to whoever reads it.
#[tokio::test]
async fn a_progress_bar_is_one_line_to_read_and_every_byte_of_it_is_kept() {
    let script =
        r#"i=0; while [ $i -le 10000 ]; do printf '\r%s%%' $i; i=$((i+1)); done; echo; echo done"#;
    for config in [sh(script), piped(script)] {
        let talk = Talk::start(config).await;
        talk.output.wait_for_output(u64::MAX).await;
        let bytes = talk.output.read(0, usize::MAX).bytes;
        let seen = View::plain().read(&bytes);
        assert_eq!(seen.text, "10000%\ndone\n");
        assert!(bytes.len() > 50_000);
        // The control: without the view all of it is there, and is what the view left out.
        let raw = View::raw().read(&bytes);
        assert_eq!(raw.text.matches('%').count(), 10_001);
        assert!(raw.text.len() - seen.text.len() > 50_000);
    }
}

/// What is typed where a program has switched the echo off is in no output.
#[tokio::test]
async fn a_password_is_not_in_the_output() {
    let script = "stty -echo; printf 'Password: '; read word; stty echo; echo; \
                  test $word = secret && echo right; read word";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("Password: ").await;
    talk.write("secret\n").await;
    talk.expect("right").await;
    let view = talk.manager.screen(talk.handle).unwrap();
    assert!(!talk.said().contains("secret") && !view.text.contains("secret"));
    // The control: with the echo on again it is.
    talk.write("public\n").await;
    talk.expect("public").await;
    talk.output.wait_for_output(u64::MAX).await;
}

/// Two of the same name, arguments and user, of two managers, and a third that is nobody's.
#[tokio::test]
async fn a_stop_reaches_its_own_tree_whatever_others_are_called() {
    // Its child is there when it says that it is up.
    let script = "sleep 1000 & echo server on port 3000; exec sleep 1000";
    let (one, other) = (manager(), manager());
    let mut first = Talk::with(&one, sh(script)).await;
    let mut second = Talk::with(&one, sh(script)).await;
    let mut third = Talk::with(&other, sh(script)).await;
    for talk in [&mut first, &mut second, &mut third] {
        talk.expect("3000").await;
    }
    let mut stranger = std::process::Command::new("/bin/sleep");
    // It holds nothing of ours open, whatever becomes of this test.
    let null = std::process::Stdio::null;
    let stranger = stranger.arg("1000").stdout(null()).stderr(null());
    let mut stranger = stranger.spawn().unwrap();
    let receipt = one.stop_process(first.handle).await.unwrap();
    assert!(receipt.survivors.is_empty());
    assert_eq!(one.members(first.handle).unwrap(), []);
    for talk in [&second, &third] {
        let status = talk.manager.query_status(talk.handle).unwrap();
        assert!(matches!(status, ProcessStatus::Running { .. }));
        assert_eq!(talk.manager.members(talk.handle).unwrap().len(), 2);
    }
    assert!(stranger.try_wait().unwrap().is_none());
    stranger.kill().unwrap();
    stranger.wait().unwrap();
    second.end().await;
    third.end().await;
}

/// Whoever has forgotten every id finds all that runs, what each is and what it said.
#[tokio::test]
async fn what_was_started_is_found_read_and_stopped_without_an_id() {
    let manager = manager();
    for number in 0..3 {
        let script = format!("echo number {number}; exec cat");
        let mut talk = Talk::with(&manager, sh(&script)).await;
        talk.expect(&format!("number {number}")).await;
    }
    let found = manager.list_processes();
    assert_eq!(found.len(), 3);
    for (number, info) in found.iter().enumerate() {
        let output: Captured = manager.output(info.handle).unwrap().unwrap();
        let text = View::plain().read(&output.read(0, 1000).bytes).text;
        assert_eq!(text, format!("number {number}\n"));
        let words = info.config.args();
        assert!(
            words
                .iter()
                .any(|word| word.to_string_lossy().contains(&text[..8]))
        );
        manager.kill(info.handle).await.unwrap();
    }
    assert!(manager.list_processes().is_empty());
}

/// What cannot be executed is an error of the start, and no id that answers later.
#[tokio::test]
async fn a_session_that_cannot_begin_has_no_id() {
    let manager = manager();
    for config in [on_terminal("/nonexistent"), on_terminal("/etc/passwd")] {
        let refused = manager.start_process(config.build()).await;
        assert!(matches!(refused, Err(StartError::Config(_))), "{refused:?}");
    }
    assert!(manager.list_processes().is_empty());
}

/// A program that says nothing and never ends holds neither its start nor a wait up.
#[tokio::test]
async fn a_program_that_says_nothing_holds_nobody_up() {
    let manager = manager();
    let config = ProcessConfig::builder("/bin/sleep").arg("1000");
    for config in [on_terminal("/bin/sleep").arg("1000"), config] {
        let handle = manager.start_process(config.build()).await.unwrap();
        let soon = std::time::Duration::from_millis(50);
        let waited = manager.wait_for(handle, &[Condition::Exit], soon).await;
        let waited = waited.unwrap();
        assert_eq!(waited.outcome, Outcome::TimedOut);
        assert!(waited.took >= soon);
        manager.kill(handle).await.unwrap();
        let waited = manager.wait_for(handle, &[Condition::Exit], LONG).await;
        assert!(matches!(waited.unwrap().outcome, Outcome::Exited { .. }));
    }
}

/// A server that a shell leaves in the background: the answer comes with the end of the shell, the
/// server is named, and one call ends it.
#[tokio::test]
async fn a_silent_server_in_the_background_is_named_and_ended_with_one_call() {
    let lowest = std::env::var("HANDFAST_FORCE").is_ok_and(|rung| rung == "group");
    // The lowest rung holds what stays in the session.
    let away = if lowest { "" } else { "setsid " };
    let script = format!("{away}sleep 1000 & echo started");
    let mut talk = Talk::start(piped(&script)).await;
    talk.expect("started").await;
    assert!(talk.manager.wait(talk.handle).await.unwrap().success());
    assert_eq!(talk.output.status().word(), "open");
    let named = loop {
        let holders = talk.manager.output_holders(talk.handle).unwrap().found;
        // A copy of the shell until it is executed.
        match holders.as_slice() {
            [one] if one.command == "sleep 1000" => break one.clone(),
            some => assert_eq!(some.len(), 1, "{some:?}"),
        }
    };
    assert!(named.member);
    let receipt = talk.manager.kill(talk.handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    talk.output.wait_for_output(u64::MAX).await;
    assert_eq!(talk.output.status().word(), "closed");
}
