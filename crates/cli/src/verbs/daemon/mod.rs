//! `handfast daemon`: the one that holds the processes of all clients, started, stopped and looked at.
//!
//! `be.rs` is the daemon itself; the others are clients of it. What must stay true: who stops it waits for
//! its end, and then nothing of it is left; one of another version can be stopped too.

mod be;
mod handing;
mod install;
mod log;
mod logs;
mod reach;
mod status;
mod stop;
mod upgrade;

use crate::app::{DaemonStart, DaemonVerb};
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::connect_or_start;
use handfast_daemon::wire::DaemonStatus;
use std::io::{self, Write};
use std::process::ExitCode;

pub(crate) use reach::{launch, runtime};
pub(crate) use status::Told;

pub(crate) fn run(what: &DaemonVerb) -> ExitCode {
    let done = match what {
        DaemonVerb::Run(options) => be::run(options),
        DaemonVerb::Start(options) => start(options, false),
        DaemonVerb::Status(options) => status::run(options),
        DaemonVerb::Stop => stop::run(false),
        DaemonVerb::Restart(options) => stop::run(true).and_then(|_| start(options, true)),
        DaemonVerb::Upgrade(options) => upgrade::run(options),
        DaemonVerb::Logs(options) => logs::run(options),
        DaemonVerb::Install(options) => install::install(options),
        DaemonVerb::Uninstall(options) => install::uninstall(options),
    };
    done.unwrap_or_else(|failure| {
        failure.say();
        ExitCode::from(failure.status())
    })
}

fn start(options: &DaemonStart, again: bool) -> Result<ExitCode, Failure> {
    let mut launch = launch()?;
    launch.idle_exit = options.idle_exit;
    launch.patience = options.patience;
    let status = runtime()?.block_on(async {
        let started = connect_or_start(&Place::ours(), &launch).await;
        let (client, _) = started.map_err(|error| Failure::daemon(&error))?;
        let status = client.call(&DaemonStatus {}).await;
        status.map_err(|error| Failure::asked("ask how it is", &error))
    })?;
    let gone_on = match status.processes {
        0 => String::new(),
        1 => ", and 1 process has gone on".to_owned(),
        more => format!(", and {more} processes have gone on"),
    };
    let gone_on = if again { gone_on.as_str() } else { "" };
    say(&format!("the daemon serves (pid {}){gone_on}", status.pid))
}

/// Prints a line; who reads only the beginning has what they want.
fn say(line: &str) -> Result<ExitCode, Failure> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cli.output", "print", &error))
        }
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}
