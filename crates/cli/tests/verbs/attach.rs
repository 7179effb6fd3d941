//! `attach`: the terminal of a process, on a real terminal.

use crate::stage::Stage;
use std::process::Child;
use testkit::Screen;

/// What detaches.
const KEY: &str = "\x1c";

fn attach(stage: &Stage, screen: &Screen, options: &[&str]) -> Child {
    let words = [&["attach"], options].concat();
    let mut command = screen.command(&testkit::handfast(), &words);
    stage.at_home(&mut command);
    command.env("TERM", "xterm").spawn().unwrap()
}

/// A shell with a prompt of its own that says nothing else.
fn shell(stage: &Stage, name: &str) {
    let words = [
        "start",
        "--tty",
        "--name",
        name,
        "--env",
        "PS1=ready> ",
        "--ready-when",
        "ready>",
    ];
    stage.said(&[&words[..], &["--", "sh"]].concat());
}

#[test]
fn what_it_shows_is_drawn_keys_go_to_it_and_a_key_detaches() {
    let stage = Stage::new();
    shell(&stage, "sh");
    stage.said(&["send", "sh", "echo before $((6 * 7))", "--enter"]);
    stage.said(&["wait", "sh", "--for", "regex:before 42"]);
    let mut screen = Screen::new(30, 90);
    let modes = screen.modes();
    let mut attached = attach(&stage, &screen, &["sh"]);
    // It was written before anybody was here.
    screen.until("before 42");
    assert_ne!(screen.modes(), modes, "raw");
    screen.type_in("stty size; echo typed $((1 + 1))\r");
    screen.until("30 90");
    screen.until("typed 2");
    screen.type_in(KEY);
    screen.until("detached from sh, which goes on");
    assert_eq!(attached.wait().unwrap().code(), Some(0));
    assert_eq!(screen.modes(), modes, "restored");
    assert_eq!(stage.json(&["info", "sh"])[0]["status"], "running");
}

#[test]
fn how_it_came_to_an_end_is_told_as_json_too() {
    let stage = Stage::new();
    shell(&stage, "sh");
    let schema = handfast_cli::schema();
    let fields = schema["$defs"]["Attached"]["properties"].as_object();
    let fields = fields.map(serde_json::Map::len);
    for (typed, left, status) in [(KEY, "detached", "running"), ("exit 3\r", "over", "exited")] {
        let mut screen = Screen::new(30, 200);
        let mut attached = attach(&stage, &screen, &["--json", "sh"]);
        screen.until("ready>");
        screen.type_in(typed);
        let shown = screen.until("}\r\n");
        let code = attached.wait().unwrap().code();
        let line = shown.lines().rfind(|line| line.contains('{')).unwrap();
        let line = &line[line.find('{').unwrap()..];
        let line: serde_json::Value = serde_json::from_str(line.trim()).unwrap();
        assert_eq!(
            (&line["left"], &line["status"]),
            (&left.into(), &status.into())
        );
        assert_eq!(line.as_object().map(serde_json::Map::len), fields);
        assert_eq!(code, Some(if left == "over" { 3 } else { 0 }));
    }
}

#[test]
fn a_change_of_size_is_passed_on() {
    let stage = Stage::new();
    let script = "trap 'stty size' WINCH; stty size; echo up; while :; do sleep 0.01; done";
    stage.start(&["--tty", "--name", "it", "--ready-when", "up"], script);
    let mut screen = Screen::new(30, 90);
    let mut attached = attach(&stage, &screen, &["it"]);
    screen.until("30 90");
    screen.resize(20, 70);
    rustix::process::kill_process(pid(&attached), rustix::process::Signal::WINCH).unwrap();
    screen.until("20 70");
    screen.type_in(KEY);
    attached.wait().unwrap();
}

fn pid(child: &Child) -> rustix::process::Pid {
    rustix::process::Pid::from_child(child)
}

#[test]
fn the_end_of_the_program_is_the_end_and_its_code_is_ours() {
    let stage = Stage::new();
    shell(&stage, "sh");
    let mut screen = Screen::new(24, 80);
    let modes = screen.modes();
    let mut attached = attach(&stage, &screen, &["sh"]);
    screen.until("ready>");
    screen.type_in("exit 7\r");
    screen.until("sh: exited with code 7");
    assert_eq!(attached.wait().unwrap().code(), Some(7));
    assert_eq!(screen.modes(), modes);
}

#[test]
fn one_sits_there_others_may_look_or_take_the_place() {
    let stage = Stage::new();
    shell(&stage, "sh");
    let (mut first, mut second, mut looking) = (
        Screen::new(24, 80),
        Screen::new(25, 80),
        Screen::new(26, 80),
    );
    let mut one = attach(&stage, &first, &["sh"]);
    first.until("ready>");
    let mut refused = attach(&stage, &second, &["sh"]);
    second.until("another client is there");
    assert_eq!(refused.wait().unwrap().code(), Some(125));
    let mut reader = attach(&stage, &looking, &["--read-only", "sh"]);
    looking.until("ready>");
    // What is typed there goes nowhere; it sees what the other one types.
    looking.type_in("never\r");
    first.type_in("stty size\r");
    looking.until("24 80");
    let mut two = attach(&stage, &second, &["--take-over", "sh"]);
    first.until("another client has taken the place at sh");
    assert_eq!(one.wait().unwrap().code(), Some(1));
    second.until("24 80");
    second.type_in("stty size; echo end of all\r");
    second.until("25 80");
    let seen = looking.until("25 80");
    assert!(!seen.contains("never"), "{seen}");
    for (screen, attached) in [(&mut second, &mut two), (&mut looking, &mut reader)] {
        screen.type_in(KEY);
        screen.until("detached from sh");
        assert!(attached.wait().unwrap().success());
    }
    // The place is free again.
    let mut one = attach(&stage, &first, &["--detach-key", "ctrl-a", "sh"]);
    first.until("25 80");
    first.type_in("\x01");
    first.until("detached");
    assert!(one.wait().unwrap().success());
}

#[test]
fn a_signal_that_ends_it_restores_the_terminal() {
    let stage = Stage::new();
    shell(&stage, "sh");
    let mut screen = Screen::new(24, 80);
    let modes = screen.modes();
    let mut attached = attach(&stage, &screen, &["sh"]);
    screen.until("ready>");
    rustix::process::kill_process(pid(&attached), rustix::process::Signal::TERM).unwrap();
    screen.until("detached");
    attached.wait().unwrap();
    assert_eq!(screen.modes(), modes);
    assert_eq!(stage.json(&["info", "sh"])[0]["status"], "running");
}

/// The daemon has answered: an answer of this terminal would be typed into the program.
#[test]
fn what_the_program_asks_its_terminal_is_not_asked_here() {
    let stage = Stage::new();
    shell(&stage, "sh");
    let mut screen = Screen::new(24, 80);
    let mut attached = attach(&stage, &screen, &["sh"]);
    screen.until("ready>");
    screen.type_in("printf '\\033[6n'; printf '\\033[32mgreen\\033[0m end\\n'\r");
    screen.until("\x1b[32mgreen");
    let shown = screen.until("end");
    assert!(!shown.contains("\x1b[6n"), "{shown:?}");
    screen.type_in(KEY);
    attached.wait().unwrap();
}

#[test]
fn without_a_terminal_on_either_side_it_is_refused() {
    let stage = Stage::new();
    shell(&stage, "sh");
    stage.start(&["--name", "pipes"], "sleep 1000");
    let said = [
        stage.refused(&["attach", "sh"]),
        stage.refused(&["attach", "pipes"]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
