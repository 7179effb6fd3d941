//! The command line of `handfast setup`.

use clap::{Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// What `handfast setup` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Setup {
    /// Which client; `skill` prints what an agent should know, as a skill file.
    #[arg(value_enum)]
    pub client: SetupTarget,
    /// Say what would be changed, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Change the settings of the project in this directory instead of the user's.
    #[arg(long, conflicts_with = "file")]
    pub project: bool,
    /// Also have every other server of these settings run by `handfast run`, so that it leaves nothing
    /// behind.
    #[arg(long)]
    pub wrap: bool,
    /// Take out what was put in, and unwrap what was wrapped.
    #[arg(long, conflicts_with = "wrap")]
    pub undo: bool,
    /// Change this file instead of the usual one.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SetupTarget {
    /// Claude Code.
    ClaudeCode,
    /// Codex.
    Codex,
    /// Cursor.
    Cursor,
    /// Visual Studio Code.
    Vscode,
    /// Gemini CLI.
    Gemini,
    /// Zed.
    Zed,
    /// The skill file, printed.
    Skill,
}

pub(super) const ABOUT: &str = "\
Make a client of agents use `handfast mcp`, or take it back.

Only what has to be is changed: comments, order and everything else stay. What was there before is
kept beside the file, with `.before-handfast` at the end of its name.";

const EXAMPLES: &str = "\
Examples:
  handfast setup claude-code --dry-run
  handfast setup codex --wrap
  handfast setup zed --undo
  handfast setup skill >.claude/skills/handfast/SKILL.md

Exit codes: 0 done, 2 wrong command line, 125 handfast failed.";
