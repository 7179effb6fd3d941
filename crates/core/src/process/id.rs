//! The id that a caller holds: never a pid, never reused, and no authority by itself.

use crate::kept::IdFile;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names one process for ever, whoever manages it.
///
/// Written as a UUID (version 8: half of it is a random mark, half a count). Managers that share a
/// [`DetachedStore`](crate::DetachedStore) share the mark and count together, any other has a mark of
/// its own. So two managers never give the same one, and a manager knows its own ids even after their
/// records are dropped.
///
/// ```
/// # fn main() -> Result<(), handfast::ParseHandleError> {
/// let handle: handfast::ProcessHandle = "6f1c0b1e-94d2-8a77-8000-00000000002a".parse()?;
/// assert_eq!(handle.to_string(), "6f1c0b1e-94d2-8a77-8000-00000000002a");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessHandle(u128);

/// The text is not a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a process handle: 32 hexadecimal digits are wanted, in groups of 8-4-4-4-12")]
pub struct ParseHandleError;

/// Where UUIDs keep their version (8, "custom") and their variant.
const FIXED: u128 = 0x8000_8000_0000_0000_0000;
const FIXED_MASK: u128 = 0xF000_C000_0000_0000_0000;

/// The bits of the count.
const COUNT: u128 = (1 << 62) - 1;

/// A random mark: the bits of a handle that are not the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(u128);

impl Mark {
    /// A handle that is nobody's.
    pub(crate) const fn nobody() -> ProcessHandle {
        ProcessHandle(FIXED)
    }

    /// The mark of a handle.
    pub(crate) fn of(handle: ProcessHandle) -> Mark {
        Mark(handle.0 & !COUNT)
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// `None` where that cannot be one.
    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Option<Mark> {
        let mark = u128::from_le_bytes(bytes);
        (mark & (COUNT | FIXED_MASK) == FIXED).then_some(Mark(mark))
    }

    /// Draws a new one.
    pub(crate) fn draw() -> Result<Mark, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        let random = u128::from_le_bytes(bytes) & !COUNT & !FIXED_MASK;
        Ok(Mark(random | FIXED))
    }

    /// The handle with this count.
    pub(crate) fn handle(self, count: u64) -> ProcessHandle {
        ProcessHandle(self.0 | u128::from(count) & COUNT)
    }

    /// The count of a handle with this mark; `None` for any other.
    pub(crate) fn count(self, handle: ProcessHandle) -> Option<u64> {
        if handle.0 & !COUNT != self.0 {
            return None;
        }
        u64::try_from(handle.0 & COUNT).ok()
    }
}

/// Gives out handles: for one manager, or for all that share a detached store.
#[derive(Debug)]
pub(crate) struct Ids {
    mark: Mark,
    next: AtomicU64,
    /// Where it is written down up to which count they may have been given.
    file: Option<IdFile>,
}

impl Ids {
    /// With a new mark.
    pub(crate) fn new() -> Result<Ids, getrandom::Error> {
        Ok(Ids {
            mark: Mark::draw()?,
            next: AtomicU64::new(0),
            file: None,
        })
    }

    /// Goes on where whoever had this file was, with none that it may have given.
    pub(crate) fn kept(file: IdFile) -> Ids {
        Ids {
            mark: file.mark(),
            next: AtomicU64::new(file.reserved()),
            file: Some(file),
        }
    }

    /// A number that was never used, and its handle.
    pub(crate) fn draw(&self) -> (u64, ProcessHandle) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(file) = &self.file {
            file.reserve(id);
        }
        (id, self.mark.handle(id))
    }

    /// The number of a handle that was given out here; `None` for any other.
    pub(crate) fn given(&self, handle: ProcessHandle) -> Option<u64> {
        let id = self.mark.count(handle)?;
        (id < self.next.load(Ordering::Relaxed)).then_some(id)
    }

    /// The handle with this number, which was given with this mark.
    pub(crate) fn handle(&self, id: u64) -> ProcessHandle {
        // Only where the file that says it was lost.
        self.next.fetch_max(id.saturating_add(1), Ordering::Relaxed);
        self.mark.handle(id)
    }

    /// The number of a handle with the mark that these have.
    pub(crate) fn number(&self, handle: ProcessHandle) -> Option<u64> {
        self.mark.count(handle)
    }
}

impl fmt::Display for ProcessHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:032x}", self.0);
        let [a, b, c, d, e] = [
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..],
        ];
        f.pad(&[a, b, c, d, e].join("-"))
    }
}

impl fmt::Debug for ProcessHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProcessHandle({self})")
    }
}

impl FromStr for ProcessHandle {
    type Err = ParseHandleError;

    fn from_str(text: &str) -> Result<Self, ParseHandleError> {
        let groups: Vec<&str> = text.split('-').collect();
        let right = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
        let digits = groups.concat();
        if !right || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(ParseHandleError);
        }
        u128::from_str_radix(&digits, 16)
            .map(ProcessHandle)
            .map_err(|_| ParseHandleError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_reads_back_and_knows_its_manager() {
        let (ours, theirs) = (Mark::draw().unwrap(), Mark::draw().unwrap());
        let handle = ours.handle(42);
        assert_eq!(handle.to_string().parse(), Ok(handle));
        assert_eq!(ours.count(handle), Some(42));
        assert_eq!(theirs.count(handle), None);
    }

    #[test]
    fn only_what_was_given_out_is_known() {
        let ids = Ids::new().unwrap();
        let (id, handle) = ids.draw();
        assert_eq!((id, ids.given(handle)), (0, Some(0)));
        assert_eq!(ids.given(ids.mark.handle(1)), None);
        assert_eq!(Ids::new().unwrap().given(handle), None);
    }

    #[test]
    fn other_texts_are_no_handles() {
        for text in [
            "",
            "42",
            "6f1c0b1e-94d2-8a77-8000-00000000002",
            "6f1c0b1e94d28a77800000000000002a",
            "6f1c0b1e-94d2-8a77-8000-00000000002é",
            "+f1c0b1e-94d2-8a77-8000-00000000002a",
        ] {
            assert_eq!(
                text.parse::<ProcessHandle>(),
                Err(ParseHandleError),
                "{text}"
            );
        }
    }
}
