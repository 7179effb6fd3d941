//! Moving bytes from one descriptor to another, and seeing that no more will come.
//!
//! What must stay true: whoever says how much was moved has put all of that there.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod os;

pub(super) use os::{into_pipe, is_over, to_file};

use super::Place;
use super::os::retry;
use std::io;
use std::os::fd::BorrowedFd;

/// Moves what is in a pipe or a terminal to a file in two steps: what was read is lost with this process in
/// between.
fn copy(from: BorrowedFd<'_>, place: &Place<'_>) -> io::Result<usize> {
    let mut bytes = vec![0; place.most.min(64 * 1024)];
    let count = retry(|| rustix::io::read(from, &mut bytes))?;
    let mut left = bytes.get(..count).unwrap_or_default();
    let mut offset = place.offset;
    while !left.is_empty() {
        let written = retry(|| rustix::io::pwrite(place.file, left, offset))?;
        offset += written as u64;
        left = left.get(written..).unwrap_or_default();
    }
    Ok(count)
}
