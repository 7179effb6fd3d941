//! The verb that shows the settings.

use super::answers::Answers;
use super::positive_duration;
use super::start::Lifetime;
use crate::verbs::attach::DetachKey;
use clap::{Args, Subcommand};
use std::time::Duration;

/// What `handfast config` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub what: ConfigVerb,
}

/// What `handfast config` can do.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Show every setting, and where its value comes from.
    #[command(after_help = EXAMPLES)]
    Show(ConfigShow),
}

/// What `handfast config show` is told: the options of other verbs that have a setting.
#[derive(Debug, Args)]
pub struct ConfigShow {
    /// As of `start`.
    #[arg(long, value_name = "LIFETIME")]
    pub lifetime: Option<Lifetime>,
    /// As of `exec`.
    #[arg(long = "yield", value_name = "DURATION", value_parser = positive_duration)]
    pub yield_after: Option<Duration>,
    /// As of `attach`.
    #[arg(long, value_name = "KEY")]
    pub detach_key: Option<DetachKey>,
    /// As of `top` and `ps --watch`.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    pub every: Option<Duration>,
    /// How it is answered.
    #[command(flatten)]
    pub answers: Answers,
}

pub(super) const ABOUT: &str = "\
Show the settings, and where each value comes from.

An option wins over a variable, a variable over the file, the file over the default. The file is
handfast/config.toml in XDG_CONFIG_HOME, or in .config of HOME.";

const EXAMPLES: &str = "\
Examples:
  handfast config show
  handfast config show --json
  HANDFAST_EXEC_YIELD=1m handfast config show

Exit codes: 0, 2 wrong command line, 125 the file cannot be read, or handfast failed.";
