//! What the front and the monitor say to each other, one packet each.
//!
//! Both are the same executable of the same build, so there is no version in it. The strings of a
//! start are what the system is told, and so have no NUL in them: it ends each.

use handfast_sys::terminal::Size;
use std::ffi::CString;

/// What the front wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Order {
    /// Start this program. The terminal comes along as a descriptor.
    Start(Start),
    /// Signal the program.
    Signal {
        /// The signal's number.
        signal: i32,
        /// Whether its whole group is meant.
        group: bool,
    },
    /// Go on after something has happened to the job that the front is.
    Resume(Resume),
    /// Everything that was written has been read: end as the program did.
    Leave,
}

/// A program to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// Whether it begins in the foreground of its terminal.
    pub(super) foreground: bool,
    /// The file to execute.
    pub(super) program: CString,
    /// Its arguments, its own name first.
    pub(super) arguments: Vec<CString>,
}

/// How to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resume {
    /// Whether the program may read its terminal.
    pub(super) foreground: bool,
    /// Whether to continue it; else it goes on by itself.
    pub(super) wake: bool,
    /// How large the window is now.
    pub(super) size: Size,
}

/// What has happened to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// It runs.
    Started,
    /// It could not be executed, with this error number of the system.
    NotStarted(i32),
    /// This signal stopped it.
    Stopped(i32),
    /// It goes on.
    Continued,
    /// It ended. How, the end of the monitor tells.
    Ended,
}

impl Order {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Order::Start(start) => {
                let strings = std::iter::once(&start.program).chain(&start.arguments);
                let mut bytes = vec![b's', u8::from(start.foreground)];
                strings.for_each(|string| bytes.extend(string.as_bytes_with_nul()));
                bytes
            }
            Order::Signal { signal, group } => {
                let flag = [u8::from(*group)];
                tagged(b'k', &[&flag[..], &signal.to_le_bytes()].concat())
            }
            Order::Resume(resume) => {
                let Size {
                    rows,
                    columns,
                    width,
                    height,
                } = resume.size;
                let size = [rows, columns, width, height].map(u16::to_le_bytes);
                let flags = [u8::from(resume.foreground), u8::from(resume.wake)];
                tagged(b'r', &[&flags[..], &size.concat()].concat())
            }
            Order::Leave => vec![b'l'],
        }
    }

    /// `None` for what is no order of ours.
    pub(super) fn decode(bytes: &[u8]) -> Option<Order> {
        match bytes {
            [b's', foreground, strings @ ..] => start(*foreground != 0, strings),
            [b'k', group, signal @ ..] => Some(Order::Signal {
                signal: number(signal)?,
                group: *group != 0,
            }),
            [b'r', foreground, wake, size @ ..] => Some(Order::Resume(Resume {
                foreground: *foreground != 0,
                wake: *wake != 0,
                size: window(size)?,
            })),
            [b'l'] => Some(Order::Leave),
            _ => None,
        }
    }
}

impl Report {
    pub(super) fn encode(self) -> Vec<u8> {
        match self {
            Report::Started => vec![b'S'],
            Report::NotStarted(errno) => tagged(b'N', &errno.to_le_bytes()),
            Report::Stopped(signal) => tagged(b'T', &signal.to_le_bytes()),
            Report::Continued => vec![b'C'],
            Report::Ended => vec![b'E'],
        }
    }

    /// `None` for what is no report of ours.
    pub(super) fn decode(bytes: &[u8]) -> Option<Report> {
        match bytes {
            [b'S'] => Some(Report::Started),
            [b'N', errno @ ..] => Some(Report::NotStarted(number(errno)?)),
            [b'T', signal @ ..] => Some(Report::Stopped(number(signal)?)),
            [b'C'] => Some(Report::Continued),
            [b'E'] => Some(Report::Ended),
            _ => None,
        }
    }
}

fn tagged(tag: u8, rest: &[u8]) -> Vec<u8> {
    [&[tag], rest].concat()
}

fn number(bytes: &[u8]) -> Option<i32> {
    bytes.try_into().ok().map(i32::from_le_bytes)
}

fn window(bytes: &[u8]) -> Option<Size> {
    let (pairs, []) = bytes.as_chunks::<2>() else {
        return None;
    };
    let [rows, columns, width, height] = pairs else {
        return None;
    };
    Some(Size {
        rows: u16::from_le_bytes(*rows),
        columns: u16::from_le_bytes(*columns),
        width: u16::from_le_bytes(*width),
        height: u16::from_le_bytes(*height),
    })
}

fn start(foreground: bool, strings: &[u8]) -> Option<Order> {
    let strings = strings.split_inclusive(|byte| *byte == 0);
    let mut strings = strings.map(|string| CString::from_vec_with_nul(string.to_vec()).ok());
    let program = strings.next()??;
    let arguments = strings.collect::<Option<Vec<_>>>()?;
    Some(Order::Start(Start {
        foreground,
        program,
        arguments,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_arrives_as_it_was_given() {
        let size = Size {
            rows: 1,
            columns: 0x203,
            width: 4,
            height: u16::MAX,
        };
        let orders = [
            Order::Start(Start {
                foreground: true,
                program: c"/bin/a b".into(),
                arguments: vec![c"".into(), c"\xff".into(), c"".into()],
            }),
            Order::Signal {
                signal: -7,
                group: true,
            },
            Order::Resume(Resume {
                foreground: false,
                wake: true,
                size,
            }),
            Order::Leave,
        ];
        for order in orders {
            assert_eq!(Order::decode(&order.encode()), Some(order));
        }
    }

    #[test]
    fn every_report_arrives_as_it_was_given() {
        let reports = [
            Report::Started,
            Report::NotStarted(13),
            Report::Stopped(20),
            Report::Continued,
            Report::Ended,
        ];
        for report in reports {
            assert_eq!(Report::decode(&report.encode()), Some(report));
        }
    }

    #[test]
    fn what_is_cut_short_or_foreign_is_nothing() {
        for bytes in [
            &b""[..],
            b"s",
            b"s\x01",
            b"s\x01a",
            b"k\x01",
            b"r\0\0\0",
            b"lx",
            b"?",
        ] {
            assert_eq!(Order::decode(bytes), None, "{bytes:?}");
        }
        for bytes in [&b""[..], b"N", b"T\0\0\0", b"Sx", b"?"] {
            assert_eq!(Report::decode(bytes), None, "{bytes:?}");
        }
    }
}
