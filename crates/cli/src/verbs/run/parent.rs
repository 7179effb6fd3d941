//! Whoever started handfast, and its end.
//!
//! It is named by a pidfd, so its pid can be reused without harm. A parent that ends between the
//! question who it is and the pidfd is noticed by asking again. Nobody can be watched where the
//! parent is pid 1 or lives outside of our PID namespace: a parent that had ended before handfast
//! could ask is seen as such a one.

use handfast_sys::child::{self, Pid};
use handfast_sys::ready;
use std::fmt;
use std::os::fd::OwnedFd;
use std::os::unix::process::parent_id;
use std::pin::Pin;

type Ending = Pin<Box<dyn Future<Output = std::io::Result<OwnedFd>>>>;

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
        let Some(pid) = i32::try_from(parent_id()).ok().and_then(Pid::new) else {
            return Parent::Unwatched;
        };
        let named = child::open_pidfd(pid);
        if parent_id().cast_signed() != pid.get() {
            return Parent::Gone;
        }
        match named {
            Ok(pidfd) => Parent::Watched(Box::pin(ready::ended(pidfd))),
            // It lives and may not be named: a kernel without pidfds, or a seccomp filter.
            Err(_) => Parent::Unwatched,
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
