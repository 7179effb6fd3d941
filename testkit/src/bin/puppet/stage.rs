//! What a puppet carries from word to word, and the loop that does one word after the other.
//!
//! Forked puppets start with a copy of the stage: the oracle and the answers to signals are
//! inherited as the kernel inherits them.

use std::path::PathBuf;

use handfast_sys::puppetry;
use rustix::process::{Pid, Signal};

use crate::script::{Fault, Script};
use crate::{act, pipes, signals, tell, trees};

/// Whether a group of words knew the word.
pub(crate) type Known = Result<bool, Fault>;

/// The state of one puppet.
#[derive(Default, Debug)]
pub(crate) struct Stage {
    /// The oracle last named.
    pub(crate) oracle: Option<PathBuf>,
    /// The descriptor of the lock that is held in an oracle; not owned, as `close-all` may close it.
    pub(crate) lock: Option<i32>,
    /// The child started last.
    pub(crate) last_child: Option<Pid>,
    /// What to play when a signal comes.
    pub(crate) answers: Vec<(Signal, Vec<String>)>,
}

impl Stage {
    /// Does all words of a script.
    pub(crate) fn play(&mut self, script: &mut Script<'_>) -> Result<(), Fault> {
        while let Some(word) = script.word() {
            let known = act::step(self, word, script)?
                || trees::step(self, word, script)?
                || signals::step(self, word, script)?
                || tell::step(word)?
                || pipes::step(word, script)?;
            if !known {
                return Err(Fault::new(format!("there is no word {word:?}")));
            }
        }
        Ok(())
    }

    /// Sleeps for ever without wake-ups, but for the signals that have answers.
    pub(crate) fn park(&mut self) -> Result<(), Fault> {
        loop {
            let caught = puppetry::wait_for_signals().map_err(Fault::tried("park"))?;
            for (signal, answer) in self.answers.clone() {
                if caught & signals::bit(signal) != 0 {
                    self.play(&mut Script::new(&answer))?;
                }
            }
        }
    }

    /// Joins the oracle in `dir`, then lets go of the lock held (or inherited) before.
    pub(crate) fn join(&mut self, dir: PathBuf) -> Result<(), Fault> {
        use std::os::fd::IntoRawFd;
        let held =
            testkit::join(&dir).map_err(Fault::tried(format_args!("join {}", dir.display())))?;
        let before = self.lock.replace(held.into_raw_fd());
        self.oracle = Some(dir);
        if let Some(before) = before {
            puppetry::close_descriptor(before)
                .map_err(Fault::tried("close the lock held before"))?;
        }
        Ok(())
    }

    /// Joins the oracle last named.
    pub(crate) fn join_same(&mut self) -> Result<(), Fault> {
        let dir = self
            .oracle
            .clone()
            .ok_or_else(|| Fault::new("join-same comes after open-oracle or join"))?;
        self.join(dir)
    }

    /// Joins the oracle last named, if one was.
    pub(crate) fn join_if_open(&mut self) -> Result<(), Fault> {
        if self.oracle.is_some() {
            self.join_same()
        } else {
            Ok(())
        }
    }
}
