//! `cargo xtask test`: the whole suite with one command on a fresh machine.
//!
//! The suite wants a process for each test, which `cargo-nextest` gives; where it is missing it is
//! installed first. Extra arguments go to nextest, for instance a filter. The tests run under a
//! reaper of orphans (`reap.rs`): trees that get away on purpose leave thousands of dead processes,
//! more than the first process of a container may take in time.

use crate::reap;
use anyhow::{Context, bail};
use std::io::Write;
use std::process::{Command, ExitCode};

/// Installs the runner where it is missing, then runs all tests and all documentation examples.
///
/// # Errors
///
/// Where cargo cannot be run.
pub fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    if !succeeds(&["nextest", "--version"])? {
        writeln!(
            std::io::stderr(),
            "installing cargo-nextest, which runs each test by itself"
        )?;
        if !cargo(&["install", "cargo-nextest", "--locked"])? {
            bail!("cargo-nextest could not be installed");
        }
    }
    let mut suite = vec!["nextest", "run", "--workspace"];
    suite.extend(arguments.iter().map(String::as_str));
    let suite = reap::status(&mut command(&suite)).context("run cargo")?;
    let passed = suite.success() && cargo(&["test", "--quiet", "--workspace", "--doc"])?;
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

fn cargo(arguments: &[&str]) -> anyhow::Result<bool> {
    let status = command(arguments).status().context("run cargo")?;
    Ok(status.success())
}

fn succeeds(arguments: &[&str]) -> anyhow::Result<bool> {
    let output = command(arguments).output().context("run cargo")?;
    Ok(output.status.success())
}
