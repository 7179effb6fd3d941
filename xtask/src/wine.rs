//! `cargo xtask wine`: runs a program by Wine's loader, for the tests of `cargo xtask cross`.
//!
//! The loader itself ends now and then with 1 within some milliseconds and without a word, before it has
//! loaded anything: one start of 900 on a loaded host. A test program ends with 0 or 101, so 1 is the
//! loader's, and it is started again.

use anyhow::Context;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

/// The code of a loader that has not loaded anything.
const NOT_LOADED: i32 = 1;

/// How often it is started at the most.
const TRIES: u32 = 5;

/// Runs the words, the first of which starts programs under Wine, and ends with their code.
///
/// # Errors
///
/// Where there are no words, or the first cannot be run.
pub fn run(words: &[String]) -> anyhow::Result<ExitCode> {
    let (loader, program) = words.split_first().context("name a loader and a program")?;
    let mut code = NOT_LOADED;
    for _ in 0..TRIES {
        let status = Command::new(loader).args(program).status();
        let status = status.with_context(|| format!("run {loader}"))?;
        code = status.code().unwrap_or(128 + status.signal().unwrap_or(0));
        if code != NOT_LOADED {
            break;
        }
    }
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX)))
}
