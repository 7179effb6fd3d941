//! The resource limits (`setrlimit(2)`) that a child starts with.
//!
//! Plain data: numbers for the system are made where the system is called. A resource appears at
//! most once, so that the order of calls can never matter.

use std::fmt;

/// Something that the system can limit for a process. The names are those of `ulimit` and
/// `limits.conf`.
///
/// # Platforms
///
/// `MsgQueue`, `Nice`, `RtPrio`, `RtTime`, `SigPending` and `Locks` exist on Linux only.
///
/// ```
/// use handfast::config::Resource;
///
/// assert_eq!(Resource::from_word("nofile"), Some(Resource::NoFile));
/// assert_eq!(Resource::NoFile.to_string(), "nofile");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Address space, in bytes.
    As,
    /// Size of a core file, in bytes.
    Core,
    /// Processor time, in seconds.
    Cpu,
    /// Data segment, in bytes.
    Data,
    /// Size of a written file, in bytes.
    FSize,
    /// Locked memory, in bytes.
    MemLock,
    /// Open descriptors: one more than the highest number.
    NoFile,
    /// Processes of the same user.
    NProc,
    /// Resident memory, in bytes. Linux accepts it and does nothing.
    Rss,
    /// Main thread's stack, in bytes. On Linux a quarter of it bounds arguments and environment.
    Stack,
    /// Bytes in POSIX message queues.
    MsgQueue,
    /// Ceiling of the nice value, as 20 minus the value.
    Nice,
    /// Ceiling of the real-time priority.
    RtPrio,
    /// Processor time without a blocking call under real-time scheduling, in microseconds.
    RtTime,
    /// Queued signals of the same user.
    SigPending,
    /// Locks on files. Linux accepts it and does nothing.
    Locks,
}

/// How much of a resource.
///
/// Ordered: every value is less than [`Limit::Unlimited`].
///
/// ```
/// use handfast::config::Limit;
///
/// assert!(Limit::from(u64::MAX) < Limit::Unlimited);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// This much, in the unit of the resource.
    Value(u64),
    /// As much as there is.
    Unlimited,
}

/// The limits that a child starts with. What is not named stays as the host has it.
///
/// ```
/// use handfast::config::{Limit, Resource, ResourceLimits};
///
/// let mut limits = ResourceLimits::new();
/// limits.set(Resource::NoFile, Limit::Value(256), Limit::Value(1024));
/// limits.set(Resource::Core, Limit::Value(0), Limit::Value(0));
/// assert_eq!(limits.get(Resource::Core), Some((Limit::Value(0), Limit::Value(0))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceLimits {
    limits: Vec<(Resource, Limit, Limit)>,
}

impl ResourceLimits {
    /// No limit of our own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the soft and the hard limit of a resource; the last call for a resource wins.
    ///
    /// That soft does not exceed hard is checked with the whole config, not here.
    pub fn set(&mut self, resource: Resource, soft: Limit, hard: Limit) {
        self.limits.retain(|(held, ..)| *held != resource);
        self.limits.push((resource, soft, hard));
    }

    /// The soft and the hard limit of a resource, if it was set.
    #[must_use]
    pub fn get(&self, resource: Resource) -> Option<(Limit, Limit)> {
        self.iter()
            .find(|(held, ..)| *held == resource)
            .map(|(_, soft, hard)| (soft, hard))
    }

    /// All limits as resource, soft, hard.
    pub fn iter(&self) -> impl Iterator<Item = (Resource, Limit, Limit)> {
        self.limits.iter().copied()
    }

    /// Whether no limit was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty()
    }
}

impl Resource {
    /// Every resource there is.
    pub const ALL: [Resource; 16] = [
        Resource::As,
        Resource::Core,
        Resource::Cpu,
        Resource::Data,
        Resource::FSize,
        Resource::MemLock,
        Resource::NoFile,
        Resource::NProc,
        Resource::Rss,
        Resource::Stack,
        Resource::MsgQueue,
        Resource::Nice,
        Resource::RtPrio,
        Resource::RtTime,
        Resource::SigPending,
        Resource::Locks,
    ];

    /// The word for this resource on the command line and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Resource::As => "as",
            Resource::Core => "core",
            Resource::Cpu => "cpu",
            Resource::Data => "data",
            Resource::FSize => "fsize",
            Resource::MemLock => "memlock",
            Resource::NoFile => "nofile",
            Resource::NProc => "nproc",
            Resource::Rss => "rss",
            Resource::Stack => "stack",
            Resource::MsgQueue => "msgqueue",
            Resource::Nice => "nice",
            Resource::RtPrio => "rtprio",
            Resource::RtTime => "rttime",
            Resource::SigPending => "sigpending",
            Resource::Locks => "locks",
        }
    }

    /// The resource with this word, if there is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Resource::ALL
            .into_iter()
            .find(|resource| resource.word() == word)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl From<u64> for Limit {
    fn from(value: u64) -> Self {
        Limit::Value(value)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Value(value) => write!(f, "{value}"),
            Limit::Unlimited => f.pad("unlimited"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_resource_reads_back() {
        for resource in Resource::ALL {
            assert_eq!(Resource::from_word(resource.word()), Some(resource));
        }
        assert_eq!(Resource::from_word("NOFILE"), None);
    }

    #[test]
    fn a_resource_is_held_once_and_the_last_limit_wins() {
        let mut limits = ResourceLimits::new();
        limits.set(Resource::Cpu, Limit::Value(1), Limit::Value(2));
        limits.set(Resource::Cpu, Limit::Value(3), Limit::Unlimited);
        let all: Vec<_> = limits.iter().collect();
        assert_eq!(all, [(Resource::Cpu, Limit::Value(3), Limit::Unlimited)]);
    }
}
