//! Putting another version of the daemon in its place.

use super::{launch, runtime, say};
use crate::app::DaemonUpgrade as Options;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, ClientError, ConnectError, LaunchError, session};
use handfast_daemon::wire::{DaemonStatus, DaemonUpgrade, Word};
use handfast_sys::text;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::sleep;

/// There is no daemon.
const NONE: u8 = 1;

/// How often the daemon is asked whether it is another one.
const AGAIN: Duration = Duration::from_millis(20);

pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let program = options.program.as_deref().map(absolute).transpose()?;
    runtime()?.block_on(upgrade(DaemonUpgrade { program }))
}

fn absolute(path: &Path) -> Result<Word, Failure> {
    let found = std::fs::canonicalize(path);
    let found = found.map_err(|error| Failure::new("cli.program", "find the program", &error))?;
    Ok(Word::from(&*text::bytes(found.as_os_str())))
}

async fn upgrade(how: DaemonUpgrade) -> Result<ExitCode, Failure> {
    let (client, _notes) = match session(&Place::ours(), &launch()?).await {
        Ok(session) => session,
        Err(LaunchError::Connect(ConnectError::NoDaemon { .. })) => {
            say("no daemon to upgrade")?;
            return Ok(ExitCode::from(NONE));
        }
        Err(error) => return Err(Failure::daemon(&error)),
    };
    let asked = client.call(&how).await;
    let asked = asked.map_err(|error| Failure::asked("upgrade the daemon", &error))?;
    let status = other(&client, asked.pid).await;
    let status = status.map_err(|error| Failure::asked("upgrade the daemon", &error))?;
    match status {
        Ok((pid, version)) => say(&format!(
            "the daemon serves (pid {pid}, version {version}), and everything has gone on"
        )),
        Err(why) => Err(Failure::new(
            "daemon.upgrade-failed",
            "upgrade the daemon",
            &io::Error::other(why),
        )),
    }
}

/// Waits until another daemon answers, or the same one with a reason.
async fn other(client: &Client, before: u32) -> Result<Result<(u32, String), String>, ClientError> {
    loop {
        // It is answered by the one that is there then.
        let status = client.call(&DaemonStatus {}).await?;
        if let Some(why) = status.upgrade_failed {
            return Ok(Err(why));
        }
        if status.pid != before {
            return Ok(Ok((status.pid, status.version)));
        }
        sleep(AGAIN).await;
    }
}
