//! The sessions of all owners of one manager, and the lock under which they move.
//!
//! What must stay true: sessions are in the list of the owner that the book says their process has, at
//! every moment at which nobody moves anything; those of an owner that has ended are in no list, so
//! that a later one of its name begins with none.

use super::super::Inner;
use crate::exec::{ExecProfile, Sessions};
use crate::owner::OwnerId;
use crate::owner::book::Key;
use crate::owner::claim::Owners;
use crate::process::ProcessHandle;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sessions of each owner that has had any; those of the host are always there.
#[derive(Debug)]
pub(in crate::manager) struct OwnedSessions {
    pub(in crate::manager) host: Arc<Sessions>,
    profile: ExecProfile,
    seed: u64,
    /// By the number of the owner. Taken before the lock of the book.
    of: Mutex<HashMap<u64, Arc<Sessions>>>,
    /// Held while a process goes to another owner or manager, until its session is there too. Taken
    /// before all other locks.
    moving: Mutex<()>,
}

impl OwnedSessions {
    pub(in crate::manager) fn new(profile: ExecProfile, seed: u64) -> OwnedSessions {
        OwnedSessions {
            host: Sessions::new(OwnerId::host(), profile.clone(), seed),
            profile,
            seed,
            of: Mutex::default(),
            moving: Mutex::default(),
        }
    }

    /// While this is kept no session changes its owner or its manager.
    pub(in crate::manager) fn moving(&self) -> MutexGuard<'_, ()> {
        self.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Sessions>>> {
        // Nothing under this lock panics half-way through a change.
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of an owner; of one that has ended, none that anybody else will find.
    pub(in crate::manager) fn of(&self, owners: &Owners, key: &Key) -> Arc<Sessions> {
        if key.is_host() {
            return Arc::clone(&self.host);
        }
        let made = || {
            let seed = self.seed.wrapping_add(key.number());
            Sessions::new(key.id.clone(), self.profile.clone(), seed)
        };
        let mut of = self.lock();
        let there = owners.with(|book| {
            // Those of owners that another manager has ended.
            of.retain(|number, _| book.has_owner(*number));
            book.has_owner(key.number())
        });
        match there {
            true => Arc::clone(of.entry(key.number()).or_insert_with(made)),
            false => made(),
        }
    }

    /// Gives an owner that was added this moment, and that has had no session, a profile of its own.
    pub(super) fn give_profile(&self, key: &Key, profile: ExecProfile) {
        let seed = self.seed.wrapping_add(key.number());
        let sessions = Sessions::new(key.id.clone(), profile, seed);
        self.lock().insert(key.number(), sessions);
    }

    /// Takes the lists of these owners away.
    pub(super) fn remove(&self, owners: &[u64]) -> Vec<Arc<Sessions>> {
        let mut of = self.lock();
        let lists = owners.iter().filter_map(|number| of.remove(number));
        lists.collect()
    }

    /// Gives an heir those sessions of ended owners whose processes live on.
    pub(super) fn inherit(&self, from: &[Arc<Sessions>], to: &Sessions, left: &[ProcessHandle]) {
        for sessions in from {
            // Where a number is taken the process goes on, and is reached by its handle.
            let _ = to.import(sessions.take_back(|handle| left.contains(&handle)));
        }
    }
}

impl Inner {
    /// The sessions of an owner.
    pub(in crate::manager) fn sessions_for(&self, key: &Key) -> Arc<Sessions> {
        self.owned.of(&self.owners, key)
    }
}
