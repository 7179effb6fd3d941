//! Processes and threads by their handles, for the side that has a runtime.

use crate::child::wait_for;
use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};

/// Waits until the process or thread behind a handle has ended, and gives the handle back.
///
/// A thread of the runtime's pool waits, so it is for one that is about to end.
///
/// # Errors
///
/// What the system says when it cannot be waited for.
///
/// # Cancel safety
///
/// Safe for the process; the handle is closed when the wait is over.
pub async fn ended(handle: OwnedHandle) -> io::Result<OwnedHandle> {
    let wait = move || wait_for(handle.as_handle()).map(|()| handle);
    let waited = tokio::task::spawn_blocking(wait).await;
    waited.map_err(io::Error::other)?
}

/// Waits for the end of a child of ours that is about to end, without blocking the runtime. There is
/// nothing to reap on Windows; it has the name of what it is elsewhere.
///
/// # Errors
///
/// What `WaitForSingleObject` says.
pub async fn reap(mut child: std::process::Child) -> io::Result<()> {
    let waited = tokio::task::spawn_blocking(move || child.wait()).await;
    waited.map_err(io::Error::other)?.map(drop)
}
