//! The private protocol between the manager and its reaper, and between the reaper and its shims.
//!
//! Both ends are always of the same build, except where an embedder mixes them: [`VERSION`] is
//! checked first. Every message is one packet of a [`handfast_sys::channel::Channel`], so messages
//! neither interleave nor come in halves, and descriptors cannot end up with the wrong one.

mod code;
mod keep;
mod note;
mod reply;
mod start;

pub use code::{Code, Malformed, Source};
pub use keep::{Keep, Kept, Lend, NotResumed, Resumed, Stream, Why};
pub use note::{LeaderEnd, Note, NoteEnd};
pub use reply::{
    ExitCode, LeaderExited, NotReady, NotStarted, Ready, Reply, Signalled, Started, Step,
    group_name, group_number,
};
pub use start::{LONGEST_NOTE, Limit, NO_STREAM, Start, User};

use code::coded;

/// Changes whenever a message changes.
pub const VERSION: u32 = 3;

coded! {
    /// The first message: what the manager wants this reaper to be.
    pub struct Hello {
        /// [`VERSION`] of the sender.
        pub version: u32,
        /// The rung, as its place in [`handfast_sys::tree::Rung::LADDER`].
        pub rung: u8,
        /// The manager's pid, as it sees itself.
        pub manager_pid: i32,
        /// When the manager's process started, in clock ticks since boot.
        pub manager_started: u64,
        /// The manager's group of a reaper that was lost, to go on with.
        pub group: Option<Vec<u8>>,
        /// Whether it is kept for the next owner. Then the socket at which that one will ask comes with
        /// the packet.
        pub keep: Option<Keep>,
    }
}

coded! {
    /// Signals a part of a tree.
    pub struct Signal {
        /// Which tree.
        pub id: u64,
        /// The signal's number.
        pub signal: i32,
        /// How much of the tree: see [`Scope`].
        pub scope: u8,
        /// Comes back in the answer; 0 wants none.
        pub token: u64,
    }
}

/// How much of a tree a signal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The first process only.
    Leader,
    /// The leader's process group, as a terminal would.
    Group,
    /// Every member.
    Tree,
}

impl Scope {
    /// The byte for [`Signal::scope`].
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Scope::Leader => 0,
            Scope::Group => 1,
            Scope::Tree => 2,
        }
    }

    /// Reads the byte; anything unknown is the whole tree.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Scope {
        match byte {
            0 => Scope::Leader,
            1 => Scope::Group,
            _ => Scope::Tree,
        }
    }
}

coded! {
    /// A tree of a lost reaper, to be watched from here on. Its descriptors: the leader's pidfd if
    /// `leader` is given, then the shim's channel and its pidfd if `shim` is set, then those that are lent.
    pub struct Adopt {
        /// Which tree.
        pub id: u64,
        /// The leader's pid in the namespace of the host, while it lives.
        pub leader: Option<i32>,
        /// The leader's pid, alive or not: the id of its session.
        pub session: i32,
        /// Whether a shim holds the tree.
        pub shim: bool,
        /// The number of its group, where it has one.
        pub group: Option<u64>,
        /// As in [`Start`].
        pub survives: bool,
        /// As in [`Start`].
        pub grace_ms: u64,
        /// As in [`Start`].
        pub note: Vec<u8>,
        /// As in [`Start`].
        pub lent: Vec<u8>,
    }
}

/// What the manager asks of the reaper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Become what the manager needs.
    Hello(Hello),
    /// Start a process.
    Start(Box<Start>),
    /// Signal a tree.
    Signal(Signal),
    /// Kill a tree and go on until it is empty.
    Kill(u64),
    /// Watch a tree of a lost reaper.
    Adopt(Adopt),
    /// All trees of a lost reaper were handed over: whatever else is in its place is killed.
    Settle,
    /// The owner ends in an orderly way: ask each tree, wait its grace, then kill.
    Goodbye,
    /// As [`Request::Goodbye`] for these trees only: who owned them ends, and others go on.
    LetGo(Vec<u64>),
    /// The owner knows how these trees ended: what is kept of them is not needed any more.
    Told(Vec<u64>),
    /// Hold these ends for the next owner, and no others of that tree.
    Lend(Lend),
    /// Hold the writing end of a tree's input no more: it is to read its end-of-file.
    CloseInput(u64),
    /// The owner's end is not the end: hold everything for so many milliseconds after it. Zero takes it back.
    HandOver(u64),
    /// From a new owner, as its first packet: say what there is. With the [`VERSION`] of the sender.
    Resume(u32),
}

impl Request {
    /// The packet for this request.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Request::Hello(hello) => code::tagged(&mut out, 0, hello),
            Request::Start(start) => code::tagged(&mut out, 1, &**start),
            Request::Signal(signal) => code::tagged(&mut out, 2, signal),
            Request::Kill(id) => code::tagged(&mut out, 3, id),
            Request::Adopt(adopt) => code::tagged(&mut out, 4, adopt),
            Request::Goodbye => out.push(5),
            Request::Settle => out.push(6),
            Request::LetGo(ids) => code::tagged(&mut out, 7, ids),
            Request::Told(ids) => code::tagged(&mut out, 8, ids),
            Request::Lend(lend) => code::tagged(&mut out, 9, lend),
            Request::CloseInput(id) => code::tagged(&mut out, 10, id),
            Request::HandOver(grace_ms) => code::tagged(&mut out, 11, grace_ms),
            Request::Resume(version) => code::tagged(&mut out, 12, version),
        }
        out
    }

    /// Reads a packet.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for anything that [`Request::encode`] does not make.
    pub fn decode(bytes: &[u8]) -> Result<Request, Malformed> {
        let mut source = Source::new(bytes);
        let request = match u8::take(&mut source)? {
            0 => Request::Hello(Code::take(&mut source)?),
            1 => Request::Start(Box::new(Code::take(&mut source)?)),
            2 => Request::Signal(Code::take(&mut source)?),
            3 => Request::Kill(Code::take(&mut source)?),
            4 => Request::Adopt(Code::take(&mut source)?),
            5 => Request::Goodbye,
            6 => Request::Settle,
            7 => Request::LetGo(Code::take(&mut source)?),
            8 => Request::Told(Code::take(&mut source)?),
            9 => Request::Lend(Code::take(&mut source)?),
            10 => Request::CloseInput(Code::take(&mut source)?),
            11 => Request::HandOver(Code::take(&mut source)?),
            12 => Request::Resume(Code::take(&mut source)?),
            _ => return Err(Malformed),
        };
        source.end()?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start() -> Start {
        Start {
            id: 9,
            program: c"/bin/sh".into(),
            arguments: vec![c"sh".into(), c"\xff".into()],
            environment: vec![c"A=b".into()],
            directory: c"/".into(),
            streams: vec![0, 1, NO_STREAM],
            terminal: Some(2),
            limits: vec![Limit {
                resource: 7,
                soft: Some(1),
                hard: None,
            }],
            umask: Some(0o22),
            nice: Some(-3),
            user: Some(User {
                uid: 1,
                gid: 2,
                groups: vec![3],
            }),
            survives: true,
            grace_ms: 5000,
            note: vec![1, 2],
            lent: vec![Stream::Stdin.byte()],
        }
    }

    #[test]
    fn every_request_reads_back() {
        let hello = Hello {
            version: VERSION,
            rung: 1,
            manager_pid: 5,
            manager_started: 6,
            group: Some(b"/x".to_vec()),
            keep: Some(Keep {
                stay_ms: 1,
                most: 2,
            }),
        };
        let lend = Lend {
            id: 4,
            lent: vec![Stream::Terminal.byte()],
        };
        let signal = Signal {
            id: 1,
            signal: 15,
            scope: Scope::Tree.byte(),
            token: 3,
        };
        let adopt = Adopt {
            id: 1,
            leader: Some(7),
            session: 7,
            shim: true,
            group: Some(3),
            survives: false,
            grace_ms: 0,
            note: vec![],
            lent: vec![],
        };
        for request in [
            Request::Hello(hello),
            Request::Start(Box::new(start())),
            Request::Signal(signal),
            Request::Kill(4),
            Request::Adopt(adopt),
            Request::Goodbye,
            Request::Settle,
            Request::LetGo(vec![4, u64::MAX]),
            Request::Told(vec![4]),
            Request::Lend(lend),
            Request::CloseInput(4),
            Request::HandOver(5),
            Request::Resume(VERSION),
        ] {
            assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
    }

    #[test]
    fn a_cut_or_longer_packet_is_refused() {
        let whole = Request::Start(Box::new(start())).encode();
        for length in 0..whole.len() {
            assert_eq!(Request::decode(&whole[..length]), Err(Malformed));
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(Request::decode(&longer), Err(Malformed));
    }

    proptest! {
        #[test]
        fn no_packet_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = Request::decode(&bytes);
            let _ = Reply::decode(&bytes);
        }
    }
}
