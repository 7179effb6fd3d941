//! The book behind its lock, and a process's place in it.
//!
//! One lock, held for short and never across an `.await`. It may be taken under the lock of the
//! registry and never the other way round. What must stay true: a [`Claim`] that is dropped uses
//! nothing and is nobody's, however a start failed.

use super::book::{Begun, Book, Key, Marked, Short};
use super::error::OwnerError;
use super::{Limits, OwnerId, OwnerInfo};
use crate::process::ProcessHandle;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// All owners of one manager.
#[derive(Debug)]
pub(crate) struct Owners {
    book: Mutex<Book>,
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
        self.with(|book| book.infos())
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

    /// Nothing is left of it but its record, which keeps so many bytes of output.
    pub(crate) fn over(&self, kept: u64) {
        self.owners.with(|book| book.over(self.row, kept));
        self.owners.changed.notify_waiters();
    }

    /// Gives it to another owner; `limit` is told how long it may run there, before anybody else
    /// can change that.
    pub(crate) fn transfer(
        &self,
        handle: ProcessHandle,
        asked: Option<&Key>,
        to: &OwnerId,
        limit: impl FnOnce(Option<Duration>),
    ) -> Result<(), Short> {
        self.owners.with(|book| {
            let wall = book.transfer((self.row, handle), asked, to)?;
            limit(wall);
            Ok(())
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
        self.owners.with(|book| book.forget(self.row));
        self.owners.changed.notify_waiters();
    }
}
