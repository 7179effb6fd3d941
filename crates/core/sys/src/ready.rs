//! Descriptors and children on tokio's reactor, for the side that has a runtime.

use std::io;
use std::os::fd::OwnedFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Waits until the process behind a pidfd has ended, and gives the pidfd back.
///
/// # Errors
///
/// What the system says when it cannot be watched.
///
/// # Cancel safety
///
/// Safe for the process; the pidfd is closed with the future.
pub async fn ended(pidfd: OwnedFd) -> io::Result<OwnedFd> {
    // SAFETY: an owned descriptor stays open and the same for as long as it is owned.
    let watched = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
    let watched = watched.map_err(|refused| refused.into_parts().1)?;
    watched.readable().await?.retain_ready();
    Ok(watched.into_inner())
}

/// Reaps a child of ours that is about to end, without blocking the runtime.
///
/// # Errors
///
/// What `wait(2)` says.
pub async fn reap(mut child: std::process::Child) -> io::Result<std::process::ExitStatus> {
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    let wait = tokio::task::spawn_blocking(move || child.wait());
    wait.await.map_err(io::Error::other)?
}
