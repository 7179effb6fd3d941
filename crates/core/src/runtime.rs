//! Where the tasks of a manager run: in the runtime of whoever made it, or in one that a detached store
//! has for itself.
//!
//! What must stay true: a runtime of its own runs until its last task has ended, so that nothing that
//! somebody still holds stops in the middle; then its thread ends, and nobody waits for that.

use std::convert::Infallible;
use std::io;
use tokio::runtime::{Builder, EnterGuard, Handle};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A place for tasks. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Runtime {
    handle: Handle,
    /// Held by everybody who may still spawn, and by every task.
    alive: Option<mpsc::Sender<Infallible>>,
}

impl Runtime {
    /// The one that this code runs in.
    pub(crate) fn current() -> Option<Runtime> {
        let handle = Handle::try_current().ok()?;
        Some(Runtime {
            handle,
            alive: None,
        })
    }

    /// A new one, on a thread of its own.
    pub(crate) fn own() -> io::Result<Runtime> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let (alive, mut ended) = mpsc::channel(1);
        let handle = runtime.handle().clone();
        std::thread::Builder::new()
            .name("handfast".into())
            .spawn(move || {
                runtime.block_on(ended.recv());
                // Work that blocks may still be under way, for nobody.
                runtime.shutdown_background();
            })?;
        Ok(Runtime {
            handle,
            alive: Some(alive),
        })
    }

    /// Runs a task.
    pub(crate) fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let Some(alive) = self.alive.clone() else {
            return self.handle.spawn(task);
        };
        self.handle.spawn(async move {
            let _alive = alive;
            task.await
        })
    }

    /// Runs work that blocks. Nobody waits for it.
    pub(crate) fn spawn_blocking(&self, work: impl FnOnce() + Send + 'static) {
        let alive = self.alive.clone();
        drop(self.handle.spawn_blocking(move || {
            let _alive = alive;
            work();
        }));
    }

    /// Waits for a future, whose tasks run here. It must not be called in a runtime.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.handle.block_on(future)
    }

    /// What is opened before the guard is dropped belongs to this runtime.
    pub(crate) fn enter(&self) -> EnterGuard<'_> {
        self.handle.enter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[test]
    fn a_runtime_of_its_own_runs_until_its_last_task_has_ended() {
        let runtime = Runtime::own().unwrap();
        let (go, gone) = oneshot::channel::<()>();
        let (done, answer) = oneshot::channel();
        let task = runtime.spawn(async move {
            gone.await.unwrap();
            done.send(std::thread::current().id()).unwrap();
        });
        let (dropped, end) = oneshot::channel::<()>();
        let handle = runtime.handle.clone();
        // Not counted: it is dropped with the runtime.
        handle.spawn(async move {
            let _dropped = dropped;
            std::future::pending::<()>().await;
        });
        drop(runtime);
        go.send(()).unwrap();
        assert_ne!(answer.blocking_recv(), Ok(std::thread::current().id()));
        assert!(end.blocking_recv().is_err());
        assert!(task.is_finished());
    }
}
