//! "Something changed": subscribe, act, then ask.

use super::registry::Registry;
use crate::process::Change;
use tokio::sync::broadcast;

/// The changes of all processes of a manager from the moment of subscribing on.
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// // Subscribe, then look, then wait: so nothing can be missed in between.
/// let mut changes = manager.subscribe();
/// while !manager.query_status(handle)?.is_over() {
///     changes.next().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Changes(broadcast::Receiver<Change>);

/// Changes were missed: look at the statuses again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("keep up with the changes: {count} were missed")]
pub struct Missed {
    /// How many.
    pub count: u64,
}

impl Changes {
    pub(crate) fn of(registry: &Registry) -> Changes {
        Changes(registry.subscribe())
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manager::registry::Bounds;
    use crate::process::Ids;
    use std::sync::Arc;
    use std::time::Duration;

    #[tokio::test]
    async fn a_subscriber_that_lags_is_told_how_many_changes_it_missed() {
        let ids = Arc::new(Ids::new().unwrap());
        let bounds = Bounds {
            number: 0,
            age: Duration::ZERO,
        };
        let registry = Registry::new(Arc::clone(&ids), bounds, None);
        let mut changes = Changes(registry.subscribe());
        let told = 5000;
        for number in 0..told {
            let (id, handle) = ids.draw();
            assert_eq!(id, number);
            registry.tell(handle, "running");
        }
        let Err(Missed { count }) = changes.next().await else {
            panic!("it is too far behind")
        };
        // What is left follows without a gap, up to the last one.
        for number in count..told {
            let change = changes.next().await.unwrap().unwrap();
            assert_eq!(ids.given(change.handle), Some(number));
        }
        drop(registry);
        assert_eq!(changes.next().await, Ok(None));
    }
}
