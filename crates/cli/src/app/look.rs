//! Verbs that look and touch nothing.

use super::answers::Answers;
use super::{duration, positive_duration};
use clap::{Args, ValueEnum};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// What `handfast ps` is told.
#[derive(Debug, Args)]
#[command(after_help = PS_EXAMPLES)]
pub struct Ps {
    /// Also those that are over.
    #[arg(long, short)]
    pub all: bool,
    /// Owners as a tree, and the members of each process below it.
    #[arg(long, short)]
    pub tree: bool,
    /// Only those of this owner, and of those below.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Show them anew whenever something changes, until interrupted.
    #[arg(long, short)]
    pub watch: bool,
    /// How often ages are counted on while nothing does. [default: 1s]
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, requires = "watch")]
    pub every: Option<Duration>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const PS_EXAMPLES: &str = "\
Examples:
  handfast ps
  handfast ps --all --tree
  handfast ps --json | jq -r .id

Exit codes: 0 also where there are none, 2 wrong command line, 4 not allowed, 125 handfast failed.";

/// What `handfast logs` is told.
#[derive(Debug, Args)]
#[command(after_help = LOGS_EXAMPLES)]
pub struct Logs {
    /// Whose, by id or name.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Go on with what they write, until they have ended.
    #[arg(long, short)]
    pub follow: bool,
    /// Only the first lines of what is kept.
    #[arg(long, value_name = "LINES", conflicts_with_all = ["tail", "follow"])]
    pub head: Option<usize>,
    /// Only the last lines of what is kept; then go on, with --follow.
    #[arg(long, short = 'n', value_name = "LINES")]
    pub tail: Option<usize>,
    /// Only what was written at this time or later: 10m (ago), or 2026-01-31T10:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Only lines that match this regular expression.
    #[arg(long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Only one of the two streams.
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<StreamOf>,
    /// Everything byte for byte, also what would control a terminal.
    ///
    /// Without it, only colours reach a terminal; what goes elsewhere is never changed.
    #[arg(long, conflicts_with_all = ["json", "head", "tail", "grep", "since"])]
    pub raw: bool,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

/// One of the streams of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StreamOf {
    /// Descriptor 1, or the terminal.
    Stdout,
    /// Descriptor 2.
    Stderr,
}

const LOGS_EXAMPLES: &str = "\
Examples:
  handfast logs web
  handfast logs -f --tail 20 web worker
  handfast logs --grep 'error|warn' web

Exit codes: 0, 2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";

/// What `handfast wait` is told.
#[derive(Debug, Args)]
#[command(after_help = WAIT_EXAMPLES)]
pub struct Wait {
    /// Which process, by id or name.
    #[arg(value_name = "ID")]
    pub id: String,
    /// For what: exit, ready, regex:REGEX, quiet:TIME, port:N or empty. The first of several counts.
    ///
    /// `exit` is the end of the program, `empty` that of its whole tree; `regex` looks at all that is
    /// kept of the output; `quiet` is no output for so long; `ready` is what --ready-when of its start said.
    #[arg(long = "for", value_name = "CONDITION", default_value = "exit")]
    pub conditions: Vec<For>,
    /// How long; without it, for ever.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub timeout: Option<Duration>,
    /// End with the program's own code, if it has ended.
    #[arg(long)]
    pub exit_code: bool,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const WAIT_EXAMPLES: &str = "\
Examples:
  handfast wait build
  handfast wait build --exit-code --timeout 10m
  handfast wait web --for port:3000 --timeout 30s
  handfast wait web --for 'regex:compiled in' --for quiet:5s

Exit codes: 0 it has happened. 1 it can happen no more, 2 wrong command line, 3 no such process,
4 not allowed, 124 the time was over, 125 handfast failed.";

/// Something to wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// The program has ended.
    Exit,
    /// It is as its start wanted it to be.
    Ready,
    /// Its output matches.
    Matches(String),
    /// It has written nothing for so long.
    Quiet(Duration),
    /// Connections are taken there.
    Port(u16),
    /// Nothing of its tree is left.
    Empty,
}

impl FromStr for For {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<For, &'static str> {
        const ODD: &str = "give exit, ready, regex:REGEX, quiet:2s, port:3000 or empty";
        match text.split_once(':') {
            None => match text {
                "exit" => Ok(For::Exit),
                "ready" => Ok(For::Ready),
                "empty" => Ok(For::Empty),
                _ => Err(ODD),
            },
            Some(("regex", pattern)) => Ok(For::Matches(pattern.to_owned())),
            Some(("quiet", time)) => duration(time).map(For::Quiet),
            Some(("port", port)) => {
                let port = port.parse().ok().filter(|port| *port > 0);
                port.map(For::Port).ok_or(ODD)
            }
            Some(_) => Err(ODD),
        }
    }
}

impl fmt::Display for For {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            For::Exit => f.write_str("exit"),
            For::Ready => f.write_str("ready"),
            For::Empty => f.write_str("empty"),
            For::Matches(pattern) => write!(f, "regex:{pattern}"),
            For::Quiet(time) => write!(f, "quiet:{}ms", time.as_millis()),
            For::Port(port) => write!(f, "port:{port}"),
        }
    }
}

/// What `handfast info` is told.
#[derive(Debug, Args)]
#[command(after_help = INFO_EXAMPLES)]
pub struct Info {
    /// Which processes, by id or name.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const INFO_EXAMPLES: &str = "\
Examples:
  handfast info web
  handfast info web --json | jq .cause

Exit codes: 0, 2 wrong command line, 3 no such process, 4 not allowed, 125 handfast failed.";

/// A moment, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub u64);

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Moment, &'static str> {
        const ODD: &str = "it is no time; give 10m (ago), or 2026-01-31T10:00:00Z";
        if let Ok(ago) = duration(text) {
            return Ok(Moment(crate::show::text::since(
                crate::show::text::milliseconds(ago),
            )));
        }
        let at: jiff::Timestamp = text.parse().map_err(|_| ODD)?;
        u64::try_from(at.as_millisecond())
            .map(Moment)
            .map_err(|_| ODD)
    }
}

/// What `handfast top` is told.
#[derive(Debug, Args)]
#[command(after_help = TOP_EXAMPLES)]
pub struct Top {
    /// How often to look. [default: 1s]
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub every: Option<Duration>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const TOP_ABOUT: &str = "\
Show what processes use, as it changes.

Keys: up and down select, s stops the selected one with its whole tree once that is confirmed, a sits
down at its terminal, c, m and t sort by processor, memory and time, q leaves. With --json it looks
twice and prints a line for each process.";

const TOP_EXAMPLES: &str = "\
Examples:
  handfast top
  handfast top --every 5s
  handfast top --json | jq -r '[.id, .cpu_percent] | @tsv'

Exit codes: 0, 2 wrong command line, 4 not allowed, 125 handfast failed.";

/// What `handfast events` is told.
#[derive(Debug, Args)]
#[command(after_help = EVENTS_EXAMPLES)]
pub struct Events {
    /// Only of these processes, by id, name or handle.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// Go on with what happens, until interrupted.
    #[arg(long, short)]
    pub follow: bool,
    /// Only of this owner, and of those below.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

const EVENTS_EXAMPLES: &str = "\
Examples:
  handfast events
  handfast events -f web
  handfast events -f --json | jq -r 'select(.event == \"terminated\") | .id'

Exit codes: 0, 2 wrong command line, 4 not allowed, 125 handfast failed.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_words_with_what_they_need() {
        for (text, want) in [
            ("exit", For::Exit),
            ("ready", For::Ready),
            ("empty", For::Empty),
            ("regex:a:b", For::Matches("a:b".to_owned())),
            ("quiet:2s", For::Quiet(Duration::from_secs(2))),
            ("port:80", For::Port(80)),
        ] {
            assert_eq!(text.parse(), Ok(want));
        }
        for odd in ["", "exits", "quiet", "quiet:x", "port:0", "port", "http:x"] {
            assert!(odd.parse::<For>().is_err(), "{odd}");
        }
    }

    #[test]
    fn a_moment_is_so_long_ago_or_a_time() {
        assert_eq!("1970-01-01T00:00:02Z".parse(), Ok(Moment(2000)));
        let Moment(ago) = "1h".parse().unwrap();
        assert!(crate::show::text::since(ago) >= 3_600_000);
        for odd in ["", "yesterday", "-1s", "1969-12-31T00:00:00Z"] {
            assert!(odd.parse::<Moment>().is_err(), "{odd}");
        }
    }
}
