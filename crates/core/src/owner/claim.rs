//! The book behind its lock, and a process's place in it.
//!
//! One lock, held for short and never across an `.await`. It may be taken under the lock of the
//! registry and never the other way round. What must stay true: a [`Claim`] that is dropped uses
//! nothing and is nobody's, however a start failed.

use super::book::{Begun, Book, Key, Marked, Short};
use super::error::OwnerError;
use super::{Limits, OwnerId, OwnerInfo};
use crate::output::{Captured, Kept};
use crate::process::ProcessHandle;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// All owners of one manager.
#[derive(Debug)]
pub(crate) struct Owners {
    book: Mutex<Book>,
    /// What the rows keep of output, and how it is given up. Never locked together with the book.
    outputs: Mutex<HashMap<u64, Kept>>,
    /// Something was entered, is over, was forgotten or closed.
    changed: Notify,
}

/// A process's place in the book: whose it is, and what it uses.
#[derive(Debug)]
pub(crate) struct Claim {
    owners: Arc<Owners>,
    row: u64,
}

impl Owners {
    pub(crate) fn new() -> Owners {
        Owners {
            book: Mutex::new(Book::new()),
            outputs: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Works under the lock; it must be short.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Book) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The owner of this name.
    pub(crate) fn key(&self, id: &OwnerId) -> Result<Key, OwnerError> {
        self.with(|book| book.key(id))
    }

    pub(crate) fn infos(&self) -> Vec<OwnerInfo> {
        self.measure_all();
        self.with(|book| book.infos())
    }

    /// An owner, as it is now.
    pub(crate) fn info(&self, owner: &Key) -> Result<OwnerInfo, OwnerError> {
        self.measure_all();
        self.with(|book| book.info(owner))
    }

    fn outputs(&self) -> MutexGuard<'_, HashMap<u64, Kept>> {
        // Nothing under this lock panics half-way through a change.
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn output(&self, row: u64) -> Option<Kept> {
        self.outputs().get(&row).cloned()
    }

    /// How many bytes of output a row keeps; `None` while more may come.
    fn measure(&self, row: u64) -> Option<u64> {
        self.output(row).map_or(Some(0), |output| output.measure())
    }

    /// Looks again at those of which nobody knew what they keep; answers whether that is known of any.
    fn measure_all(&self) -> bool {
        let mut known = false;
        for row in self.with(|book| book.open_rows()) {
            if let Some(kept) = self.measure(row) {
                self.with(|book| book.keep(row, kept));
                known = true;
            }
        }
        known
    }

    /// Has the first of these, which are over, give up what it keeps of its output, where it is not
    /// enough to look what they do keep.
    pub(crate) fn make_room(&self, rows: &[u64]) {
        if self.measure_all() {
            return;
        }
        let Some(first) = rows.first() else { return };
        if let Some(output) = self.output(*first) {
            output.give_up();
        }
        self.with(|book| book.keep(*first, 0));
    }

    /// Takes a process on, or says what would make room for it.
    pub(crate) fn reserve(self: &Arc<Self>, owner: &Key, output: u64) -> Result<Claim, Short> {
        let row = self.with(|book| book.reserve(owner, output))?;
        let owners = Arc::clone(self);
        Ok(Claim { owners, row })
    }

    /// Takes one on that a program which is gone had: below the host, where its owner is not here.
    pub(crate) fn readmit(self: &Arc<Self>, owner: &OwnerId, output: u64) -> Claim {
        let host = OwnerId::host();
        let row = self.with(|book| {
            let known = book.key(owner);
            let key = known.or_else(|_| book.add(owner, &host, Limits::unlimited()));
            let admitted = key.and_then(|key| book.readmit(&key, output));
            // Its owner is ending: then it is the host's.
            let theirs = |_| book.readmit(&book.key(&host)?, output);
            admitted.or_else(theirs).unwrap_or(u64::MAX)
        });
        let owners = Arc::clone(self);
        Claim { owners, row }
    }

    pub(crate) fn begin_end(&self, owner: &Key) -> Result<Begun, OwnerError> {
        self.with(|book| book.begin_end(owner))
    }

    pub(crate) fn rows_to_end(&self, marked: &Marked) -> HashMap<u64, usize> {
        self.with(|book| book.rows_to_end(marked))
    }

    pub(crate) fn finish_end(&self, marked: &Marked) -> (OwnerId, Vec<u64>) {
        let done = self.with(|book| book.finish_end(marked));
        self.changed.notify_waiters();
        done
    }

    /// Waits until the book is as wanted. Cancel safe: looking changes nothing.
    pub(crate) async fn until(&self, wanted: impl Fn(&Book) -> bool) {
        loop {
            let mut change = std::pin::pin!(self.changed.notified());
            // Before the look, so that a change after it is not missed.
            change.as_mut().enable();
            if self.with(|book| wanted(book)) {
                return;
            }
            change.await;
        }
    }
}

impl Claim {
    /// Its number in the book.
    pub(crate) fn row(&self) -> u64 {
        self.row
    }

    /// To whom it belongs now.
    pub(crate) fn owner(&self) -> OwnerId {
        let owner = self.owners.with(|book| book.owner_of(self.row).cloned());
        owner.unwrap_or_else(OwnerId::host)
    }

    /// The same, told apart from later ones of its name.
    pub(crate) fn key(&self) -> Option<Key> {
        self.owners.with(|book| book.key_of(self.row))
    }

    /// It can be found from here on. `limit` is told how long it may run, before anybody else can
    /// change that.
    pub(crate) fn enter(
        &self,
        process: u64,
        limit: impl FnOnce(Option<Duration>),
    ) -> Result<(), OwnerError> {
        let entered = self.owners.with(|book| {
            let wall = book.enter(self.row, process)?;
            limit(wall);
            Ok(())
        });
        self.owners.changed.notify_waiters();
        entered
    }

    /// This is what it keeps of output.
    pub(crate) fn keeps(&self, output: &Captured) {
        self.owners.outputs().insert(self.row, output.kept());
    }

    /// Nothing is left of it but its record.
    pub(crate) fn over(&self) {
        let kept = self.owners.measure(self.row);
        self.owners.with(|book| book.over(self.row, kept));
        self.owners.changed.notify_waiters();
    }

    /// Gives it to another owner, and answers which; `limit` is told how long it may run there, before
    /// anybody else can change that.
    pub(crate) fn transfer(
        &self,
        handle: ProcessHandle,
        asked: Option<&Key>,
        to: &OwnerId,
        limit: impl FnOnce(Option<Duration>),
    ) -> Result<Key, Short> {
        self.owners.with(|book| {
            let wall = book.transfer((self.row, handle), asked, to)?;
            limit(wall);
            Ok(book.key(to)?)
        })
    }
}

#[cfg(test)]
impl Claim {
    /// One for a process that is made up, in a book of its own.
    pub(crate) fn of(owner: &OwnerId) -> Claim {
        let owners = Arc::new(Owners::new());
        let host = OwnerId::host();
        let limits = super::Limits::unlimited();
        // The host is there already.
        let _ = owners.with(|book| book.add(owner, &host, limits));
        let key = owners.key(owner).unwrap();
        owners.reserve(&key, 0).unwrap()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.owners.outputs().remove(&self.row);
        self.owners.with(|book| book.forget(self.row));
        self.owners.changed.notify_waiters();
    }
}
