//! What outlasts the daemon: one folder a process, with plain files in it.
//!
//! ```text
//!   JOURNAL/lock               held by the daemon that writes here
//!   JOURNAL/access             who may what, by hashes; replaced by renaming
//!   JOURNAL/last-event         up to where events were given numbers; so too
//!   JOURNAL/<handle>/config    what was asked for, secrets redacted; written once
//!   JOURNAL/<handle>/events    what happened to it, appended
//!   JOURNAL/<handle>/numbers   which number each chunk of its output has, appended
//! ```
//!
//! Where a process stands, and its output, are written down by the library (`handfast::Keep`).
//!
//! Every file is a row of [records], each with its length and a checksum, so that whatever happens to
//! a file the reader gives what was before and says that there was more. What must stay true: a file that is
//! damaged takes no other one with it; what is replaced is there whole, as it was or as it is; no value of a
//! variable is written; memory and disk have bounds.
//!
//! It is written for the end of the daemon, not of the machine: nothing is flushed to the disk by force.

mod checksum;
mod entry;
mod folder;
mod keep;
mod record;
mod redact;

pub use entry::{ConfigEntry, EventEntry};
pub(crate) use folder::replace;
pub use folder::{Kept, ProcessFolder, Spoiled};
pub use keep::{Bounds, Journal, JournalError, Swept};
pub use record::{Damage, LONGEST_RECORD, Why, record, records};
pub use redact::{REDACTED, redact};
