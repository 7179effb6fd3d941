//! Verbs that talk to a program.

use super::answers::Answers;
use super::start::{Gets, Held};
use super::{ENDING, duration, positive_duration};
pub use crate::verbs::attach::DetachKey;
use clap::{Args, ValueHint};
use std::ffi::OsString;
use std::time::Duration;

/// What `handfast exec` is told.
#[derive(Debug, Args)]
#[command(after_help = EXEC_EXAMPLES)]
pub struct Exec {
    /// What the program gets.
    #[command(flatten)]
    pub gets: Gets,
    /// How long to wait for its end before it is left to the daemon. [default: 10s]
    #[arg(long = "yield", value_name = "DURATION", value_parser = positive_duration)]
    #[arg(help_heading = ENDING)]
    pub yield_after: Option<Duration>,
    /// How long the tree may take to end after it was asked (SIGTERM), before it is killed.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    #[arg(help_heading = ENDING)]
    pub grace: Duration,
    /// How it is held, and what it is called.
    #[command(flatten)]
    pub held: Held,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
    /// The program and its arguments; `--` before it ends the options.
    #[arg(required = true, trailing_var_arg = true)]
    #[arg(value_name = "PROGRAM ARGS…", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

pub(super) const EXEC_ABOUT: &str = "\
Run a program, and leave it to the daemon if it takes long.

Its output is shown as it comes, and its exit code is that of handfast. If it still runs after the
time of --yield, handfast says its id on standard error and returns with 124; the program goes on,
as if it had been started. Until then it ends with handfast, and its whole tree with it.

Its standard input is at its end at once. What reads one is for `handfast run`, or for `handfast
start --stdin` and `handfast send`.";

const EXEC_EXAMPLES: &str = "\
Examples:
  handfast exec -- make test
  handfast exec --yield 2s --name build -- npm run build

Exit codes: the program's own; 128 and its number for a signal. Of handfast itself: 2 wrong command
line, 4 not allowed, 124 it still runs, 125 handfast failed, 126 not executable, 127 not found.";

/// What `handfast send` is told.
#[derive(Debug, Args)]
#[command(after_help = SEND_EXAMPLES)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
    .args(["text", "key", "enter", "eof", "stdin"]))]
pub struct Send {
    /// To which process, by id or name.
    #[arg(value_name = "ID")]
    pub id: String,
    /// What is typed; several words with a blank between, byte for byte.
    #[arg(value_name = "TEXT")]
    pub text: Vec<OsString>,
    /// Type all that comes from standard input, instead of a text.
    #[arg(long, conflicts_with = "text")]
    pub stdin: bool,
    /// Press keys after the text, by name: ctrl-c, up, enter, f5, 'alt-x'. May be given again.
    #[arg(long, value_name = "KEYS")]
    pub key: Vec<String>,
    /// Press enter after that; without a terminal, end the line.
    #[arg(long, short)]
    pub enter: bool,
    /// End its input after that.
    #[arg(long)]
    pub eof: bool,
    /// How long it may take the program to read it.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "5s")]
    pub within: Duration,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const SEND_EXAMPLES: &str = "\
Examples:
  handfast send py 'print(6 * 7)' --enter
  handfast send top --key q
  handfast send web --key ctrl-c
  handfast send sort --stdin --eof <names.txt

Exit codes: 0 all of it was taken. 1 the program has not read all of it in time, 2 wrong command
line, 3 no such process, 4 not allowed, 125 it has no input, or handfast failed.";

/// What `handfast attach` is told.
#[derive(Debug, Clone, Args)]
#[command(after_help = ATTACH_EXAMPLES)]
pub struct Attach {
    /// To which process, by id or name.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only look: nothing is typed, and its terminal keeps its size.
    #[arg(long, conflicts_with = "take_over")]
    pub read_only: bool,
    /// Take the place of another client that is attached.
    #[arg(long)]
    pub take_over: bool,
    /// The key that detaches: ctrl-a to ctrl-z, ctrl-\, ctrl-], ctrl-^ or ctrl-_. [default: ctrl-\]
    #[arg(long, value_name = "KEY")]
    pub detach_key: Option<DetachKey>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const ATTACH_ABOUT: &str = "\
Sit down at the terminal of a program.

What it shows is drawn as it is now, then everything that is typed goes to it and everything that it
writes is shown. Its terminal gets the size of the caller's. The key that detaches (Ctrl-\\) leaves
it running. One client at a time is attached; others may look with --read-only.";

const ATTACH_EXAMPLES: &str = "\
Examples:
  handfast start --tty --name py -- python3
  handfast attach py
  handfast attach --read-only py
  handfast attach --take-over --detach-key ctrl-] py

Exit codes: 0 detached. The program's own if it ended meanwhile. 1 another client has taken the
place, 2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";
