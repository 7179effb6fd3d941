//! Becoming what the manager asked for, and sweeping what others have left.

use super::system::System;
use crate::start::Ground;
use crate::stem::{self, Maker};
use crate::wire::{Hello, NotReady};
use handfast_sys::tree::Rung;
use handfast_sys::tree::lineage::Lineage;
use handfast_sys::tree::macos::{self, Mark, Stems};
use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

/// How long what a lost manager has left is waited for. What resists is for the next start.
const SWEEP_PATIENCE: Duration = Duration::from_millis(500);

/// Times of start are absolute here, so they need no number of the boot.
const BOOT: u64 = 0;

fn not_ready(step: &str, error: &io::Error) -> NotReady {
    NotReady {
        step: step.as_bytes().to_vec(),
        errno: error.raw_os_error().unwrap_or(0),
    }
}

/// Becomes what `hello` asks for.
pub(crate) fn enter(hello: &Hello, _: &Ground) -> Result<System, NotReady> {
    if Rung::LADDER.get(usize::from(hello.rung)) != Some(&Rung::Descent) {
        let step = "understand the rung that was asked for";
        return Err(not_ready(step, &io::Error::other("")));
    }
    let us = macos::entry(std::process::id().cast_signed());
    let us = us.map_err(|error| not_ready("look at processes", &error))?;
    let stem = match &hello.group {
        Some(stem) => stem.clone(),
        None => {
            let manager = (hello.manager_pid, hello.manager_started);
            stem::name(BOOT, manager, (us.pid, us.started)).into_bytes()
        }
    };
    sweep_what_is_left(&stem);
    // No reaper of this manager has given a higher number than its own time of start.
    System::new(stem, us.started).map_err(|error| not_ready("watch processes", &error))
}

/// Ends what managers left that were killed together with their reapers: whoever carries a mark of
/// which neither maker lives, and that no other reaper has taken over.
fn sweep_what_is_left(own: &[u8]) {
    let Stems { marked, held } = macos::stems().unwrap_or_default();
    for stem in marked.difference(&held).filter(|stem| *stem != own) {
        if is_left_over(stem) {
            let mark = Mark::Manager(stem.clone(), BTreeSet::new());
            let _ = macos::sweep(&mut Lineage::by_mark(), &mark, SWEEP_PATIENCE);
        }
    }
}

fn is_left_over(stem: &[u8]) -> bool {
    let makers = std::str::from_utf8(stem).ok().and_then(stem::makers);
    makers.is_some_and(|makers| !makers.iter().any(is_alive))
}

/// Whether it lives, or may: one that we may not look at is no reason to kill anybody.
fn is_alive(maker: &Maker) -> bool {
    match macos::entry(maker.pid) {
        Ok(now) => !now.zombie && (now.started == maker.started || now.started == 0),
        Err(error) => error.raw_os_error() != Some(NO_SUCH_PROCESS),
    }
}

/// `ESRCH`.
const NO_SUCH_PROCESS: i32 = 3;
