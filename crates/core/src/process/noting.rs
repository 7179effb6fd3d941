//! Writing down how a process ended, for the next program, before its reaper may forget it.

use super::task::Task;
use crate::kept::NotedEnd;
use std::time::SystemTime;

impl Task {
    /// The end, as its note says it.
    fn noted_end(&self) -> NotedEnd {
        let failed = self.life.failed;
        NotedEnd {
            leader: self.life.leader,
            failed: failed.then(|| self.failed_at.unwrap_or_default()),
            at: SystemTime::now(),
        }
    }

    /// Nothing is left of it: writes that down, and then tells the reaper that it is known.
    pub(super) async fn note_end(&self) {
        let Some(kept) = self.reaper.kept() else {
            return;
        };
        let handle = self.record.handle;
        if let Err(error) = kept.end(handle, &self.noted_end()) {
            // The reaper keeps it then, and the next program hears it from there.
            return tracing::warn!(%error, %handle, "cannot write down how it ended");
        }
        self.reaper.told(self.id).await;
    }
}
