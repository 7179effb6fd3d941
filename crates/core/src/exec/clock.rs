//! The time of calls, and what they have done on another thread.
//!
//! Apart so that a model of schedules can have its own: there time passes when the model says so, and
//! others may go first at every [`point`]. Outside of tests all of it is tokio's, and a point is nothing.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
#[cfg(not(test))]
use tokio::time::Instant;

#[cfg(test)]
pub(super) use super::model::clock::{blocking, now, point, sleep_until};

/// Others may go first here; only a model of schedules makes use of it.
#[cfg(not(test))]
pub(super) fn point() {}

/// Now.
#[cfg(not(test))]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Waits until then. Cancel safe: it is only a time.
#[cfg(not(test))]
pub(super) async fn sleep_until(then: Instant) {
    tokio::time::sleep_until(then).await;
}

/// Does what may take a while where it holds nobody up; `None` only where the runtime ends.
#[cfg(not(test))]
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Waits for something for so long at the most. As cancel safe as that is.
pub(super) async fn timeout<T>(time: Duration, what: impl Future<Output = T>) -> Option<T> {
    let mut what = pin!(what);
    let mut time = pin!(sleep_until(now() + time));
    poll_fn(|context| {
        if let Poll::Ready(done) = what.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        time.as_mut().poll(context).map(|()| None)
    })
    .await
}
