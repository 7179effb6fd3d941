//! What a host writes down of a process, for the host that comes after it. The reaper does not read it.

use super::code::{Code, Malformed, Source, coded};
use super::reply::ExitCode;

coded! {
    /// A process, as far as the next host must know it. Values of variables are not in it.
    pub struct Note {
        /// To whom it belongs.
        pub owner: Vec<u8>,
        /// What holds it, as its place in [`handfast_sys::tree::Rung::LADDER`].
        pub rung: u8,
        /// When its start was asked for, in nanoseconds since 1970.
        pub started_at: u64,
        /// The label for people.
        pub name: Option<Vec<u8>>,
        /// What it is for.
        pub purpose: Option<Vec<u8>>,
        /// The program.
        pub program: Vec<u8>,
        /// Its arguments.
        pub arguments: Vec<Vec<u8>>,
        /// Where it started.
        pub directory: Option<Vec<u8>>,
        /// Until when it may live, as a number; for a lease with its length.
        pub lifetime: (u8, u64),
        /// In milliseconds.
        pub grace_ms: u64,
        /// In milliseconds from its start.
        pub deadline_ms: Option<u64>,
        /// In milliseconds.
        pub unresponsive_ms: u64,
        /// Where its three streams lead, as numbers; the last is whether the two outputs are one.
        pub streams: Vec<u8>,
        /// The rows and columns of its terminal, and whether its questions are answered.
        pub terminal: Option<((u32, u32), bool)>,
        /// How many bytes of output memory keeps.
        pub keep: u64,
        /// What went wrong when its config was improved.
        pub warnings: Vec<Vec<u8>>,
        /// How it ended, once that is known.
        pub end: Option<NoteEnd>,
    }
}

coded! {
    /// How a process ended.
    pub struct NoteEnd {
        /// How its leader did, when (in nanoseconds since 1970), why, and the signal that goes with why.
        pub leader: Option<LeaderEnd>,
        /// The step that failed, and what the system said, where it was not started.
        pub failed: Option<(u8, i32)>,
        /// When nothing was left of it, in nanoseconds since 1970.
        pub at: u64,
    }
}

coded! {
    /// How a leader ended.
    pub struct LeaderEnd {
        /// How.
        pub exit: ExitCode,
        /// When, in nanoseconds since 1970.
        pub at: u64,
        /// Why, as a number.
        pub cause: u8,
        /// The signal that a caller sent, where that is why.
        pub signal: i32,
    }
}

impl Note {
    /// The note as bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        super::VERSION.put(&mut out);
        self.put(&mut out);
        out
    }

    /// Reads a note.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for anything that [`Note::encode`] of this version does not make.
    pub fn decode(bytes: &[u8]) -> Result<Note, Malformed> {
        let mut source = Source::new(bytes);
        if u32::take(&mut source)? != super::VERSION {
            return Err(Malformed);
        }
        let note = Note::take(&mut source)?;
        source.end()?;
        Ok(note)
    }
}
