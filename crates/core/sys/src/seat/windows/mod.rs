//! Windows: the console of this process, wherever its streams go.
//!
//! Its modes and code pages are the console's own and outlive us, so all of them are put back.

mod keys;

use crate::child::calls::check;
use crate::console::UTF_8;
use crate::terminal::Size;
use std::fs::File;
use std::io::{self, Write};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle};
use std::sync::Arc;
use windows_sys::Win32::System::Console::{
    CONSOLE_MODE, CONSOLE_SCREEN_BUFFER_INFO, DISABLE_NEWLINE_AUTO_RETURN, ENABLE_ECHO_INPUT,
    ENABLE_LINE_INPUT, ENABLE_PROCESSED_INPUT, ENABLE_PROCESSED_OUTPUT,
    ENABLE_VIRTUAL_TERMINAL_INPUT, ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleCP,
    GetConsoleMode, GetConsoleOutputCP, GetConsoleScreenBufferInfo, SetConsoleCP, SetConsoleMode,
    SetConsoleOutputCP,
};

/// How a console was found.
#[derive(Debug, Clone, Copy)]
struct Found {
    input: CONSOLE_MODE,
    output: CONSOLE_MODE,
    /// The code pages of what is read and of what is shown.
    pages: [u32; 2],
}

#[derive(Debug)]
pub(super) struct Seat {
    input: File,
    output: Arc<File>,
    found: Option<Found>,
}

impl Seat {
    pub(super) fn at_standard_input() -> io::Result<Seat> {
        let open = |name| File::options().read(true).write(true).open(name);
        Ok(Seat {
            input: open("CONIN$")?,
            output: Arc::new(open("CONOUT$")?),
            found: None,
        })
    }

    pub(super) fn enter(&mut self) -> io::Result<bool> {
        let found = Found {
            input: mode(self.input.as_handle())?,
            output: mode(self.output.as_handle())?,
            pages: pages(),
        };
        // What is found while ours is set is not the caller's.
        let first = *self.found.get_or_insert(found);
        let cooked = ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT | ENABLE_PROCESSED_INPUT;
        set_mode(
            self.input.as_handle(),
            (first.input & !cooked) | ENABLE_VIRTUAL_TERMINAL_INPUT,
        )?;
        let shows = ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
        set_mode(
            self.output.as_handle(),
            first.output | shows | DISABLE_NEWLINE_AUTO_RETURN,
        )?;
        set_pages([UTF_8; 2])?;
        Ok(true)
    }

    pub(super) fn leave(&mut self) {
        let Some(found) = self.found.take() else {
            return;
        };
        // A console that is gone has nothing to restore.
        let _ = set_mode(self.input.as_handle(), found.input);
        let _ = set_mode(self.output.as_handle(), found.output);
        let _ = set_pages(found.pages);
    }

    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        keys::read(&self.input, buffer).await
    }

    /// Somebody who selects text in the window keeps its writers waiting, so another thread waits.
    pub(super) async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let (output, bytes) = (Arc::clone(&self.output), bytes.to_vec());
        let write = move || (&*output).write(&bytes);
        let written = tokio::task::spawn_blocking(write).await;
        written.map_err(io::Error::other)?
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        size(self.output.as_handle())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.leave();
    }
}

fn mode(console: BorrowedHandle<'_>) -> io::Result<CONSOLE_MODE> {
    let mut mode = 0;
    // SAFETY: the handle is borrowed, so it is open; the system writes one number.
    check(unsafe { GetConsoleMode(console.as_raw_handle(), &raw mut mode) })?;
    Ok(mode)
}

fn set_mode(console: BorrowedHandle<'_>, mode: CONSOLE_MODE) -> io::Result<()> {
    // SAFETY: the handle is borrowed, so it is open.
    check(unsafe { SetConsoleMode(console.as_raw_handle(), mode) })
}

fn pages() -> [u32; 2] {
    // SAFETY: two calls without arguments.
    unsafe { [GetConsoleCP(), GetConsoleOutputCP()] }
}

fn set_pages([input, output]: [u32; 2]) -> io::Result<()> {
    // SAFETY: a call with one number.
    check(unsafe { SetConsoleCP(input) })?;
    // SAFETY: as above.
    check(unsafe { SetConsoleOutputCP(output) })
}

pub(super) fn size(stream: BorrowedHandle<'_>) -> io::Result<Size> {
    let mut about = CONSOLE_SCREEN_BUFFER_INFO::default();
    // SAFETY: the handle is borrowed, so it is open; the system writes one structure.
    check(unsafe { GetConsoleScreenBufferInfo(stream.as_raw_handle(), &raw mut about) })?;
    let window = about.srWindow;
    let length = |from: i16, to: i16| u16::try_from(i32::from(to) - i32::from(from) + 1);
    Ok(Size {
        rows: length(window.Top, window.Bottom).unwrap_or(0),
        columns: length(window.Left, window.Right).unwrap_or(0),
        ..Size::default()
    })
}
