//! A host program that holds trees with a manager, and ends in the way it is told to.
//!
//! `owner --rung RUNG [--grace MS] [--lifetime WORD] [--reaper PROGRAM]
//! [--on-signals no|yes|busy] [--store no|yes] [--end WORD] -- PROGRAM ARGS...`
//! starts the program, says `up leader=PID reaper=PID`, and then does the words of `--end` and of its
//! standard input, one a line, with one line of answer each: `start`, `stop`, `clone`, `drop`,
//! `detach`, `reattach`, `drop-store`, `reaper`, `lose`, `status`, `storm`, `return`, `panic`, `abort`, `exit`. At the end of its input it
//! waits to be killed.
//!
//! What must stay true: it installs no signal handler unless told to and it opens nothing that its trees inherit,
//! so its end is that of any host.

#![forbid(unsafe_code)]

mod busy;
mod orders;
mod words;

use std::process::ExitCode;

use orders::{OnSignals, Orders};
use words::{Host, Next};

fn main() -> ExitCode {
    let orders = match Orders::read(std::env::args_os().skip(1)) {
        Ok(orders) => orders,
        Err(wrong) => return words::refuse(&wrong),
    };
    if orders.on_signals == OnSignals::Busy {
        return match busy::run(&orders) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => words::refuse(&error.to_string()),
        };
    }
    let mut host = match Host::new(orders) {
        Ok(host) => host,
        Err(error) => return words::refuse(&words::explain(&error)),
    };
    match host.obey() {
        Ok(Next::Return) => ExitCode::SUCCESS,
        Ok(Next::Wait) => loop {
            std::thread::park();
        },
        Err(error) => words::refuse(&words::explain(&error)),
    }
}
