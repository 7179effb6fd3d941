//! The same verbs for programs without an async runtime.
//!
//! A [`ProcessManager`] of this module has a runtime of one thread for itself. Inside another runtime
//! its verbs block too, and with them the tasks of that thread: use the async verbs there.

mod detached;
mod exec;
mod owner;
mod owner_exec;
mod owner_talk;
mod session;

pub use detached::{clean, clean_all};
pub use owner::Owner;

use crate::config::ProcessConfig;
use crate::manager::{self, ManagerBuilder, ManagerError};
use crate::output::{Captured, Chunk, Condition, OutputHolders, Stream, StreamChunk, Waited};
use crate::plugins::ConfigurationPlugin;
use crate::process::{
    Ended, LookupError, ProcessHandle, ProcessInfo, ProcessStatus, Receipt, SignalError,
    StartError, Stdio,
};
use crate::reaper::ReaperError;
use crate::tree::{Offer, Rung};
use handfast_reaper::wire::Scope;
use handfast_sys::stream::{ReadEnd, WriteEnd};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Starts processes and holds the whole tree of each; every verb blocks.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast::ProcessConfig;
/// use handfast::blocking::ProcessManager;
///
/// let manager = ProcessManager::new()?;
/// let handle = manager.start_process(ProcessConfig::builder("/bin/true").build())?;
/// assert!(manager.wait(handle)?.success());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProcessManager {
    // Dropped first: the goodbye is said before the runtime ends.
    manager: manager::ProcessManager,
    runtime: Arc<Quiet>,
}

/// A runtime that ends without waiting.
#[derive(Debug)]
struct Quiet(Option<Runtime>);

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The host's ends of the pipes of a process, as blocking files.
///
/// ```no_run
/// # fn example(
/// #     manager: handfast::blocking::ProcessManager,
/// #     handle: handfast::ProcessHandle,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let pipes = manager.take_stdio(handle)?;
/// if let Some(stdout) = pipes.stdout {
///     println!("{}", std::io::read_to_string(stdout)?);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Pipes {
    /// Writes what the process reads; dropping it is its end-of-file.
    pub stdin: Option<File>,
    /// Reads what the process writes to descriptor 1.
    pub stdout: Option<File>,
    /// Reads what the process writes to descriptor 2.
    pub stderr: Option<File>,
}

impl ProcessManager {
    /// Makes a manager with the defaults of [`ManagerBuilder`].
    ///
    /// # Errors
    ///
    /// [`ManagerError`] where a runtime or the manager cannot be made.
    pub fn new() -> Result<ProcessManager, ManagerError> {
        ProcessManager::build(ManagerBuilder::default())
    }

    /// Makes a manager with other settings.
    ///
    /// # Errors
    ///
    /// As [`ProcessManager::new`].
    pub fn build(builder: ManagerBuilder) -> Result<ProcessManager, ManagerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("handfast")
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| ManagerError::Runtime {
                reason: error.to_string(),
            })?;
        let manager = {
            let _inside = runtime.enter();
            builder.build()?
        };
        Ok(ProcessManager {
            manager,
            runtime: Arc::new(Quiet(Some(runtime))),
        })
    }

    fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        // The runtime is only taken by the drop of the last clone.
        let Some(runtime) = &self.runtime.0 else {
            unreachable!("a manager in use has its runtime");
        };
        if tokio::runtime::Handle::try_current().is_err() {
            return runtime.block_on(future);
        }
        // tokio refuses to block a thread that runs tasks, so another one waits while this one does.
        let waited = std::thread::scope(|scope| scope.spawn(|| runtime.block_on(future)).join());
        waited.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// The same manager for async code; its processes end with the last clone of either.
    #[must_use]
    pub fn as_async(&self) -> &manager::ProcessManager {
        &self.manager
    }

    /// As [`manager::ProcessManager::register_plugin`].
    pub fn register_plugin(&self, plugin: impl ConfigurationPlugin + 'static) {
        self.manager.register_plugin(plugin);
    }

    /// As [`manager::ProcessManager::shutdown_on_signals`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn shutdown_on_signals(&self) -> Result<(), ManagerError> {
        self.manager.shutdown_on_signals()
    }

    /// As [`manager::ProcessManager::start_process`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn start_process(&self, config: ProcessConfig) -> Result<ProcessHandle, StartError> {
        self.block_on(self.manager.start_process(config))
    }

    /// As [`manager::ProcessManager::take_stdio`], with ends that block.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn take_stdio(&self, handle: ProcessHandle) -> Result<Pipes, LookupError> {
        Ok(pipes(self.manager.take_stdio(handle)?))
    }

    /// As [`manager::ProcessManager::output`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn output(&self, handle: ProcessHandle) -> Result<Option<Captured>, LookupError> {
        self.manager.output(handle)
    }

    /// As [`Captured::fetch`].
    #[must_use]
    pub fn fetch(&self, output: &Captured, from: u64, limit: usize) -> Chunk {
        self.block_on(output.fetch(from, limit))
    }

    /// As [`Captured::fetch_stream`].
    #[must_use]
    pub fn fetch_stream(
        &self,
        output: &Captured,
        stream: Stream,
        from: u64,
        limit: usize,
    ) -> StreamChunk {
        self.block_on(output.fetch_stream(stream, from, limit))
    }

    /// As [`manager::ProcessManager::output_holders`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn output_holders(&self, handle: ProcessHandle) -> Result<OutputHolders, LookupError> {
        self.manager.output_holders(handle)
    }

    /// As [`manager::ProcessManager::wait_for`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_for(
        &self,
        handle: ProcessHandle,
        conditions: &[Condition],
        within: Duration,
    ) -> Result<Waited, LookupError> {
        self.block_on(self.manager.wait_for(handle, conditions, within))
    }

    /// As [`manager::ProcessManager::stop_process`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop_process(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.block_on(self.manager.stop_process(handle))
    }

    /// As [`manager::ProcessManager::stop_process_within`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn stop_process_within(
        &self,
        handle: ProcessHandle,
        grace: Duration,
    ) -> Result<Receipt, LookupError> {
        self.block_on(self.manager.stop_process_within(handle, grace))
    }

    /// As [`manager::ProcessManager::kill`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn kill(&self, handle: ProcessHandle) -> Result<Receipt, LookupError> {
        self.block_on(self.manager.kill(handle))
    }

    /// As [`manager::ProcessManager::signal`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn signal(
        &self,
        handle: ProcessHandle,
        signal: i32,
        scope: Scope,
    ) -> Result<u32, SignalError> {
        self.block_on(self.manager.signal(handle, signal, scope))
    }

    /// As [`manager::ProcessManager::query_status`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn query_status(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        self.manager.query_status(handle)
    }

    /// As [`manager::ProcessManager::info`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn info(&self, handle: ProcessHandle) -> Result<ProcessInfo, LookupError> {
        self.manager.info(handle)
    }

    /// As [`manager::ProcessManager::list_processes`].
    #[must_use]
    pub fn list_processes(&self) -> Vec<ProcessInfo> {
        self.manager.list_processes()
    }

    /// As [`manager::ProcessManager::members`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn members(&self, handle: ProcessHandle) -> Result<Vec<u32>, LookupError> {
        self.manager.members(handle)
    }

    /// As [`manager::ProcessManager::wait`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait(&self, handle: ProcessHandle) -> Result<Ended, LookupError> {
        self.block_on(self.manager.wait(handle))
    }

    /// As [`ProcessManager::wait`], for so long at the most; `None` where it still runs.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_within(
        &self,
        handle: ProcessHandle,
        most: Duration,
    ) -> Result<Option<Ended>, LookupError> {
        let wait = async { tokio::time::timeout(most, self.manager.wait(handle)).await };
        self.block_on(wait).ok().transpose()
    }

    /// As [`manager::ProcessManager::wait_tree`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_tree(&self, handle: ProcessHandle) -> Result<ProcessStatus, LookupError> {
        self.block_on(self.manager.wait_tree(handle))
    }

    /// As [`manager::ProcessManager::probe`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn probe(&self, rung: Rung) -> Result<Offer, ReaperError> {
        self.block_on(self.manager.probe(rung))
    }

    /// As [`manager::ProcessManager::renew_lease`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn renew_lease(&self, handle: ProcessHandle) -> Result<(), LookupError> {
        self.manager.renew_lease(handle)
    }

    /// As [`manager::ProcessManager::end_turn`].
    #[must_use = "the receipts name survivors"]
    pub fn end_turn(&self) -> Vec<Receipt> {
        self.block_on(self.manager.end_turn())
    }

    /// As [`manager::ProcessManager::shutdown`].
    #[must_use = "the receipts name survivors"]
    pub fn shutdown(&self) -> Vec<Receipt> {
        self.block_on(self.manager.shutdown())
    }

    /// Waits for the next change of any process, for so long at the most.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::TimedOut`] where nothing changed.
    pub fn wait_change(
        &self,
        changes: &mut manager::Changes,
        most: Duration,
    ) -> io::Result<Result<Option<crate::Change>, manager::Missed>> {
        let wait = async { tokio::time::timeout(most, changes.next()).await };
        self.block_on(wait)
            .map_err(|_| io::ErrorKind::TimedOut.into())
    }
}

/// The same ends, as blocking files.
fn pipes(stdio: Stdio) -> Pipes {
    let read = |end: ReadEnd| end.into_blocking().ok().map(File::from);
    let write = |end: WriteEnd| end.into_blocking().ok().map(File::from);
    Pipes {
        stdin: stdio.stdin.and_then(write),
        stdout: stdio.stdout.and_then(read),
        stderr: stdio.stderr.and_then(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn inside_another_runtime_a_verb_answers_and_does_not_panic() {
        let manager = ProcessManager::new().expect("made");
        let wrong = ProcessConfig::builder("").build();
        let error = manager.start_process(wrong).expect_err("refused");
        assert_eq!(error.code(), "config.empty-program");
    }
}
