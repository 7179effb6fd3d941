//! macOS: there is no call that moves, so what is moved is read and written.
//!
//! Where this process is killed between the two, what it had read is lost: at most 64 KiB of a stream. Checked
//! by the compiler and clippy only: nobody has run this yet.

use super::{Place, copy};
use crate::stream::os::retry;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// An empty pipe takes that much in one piece, also where memory is short (`SMALL_PIPE_SIZE` of XNU's
/// `sys/pipe.h`).
const TAKEN: usize = 4096;

/// Whether nobody has the other end and nothing is left. `poll(2)` says `POLLIN` with each `POLLHUP` here, so
/// how much is left is asked for (`FIONREAD`).
pub(in crate::stream) fn is_over(end: BorrowedFd<'_>) -> bool {
    let mut asked = [PollFd::new(&end, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let answer = poll(&mut asked, Some(&now));
    let [asked] = asked;
    answer.is_ok()
        && asked.revents().contains(PollFlags::HUP)
        && rustix::io::ioctl_fionread(end).is_ok_and(|left| left == 0)
}

/// Moves what is in a pipe to a file.
pub(in crate::stream) fn to_file(pipe: BorrowedFd<'_>, place: &Place<'_>) -> io::Result<usize> {
    copy(pipe, place)
}

/// Moves what a terminal has into an empty pipe.
pub(in crate::stream) fn into_pipe(
    terminal: BorrowedFd<'_>,
    pipe: &OwnedFd,
    most: usize,
) -> io::Result<usize> {
    let mut bytes = vec![0; most.min(TAKEN)];
    let count = retry(|| rustix::io::read(terminal, &mut bytes))?;
    let taken = bytes.get(..count).unwrap_or_default();
    let written = retry(|| rustix::io::write(pipe, taken))?;
    if written == count {
        Ok(count)
    } else {
        Err(io::Error::other("macOS: an empty pipe did not take 4 KiB"))
    }
}
