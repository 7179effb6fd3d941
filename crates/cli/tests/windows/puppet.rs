//! What the tests start: this very test program, which plays a part.
//!
//! A puppet says a line beginning with `@` for each thing that it has to say.

use std::io::{BufRead, Read, Write};
use std::process::Command;

/// The variable with the part.
pub(crate) const PART: &str = "HANDFAST_PUPPET";

/// The harness's own arguments, by which this program is a puppet.
pub(crate) const ARGUMENTS: [&str; 3] = ["--exact", "puppet::puppet", "--nocapture"];

/// Plays the part that the environment names; without one it is a test that has nothing to do.
#[test]
fn puppet() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    play(&part);
    std::process::exit(0);
}

pub(crate) fn say(line: impl std::fmt::Display) {
    // The harness may have begun a line.
    let mut out = std::io::stdout().lock();
    write!(out, "\n@{line}\n").unwrap();
    out.flush().unwrap();
}

fn play(part: &str) {
    match part.split_once(' ').unwrap_or((part, "")) {
        ("exit", code) => std::process::exit(code.parse::<u32>().unwrap().cast_signed()),
        ("told", _) => {
            let given = std::env::args().skip_while(|word| word != "--").skip(1);
            given.for_each(|word| say(format_args!("<{word}>")));
        }
        ("say", word) => say(word),
        ("echo", _) => {
            let lines = std::io::stdin().lock().lines().map(Result::unwrap);
            lines.for_each(|line| say(format_args!("<{line}>")));
        }
        ("stay", _) => {
            say("up");
            park();
        }
        // Starts one that waits for a word, and stays.
        ("tree", _) => {
            let mut member = Command::new(std::env::current_exe().unwrap());
            member.args(ARGUMENTS).env(PART, "member");
            member.spawn().map(drop).unwrap();
            park();
        }
        ("member", _) => {
            say("up");
            let _ = std::io::stdin().lock().read(&mut [0]).unwrap();
            say("alive");
        }
        (other, _) => panic!("no such part: {other}"),
    }
}

fn park() {
    loop {
        std::thread::park();
    }
}
