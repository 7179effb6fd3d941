//! Taking over what a program which is gone has left.
//!
//! A process that is taken over has a task as any other; what its reaper tells of it goes in as facts, from the
//! beginning. What must stay true: each has its handle; nothing that was counted is counted again or missed; a
//! process of which nobody knows how it ended is said to have ended so.

use super::Kept;
use super::error::AdoptError;
use crate::manager::{Inner, ProcessManager, sampler};
use crate::process::ProcessHandle;
use crate::process::life::{KILL_PATIENCE, Phase};
use crate::process::seen::Seen;
use crate::reaper::{Reaper, ReaperError};
use crate::tree::Rung;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Adoption {
    /// Processes of which something runs.
    pub adopted: Vec<ProcessHandle>,
    /// Those that ended while nobody was there, by themselves or since nobody was there
    /// ([`Cause::HostLost`](crate::Cause::HostLost)).
    pub ended: Vec<ProcessHandle>,
    /// Those whose reaper is gone as well, so that nobody knows how they ended ([`Cause::ReaperLost`](crate::Cause::ReaperLost)).
    pub lost: Vec<ProcessHandle>,
    /// Those that had ended before, and answer again.
    pub remembered: Vec<ProcessHandle>,
    /// How many ends were forgotten, since there were too many or nobody came for too long. They are among
    /// the lost.
    pub forgotten: u64,
}

impl ProcessManager {
    /// Takes over what the last program has left in the folder of this manager's [`Keep`](crate::Keep).
    ///
    /// Processes that were declared to survive go on under their handles: their output from the byte that was
    /// last counted, their terminals and pipes written to as before, their deadlines from their start. Those
    /// that were not were ended when the last program was, and are tombstones; so are those that ended
    /// meanwhile, and those of before. Call it before anything is started.
    ///
    /// Not taken over: the numbers of `exec_command`, ids of writes, pipes that the last program had taken for
    /// itself ([`Stdin::Pipe`](crate::config::Stdin::Pipe), [`Output::Pipe`](crate::config::Output::Pipe)), values of variables, limits and
    /// plugins. A process whose owner is not here gets one of that name below the host, without limits.
    ///
    /// # Errors
    ///
    /// [`AdoptError`], of the first rung whose reaper is there and does not give its processes away; those of
    /// other rungs are taken over then, and nothing is said of its own.
    ///
    /// # Cancel safety
    ///
    /// What was begun goes on; calling it again takes over the rest.
    pub async fn adopt(&self) -> Result<Adoption, AdoptError> {
        self.inner.adopt().await
    }

    /// Says that the end of this program is not the end: for so long after it everything is held, whatever
    /// its lifetime, and is there for the next program to [`adopt`](ProcessManager::adopt). If that does not
    /// come within this time, everything ends that was not declared to survive. Zero takes it back.
    ///
    /// The manager goes on as before until its program ends; its drop is no end any more.
    ///
    /// # Errors
    ///
    /// [`AdoptError`]; then some are handed over and others are not.
    ///
    /// # Cancel safety
    ///
    /// As with an error.
    pub async fn hand_over(&self, grace: Duration) -> Result<(), AdoptError> {
        let inner = &self.inner;
        if inner.kept.is_none() {
            return Err(AdoptError::NotKept);
        }
        inner.handed_over.store(!grace.is_zero(), Ordering::Release);
        let millis = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        for reaper in inner.rungs.reapers.running() {
            let handed = reaper.hand_over(millis).await;
            handed.map_err(|source| refused(reaper.rung(), source))?;
        }
        Ok(())
    }
}

fn refused(rung: Rung, source: ReaperError) -> AdoptError {
    AdoptError::Reaper { rung, source }
}

fn system(error: io::Error) -> AdoptError {
    AdoptError::System {
        source: Arc::new(error),
    }
}

impl Inner {
    async fn adopt(&self) -> Result<Adoption, AdoptError> {
        let kept = self.kept.clone().ok_or(AdoptError::NotKept)?;
        let (mut adoption, mut failed) = (Adoption::default(), Vec::new());
        for rung in Rung::LADDER {
            match self.reaper_left(&kept, rung).await {
                Ok(None) => {}
                Ok(Some(reaper)) => self.take_over_all(&kept, &reaper, &mut adoption).await,
                Err(error) => failed.push((rung, error)),
            }
        }
        self.remember(&kept, &failed, &mut adoption)
            .map_err(system)?;
        sampler::wake(&self.sampler, &self.registry, &self.runtime);
        let registry = Arc::clone(&self.registry);
        self.runtime.spawn_blocking(move || registry.prune());
        match failed.into_iter().next() {
            Some((rung, source)) => Err(refused(rung, source)),
            None => Ok(adoption),
        }
    }

    /// The reaper that was left for a rung, if one is there.
    async fn reaper_left(&self, kept: &Kept, rung: Rung) -> Result<Option<Reaper>, ReaperError> {
        let running = self
            .rungs
            .reapers
            .running()
            .find(|reaper| reaper.rung() == rung);
        if let Some(reaper) = running {
            return Ok(Some(reaper.clone()));
        }
        match kept.connect(rung).map_err(ReaperError::system)? {
            None => Ok(None),
            Some(_) => self.rungs.reapers.reaper(rung).await.map(Some),
        }
    }

    async fn take_over_all(&self, kept: &Kept, reaper: &Reaper, adoption: &mut Adoption) {
        let (found, forgotten) = reaper.take_found();
        adoption.forgotten += forgotten;
        let mut entries = Vec::new();
        for found in found {
            let (ends, started) = (found.tree.over || found.tree.for_owner, found.tree.started);
            let entry = self.take_over(kept, reaper, found);
            entries.extend(entry.map(|entry| (entry, ends, started)));
        }
        for (entry, ends, started) in entries {
            let mut seen = entry.seen.clone();
            // What is known goes in before it is answered for; what is being ended ends.
            let known = |seen: &Seen| match ends {
                true => seen.is_over(),
                false => seen.phase != Phase::Starting || !started,
            };
            let _ = tokio::time::timeout(KILL_PATIENCE, seen.wait_for(known)).await;
            let over = entry.seen.borrow().is_over();
            match over {
                true => adoption.ended.push(entry.record.handle),
                false => adoption.adopted.push(entry.record.handle),
            }
        }
    }
}
