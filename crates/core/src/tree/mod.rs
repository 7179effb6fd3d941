//! How a tree is held, and how surely.

pub use handfast_sys::tree::{Grade, Rung};

/// Which rung a process wants.
///
/// ```
/// use handfast::{Containment, Grade, ProcessConfig, Rung};
///
/// // This rung, because set-uid programs must work inside ...
/// let config = ProcessConfig::builder("/usr/bin/sudo").containment(Containment::Rung(Rung::Cgroup));
/// // ... or whichever the host has, if only it is this sure.
/// let config = ProcessConfig::builder("/bin/true").least_grade(Grade::Swept);
/// assert!(Grade::Kernel > Grade::Swept);
/// ```
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
///
/// ```no_run
/// # async fn example(
/// #     manager: handfast::ProcessManager,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::Rung;
///
/// for rung in Rung::LADDER {
///     match manager.probe(rung).await {
///         Ok(offer) => println!("{rung}: {}", offer.grade),
///         Err(why) => println!("{rung}: not here, failed to {why}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
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
