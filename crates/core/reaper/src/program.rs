//! The program on Unix: a process of its own on a channel that is its standard input.

use crate::serve;
use crate::start::Ground;
use handfast_sys::channel::Channel;
use handfast_sys::{child, fork_lock};
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Runs the reaper on the channel that is standard input; answers with the exit code.
#[must_use]
pub fn run() -> i32 {
    match channel().and_then(serve_owner) {
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

/// A reaper that was begun, as a child of ours.
#[derive(Debug)]
pub struct Begun(Child);

impl Begun {
    /// What must be reaped when it has ended.
    #[must_use]
    pub fn into_child(self) -> Option<Child> {
        Some(self.0)
    }
}

/// Begins a reaper that serves this channel, by a command that executes the program.
///
/// # Errors
///
/// What the system says of the start.
pub fn begin(_: &Path, mut command: Command, channel: Channel) -> io::Result<Begun> {
    command
        .arg(crate::ASKED)
        .current_dir("/")
        .stdin(Stdio::from(channel.into_descriptor()))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    fork_lock::spawn(&mut command).map(Begun)
}

fn channel() -> io::Result<Channel> {
    Channel::from_descriptor(io::stdin().as_fd().try_clone_to_owned()?)
}

fn serve_owner(owner: Channel) -> io::Result<std::convert::Infallible> {
    // A group leader cannot leave its session; then a child of ours would be needed, but std
    // starts us as no leader.
    let _ = child::clear_session();
    child::default_signals()?;
    child::ignore_terminal_signals();
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
