//! A process by its handle: waiting for its end, its exit code, ending it.

use super::calls::check;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use windows_sys::Win32::Foundation::{FILETIME, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetExitCodeProcess, GetProcessTimes, INFINITE, TerminateProcess,
    WaitForSingleObject,
};

/// From 1601, where the system's ticks begin, to 1970.
const TICKS_TO_1970: u64 = 116_444_736_000_000_000;

/// A process. Its number stays its own for as long as this is held.
///
/// Dropping it touches nothing: what ends a process is its job.
#[derive(Debug)]
pub struct Process {
    handle: OwnedHandle,
    pid: u32,
}

impl Process {
    pub(super) fn new(handle: OwnedHandle, pid: u32) -> Process {
        Process { handle, pid }
    }

    /// Its number, for people.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Waits for its end, at most so long; answers with its exit code, all 32 bits of it, or with
    /// `None` where it still runs.
    ///
    /// # Errors
    ///
    /// What `WaitForSingleObject` and `GetExitCodeProcess` say.
    pub fn wait(&self, most: Option<Duration>) -> io::Result<Option<u32>> {
        // SAFETY: the handle is ours and open.
        match unsafe { WaitForSingleObject(self.handle.as_raw_handle(), milliseconds(most)) } {
            WAIT_OBJECT_0 => {}
            WAIT_TIMEOUT => return Ok(None),
            _ => return Err(io::Error::last_os_error()),
        }
        let mut code = 0;
        // SAFETY: as above; the system writes one number. The process has ended, so 259 is a code
        // like any other and not "still active".
        check(unsafe { GetExitCodeProcess(self.handle.as_raw_handle(), &raw mut code) })?;
        Ok(Some(code))
    }

    /// Its exit code, where it has ended.
    ///
    /// # Errors
    ///
    /// As [`Process::wait`].
    pub fn exit_code(&self) -> io::Result<Option<u32>> {
        self.wait(Some(Duration::ZERO))
    }

    /// Ends this process and nothing that it started. A tree is ended by its job.
    ///
    /// # Errors
    ///
    /// What `TerminateProcess` says; access is denied for one that has ended.
    pub fn kill(&self, code: u32) -> io::Result<()> {
        // SAFETY: the handle is ours and open.
        check(unsafe { TerminateProcess(self.handle.as_raw_handle(), code) })
    }

    /// When it was created, in the system's ticks of 100 ns since 1601: with its number it names it
    /// for ever.
    ///
    /// # Errors
    ///
    /// What `GetProcessTimes` says.
    pub fn created(&self) -> io::Result<u64> {
        let [created, ..] = self.times()?;
        Ok(created)
    }

    /// When it ended, where it has.
    ///
    /// # Errors
    ///
    /// As [`Process::wait`].
    pub fn ended(&self) -> io::Result<Option<SystemTime>> {
        if self.exit_code()?.is_none() {
            return Ok(None);
        }
        let [_, ended, ..] = self.times()?;
        let since_1970 = ended.saturating_sub(TICKS_TO_1970).saturating_mul(100);
        Ok(Some(UNIX_EPOCH + Duration::from_nanos(since_1970)))
    }

    /// The time of processors that it has taken so far.
    ///
    /// # Errors
    ///
    /// As [`Process::created`].
    pub fn time_taken(&self) -> io::Result<Duration> {
        let [_, _, kernel, user] = self.times()?;
        let ticks = kernel.saturating_add(user);
        Ok(Duration::from_nanos(ticks.saturating_mul(100)))
    }

    fn times(&self) -> io::Result<[u64; 4]> {
        times(self.as_handle())
    }
}

/// When this process was created, as [`Process::created`].
///
/// # Errors
///
/// As there.
pub fn own_start() -> io::Result<u64> {
    // SAFETY: the pseudo handle is always open, and needs no closing.
    let own = unsafe { BorrowedHandle::borrow_raw(GetCurrentProcess()) };
    let [created, ..] = times(own)?;
    Ok(created)
}

/// Creation and end of a process, then its time in the kernel and in user mode; in ticks.
fn times(process: BorrowedHandle<'_>) -> io::Result<[u64; 4]> {
    let zero = FILETIME {
        dwLowDateTime: 0,
        dwHighDateTime: 0,
    };
    let mut times = [zero; 4];
    let [created, ended, kernel, user] = &mut times;
    // SAFETY: the handle is borrowed, so it is open; the system writes four times.
    check(unsafe { GetProcessTimes(process.as_raw_handle(), created, ended, kernel, user) })?;
    let ticks =
        |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
    Ok(times.map(ticks))
}

impl AsHandle for Process {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

/// A wait in milliseconds, rounded up; a very long one is for ever.
pub(crate) fn milliseconds(most: Option<Duration>) -> u32 {
    most.map_or(INFINITE, |most| {
        let up = most.as_nanos().div_ceil(1_000_000);
        u32::try_from(up).unwrap_or(INFINITE)
    })
}
