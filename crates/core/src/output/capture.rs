//! How the output of a process is to be captured.

use super::spill::{Quota, Spill};

/// How the streams that a config sends to [`Output::Captured`](crate::config::Output::Captured) are
/// kept.
///
/// ```
/// use handfast::output::Capture;
///
/// assert_eq!(Capture::default().kept(), Capture::DEFAULT_KEEP);
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it is given to a config"]
pub struct Capture {
    keep: usize,
    back_pressure: Option<String>,
    spill: Option<Spill>,
    tap: Option<usize>,
}

impl Default for Capture {
    fn default() -> Self {
        Capture {
            keep: Capture::DEFAULT_KEEP,
            back_pressure: None,
            spill: None,
            tap: None,
        }
    }
}

impl Capture {
    /// How many bytes are kept unless set: 1 MiB.
    pub const DEFAULT_KEEP: usize = 1024 * 1024;

    /// How many bytes are kept in memory of all streams together: half of them the first, half the
    /// last. What is known about them takes up to a quarter of that on top. Memory is taken as
    /// output comes.
    pub fn keep(mut self, bytes: usize) -> Self {
        self.keep = bytes;
        self
    }

    /// Holds the output back from its first byte on until somebody takes it up under this name with
    /// [`Captured::hold`](super::Captured::hold): a process that writes more than is kept waits
    /// until then. Unless this is asked for, no reader ever stops a process.
    pub fn back_pressure(mut self, name: impl Into<String>) -> Self {
        self.back_pressure = Some(name.into());
        self
    }

    /// Writes all output to disk as well, from where [`Captured::fetch`](super::Captured::fetch)
    /// reads what memory no longer has.
    pub fn spill(mut self, spill: Spill) -> Self {
        self.spill = Some(spill);
        self
    }

    /// Keeps what one reader has not taken yet as well, at most so many bytes of it.
    pub(crate) fn tapped(mut self, bytes: usize) -> Self {
        self.tap = Some(bytes);
        self
    }

    /// How many bytes are kept for the one who takes them.
    pub(crate) fn tap(&self) -> Option<usize> {
        self.tap
    }

    /// Keeps what is spilled within this quota too.
    pub(crate) fn spill_within(&mut self, quota: &Quota) {
        if let Some(spill) = &mut self.spill {
            spill.within(quota);
        }
    }

    /// How it is spilled, if it is.
    pub(super) fn spilled(&self) -> Option<&Spill> {
        self.spill.as_ref()
    }

    /// How many bytes are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.keep
    }

    /// How many of the first bytes are kept.
    pub(super) fn head(&self) -> u64 {
        self.keep as u64 / 2
    }

    /// Under which name the output is held back from its first byte.
    #[must_use]
    pub fn back_pressure_name(&self) -> Option<&str> {
        self.back_pressure.as_deref()
    }
}
