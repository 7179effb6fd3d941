//! Many processes of one owner: what users hold.
//!
//! A [`ProcessManager`] is cheap to clone and to share. Dropping a clone touches nothing; dropping
//! the last one ends what is left, which its reaper carries out even if this process is gone by
//! then. Managers that share a [detached store](crate::DetachedStore) share reapers and ids, and a
//! process can go from one to another. No lock is held across an `.await`.

pub(crate) mod builder;
mod changes;
mod detaching;
pub(crate) mod directory;
mod error;
mod exec;
pub(crate) mod home;
mod on_signals;
mod output;
pub(crate) mod owners;
pub(crate) mod registry;
pub(crate) mod rungs;
pub(crate) mod sampler;
mod session;
pub(crate) mod shutdown;
mod starting;
mod waiting;

pub use builder::ManagerBuilder;
pub use changes::{Changes, Missed};
pub use error::ManagerError;

use crate::config::{Lifetime, ProcessConfig};
use crate::detached::DetachedStore;
use crate::kept::Kept;
use crate::owner::OwnerId;
use crate::owner::claim::Owners;
use crate::plugins::{ConfigurationPlugin, Plugins};
use crate::process::seen::Seen;
use crate::process::task::{Wish, ended};
use crate::process::{
    Cause, Ended, LookupError, ProcessHandle, ProcessInfo, ProcessStatus, Receipt, SignalError,
    StartError, Stdio,
};
use crate::reaper::ReaperError;
use crate::runtime::Runtime;
use crate::tree::{Offer, Rung};
use handfast_reaper::wire::Scope;
use owners::OwnedSessions;
use registry::{Entry, Registry};
use rungs::Rungs;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use waiting::{over, until};

/// Starts processes and holds the whole tree of each.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::{ProcessConfig, ProcessManager};
///
/// let manager = ProcessManager::new()?;
/// let config = ProcessConfig::builder("/bin/sh").args(["-c", "sleep 60 & exec sleep 60"]).build();
/// let handle = manager.start_process(config).await?;
/// let receipt = manager.stop_process(handle).await?;
/// assert_eq!((receipt.members_before, receipt.survivors.len()), (2, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProcessManager {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share; its end is the owner's.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) registry: Arc<Registry>,
    pub(crate) owners: Arc<Owners>,
    pub(crate) rungs: Rungs,
    plugins: Plugins,
    pub(crate) runtime: Runtime,
    pub(crate) sampler: Arc<AtomicBool>,
    /// What the next program finds, if one is to.
    pub(crate) kept: Option<Arc<Kept>>,
    /// Everything is the next program's once this one ends.
    pub(crate) handed_over: AtomicBool,
    /// What it shares with other managers.
    store: Option<DetachedStore>,
    /// The commands of all owners.
    owned: Arc<OwnedSessions>,
}

impl ProcessManager {
    /// Makes a manager with the defaults of [`ManagerBuilder`].
    ///
    /// It belongs to the tokio runtime in which it is made and must be used while that runs, or to the
    /// one of its [detached store](ManagerBuilder::detached_store); then it may be used in any.
    ///
    /// # Errors
    ///
    /// As [`ManagerBuilder::build`].
    pub fn new() -> Result<ProcessManager, ManagerError> {
        ManagerBuilder::default().build()
    }

    /// For setting more than the defaults.
    pub fn builder() -> ManagerBuilder {
        ManagerBuilder::default()
    }

    /// Registers a plugin, which may improve every config that is started from here on. A failing
    /// plugin never stops a start: it is warned of, and its input is used.
    pub fn register_plugin(&self, plugin: impl ConfigurationPlugin + 'static) {
        self.inner.plugins.register(plugin);
    }

    /// Starts a process, held by the most robust rung that works here and that the config allows.
    ///
    /// Answers once the program was executed: a program that cannot be is an error here, never an
    /// exit code.
    ///
    /// # Errors
    ///
    /// [`StartError`]; nothing of the process is left running then.
    ///
    /// # Cancel safety
    ///
    /// Safe: a process whose start is no longer waited for is killed.
    pub async fn start_process(&self, config: ProcessConfig) -> Result<ProcessHandle, StartError> {
        let started = self.inner.start(config, OwnerId::host(), false).await;
        started.map(|entry| entry.record.handle)
    }

    /// Takes the host's ends of the pipes of a process; each is there once.
    ///
    /// Ends that nobody takes are kept with the process's record until that is dropped.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn take_stdio(&self, handle: ProcessHandle) -> Result<Stdio, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let mut stdio = entry.stdio.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(stdio.take().unwrap_or_default())
    }

    /// Stops a process with all its tree: asks every member, waits the config's grace, kills,
    /// verifies. Works also when only members of the leader are left, and is no error for a
    /// process that is over.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    ///
    /// # Cancel safety
    ///
    /// Safe: the request is handed over before the first wait. Dropping the future stops waiting,
    /// not stopping; calling again joins the stop under way.
    pub async fn stop_process(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.inner.end(handle, None, Cause::Stop).await
    }

    /// As [`ProcessManager::stop_process`] with a grace of its own. It may shorten a stop that is
    /// under way, never lengthen it.
    ///
    /// # Errors
    ///
    /// As [`ProcessManager::stop_process`].
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::stop_process`].
    pub async fn stop_process_within(
        &self,
        handle: ProcessHandle,
        grace: Duration,
    ) -> Result<Receipt, LookupError> {
        self.inner.end(handle, Some(grace), Cause::Stop).await
    }

    /// Kills a process with all its tree, without asking.
    ///
    /// # Errors
    ///
    /// As [`ProcessManager::stop_process`].
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::stop_process`].
    pub async fn kill(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.inner
            .end(handle, Some(Duration::ZERO), Cause::Kill)
            .await
    }

    /// Sends a signal (1 to 64) to the leader, its group or the whole tree, and answers how many
    /// processes it reached (a group counts as one).
    ///
    /// # Errors
    ///
    /// [`SignalError`]; nothing else was signalled instead.
    ///
    /// # Cancel safety
    ///
    /// The signal is sent also when the future is dropped.
    pub async fn signal(
        &self,
        handle: ProcessHandle,
        signal: i32,
        scope: Scope,
    ) -> Result<u32, SignalError> {
        if !(1..=64).contains(&signal) {
            return Err(SignalError::NoSuchSignal { signal });
        }
        let entry = self.inner.registry.find(handle)?;
        let (done, answer) = oneshot::channel();
        let over = SignalError::Over { handle };
        entry
            .wishes
            .send(Wish::Signal {
                signal,
                scope,
                done,
            })
            .map_err(|_| over.clone())?;
        answer.await.map_err(|_| over)?
    }

    /// Where a process stands.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn query_status(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let status = entry.seen.borrow().status();
        Ok(status)
    }

    /// Everything about a process.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn info(&self, handle: ProcessHandle) -> Result<ProcessInfo, LookupError> {
        self.inner.registry.find(handle).map(|entry| entry.info())
    }

    /// The processes of which something is left, the oldest first.
    #[must_use]
    pub fn list_processes(&self) -> Vec<ProcessInfo> {
        self.inner
            .registry
            .active()
            .iter()
            .map(|entry| entry.info())
            // One that has ended since the list was taken is in it no more.
            .filter(|info| !info.status.is_over())
            .collect()
    }

    /// The pids of the live members of a tree, in the caller's own namespace: for people. They may
    /// be other processes by the time they are read.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn members(&self, handle: ProcessHandle) -> Result<Vec<u32>, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let seen = entry.seen.borrow().clone();
        Ok(seen.members())
    }

    /// Waits for the end of the leader, and says how it ended. Members may live on: see
    /// [`ProcessManager::wait_tree`]. Its output may also go on: that is a third fact.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing.
    pub async fn wait(&self, handle: ProcessHandle) -> Result<Ended, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        let seen = until(&entry, |seen| seen.leader.is_some() || seen.is_over()).await;
        Ok(seen.leader.map_or_else(Ended::unknown, ended))
    }

    /// Waits until nothing is left of a process, and says where it stands then.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    ///
    /// # Cancel safety
    ///
    /// Safe: waiting changes nothing.
    pub async fn wait_tree(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        let entry = self.inner.registry.find(handle)?;
        Ok(until(&entry, Seen::is_over).await.status())
    }

    /// From here on every change of every process of this manager.
    #[must_use]
    pub fn subscribe(&self) -> Changes {
        Changes::of(&self.inner.registry)
    }

    /// Puts the end of a lease off by its full length. For another lifetime it does nothing.
    ///
    /// # Errors
    ///
    /// [`LookupError`] for a handle without a record.
    pub fn renew_lease(&self, handle: ProcessHandle) -> Result<(), LookupError> {
        let entry = self.inner.registry.find(handle)?;
        // One that is over has no lease any more.
        let _ = entry.wishes.send(Wish::Renew);
        Ok(())
    }

    /// Ends the owner's turn: stops every process of lifetime [`Lifetime::Turn`], and answers when
    /// all are gone.
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn end_turn(&self) -> Vec<Receipt> {
        let turn = |entry: &Entry| entry.record.config.lifetime() == Lifetime::Turn;
        shutdown::end_all(&self.inner.registry, turn, Cause::TurnOver, None).await
    }

    /// Stops everything that was not declared to survive, closes the manager, and answers when all
    /// are gone. Starting is refused from here on; handles still answer.
    ///
    /// # Cancel safety
    ///
    /// Safe: all stops are handed over before the first wait.
    pub async fn shutdown(&self) -> Vec<Receipt> {
        self.inner.shutdown(None).await
    }

    /// As [`ProcessManager::shutdown`] with this grace for all.
    ///
    /// # Cancel safety
    ///
    /// As [`ProcessManager::shutdown`].
    pub async fn shutdown_within(&self, grace: Duration) -> Vec<Receipt> {
        self.inner.shutdown(Some(grace)).await
    }

    /// Tries a rung on this host, by really having it, and says what it offers.
    ///
    /// # Errors
    ///
    /// [`ReaperError`]: why it does not work here.
    pub async fn probe(&self, rung: Rung) -> Result<Offer, ReaperError> {
        let reaper = self.inner.rungs.reapers.reaper(rung).await?;
        let user_namespace = reaper.in_user_namespace();
        Ok(Offer {
            rung,
            grade: rung.grade(),
            user_namespace,
        })
    }

    /// The pids of the reapers that run now, for people and tests.
    #[must_use]
    pub fn reaper_pids(&self) -> Vec<(Rung, u32)> {
        self.inner
            .rungs
            .reapers
            .running()
            .map(|reaper| (reaper.rung(), reaper.pid()))
            .filter(|(_, pid)| *pid != 0)
            .collect()
    }
}

impl Inner {
    async fn end(
        &self,
        handle: ProcessHandle,
        grace: Option<Duration>,
        cause: Cause,
    ) -> Result<Receipt, LookupError> {
        let entry = self.registry.find(handle)?;
        Ok(shutdown::end_one(&entry, grace, cause).await)
    }
}
