//! Runs the chores of this repository: `cargo xtask <chore>`.
//!
//! To add a chore, write a module with a `run` function in the library and add one line to
//! `CHORES`; `help` lists it from there.

#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;

use anyhow::bail;

/// One chore: its name on the command line, one line of help, and what it does with the arguments
/// after its name.
struct Chore {
    name: &'static str,
    help: &'static str,
    run: fn(&[String]) -> anyhow::Result<ExitCode>,
}

/// Every chore, in the order in which `help` shows them.
const CHORES: &[Chore] = &[
    Chore {
        name: "tidy",
        help: "check the house rules over all tracked files",
        run: xtask::tidy::run,
    },
    Chore {
        name: "test",
        help: "run the whole suite, installing its runner where that is missing",
        run: xtask::suite::run,
    },
    Chore {
        name: "reap",
        help: "run a command and reap every orphan below it",
        run: xtask::reap::run,
    },
    Chore {
        name: "escapes",
        help: "make the table of escapes anew; --write puts it into docs/guarantees.md",
        run: xtask::escapes::run,
    },
    Chore {
        name: "cross",
        help: "build, run and check for other systems: windows, msvc, macos",
        run: xtask::cross::run,
    },
    Chore {
        name: "wine",
        help: "run a program by a loader of Wine's, which is started again where it has not loaded anything",
        run: xtask::wine::run,
    },
    Chore {
        name: "man",
        help: "write the man pages into target/man, or into the folder that is given",
        run: xtask::man::run,
    },
    Chore {
        name: "clients",
        help: "write what the clients in Python and TypeScript know of the wire; --check finds what is stale",
        run: xtask::clients::run,
    },
    Chore {
        name: "help",
        help: "list the chores",
        run: help,
    },
];

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        return help(&[]);
    };
    let Some(chore) = CHORES.iter().find(|chore| chore.name == name) else {
        bail!("no chore `{name}`; `cargo xtask help` lists them");
    };
    (chore.run)(rest)
}

fn help(_: &[String]) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    for chore in CHORES {
        writeln!(out, "cargo xtask {:<10} {}", chore.name, chore.help)?;
    }
    Ok(ExitCode::SUCCESS)
}
