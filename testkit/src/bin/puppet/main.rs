//! A process that does what its arguments say, in order, and speaks when a step is done.
//!
//! `puppet spawn [ escape say-pid park ] say ready park`. Tests build every kind of tree from it and
//! wait for its lines instead of for time. The words are listed beside their code: `act.rs` (itself),
//! `trees.rs` (other processes), `signals.rs`, `tell.rs` (what it sees), `pipes.rs` (input, output).
//!
//! What must stay true: one thread (it forks and goes on running), no buffered output (a fork would
//! write it twice), no descriptor opened by itself unless a word asks for it. A word that fails ends
//! the puppet with code 125 and one line on stderr.

#![forbid(unsafe_code)]

mod act;
mod pipes;
mod script;
mod signals;
mod stage;
mod tell;
mod trees;

use std::env;
use std::process;

use script::{Fault, Script};
use stage::Stage;

fn main() {
    handfast_sys::puppetry::restore_inherited_dispositions();
    process::exit(Fault::code(perform()));
}

fn perform() -> Result<(), Fault> {
    let words = env::args_os().skip(1).map(|word| {
        word.into_string()
            .map_err(|_| Fault::new("every word must be UTF-8"))
    });
    let words = words.collect::<Result<Vec<_>, _>>()?;
    Stage::default().play(&mut Script::new(&words))
}
