//! `handfast completions`: the script that a shell needs to complete this program's command line.

use crate::app::App;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

pub(crate) fn run(shell: Shell) -> ExitCode {
    generate(
        shell,
        &mut App::command(),
        "handfast",
        &mut std::io::stdout(),
    );
    ExitCode::SUCCESS
}
