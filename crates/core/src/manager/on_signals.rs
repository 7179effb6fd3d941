//! Shutting down when this process is asked to end, for hosts that want that.
//!
//! One thread for the whole process waits for requests, whatever the host's runtime is doing: what
//! has to happen is done by the reapers, which are told without waiting. The runtime is used only
//! to learn of the end without looking for it. What must stay true: nothing is installed before the
//! first manager asks for it; no manager is kept alive by having asked; every request ends in this
//! process's death of the first one's signal.

use super::registry::Entry;
use super::shutdown::{dies_with_owner, ids_on};
use super::{Inner, ManagerError, ProcessManager, until};
use crate::process::Cause;
use crate::process::seen::Seen;
use handfast_sys::asked::{Asked, By, Escalation, Listener, Nudge};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long after the longest grace this process waits for what does not end.
const OVERDUE: Duration = Duration::from_secs(1);

/// How often it looks whether all is over, where the runtime cannot say it.
const GLANCE: Duration = Duration::from_millis(20);

/// The managers that asked for it; `None` before the first.
static ASKING: Mutex<Option<Vec<Weak<Inner>>>> = Mutex::new(None);

impl ProcessManager {
    /// From here on SIGTERM, SIGINT and SIGHUP to this process shut the manager down: the first is
    /// polite (every process is asked and gets its grace), a second kills at once, and a third waits
    /// for nothing. At the end this process dies of the first one's signal, as without a handler.
    ///
    /// The library listens to no signal unless this is called, and there is no way back. It works
    /// whatever the runtime does, even while it is blocked. All managers that asked for it are shut
    /// down together; one that was dropped is none of them, and where there is none left a request
    /// ends this process at once. Of a manager with a detached store all that share the store end with
    /// it, and what is detached too, since this process does. Dropping the last clone, or returning from `main`, while the
    /// graces run changes nothing for the processes: their reaper goes on.
    ///
    /// A signal that is ignored when this is called (`nohup`) stays so, and one that the host has a
    /// handler for stays the host's. Handlers that are installed later replace these.
    ///
    /// # Errors
    ///
    /// [`ManagerError::Signals`] where the system cannot; then nothing listens.
    pub fn shutdown_on_signals(&self) -> Result<(), ManagerError> {
        let mut asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: std::io::Error| ManagerError::Signals {
            reason: error.to_string(),
        };
        if asking.is_none() {
            let listener = Listener::new().map_err(failed)?;
            std::thread::Builder::new()
                .name("handfast-asked".into())
                .spawn(move || listen(&listener))
                .map_err(failed)?;
        }
        let managers = asking.get_or_insert_default();
        managers.retain(|manager| manager.strong_count() > 0);
        managers.push(Arc::downgrade(&self.inner));
        Ok(())
    }
}

fn managers() -> Vec<Arc<Inner>> {
    let asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    asking.iter().flatten().filter_map(Weak::upgrade).collect()
}

/// Waits for the first request, and does not return from it.
fn listen(listener: &Listener) {
    let mut escalation = Escalation::default();
    loop {
        match listener.next(None) {
            Ok(Some(by)) => {
                escalation.hear(by);
                Leaving::begin(listener.nudge(), by).run(listener, escalation);
            }
            Ok(None) => {}
            // Without its pipe nobody can hear: then requests have no answer, and SIGKILL is left.
            Err(error) => return tracing::error!(%error, "requests to end cannot be heard"),
        }
    }
}

/// This process, on its way out.
struct Leaving {
    managers: Vec<Arc<Inner>>,
    watchers: Vec<Watcher>,
    give_up_at: Option<Instant>,
    by: By,
}

impl Leaving {
    /// Tells every reaper that its owner ends, which asks every process.
    fn begin(nudge: Nudge, by: By) -> Leaving {
        let managers = managers();
        for manager in &managers {
            manager.leave(Cause::Shutdown);
        }
        let graces = managers.iter().map(|manager| manager.longest_grace());
        let grace = graces.max().unwrap_or_default();
        let watchers = managers
            .iter()
            .map(|manager| Watcher::start(manager, &nudge));
        Leaving {
            watchers: watchers.collect(),
            managers,
            give_up_at: Instant::now().checked_add(grace + OVERDUE),
            by,
        }
    }

    fn run(mut self, listener: &Listener, mut escalation: Escalation<By>) -> ! {
        loop {
            let late = self.give_up_at.is_some_and(|at| at <= Instant::now());
            if late || self.all_over() {
                self.by.die();
            }
            let Ok(heard) = listener.next(self.patience()) else {
                self.by.die();
            };
            match heard.map(|by| escalation.hear(by)) {
                None | Some(Asked::Shutdown) => {}
                Some(Asked::ShutdownNow) => self.kill(),
                Some(Asked::Exit) => self.by.die(),
            }
        }
    }

    fn kill(&mut self) {
        for manager in &self.managers {
            manager.kill_all();
        }
        self.give_up_at = Instant::now().checked_add(OVERDUE);
    }

    /// Until something must be done, where the runtimes will say when all is over; else until the
    /// next look.
    fn patience(&self) -> Option<Duration> {
        let left = self
            .give_up_at
            .map(|at| at.saturating_duration_since(Instant::now()));
        if self.watchers.iter().all(Watcher::will_tell) {
            left
        } else {
            Some(left.map_or(GLANCE, |left| left.min(GLANCE)))
        }
    }

    fn all_over(&self) -> bool {
        self.managers.iter().all(|manager| manager.is_empty())
    }
}

/// A task in a manager's runtime that waits for the end of its processes. It says nothing while
/// that runtime is blocked, and is dropped with it.
struct Watcher(Arc<AtomicBool>);

/// Nudges when the task has run to its end, and when it is dropped before.
struct Telling(Arc<AtomicBool>, Nudge);

impl Drop for Telling {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
        self.1.now();
    }
}

impl Watcher {
    fn start(manager: &Inner, nudge: &Nudge) -> Watcher {
        let tells = Arc::new(AtomicBool::new(false));
        let telling = Telling(Arc::clone(&tells), nudge.clone());
        let active = manager.leaving();
        manager.runtime.spawn(async move {
            telling.0.store(true, Ordering::SeqCst);
            telling.1.now();
            for entry in &active {
                until(entry, Seen::is_over).await;
            }
            drop(telling);
        });
        Watcher(tells)
    }

    fn will_tell(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Inner {
    /// What ends with this process: of the manager, and of all that share its store.
    fn leaving(&self) -> Vec<Arc<Entry>> {
        let mut leaving = match &self.store {
            None => self.registry.active(),
            Some(store) => store.active(),
        };
        leaving.retain(|entry| dies_with_owner(entry));
        leaving
    }

    fn longest_grace(&self) -> Duration {
        let leaving = self.leaving();
        let graces = leaving.iter().map(|entry| entry.record.config.grace());
        graces.max().unwrap_or_default()
    }

    /// Whether no member is left, as the tasks know it or, where they do not run, as the system
    /// does.
    fn is_empty(&self) -> bool {
        self.leaving().iter().all(|entry| {
            let seen = entry.seen.borrow().clone();
            seen.is_over() || seen.members().is_empty()
        })
    }

    fn kill_all(&self) {
        let leaving = self.leaving();
        for reaper in self.rungs.reapers.running() {
            reaper.kill(&ids_on(reaper.rung(), &leaving));
        }
    }
}
