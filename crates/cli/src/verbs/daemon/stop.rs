//! Stopping the daemon, of whatever version it is.

use super::{launch, runtime, say};
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::{ClientError, ConnectError, LaunchError, connect, session};
use handfast_daemon::wire::{DaemonStop, Receipt};
use handfast_sys::descriptor::{AsDescriptor, Descriptor};
use handfast_sys::{host, ready};
use std::io;
use std::process::ExitCode;

/// How many names are told.
const NAMED: usize = 10;

/// Stops it, and says what has ended with it: everything, or with `leave_survivors` only what was not
/// declared to survive.
pub(super) fn run(leave_survivors: bool) -> Result<ExitCode, Failure> {
    let place = Place::ours();
    let ended = runtime()?.block_on(stop(&place, DaemonStop { leave_survivors }))?;
    match ended {
        None => say("no daemon to stop"),
        Some(ended) => say(&told(&ended)),
    }
}

fn told(ended: &[Receipt]) -> String {
    let mut names: Vec<&str> = ended.iter().map(|one| one.process_id.as_str()).collect();
    names.sort_unstable();
    let count = match names.len() {
        0 => return "the daemon has ended".to_owned(),
        1 => "1 process".to_owned(),
        more => format!("{more} processes"),
    };
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    let names = crate::show::safe::word(&names.join(", "));
    format!("the daemon has ended, and {count} with it: {names}{more}")
}

/// Stops it and waits for its end; answers what ended with it.
async fn stop(place: &Place, how: DaemonStop) -> Result<Option<Vec<Receipt>>, Failure> {
    let system = |error: io::Error| Failure::new("daemon.system", "stop the daemon", &error);
    let peer = match connect(place) {
        // The connection is kept for no longer than it takes to know who is there.
        Ok((_stream, peer)) => host::peer(peer).map_err(system)?,
        Err(ConnectError::NoDaemon { .. }) => return Ok(None),
        Err(error) => return Err(Failure::daemon(&LaunchError::Connect(error))),
    };
    let is_older =
        |error: &ClientError| matches!(error.code(), "wire.unknown-method" | "wire.bad-params");
    let ended = match session(place, &launch()?).await {
        Ok((client, _)) => match client.call(&how).await {
            Ok(receipts) => receipts.receipts,
            // It is gone, as was wished.
            Err(ClientError::Closed) => Vec::new(),
            Err(error) if is_older(&error) => end(&peer).map_err(system)?,
            Err(error) => return Err(Failure::asked("stop the daemon", &error)),
        },
        // Whatever it speaks, it is ours.
        Err(LaunchError::OtherVersion { .. }) => end(&peer).map_err(system)?,
        Err(
            LaunchError::Connect(ConnectError::NoDaemon { .. })
            | LaunchError::Client(ClientError::Closed | ClientError::System(_)),
        ) => Vec::new(),
        Err(error) => return Err(Failure::daemon(&error)),
    };
    ready::ended(peer).await.map_err(system)?;
    Ok(Some(ended))
}

/// It ends everything then, and says nothing.
fn end(peer: &Descriptor) -> io::Result<Vec<Receipt>> {
    host::end(peer.as_descriptor())?;
    Ok(Vec::new())
}
