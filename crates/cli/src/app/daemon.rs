//! The command line of `handfast daemon`.

use super::{duration, positive_duration};
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;
use std::time::Duration;

/// What `handfast daemon` is told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = MORE)]
pub struct Daemon {
    /// What to do with it.
    #[command(subcommand)]
    pub what: DaemonVerb,
}

/// What can be done with the daemon.
#[derive(Debug, Subcommand)]
pub enum DaemonVerb {
    /// Be the daemon, in the foreground: what units of service managers call.
    Run(DaemonRun),
    /// Start it in the background, unless it runs, and wait until it serves.
    Start(DaemonStart),
    /// Say how it is; exit code 1 if there is none.
    Status(DaemonStatus),
    /// End every process that it holds, also those that were declared to survive, and then itself.
    Stop,
    /// Stop it and start this version of it, which goes on with what was declared to survive.
    Restart(DaemonStart),
    /// Put another version in its place, without ending anything.
    Upgrade(DaemonUpgrade),
    /// Print its log.
    Logs(DaemonLogs),
    /// Write a unit for the service manager of this user, which then starts it at login.
    Install(DaemonInstall),
    /// Remove that unit.
    Uninstall(DaemonUninstall),
}

/// What `handfast daemon install` is told.
#[derive(Debug, Args)]
pub struct DaemonInstall {
    /// Print the unit and write nothing.
    #[arg(long)]
    pub print: bool,
    /// Overwrite a unit that was not made by this program.
    #[arg(long)]
    pub force: bool,
    /// For which service manager; without it the one of this system.
    #[arg(long = "for", value_name = "MANAGER", value_enum)]
    pub manager: Option<ServiceManager>,
}

/// What `handfast daemon uninstall` is told.
#[derive(Debug, Args)]
pub struct DaemonUninstall {
    /// Remove a unit that was not made by this program.
    #[arg(long)]
    pub force: bool,
    /// For which service manager; without it the one of this system.
    #[arg(long = "for", value_name = "MANAGER", value_enum)]
    pub manager: Option<ServiceManager>,
}

/// A service manager of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ServiceManager {
    /// Of Linux: a user unit.
    Systemd,
    /// Of macOS: an agent.
    Launchd,
}

/// What `handfast bridge` is told.
#[derive(Debug, Args)]
#[command(after_help = BRIDGE_EXAMPLES)]
pub struct Bridge {
    /// Act for the user, by the token that lies beside the socket, and not for an owner of its own.
    #[arg(long)]
    pub as_user: bool,
}

pub(super) const BRIDGE_ABOUT: &str = "\
Speak the daemon's wire on the standard streams: JSON-RPC 2.0, one message a line.

For clients on another machine: `ssh HOST handfast bridge`. The daemon is started if there is none.
When the input ends the session ends, with everything that was not declared to survive.";

const BRIDGE_EXAMPLES: &str = "\
Examples:
  handfast bridge
  ssh HOST handfast bridge --as-user

Exit codes: 0 the client has ended, 2 wrong command line, 125 the daemon has, or was not reached.";

/// What `handfast daemon run` is told.
#[derive(Debug, Clone, Args)]
pub struct DaemonRun {
    /// Leave when nobody was connected and no process lived for so long; 0 is never.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "0")]
    pub idle_exit: Duration,
    /// Listen in this folder instead of the usual one.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub run_folder: Option<PathBuf>,
    /// Keep the log, and what else outlasts the daemon, in this folder instead of the usual one.
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub state_folder: Option<PathBuf>,
    /// Run in the background, in a session of its own; how clients start it.
    #[arg(long, hide = true)]
    pub detach: bool,
    /// Say on standard output whether it serves, and log to the file: the second half of `--detach`.
    #[arg(long, hide = true)]
    pub announce: bool,
    /// Say what this program can take over, and nothing else.
    #[arg(long, hide = true)]
    pub probe: bool,
    /// Wait with the seat of a daemon, which lies at standard input, until this program has taken it.
    #[arg(long, hide = true, value_name = "PROGRAM")]
    pub hand_over: Option<PathBuf>,
    /// Take the seat that lies at standard input, and say so on standard output.
    #[arg(long, hide = true)]
    pub take_over: bool,
}

/// What `handfast daemon start` and `restart` are told.
#[derive(Debug, Args)]
pub struct DaemonStart {
    /// When it leaves by itself: after so long without a client and without a process; 0 is never.
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = IDLE_EXIT)]
    pub idle_exit: Duration,
    /// How long its start may take.
    #[arg(long, value_name = "DURATION", value_parser = positive_duration, default_value = "60s")]
    pub patience: Duration,
}

/// What `handfast daemon upgrade` is told.
#[derive(Debug, Args)]
#[command(after_help = UPGRADE_EXAMPLES)]
pub struct DaemonUpgrade {
    /// The program to go on with; without it the one that lies where the daemon's did.
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub program: Option<PathBuf>,
}

const UPGRADE_EXAMPLES: &str = "\
Every process goes on, and so does every client: `logs -f`, `attach` and `wait` notice nothing. If the
program does not come up, the daemon goes on as it was, and says why.

Examples:
  handfast daemon upgrade
  handfast daemon upgrade --program /opt/handfast-next/bin/handfast

Exit codes: 0 it was done, 1 there is no daemon, 125 it goes on as it was.";

/// What `handfast daemon status` is told.
#[derive(Debug, Args)]
pub struct DaemonStatus {
    /// One line of JSON instead of text.
    #[arg(long)]
    pub json: bool,
}

/// What `handfast daemon logs` is told.
#[derive(Debug, Args)]
pub struct DaemonLogs {
    /// How many of the last lines.
    #[arg(long, short = 'n', value_name = "LINES", default_value_t = 100)]
    pub tail: usize,
    /// Go on with what comes, until it is interrupted.
    #[arg(long, short)]
    pub follow: bool,
}

/// When a daemon that was started on demand leaves by itself, in words.
pub const IDLE_EXIT: &str = "10m";

pub(super) const ABOUT: &str = "\
Start, stop and look at the daemon: one for each user, which holds the processes of all clients.

It is started by whatever needs it, and leaves when nobody was connected and no process lived for
ten minutes. What it starts gets nothing of it, and it keeps nothing of who started it.";

const EXAMPLES: &str = "\
Examples:
  handfast daemon start
  handfast daemon status --json | jq .processes
  handfast daemon restart
  handfast daemon logs -f
  handfast daemon install --print

Exit codes: 0 done, 1 there is none (status), 2 wrong command line, 125 handfast failed.";

const MORE: &str = "\
Places:
  HANDFAST_HOME      one folder for everything: it listens in `run` below it, and keeps `state`
  XDG_RUNTIME_DIR    without that, it listens in `handfast` below this
  XDG_STATE_HOME     and keeps its log in `handfast` below this; without it in ~/.local/state
  Without XDG_RUNTIME_DIR it listens in /run/user/UID/handfast or /tmp/handfast-UID.

Signals of `daemon run`:
  TERM, INT, HUP     every process is asked to end and killed after its grace; a second one kills
                     all at once, a third leaves that to the helper

Log: HANDFAST_LOG=error|warn|info|debug|trace; the file is at most 1 MiB, and one more is kept.

Exit codes:
  0    done; for `daemon run`, it left in order
  1    `daemon status`: there is none
  2    the command line is wrong
  125  handfast failed

Examples:
  handfast daemon start
  handfast daemon status --json | jq .processes
  handfast daemon restart
  handfast daemon logs -f";
