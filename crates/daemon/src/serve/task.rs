//! Taking connections, and turning away those that may not be.

use super::{Daemon, connection};
use crate::wire::{BUSY, NOT_ALLOWED, WireError, error_line};
use handfast_sys::connection::{Accepted, Listener};
use handfast_sys::local::user;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

/// How long to wait where the system has no descriptor for another connection: some may be closed then.
const NO_DESCRIPTOR: Duration = Duration::from_millis(100);

/// How long somebody who is turned away may take to read why.
const FAREWELL: Duration = Duration::from_secs(1);

/// Counts a connection for as long as it is open.
struct Counted(Daemon);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.connections.fetch_sub(1, Ordering::AcqRel);
        self.0.0.activity.note();
    }
}

pub(super) async fn accept(daemon: Daemon, mut listener: Listener) {
    loop {
        let accepted = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(NO_DESCRIPTOR).await;
                continue;
            }
        };
        let before = daemon.0.connections.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(daemon.clone());
        match admit(&accepted, before, &daemon) {
            Ok(()) => {
                let daemon = daemon.clone();
                let halves = (accepted.incoming, accepted.outgoing);
                tokio::spawn(async move {
                    connection::serve(daemon, halves).await;
                    drop(counted);
                });
            }
            Err(error) => {
                // Not among those that count, or strangers could take all places.
                drop(counted);
                tokio::spawn(turn_away(accepted, error));
            }
        }
    }
}

/// Whether somebody may speak at all.
fn admit(accepted: &Accepted, others: usize, daemon: &Daemon) -> Result<(), Arc<WireError>> {
    let there = accepted.peer.as_ref();
    if there.map_or(true, |there| there.user != user()) {
        let message = "trust the connection: it is of another user";
        return Err(Arc::new(WireError::new(
            NOT_ALLOWED,
            "connect.stranger",
            message,
        )));
    }
    let most = daemon.settings().connections;
    if others >= most {
        let message = format!("take another connection: {most} are open");
        let error = WireError::new(BUSY, "connect.too-many", message);
        return Err(Arc::new(error.detail("limit", most)));
    }
    Ok(())
}

async fn turn_away(mut accepted: Accepted, error: Arc<WireError>) {
    let line = error_line(None, &error);
    // Who does not read it is gone all the same.
    let _ = timeout(FAREWELL, accepted.outgoing.write_all(&line)).await;
}
