//! Which rung a process gets: the strongest that works here, or a refusal that names every try.
//!
//! A rung is probed by having its reaper; each is tried once for a manager, or for all that share a
//! detached store, and remembered.

use crate::config::ProcessConfig;
use crate::kept::Kept;
use crate::process::StartError;
use crate::reaper::{Reaper, ReaperError};
use crate::runtime::Runtime;
use crate::tree::{Containment, Grade, Rung};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OnceCell;

type Slot = Arc<OnceCell<Result<Reaper, ReaperError>>>;

/// The reapers of a manager, or of those that share a detached store: one for each rung that was asked
/// for.
#[derive(Debug)]
pub(crate) struct Reapers {
    program: Option<Arc<Path>>,
    /// Where the next program finds them, if one is to.
    kept: Option<Arc<Kept>>,
    runtime: Runtime,
    slots: [Slot; Rung::LADDER.len()],
    /// Read by starts that are still under way when the owner ends.
    closed: Arc<AtomicBool>,
}

impl Reapers {
    pub(crate) fn new(
        program: Option<Arc<Path>>,
        kept: Option<Arc<Kept>>,
        runtime: Runtime,
    ) -> Reapers {
        Reapers {
            program,
            kept,
            runtime,
            slots: Default::default(),
            closed: Arc::default(),
        }
    }

    /// The program that was named for them.
    pub(crate) fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    fn slot(&self, rung: Rung) -> Option<&Slot> {
        let place = Rung::LADDER.iter().position(|other| *other == rung)?;
        self.slots.get(place)
    }

    /// The reaper of a rung, started if it is not there yet.
    pub(crate) async fn reaper(&self, rung: Rung) -> Result<Reaper, ReaperError> {
        let Some(slot) = self.slot(rung).cloned() else {
            return Err(ReaperError::Refused {
                step: "find the rung".into(),
                errno: 0,
            });
        };
        if let Some(known) = slot.get() {
            return known.clone();
        }
        let (program, closed) = (self.program.clone(), Arc::clone(&self.closed));
        let kept = self.kept.clone();
        let runtime = self.runtime.clone();
        // In a task of its own: a start that is given up must not leave half a reaper.
        let start = self.runtime.spawn(async move {
            let start = || Reaper::start(rung, program, kept, &runtime);
            let reaper = slot.get_or_init(start).await;
            // After it is in its slot: either this or the end of the owner sees the other.
            if let (true, Ok(reaper)) = (closed.load(Ordering::SeqCst), reaper) {
                reaper.close();
            }
            reaper.clone()
        });
        start.await.unwrap_or(Err(ReaperError::Closed))
    }

    /// Tells all that the owner ends, also those that are only being started. Does not wait.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.running().for_each(Reaper::close);
    }

    /// Those that run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Reaper> {
        self.slots
            .iter()
            .filter_map(|slot| slot.get()?.as_ref().ok())
    }
}

/// How a manager chooses among the reapers that it has.
#[derive(Debug)]
pub(crate) struct Rungs {
    pub(crate) reapers: Arc<Reapers>,
    force: Option<Rung>,
}

impl Rungs {
    pub(super) fn new(reapers: Arc<Reapers>, force: Option<Rung>) -> Rungs {
        Rungs { reapers, force }
    }

    /// The reaper that this config gets.
    pub(super) async fn choose(&self, config: &ProcessConfig) -> Result<Reaper, StartError> {
        let least = config.least_grade().unwrap_or(Grade::Cooperative);
        match (config.containment(), self.force) {
            (Containment::Rung(rung), _) | (Containment::Auto, Some(rung)) => {
                self.exactly(rung, least).await
            }
            (Containment::Auto, None) => self.strongest(least).await,
        }
    }

    async fn exactly(&self, rung: Rung, least: Grade) -> Result<Reaper, StartError> {
        if rung.grade() < least {
            let why = format!("gives only grade `{}`", rung.grade());
            return Err(StartError::TooWeak {
                wanted: least,
                tried: vec![(rung, why)],
            });
        }
        self.reapers
            .reaper(rung)
            .await
            .map_err(|source| StartError::Rung { rung, source })
    }

    async fn strongest(&self, least: Grade) -> Result<Reaper, StartError> {
        let mut tried = Vec::new();
        for rung in Rung::LADDER {
            if rung.grade() < least {
                tried.push((rung, format!("gives only grade `{}`", rung.grade())));
                continue;
            }
            match self.reapers.reaper(rung).await {
                Ok(reaper) => return Ok(reaper),
                // Without the program no rung works, and none is to blame.
                Err(source @ (ReaperError::NotFound { .. } | ReaperError::Launch { .. })) => {
                    return Err(StartError::Rung { rung, source });
                }
                Err(error) => tried.push((rung, error.to_string())),
            }
        }
        Err(if least == Grade::Cooperative {
            StartError::NoRung { tried }
        } else {
            StartError::TooWeak {
                wanted: least,
                tried,
            }
        })
    }
}
