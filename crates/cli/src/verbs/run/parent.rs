//! Whoever started handfast, and its end.
//!
//! It is named by a descriptor, so its pid can be reused without harm. Nobody can be watched where the
//! parent is pid 1 or lives outside of our PID namespace: a parent that had ended before handfast
//! could ask is seen as such a one.

use handfast_sys::descriptor::Descriptor;
use handfast_sys::{host, ready};
use std::fmt;
use std::pin::Pin;

type Ending = Pin<Box<dyn Future<Output = std::io::Result<Descriptor>>>>;

/// The watch over the parent.
pub(super) enum Parent {
    /// There is none, or it does not matter.
    Unwatched,
    /// It lives.
    Watched(Ending),
    /// It has ended.
    Gone,
}

impl fmt::Debug for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Parent::Unwatched => "Unwatched",
            Parent::Watched(_) => "Watched",
            Parent::Gone => "Gone",
        })
    }
}

impl Parent {
    /// Begins to watch the parent that we have now.
    pub(super) fn watch() -> Parent {
        match host::parent() {
            host::Parent::Unknown => Parent::Unwatched,
            host::Parent::Gone => Parent::Gone,
            host::Parent::Lives(named) => Parent::Watched(Box::pin(ready::ended(named))),
        }
    }

    /// Waits for its end; for ever where it is not watched. Safe to cancel.
    pub(super) async fn ended(&mut self) {
        match self {
            Parent::Gone => return,
            Parent::Unwatched => return std::future::pending().await,
            Parent::Watched(ending) => match ending.await {
                Ok(_) => {}
                // It cannot be watched any more, which does not mean that it has ended.
                Err(_) => {
                    *self = Parent::Unwatched;
                    return std::future::pending().await;
                }
            },
        }
        *self = Parent::Gone;
    }
}
