//! The program of the reaper, as it runs here: for what a host cannot do for itself.
//!
//! What must stay true: a helper has the host's file and nothing else of it: no console, no variable but
//! the one that the loader insists on, no handle but the input that it is given.

use super::{ask, keep};
use crate::ASKED;
use handfast_sys::child::{self, Console, Priority, Spawn, Started, environment_block};
use handfast_sys::tree::windows::Job;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::BorrowedHandle;
use std::path::Path;

/// Starts one in a job: its file, what it is to do, and the words for that.
pub(super) fn start(
    (program, task, rest): (&Path, &str, &[String]),
    input: Option<BorrowedHandle<'_>>,
    job: &Job,
) -> io::Result<Started> {
    let mut words: Vec<OsString> = vec![program.into(), ASKED.into(), task.into()];
    words.extend(rest.iter().map(OsString::from));
    let root = child::system_root()?;
    let mut variables = Vec::new();
    let value: Vec<u16> = root.as_os_str().encode_wide().collect();
    environment_block::add_system_root(&mut variables, &value, child::compare_names);
    let environment =
        environment_block::build(variables, child::compare_names).map_err(io::Error::other)?;
    let spawn = Spawn {
        program: program.as_os_str(),
        arguments: &words,
        environment: &environment,
        directory: root.as_os_str(),
        streams: [input, None, None],
        console: Console::None,
        priority: Priority::Normal,
    };
    spawn.start(job).map_err(|failed| failed.source)
}

/// Does what the words ask for; answers with the exit code.
#[must_use]
pub fn run() -> i32 {
    let words = std::env::args_os().skip(2);
    let words: Option<Vec<String>> = words.map(|word| word.into_string().ok()).collect();
    let words = words.unwrap_or_default();
    match words.split_first() {
        Some((task, [])) if task == keep::KEEP => keep::run(io::stdin().lock()),
        _ => match ask::read(&words) {
            Some((leader, members)) => ask::reach(leader, &members),
            None => {
                let _ = writeln!(
                    io::stderr(),
                    "handfast-reaper: it is started by handfast itself\n  \
                     to run a program, use: handfast run -- PROGRAM"
                );
                2
            }
        },
    }
}
