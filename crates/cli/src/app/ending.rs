//! Verbs that end something.

use super::answers::Answers;
use super::duration;
use clap::{ArgGroup, Args, ValueEnum};
use handfast_sys::signals;
use std::str::FromStr;
use std::time::Duration;

/// What `handfast stop` is told.
#[derive(Debug, Args)]
#[command(after_help = STOP_EXAMPLES)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["ids", "owner", "port"]))]
pub struct Stop {
    /// Which processes, by id or name.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// All of this owner, and of those below.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Whoever listens on this port of this machine, if it belongs to a tree of ours.
    ///
    /// Where somebody else does, they are named and nothing is touched.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// How long they may take to end after they were asked, in place of their own grace.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub grace: Option<Duration>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const STOP_ABOUT: &str = "\
End processes with their whole trees, and say what was done.

All members of a tree are asked to end (SIGTERM), may take their grace, and are killed. Only trees
of ours are ever touched. What is printed is a receipt for each: how many members there were, how
many had to be killed, and whether somebody lives.";

const STOP_EXAMPLES: &str = "\
Examples:
  handfast stop web
  handfast stop --port 3000
  handfast stop --owner agent-7 --grace 1s

Exit codes: 0 all are gone. 1 members live although they were killed, or a
stranger has the port, 2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";

/// What `handfast signal` is told.
#[derive(Debug, Args)]
#[command(after_help = SIGNAL_EXAMPLES)]
pub struct Signal {
    /// To which process, by id or name.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Which signal: TERM, SIGTERM or 15.
    #[arg(value_name = "SIGNAL")]
    pub signal: SignalName,
    /// To whom of its tree.
    #[arg(long, value_name = "WHOM", default_value = "leader")]
    pub to: Whom,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

/// A part of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whom {
    /// Its program.
    Leader,
    /// The group of its program.
    Group,
    /// All members.
    Tree,
}

const SIGNAL_EXAMPLES: &str = "\
Examples:
  handfast signal web HUP
  handfast signal web USR1 --to tree

Exit codes: 0 it was sent, 2 wrong command line, 3 no such process, 4 not allowed, 125 it is over, or
handfast failed.";

/// A signal, by its number on this system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalName(pub i32);

impl FromStr for SignalName {
    type Err = String;

    fn from_str(text: &str) -> Result<SignalName, String> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let number = match name.parse() {
            Ok(number) => Some(number).filter(|number| signals::is_possible(*number)),
            Err(_) => signals::number(name),
        };
        number.map(SignalName).ok_or_else(|| {
            let examples = signals::EXAMPLES;
            format!("it is no signal; give a name such as {examples}, or a number")
        })
    }
}

/// What `handfast clean` is told.
#[derive(Debug, Args)]
#[command(after_help = CLEAN_EXAMPLES)]
pub struct Clean {
    /// Only these, by id or name.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// Only those of this owner.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only those that ended at least so long ago.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub older_than: Option<Duration>,
    /// Only say which these are.
    #[arg(long)]
    pub dry_run: bool,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const CLEAN_ABOUT: &str = "\
Forget processes that are over, with their output.

Their ids answer no more. What lives is never touched. Without an id, all that may be seen and are
over are meant.";

const CLEAN_EXAMPLES: &str = "\
Examples:
  handfast clean --older-than 1h
  handfast clean --dry-run
  handfast clean build

Exit codes: 0, 2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";

/// What `handfast transfer` is told.
#[derive(Debug, Args)]
#[command(after_help = TRANSFER_EXAMPLES)]
pub struct Transfer {
    /// Which processes, by id or name.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// To whom: an owner that the daemon knows, the caller's own or one below or right above it.
    #[arg(long, value_name = "OWNER")]
    pub to: String,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const TRANSFER_EXAMPLES: &str = "\
Examples:
  handfast transfer web --to agent-7

Exit codes: 0 it is theirs, 2 wrong command line, 3 no such process or owner, 4 not allowed,
125 handfast failed.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_a_name_or_a_number() {
        for text in ["TERM", "sigterm", "15", "SIGTERM"] {
            assert_eq!(text.parse(), Ok(SignalName(15)), "{text}");
        }
        assert_eq!("RTMIN".parse::<SignalName>().ok(), None);
        for odd in ["", "SIG", "0", "65", "-1", "TERMINATE"] {
            assert!(odd.parse::<SignalName>().is_err(), "{odd}");
        }
    }
}
