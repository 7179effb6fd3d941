//! What the reaper says: answers, and facts that nobody asked for.

use super::code::{self, Code, Malformed, Source, coded};
use super::keep::{Kept, NotResumed, Resumed};
use handfast_sys::child::Exit;

coded! {
    /// The reaper is what it was asked to be.
    pub struct Ready {
        /// The manager's own cgroup, where trees have one each.
        pub group: Option<Vec<u8>>,
        /// Whether a user namespace was made: set-uid programs do not work in it.
        pub user_namespace: bool,
        /// Whether the end of the reaper is the end of all: it is the init of a namespace, or a thread of the
        /// host.
        pub namespace: bool,
    }
}

coded! {
    /// The reaper cannot be what it was asked to be; it has ended.
    pub struct NotReady {
        /// What was tried, as a verb with its object.
        pub step: Vec<u8>,
        /// What the system said; 0 for a reason of our own.
        pub errno: i32,
    }
}

coded! {
    /// The program runs.
    pub struct Started {
        /// Which tree.
        pub id: u64,
        /// The number of its group in the manager's, where it has one: see [`group_name`].
        pub group: Option<u64>,
    }
}

/// The name of a tree's group in the manager's.
#[must_use]
pub fn group_name(number: u64) -> String {
    format!("g{number}")
}

/// The number in a group's name; `None` for a name of another form.
#[must_use]
pub fn group_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix('g')?.parse().ok()?;
    (group_name(number) == name).then_some(number)
}

coded! {
    /// A process was not started; nothing of it is left.
    pub struct NotStarted {
        /// Which tree.
        pub id: u64,
        /// The step that failed: see [`Step`].
        pub step: u8,
        /// What the system said.
        pub errno: i32,
    }
}

coded! {
    /// The first process of a tree has ended.
    pub struct LeaderExited {
        /// Which tree.
        pub id: u64,
        /// How.
        pub exit: ExitCode,
        /// When, in nanoseconds since 1970.
        pub at: u64,
        /// Whether the tree is empty with it.
        pub empty: bool,
    }
}

coded! {
    /// An [`Exit`] as two numbers.
    pub struct ExitCode {
        /// 0 a code, 1 a signal, 2 unknown.
        pub kind: u8,
        /// The code or the signal.
        pub value: i32,
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        let (kind, value) = match exit {
            Exit::Code(code) => (0, code),
            Exit::Signal(signal) => (1, signal),
            Exit::Unknown => (2, 0),
        };
        ExitCode { kind, value }
    }
}

impl From<ExitCode> for Exit {
    fn from(code: ExitCode) -> Self {
        match code.kind {
            0 => Exit::Code(code.value),
            1 => Exit::Signal(code.value),
            _ => Exit::Unknown,
        }
    }
}

coded! {
    /// A signal was sent.
    pub struct Signalled {
        /// Which tree.
        pub id: u64,
        /// The token of the request.
        pub token: u64,
        /// How many processes it reached.
        pub count: u32,
        /// What the system said of the first that it did not reach; 0 where it reached all.
        pub errno: i32,
    }
}

/// A step on the way from a request to a running program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Making the place that holds the tree.
    Contain = 1,
    /// Forking.
    Fork = 2,
    /// Leaving the reaper's session.
    Session = 3,
    /// Making the terminal the controlling one.
    Terminal = 4,
    /// Putting the streams in place.
    Streams = 5,
    /// Setting a resource limit.
    Limits = 6,
    /// Setting the priority.
    Nice = 7,
    /// Becoming the user.
    User = 8,
    /// Entering the working directory.
    Directory = 9,
    /// Executing the program.
    Execute = 10,
}

impl Step {
    /// Reads a step; anything unknown is the fork.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Step {
        match byte {
            1 => Step::Contain,
            3 => Step::Session,
            4 => Step::Terminal,
            5 => Step::Streams,
            6 => Step::Limits,
            7 => Step::Nice,
            8 => Step::User,
            9 => Step::Directory,
            10 => Step::Execute,
            _ => Step::Fork,
        }
    }
}

/// What the reaper tells the manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is what it was asked to be.
    Ready(Ready),
    /// It cannot be.
    NotReady(NotReady),
    /// The program runs. With the packet come the leader's pidfd and, where a shim holds the tree,
    /// a second descriptor of the shim's channel and the shim's own pidfd.
    Started(Started),
    /// The program does not run.
    NotStarted(NotStarted),
    /// The leader ended.
    LeaderExited(LeaderExited),
    /// No member is left.
    Emptied(u64),
    /// A signal was sent.
    Signalled(Signalled),
    /// The owner is another one now, and this is it.
    Resumed(Resumed),
    /// It is not.
    NotResumed(NotResumed),
    /// A tree, for the new owner.
    Kept(Kept),
    /// To an owner that has said goodbye: what is left is for the next one, and this channel ends.
    Released,
}

impl Reply {
    /// The packet for this reply.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        match self {
            Reply::Ready(ready) => code::tagged(&mut out, 0, ready),
            Reply::NotReady(not) => code::tagged(&mut out, 1, not),
            Reply::Started(started) => code::tagged(&mut out, 2, started),
            Reply::NotStarted(not) => code::tagged(&mut out, 3, not),
            Reply::LeaderExited(exited) => code::tagged(&mut out, 4, exited),
            Reply::Emptied(id) => code::tagged(&mut out, 5, id),
            Reply::Signalled(signalled) => code::tagged(&mut out, 6, signalled),
            Reply::Resumed(resumed) => code::tagged(&mut out, 7, resumed),
            Reply::NotResumed(not) => code::tagged(&mut out, 8, not),
            Reply::Kept(kept) => code::tagged(&mut out, 9, kept),
            Reply::Released => out.push(10),
        }
        out
    }

    /// Reads a packet.
    ///
    /// # Errors
    ///
    /// [`Malformed`] for anything that [`Reply::encode`] does not make.
    pub fn decode(bytes: &[u8]) -> Result<Reply, Malformed> {
        let mut source = Source::new(bytes);
        let reply = match u8::take(&mut source)? {
            0 => Reply::Ready(Code::take(&mut source)?),
            1 => Reply::NotReady(Code::take(&mut source)?),
            2 => Reply::Started(Code::take(&mut source)?),
            3 => Reply::NotStarted(Code::take(&mut source)?),
            4 => Reply::LeaderExited(Code::take(&mut source)?),
            5 => Reply::Emptied(Code::take(&mut source)?),
            6 => Reply::Signalled(Code::take(&mut source)?),
            7 => Reply::Resumed(Code::take(&mut source)?),
            8 => Reply::NotResumed(Code::take(&mut source)?),
            9 => Reply::Kept(Code::take(&mut source)?),
            10 => Reply::Released,
            _ => return Err(Malformed),
        };
        source.end()?;
        Ok(reply)
    }
}
