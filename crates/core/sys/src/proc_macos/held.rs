//! Who can still write to a pipe or a terminal (`proc_pidfdinfo`).
//!
//! For people: the answer may be old by the time it is read, and commands are chosen by those who
//! run them. Nothing is ever signalled because of it.

use crate::process_answers::{PIPE, SOCKET, VNODE, device, is_for_writing, pipe};
use rustix::fs::{FileType, fstat};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// `PROC_PIDFDVNODEINFO` of `sys/proc_info.h`.
const OF_FILE: i32 = 1;
/// `PROC_PIDFDSOCKETINFO`.
const OF_SOCKET: i32 = 3;
/// `PROC_PIDFDPIPEINFO`.
const OF_PIPE: i32 = 6;

/// Something that many processes may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A pipe, by the kernel's handle of it.
    Pipe(u64),
    /// A terminal, by its device number.
    Terminal(u32),
}

impl Held {
    /// What a descriptor is open on: either end of a pipe, or the side of a terminal that programs
    /// use. `None` for everything else.
    #[must_use]
    pub fn by(descriptor: BorrowedFd<'_>) -> Option<Held> {
        let stat = fstat(descriptor).ok()?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Fifo => {
                let own = std::process::id().cast_signed();
                let answer = asked::<PIPE>(own, descriptor.as_raw_fd(), OF_PIPE)?;
                pipe(&answer).map(Held::Pipe)
            }
            FileType::CharacterDevice => Some(Held::Terminal(stat.st_rdev.cast_unsigned())),
            _ => None,
        }
    }

    fn is_written_to(self, pid: i32, descriptor: &libc::proc_fdinfo) -> bool {
        let kind = i32::try_from(descriptor.proc_fdtype).unwrap_or(-1);
        let number = descriptor.proc_fd;
        match self {
            Held::Pipe(handle) if kind == libc::PROX_FDTYPE_PIPE => {
                asked::<PIPE>(pid, number, OF_PIPE)
                    .is_some_and(|it| is_for_writing(&it) && pipe(&it) == Some(handle))
            }
            Held::Terminal(number_of) if kind == libc::PROX_FDTYPE_VNODE => {
                asked::<VNODE>(pid, number, OF_FILE)
                    .is_some_and(|it| is_for_writing(&it) && device(&it) == Some(number_of))
            }
            Held::Pipe(_) | Held::Terminal(_) => false,
        }
    }
}

/// What is told of a descriptor of a process; `None` where it is closed, of another kind, or not ours to see.
fn asked<const N: usize>(pid: i32, descriptor: i32, what: i32) -> Option<[u8; N]> {
    let mut answer = [0_u8; N];
    let size = i32::try_from(N).ok()?;
    // SAFETY: the system writes at most `size` bytes, which any bytes may be.
    let written =
        unsafe { libc::proc_pidfdinfo(pid, descriptor, what, answer.as_mut_ptr().cast(), size) };
    (written == size).then_some(answer)
}

/// What is told of a socket of a process.
pub(super) fn socket(pid: i32, descriptor: i32) -> Option<[u8; SOCKET]> {
    asked(pid, descriptor, OF_SOCKET)
}

/// The descriptors of a process.
///
/// # Errors
///
/// `ESRCH` where there is none, `EPERM` where it is not ours to see.
pub(super) fn descriptors(pid: i32) -> io::Result<Vec<libc::proc_fdinfo>> {
    let none = libc::proc_fdinfo {
        proc_fd: -1,
        proc_fdtype: 0,
    };
    let mut found = vec![none; 256];
    loop {
        let size = i32::try_from(size_of_val(&found[..])).map_err(io::Error::other)?;
        // SAFETY: the system writes whole structures of plain numbers, at most `size` bytes.
        let written = unsafe {
            let place = found.as_mut_ptr().cast();
            libc::proc_pidinfo(pid, libc::PROC_PIDLISTFDS, 0, place, size)
        };
        if written <= 0 {
            return Err(io::Error::last_os_error());
        }
        if written < size {
            let count = usize::try_from(written).map_err(io::Error::other)?;
            found.truncate(count / size_of::<libc::proc_fdinfo>());
            return Ok(found);
        }
        // It may have been cut.
        found.resize(found.len() * 2, none);
    }
}

/// A process that can write to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: i32,
    /// How it was started, at most 200 characters of it; its short name in brackets where it hides
    /// that.
    pub command: String,
}

/// Who can write to something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holders {
    /// Those who can.
    pub found: Vec<Holder>,
    /// How many processes do not let us see what they have open.
    pub hidden: usize,
}

/// Those of some processes that have it open for writing.
#[must_use]
pub fn holders(held: Held, pids: &[i32]) -> Holders {
    let mut holders = Holders::default();
    for pid in pids {
        match descriptors(*pid) {
            Ok(all) if all.iter().any(|one| held.is_written_to(*pid, one)) => {
                holders.found.push(Holder {
                    pid: *pid,
                    command: super::command(*pid),
                });
            }
            Err(error) if error.raw_os_error() != Some(libc::ESRCH) => holders.hidden += 1,
            Ok(_) | Err(_) => {}
        }
    }
    holders
}

/// Those of all processes but some that have it open for writing.
#[must_use]
pub fn other_holders(held: Held, but: &[i32]) -> Holders {
    let mut pids = super::pids().unwrap_or_default();
    pids.retain(|pid| !but.contains(pid));
    holders(held, &pids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn the_writing_end_is_held_and_the_reading_end_does_not_count() {
        let own = std::process::id().cast_signed();
        let (reader, writer) = io::pipe().unwrap();
        let held = Held::by(reader.as_fd()).unwrap();
        assert_eq!(Held::by(writer.as_fd()), Some(held));
        let found = holders(held, &[own]).found;
        assert_eq!((found.len(), found[0].pid), (1, own));
        drop(writer);
        assert_eq!(holders(held, &[own]), Holders::default());
    }

    #[test]
    fn who_is_gone_holds_nothing() {
        assert_eq!(holders(Held::Pipe(1), &[i32::MAX]), Holders::default());
    }
}
