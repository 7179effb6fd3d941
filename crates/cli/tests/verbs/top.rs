//! `top`: on a real terminal, and as lines.

use crate::stage::Stage;
use std::num::NonZero;
use std::process::Child;
use testkit::Screen;

/// `top` on a terminal, and what is seen there: it is drawn by its differences.
struct Watching {
    screen: Screen,
    seen: vt100::Parser,
    child: Child,
}

impl Watching {
    fn top(stage: &Stage) -> Watching {
        let screen = Screen::new(20, 100);
        let mut command = screen.command(&testkit::handfast(), ["top", "--every", "200ms"]);
        stage.at_home(&mut command);
        let child = command.env("TERM", "xterm").spawn().unwrap();
        Watching {
            screen,
            seen: vt100::Parser::new(NonZero::new(20).unwrap(), NonZero::new(100).unwrap(), 0),
            child,
        }
    }

    /// Waits until this is seen.
    fn until(&mut self, text: &str) {
        while !self.seen.screen().contents().contains(text) {
            self.seen.process(&self.screen.take(1));
        }
    }
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
    let kept = stage.start(&["--name", "kept"], "exec sleep 1000");
    let mut top = Watching::top(&stage);
    top.until("kept");
    top.until("sh -c 'exec sleep 1000'");
    // Whatever is no yes is a no.
    for no in ["x", "n"] {
        top.screen.type_in("s");
        top.until("stop kept with its 1 member? y/n");
        top.screen.type_in(no);
        top.until("kept goes on");
    }
    assert_eq!(stage.json(&["ps"])[0]["id"], kept);
    top.screen.type_in("s");
    top.until("y/n");
    top.screen.type_in("y");
    top.until("kept: 1 member, all gone after");
    top.until("0 processes");
    assert_eq!(stage.json(&["ps"]), [0; 0]);
    top.screen.type_in("q");
    assert_eq!(top.child.wait().unwrap().code(), Some(0));
    assert_eq!(top.screen.modes(), Screen::new(20, 100).modes());
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
    let mut top = Watching::top(&stage);
    top.until("1 process, 1 member");
    top.screen.type_in("a");
    top.until("ready>");
    top.screen.type_in("echo $((40 + 2))\r");
    top.until("42");
    top.screen.type_in("\u{1c}");
    top.until("1 process, 1 member");
    top.screen.type_in("q");
    assert_eq!(top.child.wait().unwrap().code(), Some(0));
    assert_eq!(top.screen.modes(), Screen::new(20, 100).modes());
}

#[test]
fn without_a_terminal_it_is_refused() {
    let stage = Stage::new();
    let refused = stage.refused(&["top"]);
    assert!(refused.contains("it is drawn on a terminal"), "{refused}");
    assert!(refused.ends_with("exit code 125\n"), "{refused}");
}
