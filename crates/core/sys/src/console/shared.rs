//! A pseudoconsole that the host and its reaper have together.
//!
//! The host resizes it, and the reaper, a thread of the same process, starts a program on it and closes it when the tree
//! is empty. It is no handle, so what goes through their channel is a reference: the end of a pipe in
//! which its number lies. The number is good within this process alone.

use super::{PseudoConsole, WindowSize};
use crate::child::pipe;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::windows::io::{BorrowedHandle, OwnedHandle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// A console that is closed for all who have it at once.
#[derive(Debug)]
pub struct SharedConsole(Mutex<Option<PseudoConsole>>);

/// All that are there, by their numbers.
static CONSOLES: Mutex<Option<HashMap<u64, Weak<SharedConsole>>>> = Mutex::new(None);

/// Nothing under these locks panics half-way through a change.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SharedConsole {
    /// Opens one on two pipes, as [`PseudoConsole::on`]; answers with a reference to it as well.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open(
        size: WindowSize,
        input: &OwnedHandle,
        output: &OwnedHandle,
    ) -> io::Result<(Arc<SharedConsole>, OwnedHandle)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let console = PseudoConsole::on(size, input, output)?;
        let console = Arc::new(SharedConsole(Mutex::new(Some(console))));
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (reference, write) = pipe()?;
        File::from(write).write_all(&number.to_le_bytes())?;
        let mut consoles = lock(&CONSOLES);
        let consoles = consoles.get_or_insert_default();
        consoles.retain(|_, console| console.strong_count() > 0);
        consoles.insert(number, Arc::downgrade(&console));
        Ok((console, reference))
    }

    /// The console of which this is the reference. It is good for once.
    ///
    /// # Errors
    ///
    /// `NotFound` where it is gone, or the handle is no reference.
    pub fn of(reference: BorrowedHandle<'_>) -> io::Result<Arc<SharedConsole>> {
        let mut number = [0; 8];
        File::from(reference.try_clone_to_owned()?).read_exact(&mut number)?;
        let consoles = lock(&CONSOLES);
        let found = consoles.as_ref();
        let found = found.and_then(|all| all.get(&u64::from_le_bytes(number))?.upgrade());
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Does something with it.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` where it is closed.
    pub fn with<T>(&self, work: impl FnOnce(&PseudoConsole) -> T) -> io::Result<T> {
        let console = lock(&self.0);
        let console = console.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(work(console))
    }

    /// Closes it, after which its output ends. Older systems wait there until the output is read, so a
    /// thread of its own does it.
    pub fn close(&self) {
        if let Some(console) = lock(&self.0).take() {
            let closing = std::thread::Builder::new().name("handfast-console".into());
            // Without a thread it is closed here; whoever reads does not need this one.
            let _ = closing.spawn(move || drop(console));
        }
    }
}

impl Drop for SharedConsole {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::windows::io::AsHandle;

    #[test]
    fn a_reference_leads_to_its_console_until_that_is_gone() {
        let size = WindowSize {
            rows: 24,
            columns: 80,
        };
        let open = || {
            let (input, _ours) = pipe().unwrap();
            let (_shown, output) = pipe().unwrap();
            SharedConsole::open(size, &input, &output).unwrap()
        };
        let ((one, reference), (other, others)) = (open(), open());
        let found = SharedConsole::of(reference.as_handle()).unwrap();
        assert!(Arc::ptr_eq(&one, &found));
        found.close();
        assert!(one.with(|_| ()).is_err());
        drop(other);
        let gone = SharedConsole::of(others.as_handle()).unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
    }
}
