//! How a tree is held, and how surely.

pub use handfast_sys::tree::{Grade, Rung};

/// Which rung a process wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Containment {
    /// The most robust rung that works on this host, found by trying it once.
    #[default]
    Auto,
    /// This rung or none: where it does not work the start is refused.
    Rung(Rung),
}

/// What a rung offers on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// Which rung.
    pub rung: Rung,
    /// How surely it holds a tree.
    pub grade: Grade,
    /// Whether it needs a user namespace here, in which set-uid programs do not work.
    pub user_namespace: bool,
}
