//! Which macOS this is, and how much of what a tree needs a user and a process may have. Told to explain; nothing is
//! concluded from it. Checked by the compiler and clippy only: nobody has run this yet.

use rustix::process::{Resource, getrlimit};
use std::ffi::{CStr, c_void};
use std::io;

/// How much of something there may be, in pieces; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// For now (`getrlimit(2)`).
    pub soft: Option<u64>,
    /// As far as we may raise that.
    pub hard: Option<u64>,
    /// What the kernel allows at the most, whatever the limit is; `None` where it does not say.
    pub most: Option<u64>,
}

/// The version of the system, as in 15.5 (`kern.osproductversion`).
///
/// # Errors
///
/// What `sysctlbyname(3)` says; `InvalidData` where it is no text.
pub fn version() -> io::Result<String> {
    text(c"kern.osproductversion")
}

/// The version of the kernel, as in 24.5.0 (`kern.osrelease`).
///
/// # Errors
///
/// As [`version`].
pub fn kernel() -> io::Result<String> {
    text(c"kern.osrelease")
}

/// Descriptors of this process.
#[must_use]
pub fn descriptors() -> Allowed {
    allowed(Resource::Nofile, c"kern.maxfilesperproc")
}

/// Processes of this user.
#[must_use]
pub fn processes() -> Allowed {
    allowed(Resource::Nproc, c"kern.maxprocperuid")
}

fn allowed(resource: Resource, most: &CStr) -> Allowed {
    let limit = getrlimit(resource);
    Allowed {
        soft: limit.current,
        hard: limit.maximum,
        most: number(most).ok(),
    }
}

fn text(name: &CStr) -> io::Result<String> {
    // Versions are short; one that is longer is refused by `ENOMEM`.
    let mut place = [0_u8; 256];
    let length = ask(name, &mut place)?;
    let said = CStr::from_bytes_until_nul(place.get(..length).unwrap_or_default());
    let said = said.ok().and_then(|said| said.to_str().ok());
    said.map(str::to_owned)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// A number, which both of these are: as wide as an `int`.
fn number(name: &CStr) -> io::Result<u64> {
    let mut place = [0_u8; size_of::<i32>()];
    let odd = || io::Error::from(io::ErrorKind::InvalidData);
    if ask(name, &mut place)? != place.len() {
        return Err(odd());
    }
    u64::try_from(i32::from_ne_bytes(place)).map_err(|_| odd())
}

/// Asks for a value; answers how many bytes of it were written.
fn ask(name: &CStr, place: &mut [u8]) -> io::Result<usize> {
    let mut length = place.len();
    // SAFETY: the name ends with a zero; the system writes at most `length` bytes and then how many they were;
    // nothing is set.
    let answer = unsafe {
        libc::sysctlbyname(
            name.as_ptr(),
            place.as_mut_ptr().cast::<c_void>(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(length)
}
