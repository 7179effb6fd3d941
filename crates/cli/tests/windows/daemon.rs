//! Verbs that ask the daemon, from its start to its stop.

use crate::stage::{Home, said, text, with_puppet};
use serde_json::Value;

/// Starts a puppet that stays, under this name.
fn started(home: &Home, name: &str, part: &str) {
    let mut start = home.handfast(&["start", "--name", name]);
    with_puppet(&mut start, part);
    let output = start.output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn a_day_with_the_daemon() {
    let home = Home::new();
    home.ask(&["daemon", "status"], 1);
    assert!(
        home.ask(&["daemon", "start"], 0)
            .contains("the daemon serves (pid")
    );
    started(&home, "web", "stay");
    assert!(home.ask(&["ps"], 0).contains("web"));
    home.ask(&["wait", "web", "--for", "regex:@up"], 0);
    assert_eq!(said(home.ask(&["logs", "web"], 0).as_bytes()), ["up"]);
    let info: Value = serde_json::from_str(&home.ask(&["info", "web", "--json"], 0)).unwrap();
    assert_eq!(
        (&info["name"], &info["grade"]),
        (&"web".into(), &"kernel".into())
    );
    home.ask(&["stop", "web", "--grace", "0s"], 0);
    assert!(!home.ask(&["ps"], 0).contains("web"));
    assert!(
        home.ask(&["daemon", "stop"], 0)
            .contains("the daemon has ended")
    );
    home.ask(&["daemon", "status"], 1);
}

#[test]
fn what_is_typed_arrives_and_a_program_is_executed_with_its_code() {
    let home = Home::new();
    let mut exec = home.handfast(&["exec"]);
    with_puppet(&mut exec, "exit 7");
    let output = exec.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", text(&output));
    let mut start = home.handfast(&["start", "--name", "echo", "--stdin"]);
    with_puppet(&mut start, "echo");
    assert!(start.output().unwrap().status.success());
    home.ask(&["send", "echo", "--enter", "--eof", "--", "hello"], 0);
    home.ask(&["wait", "echo"], 0);
    let logs = home.ask(&["logs", "echo"], 0);
    assert_eq!(said(logs.as_bytes()), ["<hello>"]);
}

#[test]
fn what_windows_has_not_is_refused_with_a_way_out() {
    let home = Home::new();
    let install = home.handfast(&["daemon", "install"]).output().unwrap();
    let said = text(&install);
    assert!(
        !install.status.success() && said.contains("schtasks"),
        "{said}"
    );
    let signal = home.handfast(&["signal", "web", "USR1"]).output().unwrap();
    let said = text(&signal);
    assert_eq!(signal.status.code(), Some(2), "{said}");
    assert!(said.contains("TERM or KILL"), "{said}");
}
