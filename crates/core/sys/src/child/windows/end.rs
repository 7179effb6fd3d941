//! Being told of the end of a process, by a completion port, without a thread that waits.

use super::Process;
use super::calls::check;
use crate::tree::windows::Port;
use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::sync::Arc;
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEONLYONCE,
};

/// A watch for the end of one process; dropping it ends the watch.
#[derive(Debug)]
pub struct EndWatch {
    wait: HANDLE,
    // Both are used by the system until the wait is over, so they are dropped after that.
    told: Box<Told>,
    process: OwnedHandle,
}

#[derive(Debug)]
struct Told {
    port: Arc<Port>,
    number: u64,
}

impl EndWatch {
    /// Has the port nudged with this number when the process has ended; at once where it has.
    ///
    /// # Errors
    ///
    /// What the system says of one more handle, or of one more wait.
    pub fn new(process: &Process, port: Arc<Port>, number: u64) -> io::Result<EndWatch> {
        let mut watch = EndWatch {
            wait: std::ptr::null_mut(),
            told: Box::new(Told { port, number }),
            process: process.as_handle().try_clone_to_owned()?,
        };
        let told = std::ptr::from_ref(&*watch.told).cast::<c_void>();
        // SAFETY: the handle and what `told` points at stay until the wait is over, which the end of
        // the watch waits for; the system writes one handle.
        check(unsafe {
            RegisterWaitForSingleObject(
                &raw mut watch.wait,
                watch.process.as_raw_handle(),
                Some(ended),
                told,
                INFINITE,
                WT_EXECUTEONLYONCE,
            )
        })?;
        Ok(watch)
    }
}

/// # Safety
///
/// `told` is the pointer that [`EndWatch::new`] gave to the system.
unsafe extern "system" fn ended(told: *mut c_void, _timed_out: bool) {
    // SAFETY: as the head says; the watch lives until this has returned.
    let told = unsafe { &*told.cast_const().cast::<Told>() };
    // A port that takes no message has nobody who could read it.
    let _ = told.port.nudge(told.number);
}

impl Drop for EndWatch {
    fn drop(&mut self) {
        if !self.wait.is_null() {
            // SAFETY: it is ours and was not ended before; the call returns when nothing of it runs
            // any more, so that what it uses can go.
            unsafe { UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE) };
        }
    }
}

// SAFETY: the handle of a wait may be used by any thread, and by one at a time: it is not shared.
unsafe impl Send for EndWatch {}
