//! Verbs that end something.

use super::answers::Answers;
use super::duration;
use clap::{ArgGroup, Args};
use std::time::Duration;

/// What `handfast stop` is told.
#[derive(Debug, Args)]
#[command(after_help = STOP_EXAMPLES)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["ids", "owner"]))]
pub struct Stop {
    /// Which processes, by id or name.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// All of this owner, and of those below.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
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
  handfast stop --owner agent-7 --grace 1s

Exit codes: 0 all are gone. 1 members live although they were killed,
2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";
