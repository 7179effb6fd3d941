//! Stopping the daemon, of whatever version it is.

use super::{launch, runtime, say};
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::{ClientError, ConnectError, LaunchError, connect, session};
use handfast_daemon::wire::DaemonStop;
use handfast_sys::child::{self, Pid};
use handfast_sys::local::Peer;
use handfast_sys::ready;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;

/// The request to end in order.
const SIGTERM: i32 = 15;

pub(super) fn run() -> Result<ExitCode, Failure> {
    let place = Place::ours();
    let ended = runtime()?.block_on(stop(&place))?;
    match ended {
        None => say("no daemon to stop"),
        Some(0) => say("the daemon has ended"),
        Some(1) => say("the daemon has ended, and 1 process with it"),
        Some(count) => say(&format!(
            "the daemon has ended, and {count} processes with it"
        )),
    }
}

/// Stops it and waits for its end; answers how many processes ended with it.
async fn stop(place: &Place) -> Result<Option<usize>, Failure> {
    let system = |error: io::Error| Failure::new("daemon.system", "stop the daemon", &error);
    let peer = match connect(place) {
        // The connection is kept for no longer than it takes to know who is there.
        Ok((_stream, peer)) => pidfd(peer).map_err(system)?,
        Err(ConnectError::NoDaemon { .. }) => return Ok(None),
        Err(error) => return Err(Failure::daemon(&LaunchError::Connect(error))),
    };
    let ended = match session(place, &launch()?).await {
        Ok((client, _)) => match client.call(&DaemonStop {}).await {
            Ok(receipts) => receipts.receipts.len(),
            // It is gone, as was wished.
            Err(ClientError::Closed) => 0,
            Err(error) if error.code() == "wire.unknown-method" => end(&peer).map_err(system)?,
            Err(error) => return Err(Failure::asked("stop the daemon", &error)),
        },
        // Whatever it speaks, it is ours.
        Err(LaunchError::OtherVersion { .. }) => end(&peer).map_err(system)?,
        Err(
            LaunchError::Connect(ConnectError::NoDaemon { .. })
            | LaunchError::Client(ClientError::Closed | ClientError::System(_)),
        ) => 0,
        Err(error) => return Err(Failure::daemon(&error)),
    };
    ready::ended(peer).await.map_err(system)?;
    Ok(Some(ended))
}

fn end(peer: &OwnedFd) -> io::Result<usize> {
    child::signal_pidfd(peer.as_fd(), SIGTERM)?;
    Ok(0)
}

/// The process that listens, which is alive as long as the connection to it is.
fn pidfd(peer: Peer) -> io::Result<OwnedFd> {
    match peer.pidfd {
        Some(pidfd) => Ok(pidfd),
        None => {
            let pid = i32::try_from(peer.pid).ok().and_then(Pid::new);
            let pid = pid.ok_or_else(|| io::Error::other("the daemon cannot be seen from here"))?;
            child::open_pidfd(pid)
        }
    }
}
