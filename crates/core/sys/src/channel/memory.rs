//! Memory that travels as a descriptor (`shm_open(2)`, `mmap(2)`).
//!
//! It has a name for no longer than it takes to remove that, and its size is set once: the system lets nobody
//! change it afterwards, so who maps it reads what is there and nothing behind it.

use rustix::fs::{Mode, ftruncate};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::shm;
use std::ffi::c_void;
use std::io;
use std::os::fd::OwnedFd;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often a name that is taken is replaced by another.
const TRIES: usize = 64;

/// Memory with these bytes, which are not none.
pub(super) fn with(bytes: &[u8]) -> io::Result<OwnedFd> {
    let memory = new()?;
    let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
    ftruncate(&memory, length)?;
    let mapped = Mapped::of(&memory, bytes.len(), ProtFlags::READ | ProtFlags::WRITE)?;
    // SAFETY: the mapping is as long as the bytes, nobody else knows of it yet, and it lies elsewhere.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), mapped.start.cast(), bytes.len()) };
    Ok(memory)
}

/// That many bytes of the memory behind a descriptor.
pub(super) fn read(memory: &OwnedFd, length: usize) -> io::Result<Vec<u8>> {
    let mapped = Mapped::of(memory, length, ProtFlags::READ)?;
    let mut bytes = vec![0_u8; length];
    // SAFETY: both are that long, and the vector is nobody else's. Who sent the memory could still write
    // to it; then the bytes are some or others, and bytes in any case.
    unsafe { ptr::copy_nonoverlapping(mapped.start.cast(), bytes.as_mut_ptr(), length) };
    Ok(bytes)
}

/// New memory of no size.
fn new() -> io::Result<OwnedFd> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let flags = shm::OFlags::CREATE | shm::OFlags::EXCL | shm::OFlags::RDWR;
    let mut tries = 0;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // At most 31 characters (`PSHMNAMLEN`).
        let name = format!("/hf.{}.{}", std::process::id(), number % 1_000_000_000);
        // Close-on-exec from the first moment (`shm_open(2)`).
        match shm::open(&name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(memory) => {
                shm::unlink(&name)?;
                return Ok(memory);
            }
            // Left by one who had our number and was killed between the two.
            Err(Errno::EXIST) if tries < TRIES => tries += 1,
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// A mapping, undone when it is dropped.
struct Mapped {
    start: *mut c_void,
    length: usize,
}

impl Mapped {
    fn of(memory: &OwnedFd, length: usize, how: ProtFlags) -> io::Result<Mapped> {
        // SAFETY: without an address of ours the mapping is put where nothing is. One that is longer than the
        // memory is refused (`pshm_mmap` of XNU's `posix_shm.c`).
        let start = unsafe { mmap(ptr::null_mut(), length, how, MapFlags::SHARED, memory, 0) }?;
        Ok(Mapped { start, length })
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: made by us with this length, and nobody has a pointer into it any more.
        let _ = unsafe { munmap(self.start, self.length) };
    }
}
