//! Handing the daemon over to another program.
//!
//! Three steps. The daemon becomes, in the same process, one that only waits: so everything that it held is held by
//! reapers, with the seat at its standard input (`--hand-over`). That starts the next one with the same seat
//! (`--take-over`), and is over when it serves. If it does not, it is ended, and the one that waits is a daemon again.

use crate::app::DaemonRun;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::listen::Seat;
use handfast_daemon::program::{HandsOver, successor};
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::host;
use std::io;
use std::path::Path;
use std::process::Command;

/// What every daemon of a place is told.
pub(super) fn same(command: &mut Command, options: &DaemonRun) {
    command.arg(format!("--idle-exit={}ms", options.idle_exit.as_millis()));
    for (option, folder) in [
        ("--run-folder", &options.run_folder),
        ("--state-folder", &options.state_folder),
    ] {
        if let Some(folder) = folder {
            command.arg(option).arg(folder);
        }
    }
    if options.announce {
        command.arg("--announce");
    }
}

/// Becomes the one that waits; answers only where that fails.
pub(super) fn become_next(hands_over: &HandsOver, options: &DaemonRun) -> io::Error {
    let seat = match successor::hand(hands_over.seat()) {
        Ok(seat) => seat,
        Err(error) => return error,
    };
    let ourselves = match host::own_program() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = Command::new(ourselves);
    command.args(["daemon", "run", "--hand-over"]);
    command.arg(hands_over.program());
    same(&mut command, options);
    host::become_program(command.stdin(seat))
}

/// The seat that was handed to us, if one was.
pub(super) fn seat(place: &Place, options: &DaemonRun) -> Result<Option<Seat>, Failure> {
    if options.hand_over.is_none() && !options.take_over {
        return Ok(None);
    }
    let seat = successor::take(place);
    let seat = seat.map_err(|error| Failure::new(error.code(), "take over the seat", &error))?;
    let nothing = host::null();
    let nothing = nothing.and_then(|nothing| host::put_stream(0, nothing.as_descriptor()));
    nothing.map_err(|error| Failure::new("cli.descriptors", "get ready", &error))?;
    Ok(Some(seat))
}

/// Starts the next one, and waits until it serves; answers its process, or why it does not.
pub(super) async fn wait(seat: &Seat, next: &Path, options: &DaemonRun) -> Result<u32, String> {
    tracing::info!(program = %next.display(), "hands over");
    let handed = successor::hand(seat).map_err(|error| error.to_string())?;
    let mut command = Command::new(next);
    command.args(["daemon", "run", "--take-over"]);
    same(&mut command, options);
    successor::bring_up(command.stdin(handed)).await
}
