//! "Something changed": subscribe, act, then ask.

use crate::process::Change;
use tokio::sync::broadcast;

/// The changes of all processes of a manager from the moment of subscribing on.
#[derive(Debug)]
pub struct Changes(pub(super) broadcast::Receiver<Change>);

/// Changes were missed: look at the statuses again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("keep up with the changes: {count} were missed")]
pub struct Missed {
    /// How many.
    pub count: u64,
}

impl Changes {
    /// Waits for the next change; `Ok(None)` once the manager and all its processes are gone.
    ///
    /// # Errors
    ///
    /// [`Missed`] where this subscriber was more than 4,096 changes behind. The next call goes on
    /// with the oldest that is kept.
    ///
    /// # Cancel safety
    ///
    /// Safe: no change is taken before the future is ready.
    pub async fn next(&mut self) -> Result<Option<Change>, Missed> {
        match self.0.recv().await {
            Ok(change) => Ok(Some(change)),
            Err(broadcast::error::RecvError::Closed) => Ok(None),
            Err(broadcast::error::RecvError::Lagged(count)) => Err(Missed { count }),
        }
    }
}
