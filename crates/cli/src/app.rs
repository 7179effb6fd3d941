//! The command line, as data: its words, its help and its examples.

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use handfast::{Grade, Rung};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Start a program and hold its whole tree: nothing outlives its owner.
#[derive(Debug, Parser)]
#[command(name = "handfast", version, disable_help_subcommand = true)]
#[command(after_help = EXAMPLES)]
pub struct App {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What `handfast` can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a program as if without, and end its whole tree with it.
    Run(Box<Run>),
    /// Say what this host offers, rung by rung, by really doing it.
    Doctor(Doctor),
    /// Print the completion script for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
}

const EXAMPLES: &str = "\
Examples:
  handfast run -- npm run dev
  handfast run --timeout 10m -- make -j2 test
  handfast doctor

Exit codes of handfast itself: 2 wrong command line, 124 time over, 125 handfast failed,
126 program not executable, 127 program not found.";

/// What `handfast run` is told.
#[derive(Debug, Args)]
#[command(after_help = RUN_EXAMPLES)]
pub struct Run {
    /// Give the program an empty environment instead of the caller's.
    #[arg(long)]
    pub clean_env: bool,
    /// Keep only these variables of the caller's environment.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', action = clap::ArgAction::Append)]
    pub keep_env: Vec<OsString>,
    /// Set a variable; later ones win. May be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<OsString>,
    /// Read variables from a file, one NAME=VALUE a line; `#` begins a comment line.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub env_file: Vec<PathBuf>,
    /// Run it in this directory instead of the caller's.
    #[arg(long, value_name = "DIRECTORY", value_hint = ValueHint::DirPath)]
    pub cwd: Option<PathBuf>,
    /// How long the tree may take to end after it was asked.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5s")]
    pub grace: Duration,
    /// End the whole tree after this time, with exit code 124.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// What is to hold the tree: `auto`, or one rung and no other.
    #[arg(long, value_name = "RUNG", default_value = "auto")]
    pub containment: String,
    /// Refuse to start with less than this grade.
    #[arg(long, value_name = "GRADE")]
    pub require: Option<Grade>,
    /// Append both output streams to this file instead of passing them through.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Write one line of JSON with the receipt at the end, to a descriptor (a number) or a file.
    #[arg(long, value_name = "FD|FILE", value_hint = ValueHint::FilePath)]
    pub json: Option<OsString>,
    /// A name for people, in the receipt.
    #[arg(long)]
    pub name: Option<String>,
    /// Wait until the whole tree has ended by itself, not only the program.
    #[arg(long)]
    pub wait_tree: bool,
    /// End with whoever started handfast (the default).
    #[arg(long, overrides_with = "no_with_parent")]
    pub with_parent: bool,
    /// Go on when whoever started handfast has ended.
    #[arg(long)]
    pub no_with_parent: bool,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    #[arg(value_name = "PROGRAM ARGS…", value_hint = ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

const RUN_EXAMPLES: &str = "\
Examples:
  handfast run -- npx -y SOME-MCP-SERVER
  handfast run --timeout 10m -- make -j2 test
  handfast run --require kernel -- ./untrusted
  handfast run --clean-env --env PATH=/usr/bin:/bin -- env
  handfast run --json 3 -- make 3>receipt.json";

/// What `handfast doctor` is told.
#[derive(Debug, Args)]
pub struct Doctor {
    /// One line of JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// The words of [`Rung`] that `--containment` takes besides `auto`.
pub const RUNGS: [Rung; 4] = Rung::LADDER;

/// A length of time as people write it: `500ms`, `10s`, `1m 30s`, or plain seconds.
fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string());
    }
    let span: jiff::SignedDuration = text
        .parse()
        .map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(span).map_err(|error| error.to_string())
}
