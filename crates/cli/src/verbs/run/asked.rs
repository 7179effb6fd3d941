//! What handfast is sent, one after the other: see `handfast_sys::heard`, which knows each system's.

use crate::explain::Failure;
use handfast_sys::heard;

pub(super) use handfast_sys::heard::Heard as Asked;

/// Listens from when it is made.
#[derive(Debug)]
pub(super) struct Listener(heard::Listener);

impl Listener {
    pub(super) fn new() -> Result<Listener, Failure> {
        let failed = |error| Failure::new("cli.signals", "listen to signals", &error);
        heard::Listener::new().map(Listener).map_err(failed)
    }

    /// The next one. Safe to cancel: none is lost.
    pub(super) async fn next(&mut self) -> Asked {
        self.0.next().await
    }
}
