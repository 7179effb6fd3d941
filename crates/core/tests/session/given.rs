//! What a process on a terminal is given, what it leaves, and what is refused.

use crate::stage::{Talk, manager, on_terminal, sh};
use handfast::ProcessConfig;
use handfast::config::{ConfigError, Output, Stdin, Stream, Terminal};
use handfast::session::ScreenSize;
use std::fs;

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test]
async fn all_streams_are_one_terminal_that_controls_the_session() {
    let script = "test -t 0 && test -t 1 && test -t 2 && : </dev/tty && echo all; \
                  ps -o pid=,pgid=,sid=,tpgid= -p $$; echo $$; stty size";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("all\r\n").await;
    let ids = talk.expect("[0-9 ]+\r\n").await;
    let pid = talk.expect("[0-9]+\r\n").await;
    let ids: Vec<&str> = ids.split_whitespace().collect();
    assert_eq!(ids, [pid.trim(); 4]);
    talk.expect("24 80\r\n").await;
    talk.output.wait_for_output(u64::MAX).await;
    let status = talk.output.status();
    assert_eq!(status.totals.terminal, status.totals.sum());
    assert!(talk.manager.wait(talk.handle).await.unwrap().success());
}

#[tokio::test]
async fn the_size_is_the_one_that_was_asked_for() {
    let size = ScreenSize {
        rows: 7,
        columns: 133,
    };
    let mut talk = Talk::start(sh("stty size").terminal(Terminal::from(size))).await;
    talk.expect("7 133\r\n").await;
}

#[tokio::test]
async fn the_last_bytes_are_kept() {
    let talk = Talk::start(sh("seq 1 20000; printf the-end")).await;
    talk.output.wait_for_output(u64::MAX).await;
    let said = talk.said();
    assert!(said.ends_with("\n20000\r\nthe-end".trim_start()), "{said}");
    assert_eq!(said.matches('\n').count(), 20_000);
    assert!(talk.output.status().faults.is_empty());
    assert!(talk.manager.wait(talk.handle).await.unwrap().success());
}

#[tokio::test]
async fn a_program_that_closes_its_terminal_is_not_hung_up() {
    let script = "trap 'exit 9' HUP; exec <&- >&- 2>&-; sleep 0.3; exit 7";
    let talk = Talk::start(sh(script)).await;
    talk.output.wait_for_output(u64::MAX).await;
    let ended = talk.manager.wait(talk.handle).await.unwrap();
    assert_eq!((ended.exit_code, ended.signal), (Some(7), None));
}

#[tokio::test]
async fn who_keeps_a_terminal_open_is_known() {
    let talk = Talk::start(sh("trap '' HUP; sleep 1000 & echo started")).await;
    talk.manager.wait(talk.handle).await.unwrap();
    let found = loop {
        let holders = talk.manager.output_holders(talk.handle).unwrap();
        // A copy of the shell until it is executed.
        match holders.found.as_slice() {
            [found] if found.command == "sleep 1000" => break found.clone(),
            found => assert_eq!(found.len(), 1, "{found:?}"),
        }
    };
    assert_eq!((found.stream, found.member), (Stream::Terminal, true));
    assert!(talk.output.status().is_open());
    assert_eq!((found.stream, found.member), (Stream::Terminal, true));
    talk.end().await;
}

#[tokio::test]
async fn sessions_leave_no_descriptor() {
    let manager = manager();
    let once = async || {
        let talk = Talk::with(&manager, on_terminal("/bin/cat")).await;
        talk.write("hello\n").await;
        talk.manager.close_stdin(talk.handle).await.unwrap();
        talk.output.wait_for_output(u64::MAX).await;
        talk.manager.wait_tree(talk.handle).await.unwrap();
        talk.manager.screen(talk.handle).unwrap().text
    };
    assert_eq!(once().await, "hello\nhello");
    settle(usize::MAX).await;
    let before = descriptors();
    for _ in 0..200 {
        once().await;
    }
    settle(before).await;
    assert!(descriptors() <= before, "{} {before}", descriptors());
}

/// The tasks of the last session have their turn.
async fn settle(most: usize) {
    for _ in 0..1000 {
        if descriptors() <= most && most != usize::MAX {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn pipes_of_sessions_leave_no_descriptor() {
    let manager = manager();
    let once = async || {
        let config = ProcessConfig::builder("/bin/true").stdin(Stdin::Written);
        let handle = manager.start_process(config.build()).await.unwrap();
        manager.wait_tree(handle).await.unwrap();
    };
    once().await;
    settle(usize::MAX).await;
    let before = descriptors();
    for _ in 0..20 {
        once().await;
    }
    settle(before).await;
    assert!(descriptors() <= before);
}

#[test]
fn a_terminal_excludes_other_streams() {
    let config = || on_terminal("/bin/true");
    let null = fs::File::open("/dev/null").unwrap();
    let cases = [
        ("stdin", config().stdin(Stdin::Pipe)),
        ("stdout", config().stdout(Output::Captured)),
        ("stderr", config().stderr(Output::Null)),
        ("the log file", config().log_file("/tmp/log")),
        (
            "the controlling terminal",
            config().controlling_terminal(std::sync::Arc::new(null.into())),
        ),
    ];
    for (want, config) in cases {
        let error = config.build().check().unwrap_err();
        assert_eq!(error.code(), "config.terminal-conflict");
        assert!(error.hint().is_some());
        assert!(matches!(error, ConfigError::TerminalConflict { setting } if setting == want));
    }
    for (rows, columns) in [(0, 80), (24, 0), (1001, 80), (24, 1001)] {
        let size = ScreenSize { rows, columns };
        let config = config().terminal(size).build();
        let error = config.check().unwrap_err();
        assert_eq!(error.code(), "config.bad-terminal-size");
    }
    assert!(config().build().check().is_ok());
}

#[test]
fn a_program_without_a_runtime_talks_too() {
    use handfast::output::{Condition, Outcome};
    use handfast::session::WriteOptions;
    let builder = handfast::ProcessManager::builder().reaper(testkit::reaper());
    let manager = handfast::blocking::ProcessManager::build(builder).unwrap();
    let config = sh("read a; echo got $a; read a").build();
    let handle = manager.start_process(config).unwrap();
    let options = WriteOptions::default;
    assert!(
        manager
            .write(handle, "one\n", options())
            .unwrap()
            .is_complete()
    );
    let said = Condition::Match {
        pattern: "got one\r\n".parse().unwrap(),
        from: 0,
    };
    let waited = manager
        .wait_for(handle, &[said], crate::stage::LONG)
        .unwrap();
    assert!(matches!(waited.outcome, Outcome::Matched { .. }));
    assert_eq!(manager.screen(handle).unwrap().text, "one\ngot one");
    manager.press(handle, "enter", options()).unwrap();
    assert!(manager.wait(handle).is_ok());
    let error = loop {
        // Its terminal is closed a little after its end.
        manager.wait_tree(handle).unwrap();
        if let Err(error) = manager.write(handle, "two\n", options()) {
            break error;
        }
    };
    assert_eq!(error.code(), "session.over");
}
