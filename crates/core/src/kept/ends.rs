//! Our ends of a process's streams, found again when somebody else is to hold them as well.
//!
//! Nothing here keeps an end open: what its owner closes is closed.

use crate::config::Stream;
use handfast_reaper::wire;
use handfast_sys::descriptor::Descriptor;
use handfast_sys::stream::{EndFinder, RelayPipe};
use handfast_sys::terminal::ReadyTerminal;
use std::sync::Weak;

/// The ends of one process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ends {
    pub(crate) stdin: Option<EndFinder>,
    pub(crate) outputs: Vec<(Stream, EndFinder)>,
    pub(crate) terminal: Option<(Weak<ReadyTerminal>, Weak<RelayPipe>)>,
}

/// Descriptors, and what each is.
type Copies = Vec<(wire::Stream, Descriptor)>;

impl Ends {
    /// Other descriptors of what is open, and what each is.
    pub(crate) fn duplicate(&self) -> Copies {
        let found = |kind, end: Option<Descriptor>| end.map(|end| (kind, end));
        let stdin = self.stdin.as_ref().and_then(EndFinder::duplicate);
        let mut ends: Copies = found(wire::Stream::Stdin, stdin).into_iter().collect();
        for (stream, end) in &self.outputs {
            let kind = match stream {
                Stream::Stdout => wire::Stream::Stdout,
                Stream::Stderr => wire::Stream::Stderr,
                Stream::Terminal => continue,
            };
            ends.extend(found(kind, end.duplicate()));
        }
        let terminal = self.terminal.as_ref();
        let terminal = terminal.and_then(|(master, pipe)| master.upgrade().zip(pipe.upgrade()));
        if let Some((master, pipe)) = terminal {
            let (out, into) = pipe.ends();
            let copies = [
                (wire::Stream::Terminal, master.duplicate()),
                (wire::Stream::RelayOut, out.try_clone_to_owned()),
                (wire::Stream::RelayIn, into.try_clone_to_owned()),
            ];
            let copy = |(kind, end): (_, std::io::Result<Descriptor>)| found(kind, end.ok());
            ends.extend(copies.into_iter().filter_map(copy));
        }
        ends
    }
}
