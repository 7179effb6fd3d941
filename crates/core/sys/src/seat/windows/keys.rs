//! What is typed at the console, read by a thread that may wait for ever.
//!
//! A console can be read only by a call that blocks, and one that waits cannot be called back. So there is one
//! such thread in a process, begun with the first read and never ended, and what it has read is for whoever reads
//! next. It reads text in the system's units, since the call for bytes loses what is not ASCII.

use crate::child::calls::check;
use std::collections::VecDeque;
use std::fs::File;
use std::future::poll_fn;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use windows_sys::Win32::System::Console::ReadConsoleW;

/// How many units are read at once.
const UNITS: usize = 1024;

/// How much waits to be read before the thread reads on.
const MOST: usize = 64 * 1024;

#[derive(Debug, Default)]
struct Typed {
    bytes: VecDeque<u8>,
    is_over: bool,
    has_begun: bool,
    waits: Option<Waker>,
}

static TYPED: Mutex<Typed> = Mutex::new(Typed {
    bytes: VecDeque::new(),
    is_over: false,
    has_begun: false,
    waits: None,
});

static TAKEN: Condvar = Condvar::new();

fn typed() -> MutexGuard<'static, Typed> {
    // Nothing under this lock panics half-way through a change.
    TYPED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes what was typed, and waits for it; 0 is the end. Cancel safe.
pub(super) async fn read(console: &File, buffer: &mut [u8]) -> io::Result<usize> {
    begin(console)?;
    poll_fn(|context| {
        let mut typed = typed();
        if typed.bytes.is_empty() && !typed.is_over {
            typed.waits = Some(context.waker().clone());
            return Poll::Pending;
        }
        let count = buffer.len().min(typed.bytes.len());
        for (place, byte) in buffer.iter_mut().zip(typed.bytes.drain(..count)) {
            *place = byte;
        }
        TAKEN.notify_all();
        Poll::Ready(Ok(count))
    })
    .await
}

fn begin(console: &File) -> io::Result<()> {
    let mut state = typed();
    if state.has_begun {
        return Ok(());
    }
    let console = console.try_clone()?;
    std::thread::Builder::new()
        .name("handfast-keys".into())
        .spawn(move || {
            let mut text = Text::default();
            while let Ok(units) = next(&console) {
                let bytes = text.push(&units);
                let mut typed = typed();
                while typed.bytes.len() >= MOST {
                    typed = TAKEN.wait(typed).unwrap_or_else(PoisonError::into_inner);
                }
                typed.bytes.extend(bytes);
                wake(typed);
            }
            let mut typed = typed();
            typed.is_over = true;
            wake(typed);
        })?;
    state.has_begun = true;
    Ok(())
}

fn wake(mut typed: MutexGuard<'_, Typed>) {
    let waits = typed.waits.take();
    drop(typed);
    if let Some(waker) = waits {
        waker.wake();
    }
}

fn next(console: &File) -> io::Result<Vec<u16>> {
    let mut units = [0_u16; UNITS];
    let room = u32::try_from(units.len()).map_err(io::Error::other)?;
    let mut count = 0;
    // SAFETY: the console is open; the system writes at most as many units as it is told, and one number.
    check(unsafe {
        let place = units.as_mut_ptr().cast();
        ReadConsoleW(
            console.as_raw_handle(),
            place,
            room,
            &raw mut count,
            std::ptr::null(),
        )
    })?;
    let count = usize::try_from(count).map_err(io::Error::other)?;
    Ok(units.get(..count).unwrap_or_default().to_vec())
}

/// The first half of a letter that has come without its second one.
#[derive(Debug, Default)]
struct Text(Option<u16>);

impl Text {
    /// The bytes of units; what is no text is a replacement character.
    fn push(&mut self, units: &[u16]) -> Vec<u8> {
        let mut all: Vec<u16> = self
            .0
            .take()
            .into_iter()
            .chain(units.iter().copied())
            .collect();
        if all
            .last()
            .is_some_and(|unit| (0xd800..0xdc00).contains(unit))
        {
            self.0 = all.pop();
        }
        String::from_utf16_lossy(&all).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_of_two_units_may_come_in_two_pieces() {
        let mut text = Text::default();
        assert_eq!(text.push(&[0x61, 0xd834]), b"a");
        assert_eq!(text.push(&[0xdd1e]), "𝄞".as_bytes());
        assert_eq!(text.push(&[0xdd1e]), "\u{fffd}".as_bytes());
    }
}
