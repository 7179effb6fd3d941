//! What a program gets, and how it is started in the background.

use super::answers::Answers;
use super::{
    ENDING, ENVIRONMENT, GRADES, HOLDING, Variable, containment, containments, duration,
    positive_duration, size, variable, words,
};
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, ValueHint};
use handfast::{Containment, Grade};
use handfast_sys::terminal::Size;
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// What a program gets of its caller.
#[derive(Debug, Clone, Args)]
pub struct Gets {
    /// Give the program an empty environment instead of the caller's.
    #[arg(long, help_heading = ENVIRONMENT)]
    pub clean_env: bool,
    /// Keep these variables of the caller's environment and no others.
    ///
    /// Implies --clean-env. A variable that the caller does not have is no error. May be given
    /// again.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', action = clap::ArgAction::Append)]
    #[arg(help_heading = ENVIRONMENT)]
    pub keep_env: Vec<OsString>,
    /// Set a variable, whatever the caller and files say; later ones win. May be given again.
    #[arg(long, value_name = "NAME=VALUE", help_heading = ENVIRONMENT)]
    #[arg(value_parser = OsStringValueParser::new().try_map(variable))]
    pub env: Vec<Variable>,
    /// Read variables from a file, one NAME=VALUE a line; `#` begins a comment line.
    ///
    /// They win over the caller's and lose to --env. A value is everything from the first `=` to
    /// the end of the line, quotes and blanks included: no shell reads the file. `export ` before a
    /// name is taken. May be given again; later files win.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = ENVIRONMENT)]
    pub env_file: Vec<PathBuf>,
    /// Run it in this directory instead of the caller's.
    ///
    /// As `env -C`: PROGRAM, if it has a `/`, is found from there, and PWD is not changed.
    #[arg(long, value_name = "DIRECTORY", value_hint = ValueHint::DirPath)]
    #[arg(help_heading = ENVIRONMENT)]
    pub cwd: Option<PathBuf>,
}

/// How a program is held, and what is told of it.
#[derive(Debug, Clone, Args)]
pub struct Held {
    /// What is to hold the tree: the strongest that works here, or this rung and no other.
    #[arg(long, value_name = "RUNG", default_value = "auto", help_heading = HOLDING)]
    #[arg(value_parser = words(&containments()).try_map(|word| containment(&word)))]
    pub containment: Containment,
    /// Refuse to start with less than this grade.
    #[arg(long, value_name = "GRADE", help_heading = HOLDING)]
    #[arg(value_parser = words(&GRADES).try_map(|word| word.parse::<Grade>()))]
    pub require: Option<Grade>,
    /// A name by which it can be asked for; several may have the same.
    #[arg(long, help_heading = TOLD)]
    pub name: Option<String>,
    /// What it is for, in a sentence.
    #[arg(long, value_name = "TEXT", help_heading = TOLD)]
    pub purpose: Option<String>,
    /// To whom it belongs: an owner of this name below the caller's, made if there is none.
    #[arg(long, value_name = "NAME", help_heading = TOLD)]
    pub owner: Option<String>,
}

/// What `handfast start` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = MORE)]
pub struct Start {
    /// What the program gets.
    #[command(flatten)]
    pub gets: Gets,
    /// Give the program a terminal of its own, which `handfast attach` shows.
    #[arg(long, help_heading = ENVIRONMENT)]
    pub tty: bool,
    /// How large the terminal of --tty is: lines and columns. Without it 24x80.
    #[arg(long, value_name = "ROWSxCOLS", value_parser = size, requires = "tty")]
    #[arg(help_heading = ENVIRONMENT)]
    pub size: Option<Size>,
    /// Give the program an input that `handfast send` writes to; without it, it reads its end at once.
    #[arg(long, conflicts_with = "tty", help_heading = ENVIRONMENT)]
    pub stdin: bool,
    /// Until when it may live.
    ///
    /// `user` until it is stopped; `lease:30m` until nobody has renewed it for so long; `session` and
    /// `turn` until this command ends, which therefore waits for the program. [default: user]
    #[arg(long, value_name = "LIFETIME", help_heading = ENDING)]
    pub lifetime: Option<Lifetime>,
    /// How long the tree may take to end after it was asked (SIGTERM), before it is killed.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    #[arg(help_heading = ENDING)]
    pub grace: Duration,
    /// End the whole tree after this time by the wall clock.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    #[arg(help_heading = ENDING)]
    pub timeout: Option<Duration>,
    /// Return when this has happened, and not when the program runs.
    ///
    /// `port:N` when it takes connections there, `http:URL` when that answers with success, `exit` when it has ended with 0, anything else when its output matches that regular expression.
    /// Code 1 says that it can happen no more, 124 that the time of --ready-within was over; the
    /// program goes on then.
    #[arg(long, value_name = "CONDITION", help_heading = READY)]
    pub ready_when: Option<ReadyWhen>,
    /// How long to wait for that.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "60s")]
    #[arg(requires = "ready_when", help_heading = READY)]
    pub ready_within: Duration,
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

const READY: &str = "When it is ready";
const TOLD: &str = "What is told of it";

pub(super) const ABOUT: &str = "\
Start a program in the background, held by the daemon.

The daemon is started if there is none. The program gets the caller's environment, directory and
umask, and nothing else of it. It lives until it is stopped, unless --lifetime says otherwise, with
its output kept by the daemon. What is printed is its id.";

const EXAMPLES: &str = "\
Examples:
  handfast start -- npm run dev
  handfast start --name web --ready-when port:3000 -- npm run dev
  handfast start --name db --ready-when 'ready to accept' -- postgres -D data
  handfast start --tty --name py -- python3
  handfast start --lifetime lease:30m -- ./preview

Exit codes: 0 it runs, or is ready. 1 it cannot become ready, 2 wrong command line, 4 not allowed,
124 not ready in time, 125 handfast failed, 126 program not executable, 127 not found.";

const MORE: &str = "\
Exit codes:
  0    it runs; with --ready-when, it is ready
  1    it ended before it was ready
  2    the command line is wrong
  4    the token does not allow it
  124  it was not ready in time; it goes on
  125  handfast failed
  126  the program was found and cannot be executed
  127  the program was not found

Durations: 500ms, 10s, 1m30s, 2h, or plain seconds such as 2.5.

Examples:
  handfast start -- npm run dev
  handfast start --name web --ready-when port:3000 -- npm run dev
  handfast start --name db --ready-when 'ready to accept' -- postgres -D data
  handfast start --tty --name py -- python3
  handfast start --lifetime lease:30m -- ./preview";

/// Until when a process may live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Until the turn ends, or the session.
    Turn,
    /// Until the session ends.
    Session,
    /// Until nobody has renewed it for so long.
    Lease(Duration),
    /// Until it is stopped.
    User,
}

impl FromStr for Lifetime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Lifetime, &'static str> {
        match text.split_once(':') {
            None => match text {
                "turn" => Ok(Lifetime::Turn),
                "session" => Ok(Lifetime::Session),
                "user" => Ok(Lifetime::User),
                _ => Err("it is no lifetime; give user, lease:30m, session or turn"),
            },
            Some(("lease", time)) => positive_duration(time).map(Lifetime::Lease),
            Some(_) => Err("it is no lifetime; give user, lease:30m, session or turn"),
        }
    }
}

/// What a process must come to before it counts as ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadyWhen {
    /// Its output matches.
    Matches(String),
    /// Connections are taken there.
    Port(u16),
    /// It answers there with success.
    Http(String),
    /// It has ended with 0.
    Exit,
}

impl FromStr for ReadyWhen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<ReadyWhen, &'static str> {
        if text == "exit" {
            return Ok(ReadyWhen::Exit);
        }
        if let Some(port) = text.strip_prefix("port:") {
            let port = port.parse().ok().filter(|port| *port > 0);
            return port
                .map(ReadyWhen::Port)
                .ok_or("it is no port; give port:1 to port:65535");
        }
        if let Some(url) = text.strip_prefix("http:") {
            // Both `http:URL` and a URL by itself.
            let url = if url.starts_with("//") { text } else { url };
            return Ok(ReadyWhen::Http(url.to_owned()));
        }
        if text.is_empty() {
            return Err("everything matches what is empty; leave the option out");
        }
        Ok(ReadyWhen::Matches(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_one_of_four_words() {
        let lease = Lifetime::Lease(Duration::from_secs(1800));
        for (text, want) in [
            ("user", Lifetime::User),
            ("session", Lifetime::Session),
            ("turn", Lifetime::Turn),
            ("lease:30m", lease),
        ] {
            assert_eq!(text.parse(), Ok(want));
        }
        for odd in ["", "lease", "lease:", "lease:0", "user:1s", "User"] {
            assert!(odd.parse::<Lifetime>().is_err(), "{odd}");
        }
    }

    #[test]
    fn what_is_no_other_condition_is_a_pattern() {
        let http = |url: &str| ReadyWhen::Http(url.to_owned());
        for (text, want) in [
            ("exit", ReadyWhen::Exit),
            ("port:3000", ReadyWhen::Port(3000)),
            ("http:http://[::1]:80/x", http("http://[::1]:80/x")),
            ("http://localhost", http("http://localhost")),
            ("ready in", ReadyWhen::Matches("ready in".to_owned())),
        ] {
            assert_eq!(text.parse(), Ok(want));
        }
        for odd in ["", "port:", "port:0", "port:65536"] {
            assert!(odd.parse::<ReadyWhen>().is_err(), "{odd}");
        }
    }
}
