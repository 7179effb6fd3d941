//! The small helper of handfast that starts every process, watches its owner and ends what is left.
//!
//! It is a program of its own so that it outlives its host: the end of the host closes the host's
//! end of one socket, by whatever cause, and what was not declared to survive is killed. It forks
//! from a tiny single-threaded process, so a start costs the same however large the host is, and
//! nothing of the host gets into a child.
//!
//! Users of the library do not call this crate; `handfast::reaper::run_if_asked` does.

#![forbid(unsafe_code)]

pub mod ledger;
pub mod wire;

mod enter;
mod home;
mod serve;
mod start;
mod sweep;

pub use sweep::leftovers;

use handfast_sys::channel::Channel;
use handfast_sys::child;
use start::Ground;
use std::io;
use std::os::fd::AsFd;

/// The first argument by which a program is asked to be the reaper.
pub const ASKED: &str = "--handfast-reaper";

/// Runs the reaper and does not return, where this process was started to be one; else returns at
/// once and has done nothing.
///
/// Call it first in `main`, before any thread is started.
pub fn run_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|word| word == ASKED) {
        std::process::exit(run());
    }
}

/// Runs the reaper on the channel that is standard input; answers with the exit code.
#[must_use]
pub fn run() -> i32 {
    match channel().and_then(serve) {
        Ok(never) => match never {},
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(
                io::stderr(),
                "handfast-reaper: cannot run: {error}\n  \
                 it is started by handfast itself, with a channel as its standard input\n  \
                 to run a program, use: handfast run -- PROGRAM"
            );
            2
        }
    }
}

fn channel() -> io::Result<Channel> {
    Channel::from_descriptor(io::stdin().as_fd().try_clone_to_owned()?)
}

fn serve(owner: Channel) -> io::Result<std::convert::Infallible> {
    // A group leader cannot leave its session; then a child of ours would be needed, but std
    // starts us as no leader.
    let _ = child::clear_session();
    child::default_signals()?;
    child::ignore_terminal_signals();
    child::block_child_signal()?;
    child::keep_only(&[owner.as_fd()])?;
    let null = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    for number in 0..3 {
        child::put_stream(number, null.as_fd())?;
    }
    let ground = Ground {
        proof: child::SingleThreaded::check()?,
        null: null.into(),
        descriptor_limits: child::raise_descriptor_limit(),
    };
    serve::introduce(owner, ground)
}
