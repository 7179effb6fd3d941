//! How every verb that asks the daemon answers, and on whose behalf it asks.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// What is the same for every verb that asks the daemon.
#[derive(Debug, Clone, Default, Args)]
pub struct Answers {
    /// One line of JSON for each object instead of text.
    #[arg(long, help_heading = HEADING)]
    pub json: bool,
    /// When to use colours; NO_COLOR in the environment says never. [default: auto]
    #[arg(long, value_name = "WHEN", help_heading = HEADING)]
    pub color: Option<When>,
    /// Act for the owner of the token in this file, and not for the user.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = HEADING)]
    pub token_file: Option<PathBuf>,
}

pub(super) const HEADING: &str = "Answers";

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Wherever it goes.
    Always,
    /// Nowhere.
    Never,
}
