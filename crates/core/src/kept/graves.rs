//! What is only written down of processes: those that had ended, and those of which nobody knows.

use super::Kept;
use super::adopt::Adoption;
use super::note::{Note, NotedEnd};
use super::taking::record;
use crate::manager::Inner;
use crate::manager::registry::{Entry, Standing};
use crate::process::life::{LeaderEnd, Phase};
use crate::process::seen::{Seen, failure};
use crate::process::{Cause, ProcessHandle};
use crate::reaper::ReaperError;
use crate::tree::Rung;
use handfast_sys::child::Exit;
use std::io;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, Weak};
use std::time::{Instant, SystemTime};
use tokio::sync::{mpsc, watch};

impl Inner {
    /// What is only written down: those that had ended, and those of which nobody knows.
    pub(super) fn remember(
        &self,
        kept: &Kept,
        failed: &[(Rung, ReaperError)],
        adoption: &mut Adoption,
    ) -> io::Result<()> {
        let mut graves = Vec::new();
        for handle in kept.handles()? {
            let Some(id) = self.registry.ids().number(handle) else {
                continue;
            };
            if self.registry.find(handle).is_ok() {
                continue;
            }
            let noted = kept.read(handle);
            let note = noted.clone().unwrap_or_else(|| Note::unknown(Rung::Group));
            let theirs = failed.iter().any(|(rung, _)| note.rung() == Some(*rung));
            match note.end() {
                Some(end) => {
                    adoption.remembered.push(handle);
                    graves.push(((id, handle), note, end));
                }
                // Somebody may know.
                None if theirs || (noted.is_none() && !failed.is_empty()) => {}
                None => {
                    let end = nobody_knows(&note);
                    if let Err(error) = kept.end(handle, &end) {
                        tracing::debug!(%error, %handle, "cannot write down that it is lost");
                    }
                    adoption.lost.push(handle);
                    graves.push(((id, handle), note, end));
                }
            }
        }
        graves.sort_by_key(|(_, _, end)| end.at);
        for (named, note, end) in graves {
            self.inter(kept, named, (&note, &end));
        }
        Ok(())
    }

    /// The tombstone of one that ended with another program.
    fn inter(
        &self,
        kept: &Kept,
        (id, handle): (u64, ProcessHandle),
        (note, end): (&Note, &NotedEnd),
    ) {
        let rung = note.rung().unwrap_or(Rung::Group);
        let record = record((id, handle), note, rung);
        let claim = self.owners.readmit(&note.owner(), 0);
        let _ = claim.enter(id, |_| {});
        let output = (record.config.kept_output() > 0).then(|| {
            let _inside = self.runtime.enter();
            self.restored(&record, &[], (&kept.place(handle), &kept.quota()))
        });
        if let Some(output) = output.iter().flatten().next() {
            claim.keeps(output);
        }
        claim.over();
        let failed = end
            .failed
            .map(|(step, errno)| failure(&record.config, step, errno));
        let (wishes, _) = mpsc::unbounded_channel();
        let (_, seen) = watch::channel(Seen {
            phase: Phase::Gone,
            leader: end.leader,
            failed,
            ..Seen::default()
        });
        let ended = end.at.elapsed().unwrap_or_default();
        let entry = Entry {
            record,
            home: Weak::new(),
            claim,
            launching: AtomicBool::new(false),
            wishes,
            seen,
            stdio: Mutex::new(None),
            output: output.flatten(),
            session: None,
        };
        let now = Instant::now();
        let since = now.checked_sub(ended).unwrap_or(now);
        self.registry
            .accept(&Arc::new(entry), Standing::Ended(since));
    }
}

/// Its reaper is gone, and what it knew.
fn nobody_knows(note: &Note) -> NotedEnd {
    let at = SystemTime::now();
    let leader = LeaderEnd {
        exit: Exit::Unknown,
        at: note.started_at().max(SystemTime::UNIX_EPOCH),
        cause: Cause::ReaperLost,
    };
    NotedEnd {
        leader: Some(LeaderEnd { at, ..leader }),
        failed: None,
        at,
    }
}
