//! A pseudoconsole: opened, resized, closed (Windows 10 of October 2018, build 17763, and later).
//!
//! Its functions are looked up when they are needed, since an older system would not even start a
//! program that names them.

use crate::child::pipe;
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Console::{COORD, HPCON};
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};
use windows_sys::core::{HRESULT, PCSTR};

type Create = unsafe extern "system" fn(COORD, HANDLE, HANDLE, u32, *mut HPCON) -> HRESULT;
type Resize = unsafe extern "system" fn(HPCON, COORD) -> HRESULT;
type Close = unsafe extern "system" fn(HPCON);

#[derive(Debug, Clone, Copy)]
struct Functions {
    create: Create,
    resize: Resize,
    close: Close,
}

/// How large a window is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSize {
    /// Lines of text.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// A console that programs take for a window.
///
/// Dropping it takes the console from its programs; most end by that, and none has to: what ends
/// them for sure is their job. The end of its output comes after that, so whoever drops it should
/// still be reading, or have closed the reading end: older systems wait for one of both.
#[derive(Debug)]
pub struct PseudoConsole {
    console: HPCON,
    functions: Functions,
}

/// A new console, with our ends of its pipes.
#[derive(Debug)]
pub struct OpenedConsole {
    /// The console itself.
    pub console: PseudoConsole,
    /// Writes what is typed: UTF-8, line ends as a keyboard makes them.
    pub input: OwnedHandle,
    /// Reads what is shown: UTF-8 with VT sequences, whatever the program's code page.
    pub output: OwnedHandle,
}

impl PseudoConsole {
    /// Opens one.
    ///
    /// # Errors
    ///
    /// `Unsupported` on builds before 17763; `InvalidInput` for a size that no window has; what
    /// `CreatePseudoConsole` says.
    pub fn open(size: WindowSize) -> io::Result<OpenedConsole> {
        let (theirs_in, input) = pipe()?;
        let (output, theirs_out) = pipe()?;
        let console = PseudoConsole::on(size, &theirs_in, &theirs_out)?;
        Ok(OpenedConsole {
            console,
            input,
            output,
        })
    }

    /// Opens one that reads what is typed from one pipe and writes what is shown to the other; it has
    /// handles of its own of both.
    ///
    /// # Errors
    ///
    /// As [`PseudoConsole::open`].
    pub fn on(
        size: WindowSize,
        input: &OwnedHandle,
        output: &OwnedHandle,
    ) -> io::Result<PseudoConsole> {
        let functions = Functions::find()?;
        let size = size.coordinates()?;
        let mut console: HPCON = 0;
        // SAFETY: the function is the system's own of this name; both handles are open, and the
        // system duplicates them; it writes one handle.
        let answer = unsafe {
            let (read, write) = (input.as_raw_handle(), output.as_raw_handle());
            (functions.create)(size, read, write, 0, &raw mut console)
        };
        succeeded(answer)?;
        Ok(PseudoConsole { console, functions })
    }

    /// Says how large the window is now.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a size that no window has; what `ResizePseudoConsole` says.
    pub fn resize(&self, size: WindowSize) -> io::Result<()> {
        let size = size.coordinates()?;
        // SAFETY: the function is the system's own of this name, and the console is open.
        succeeded(unsafe { (self.functions.resize)(self.console, size) })
    }

    /// The handle, for the attributes of a start.
    pub(crate) fn raw(&self) -> HPCON {
        self.console
    }
}

impl Drop for PseudoConsole {
    fn drop(&mut self) {
        // SAFETY: the console is open, and nobody can use it after this.
        unsafe { (self.functions.close)(self.console) };
    }
}

impl WindowSize {
    fn coordinates(self) -> io::Result<COORD> {
        let side = |length: u16| i16::try_from(length).ok().filter(|length| *length > 0);
        match (side(self.columns), side(self.rows)) {
            (Some(columns), Some(rows)) => Ok(COORD {
                X: columns,
                Y: rows,
            }),
            _ => {
                let why = "a window has 1 to 32,767 rows and columns";
                Err(io::Error::new(io::ErrorKind::InvalidInput, why))
            }
        }
    }
}

impl Functions {
    fn find() -> io::Result<Functions> {
        let library = windows_sys::w!("kernel32.dll");
        // SAFETY: the name ends with a zero; the library is loaded in every process for all its life.
        let library = unsafe { GetModuleHandleW(library) };
        let find = |name: PCSTR| {
            // SAFETY: the name ends with a zero, and the library stays loaded.
            let found = unsafe { GetProcAddress(library, name) };
            found.ok_or_else(|| {
                let why = "pseudoconsoles need Windows 10 of October 2018 (build 17763)";
                io::Error::new(io::ErrorKind::Unsupported, why)
            })
        };
        let create = find(windows_sys::s!("CreatePseudoConsole"))?;
        let resize = find(windows_sys::s!("ResizePseudoConsole"))?;
        let close = find(windows_sys::s!("ClosePseudoConsole"))?;
        // SAFETY: these are the documented types of the functions of these names.
        Ok(unsafe {
            Functions {
                create: std::mem::transmute::<unsafe extern "system" fn() -> isize, Create>(create),
                resize: std::mem::transmute::<unsafe extern "system" fn() -> isize, Resize>(resize),
                close: std::mem::transmute::<unsafe extern "system" fn() -> isize, Close>(close),
            }
        })
    }
}

/// A result of this kind is an error where it is negative; its number is kept.
fn succeeded(answer: HRESULT) -> io::Result<()> {
    if answer < 0 {
        Err(io::Error::from_raw_os_error(answer))
    } else {
        Ok(())
    }
}
