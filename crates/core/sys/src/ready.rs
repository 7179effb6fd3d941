//! Descriptors and children on tokio's reactor, for the side that has a runtime.

use crate::child;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Waits until the process behind a pidfd has ended, or behind what stands for one on macOS, and gives
/// that back.
///
/// # Errors
///
/// What the system says when it cannot be watched.
///
/// # Cancel safety
///
/// Safe for the process; the pidfd is closed with the future.
pub async fn ended(pidfd: OwnedFd) -> io::Result<OwnedFd> {
    if let Some(end) = child::end_of(pidfd.as_fd())? {
        // SAFETY: it stays open and the same for as long as it is borrowed or owned here.
        let watched = unsafe { AsyncFd::register_with_interest(end, Interest::READABLE) };
        let watched = watched.map_err(|refused| refused.into_parts().1)?;
        watched.readable().await?.retain_ready();
    }
    Ok(pidfd)
}

/// Waits for the end of a child of ours that is about to end, without blocking the runtime, and
/// reaps it.
///
/// In a process that ignores SIGCHLD the kernel does the reaping, and waiting ends with `ECHILD`
/// when the child has (`wait(2)`): that is no error here.
///
/// # Errors
///
/// What `wait(2)` says.
pub async fn reap(mut one: std::process::Child) -> io::Result<()> {
    let ended = match one.try_wait() {
        Ok(None) => {
            let wait = tokio::task::spawn_blocking(move || one.wait());
            wait.await.map_err(io::Error::other)?
        }
        Ok(Some(status)) => Ok(status),
        Err(error) => Err(error),
    };
    match ended {
        Err(error) if error.raw_os_error() != Some(NO_CHILD) => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// `ECHILD`.
const NO_CHILD: i32 = 10;
