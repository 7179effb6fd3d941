//! The command line of `handfast mcp`.

use super::{Variable, positive_duration, variable};
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::ffi::OsString;
use std::time::Duration;

/// What `handfast mcp` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = MORE)]
pub struct Mcp {
    /// Give commands none of this server's variables but these. May be given again.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', action = clap::ArgAction::Append)]
    pub keep_env: Vec<OsString>,
    /// Set a variable of commands, whatever this server's own says. May be given again.
    #[arg(long, value_name = "NAME=VALUE")]
    #[arg(value_parser = OsStringValueParser::new().try_map(variable))]
    pub env: Vec<Variable>,
    /// The longest wait of one call. Clients give calls up after a time of their own, often 60 s.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "50s")]
    pub longest_wait: Duration,
}

pub(super) const ABOUT: &str = "\
Serve an agent over standard input and output, as its client configures it (MCP over stdio).

It is a client of the daemon, which is started where there is none. Everything that the agent starts
ends with this server, however that ends, unless it was declared to survive.";

const EXAMPLES: &str = "\
Examples:
  handfast mcp
  handfast mcp --keep-env PATH,HOME,LANG --env CI=1
  claude mcp add handfast -- handfast mcp

Exit codes: 0 the client is gone, 2 wrong command line, 125 handfast failed.";

const MORE: &str = "\
Tools: exec_command, write_stdin, list_processes, read_output, wait_for, stop_process,
transfer_process. Resources: handfast://process/ID/output. Prompt: handfast.
Versions of the protocol: 2024-11-05 to 2025-11-25, and 2026-07-28.

Commands get this server's variables and directory, and the shell that SHELL names if that is sh,
bash, zsh or dash, else /bin/bash or /bin/sh. They get none of its descriptors.

Examples:
  handfast mcp
  handfast mcp --keep-env PATH,HOME,LANG --env CI=1
  claude mcp add handfast -- handfast mcp

Exit codes: 0 the client is gone, 2 wrong command line, 125 handfast failed.";
