//! `handfast completions`: the script that a shell needs to complete this program's command line.

use crate::app::App;
use crate::explain::Failure;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

pub(crate) fn run(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    generate(shell, &mut App::command(), "handfast", &mut script);
    let mut out = std::io::stdout().lock();
    match out.write_all(&script).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads only the beginning has what they want.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let failure = Failure::new("cli.output", "write the script", &error);
            failure.say();
            ExitCode::from(failure.status())
        }
    }
}
