//! Terminals of our own on Windows: pseudoconsoles.
//!
//! A pseudoconsole is two pipes and a console that a process of the system keeps between them. It has no
//! modes that could be asked for, no foreground and no hang-up. It must be closed for its output to end: the
//! reaper does so when the tree is empty. So both have it: see [`SharedConsole`].

use crate::console::{SharedConsole, WindowSize};
use crate::console_input::{ConsoleInput, WindowsInput};
use crate::descriptor::Descriptor;
use crate::proc::Held;
use crate::stream::pipe::{End, inbound, outbound};
use std::io;
use std::os::windows::io::OwnedHandle;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// How large the window of a terminal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Lines of text.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
    /// Its width in pixels; nobody asks for it here.
    pub width: u16,
    /// Its height in pixels; nobody asks for it here.
    pub height: u16,
}

/// What a terminal does with what is written to it: a console takes keys, and its programs make of them
/// what they like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputRules {
    /// Line by line, in a buffer that cuts longer lines without a word.
    pub canonical: bool,
    /// Some characters are signals. Here they are keys.
    pub signals: bool,
    /// Those characters throw away what was not read yet.
    pub flushes: bool,
    /// The character that is the end of file, unless it is switched off.
    pub end_of_file: Option<u8>,
    /// The characters that are signals; 0 where one is switched off.
    pub signal_characters: [u8; 3],
}

/// The character that means the end of input to most programs here: Ctrl-Z.
pub const USUAL_END: u8 = 0x1a;

/// Whether the system shows who waits for input.
pub const SHOWS_READERS: bool = false;

/// Our side of a terminal, before it is watched.
#[derive(Debug)]
pub struct Opened {
    console: Arc<SharedConsole>,
    input: OwnedHandle,
    output: OwnedHandle,
}

/// A new terminal.
#[derive(Debug)]
pub struct Made {
    /// The side of whoever shows it.
    pub ours: Opened,
    /// What the reaper must be given, to start a program on it.
    pub theirs: Descriptor,
    /// What the programs on it have open, where the system tells who has.
    pub held: Option<Held>,
}

/// Makes a new terminal of this size.
///
/// # Errors
///
/// `Unsupported` on builds before 17763; what the system says.
pub fn make(size: Size) -> io::Result<Made> {
    let (input, theirs_in) = outbound()?;
    let (output, theirs_out) = inbound()?;
    let (console, theirs) = SharedConsole::open(window(size), &theirs_in, &theirs_out)?;
    Ok(Made {
        theirs,
        ours: Opened {
            console,
            input,
            output,
        },
        held: None,
    })
}

/// One whose side was held by somebody else: nobody holds one.
///
/// # Errors
///
/// `Unsupported`.
pub fn found(_: Descriptor) -> io::Result<Opened> {
    Err(io::ErrorKind::Unsupported.into())
}

fn window(size: Size) -> WindowSize {
    WindowSize {
        rows: size.rows,
        columns: size.columns,
    }
}

/// A terminal whose waits yield to the runtime.
#[derive(Debug)]
pub struct ReadyTerminal {
    console: Arc<SharedConsole>,
    input: Arc<End>,
    output: Arc<End>,
    /// How the last bytes that were written end.
    keys: Mutex<WindowsInput>,
}

/// How much is made keys of at once: what comes of it is one piece for the pipe.
const TYPED: usize = 1024;

/// Ctrl-C, which a pseudoconsole makes a key of.
const CTRL_C: u8 = 0x03;

impl ReadyTerminal {
    /// Watches it.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be watched.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub fn new(opened: Opened) -> io::Result<Self> {
        Ok(Self {
            console: opened.console,
            input: End::writable(opened.input)?,
            output: End::readable(opened.output)?,
            keys: Mutex::default(),
        })
    }

    /// Writes as much as is taken now, and waits until that is something. Line ends and keys become those
    /// of a console.
    ///
    /// # Errors
    ///
    /// What the system says; `BrokenPipe` where the console is closed.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is written before the future is ready.
    pub async fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        std::future::poll_fn(|context| self.poll_write(context, bytes)).await
    }

    /// Writes what is taken now, or fails with `WouldBlock`.
    ///
    /// # Errors
    ///
    /// As [`ReadyTerminal::write`], and `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = bytes.get(..TYPED).unwrap_or(bytes);
        // Nothing under this lock panics half-way through a change.
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = *keys;
        let typed = next.push(bytes).into_iter().flat_map(|part| match part {
            ConsoleInput::Bytes(bytes) => bytes,
            ConsoleInput::Interrupt => vec![CTRL_C],
        });
        let typed: Vec<u8> = typed.collect();
        // A pipe that lets its writers wait takes a piece whole or not at all.
        if !typed.is_empty() {
            self.input.try_write(&typed)?;
        }
        *keys = next;
        Ok(bytes.len())
    }

    fn poll_write(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            std::task::ready!(self.input.poll_writable(context))?;
            match self.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    /// Says how large the window is.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` where the console is closed; what the system says.
    pub fn set_size(&self, size: Size) -> io::Result<()> {
        self.console.with(|console| console.resize(window(size)))?
    }

    /// What it does with input: nothing by itself.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn input_rules(&self) -> io::Result<InputRules> {
        Ok(InputRules {
            canonical: false,
            signals: false,
            flushes: false,
            end_of_file: None,
            signal_characters: [0; 3],
        })
    }

    /// There are no signals to send: Ctrl-C is a key, which is written.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn interrupt(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There is no foreground.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn foreground(&self) -> io::Result<Option<crate::child::Pid>> {
        Ok(None)
    }

    /// What its programs have open: the system does not say.
    #[must_use]
    pub fn held_by_programs(&self) -> Option<Held> {
        None
    }

    /// One for somebody else to hold: a console cannot be.
    ///
    /// # Errors
    ///
    /// `Unsupported`.
    pub fn duplicate(&self) -> io::Result<Descriptor> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Reads a terminal that others write to.
#[derive(Debug)]
pub struct TerminalReader(pub Arc<ReadyTerminal>);

impl AsyncRead for TerminalReader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.output.poll_read(context, buffer)
    }
}
