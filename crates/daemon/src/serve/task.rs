//! Taking connections, and turning away those that may not be.

use super::{Daemon, connection};
use crate::wire::{BUSY, NOT_ALLOWED, WireError, error_line};
use handfast_sys::local::{peer, user};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{UnixListener, UnixStream};
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

pub(super) async fn accept(daemon: Daemon, listener: UnixListener) {
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                sleep(NO_DESCRIPTOR).await;
                continue;
            }
        };
        let before = daemon.0.connections.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(daemon.clone());
        match admit(&stream, before, &daemon) {
            Ok(()) => {
                let daemon = daemon.clone();
                tokio::spawn(async move {
                    connection::serve(daemon, stream.into_split()).await;
                    drop(counted);
                });
            }
            Err(error) => {
                // Not among those that count, or strangers could take all places.
                drop(counted);
                tokio::spawn(turn_away(stream, error));
            }
        }
    }
}

/// Whether somebody may speak at all.
fn admit(stream: &UnixStream, others: usize, daemon: &Daemon) -> Result<(), Arc<WireError>> {
    let there = peer(stream.as_fd()).ok();
    if there.is_none_or(|there| there.user != user()) {
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

async fn turn_away(mut stream: UnixStream, error: Arc<WireError>) {
    let line = error_line(None, &error);
    // Who does not read it is gone all the same.
    let _ = timeout(FAREWELL, stream.write_all(&line)).await;
}
