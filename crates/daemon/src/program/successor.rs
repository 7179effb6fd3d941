//! The program that goes on for this daemon.
//!
//! It is asked first whether it can (`daemon run --probe`): whatever cannot answer that changes nothing. What must
//! stay true: at every moment the lock of the place is held and its socket listens, whoever of the three it is that
//! has them: the daemon that leaves, the same process while it waits for the next one, the next one.
//!
//! On Windows no program can go on for another one, which is refused by name before anything is asked.

use crate::listen::{ListenError, Seat};
use crate::place::Place;
use handfast_sys::descriptor::Descriptor;
use handfast_sys::fork_lock;
use handfast_sys::local::can_hand_over;
use handfast_sys::stream::{self, ReadEnd};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::time::timeout;

/// How long a program may take to say that it can.
const PROBE: Duration = Duration::from_secs(10);

/// How long the next daemon may take until it serves.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The most that is read of what it says.
const MOST: u64 = 16 * 1024;

/// What is said with the descriptors of a seat.
const WORD: &[u8] = b"handfast seat 1";

/// What a program says that can take over what this one leaves: the version of its reapers, and that of what is
/// written down.
#[must_use]
pub fn can() -> String {
    format!("handfast: takes over {} 1", handfast::Keep::VERSION)
}

/// The program that lies where this one did when it was started: it may be a newer one.
pub(crate) fn usual() -> io::Result<PathBuf> {
    let now = std::env::current_exe()?;
    let text = now.to_string_lossy();
    // So the kernel calls one whose place was taken.
    Ok(match text.strip_suffix(" (deleted)") {
        Some(place) => PathBuf::from(place),
        None => now,
    })
}

/// Whether a daemon can be followed by another program on this system.
pub(crate) fn possible() -> Result<(), String> {
    can_hand_over().map_err(|error| error.to_string())
}

/// Asks a program whether it can take over.
pub(crate) async fn probe(program: &Path) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(["daemon", "run", "--probe"]);
    let why = |error: io::Error| format!("start `{}`: {error}", program.display());
    let (words, mut child) = started(command.stdin(Stdio::null())).map_err(why)?;
    let said = timeout(PROBE, first_line(words)).await;
    if said.is_err() {
        // It is gone by itself otherwise.
        let _ = child.kill();
    }
    let _ = handfast_sys::ready::reap(child).await;
    match said {
        Ok(said) if said == can() => Ok(()),
        Ok(_) => Err(format!(
            "`{}` does not take over what this version leaves",
            program.display()
        )),
        Err(_) => Err(format!("`{}` says nothing", program.display())),
    }
}

/// With its standard output at a pipe.
fn started(command: &mut Command) -> io::Result<(ReadEnd, Child)> {
    let (words, to) = stream::from_child()?;
    let child = fork_lock::spawn(command.stdout(to))?;
    // What is left of it is the other side of the pipe.
    command.stdout(Stdio::null());
    Ok((words, child))
}

async fn first_line(words: ReadEnd) -> String {
    let mut line = String::new();
    let mut words = BufReader::new(words.take(MOST));
    // What is no text is nothing of ours.
    let _ = words.read_line(&mut line).await;
    line.trim_end().to_owned()
}

/// Puts the descriptors of a seat where a program finds them that has the answered one as its standard input.
///
/// # Errors
///
/// What the system says.
///
/// # Platforms
///
/// Windows: `Unsupported`. So is [`take`].
pub fn hand(seat: &Seat) -> io::Result<Descriptor> {
    seat.hand(WORD)
}

/// Takes the seat that was put at the standard input.
///
/// # Errors
///
/// [`ListenError`]: what is there is not the seat of this place.
pub fn take(place: &Place) -> Result<Seat, ListenError> {
    Seat::handed(place, WORD)
}

/// Starts the next daemon, and waits until it serves; answers its process.
///
/// # Errors
///
/// Why it does not, in words; it is gone then.
///
/// # Panics
///
/// Outside a tokio runtime.
///
/// # Cancel safety
///
/// None: it may have been started.
pub async fn bring_up(command: &mut Command) -> Result<u32, String> {
    let why = |error: io::Error| format!("start it: {error}");
    let (words, mut child) = started(command).map_err(why)?;
    let said = timeout(PATIENCE, first_line(words)).await;
    let said = match said {
        Ok(said) if said == crate::connect::Readiness::Ready.to_string() => return Ok(child.id()),
        Ok(said) if said.is_empty() => "it ended before it served".to_owned(),
        Ok(said) => said,
        Err(_) => format!("it does not serve after {} s", PATIENCE.as_secs()),
    };
    // One that has ended needs no end.
    let _ = child.kill();
    let _ = handfast_sys::ready::reap(child).await;
    Err(said)
}
