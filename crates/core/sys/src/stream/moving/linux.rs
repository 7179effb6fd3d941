//! Linux: `splice(2)`, by which a byte is never in neither of two places.

use super::{Place, copy};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::pipe::{SpliceFlags, splice};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Whether nobody has the other end and nothing is left: `POLLHUP` without `POLLIN` (`poll(2)`).
pub(in crate::stream) fn is_over(end: BorrowedFd<'_>) -> bool {
    let mut end = [PollFd::new(&end, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let asked = poll(&mut end, Some(&now));
    let [end] = end;
    asked.is_ok()
        && end.revents().contains(PollFlags::HUP)
        && !end.revents().contains(PollFlags::IN)
}

/// Moves what is in a pipe to a file (`splice(2)`): what is taken from the one is in the other, also
/// when this process is killed in between.
pub(in crate::stream) fn to_file(pipe: BorrowedFd<'_>, place: &Place<'_>) -> io::Result<usize> {
    let mut offset = place.offset;
    let moved = rustix::io::retry_on_intr(|| {
        let to = Some(&mut offset);
        let flags = SpliceFlags::NONBLOCK;
        splice(pipe, None, place.file, to, place.most, flags)
    });
    match moved {
        // A file system that cannot; then it is read, and written.
        Err(Errno::INVAL) => copy(pipe, place),
        moved => Ok(moved?),
    }
}

/// Moves what a terminal has into an empty pipe.
pub(in crate::stream) fn into_pipe(
    terminal: BorrowedFd<'_>,
    pipe: &OwnedFd,
    most: usize,
) -> io::Result<usize> {
    let taken = rustix::io::retry_on_intr(|| {
        let flags = SpliceFlags::NONBLOCK;
        splice(terminal, None, pipe, None, most, flags)
    });
    match taken {
        // A kernel that cannot: it is read, and written.
        Err(Errno::INVAL) => {
            let mut bytes = vec![0; most.min(4096)];
            let count = rustix::io::read(terminal, &mut bytes)?;
            rustix::io::write(pipe, bytes.get(..count).unwrap_or_default())?;
            Ok(count)
        }
        taken => Ok(taken?),
    }
}
