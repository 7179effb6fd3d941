//! `top`: on a real terminal, and as lines.

use crate::stage::Stage;
use std::process::Child;
use testkit::Screen;

fn top(stage: &Stage, screen: &Screen) -> Child {
    let mut command = screen.command(&testkit::handfast(), ["top", "--every", "200ms"]);
    stage.at_home(&mut command);
    command.env("TERM", "xterm").spawn().unwrap()
}

#[test]
fn lines_have_rates() {
    let stage = Stage::new();
    let busy = stage.start(&["--name", "busy"], "while :; do :; done");
    stage.start(&["--name", "idle"], "sleep 1000");
    let lines = stage.json(&["top", "--every", "300ms"]);
    assert_eq!(lines.len(), 2);
    // What uses most stands first.
    assert_eq!(lines[0]["id"], busy);
    assert!(lines[0]["cpu_percent"].as_f64().unwrap() > 1.0, "{lines:?}");
    assert!(
        lines[1]["resident_bytes"].as_u64().unwrap() > 0,
        "{lines:?}"
    );
}

#[test]
fn it_draws_stops_what_was_confirmed_and_restores_the_terminal() {
    let stage = Stage::new();
    let kept = stage.start(&["--name", "kept"], "sleep 1000");
    let mut screen = Screen::new(20, 100);
    let modes = screen.modes();
    let mut watching = top(&stage, &screen);
    screen.until("kept");
    screen.until("running");
    // Whatever is no yes is a no.
    screen.type_in("s");
    screen.until("y/n");
    screen.type_in("x");
    screen.type_in("s");
    screen.type_in("n");
    screen.until("goes on");
    assert_eq!(stage.json(&["ps"])[0]["id"], kept);
    screen.type_in("s");
    screen.until("?");
    screen.type_in("y");
    screen.until("all gone");
    assert_eq!(stage.json(&["ps"]), [0; 0]);
    screen.type_in("q");
    screen.until("\u{1b}[?1049l");
    assert_eq!(watching.wait().unwrap().code(), Some(0));
    assert_eq!(screen.modes(), modes);
}

#[test]
fn it_sits_down_at_a_terminal_and_comes_back() {
    let stage = Stage::new();
    let words = [
        "start",
        "--tty",
        "--name",
        "sh",
        "--env",
        "PS1=ready> ",
        "--ready-when",
        "ready>",
    ];
    stage.said(&[&words[..], &["--", "sh"]].concat());
    let mut screen = Screen::new(20, 100);
    let modes = screen.modes();
    let mut watching = top(&stage, &screen);
    screen.until("MEMORY");
    screen.until("sh");
    screen.type_in("a");
    screen.until("ready>");
    screen.type_in("echo $((40 + 2))\r");
    screen.until("42");
    screen.type_in("\u{1c}");
    screen.until("detached from sh");
    screen.until("MEMORY");
    screen.type_in("q");
    assert_eq!(watching.wait().unwrap().code(), Some(0));
    assert_eq!(screen.modes(), modes);
}

#[test]
fn without_a_terminal_it_is_refused() {
    let stage = Stage::new();
    let refused = stage.refused(&["top"]);
    assert!(refused.contains("it is drawn on a terminal"), "{refused}");
    assert!(refused.ends_with("exit code 125\n"), "{refused}");
}
