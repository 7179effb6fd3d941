//! All sessions of one owner, behind one lock.
//!
//! The lock is held for short and never across an `.await`; who is killed, asked or told is so after it
//! was given back. What must stay true: a session is in here from before anything of it runs until a
//! call has seen its end or it is gone otherwise, and its number answers from then on.

use super::clock::{now, point};
use super::error::ExecError;
use super::events::{EVENT_BYTES, ExecEvent, ExecEvents, ExecWarning, Hub};
use super::ids::Dice;
use super::pause::{PauseGuard, Pauses};
use super::profile::ExecProfile;
use super::prune::WARN_AT;
use super::response::ChunkId;
use super::session::{About, ExecSession, Wanted};
use super::store::{Found, Grave, Member, Opened, Slot, Store, Stored};
use super::tombstone::Tombstone;
use crate::owner::OwnerId;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// How many of those that were detached are remembered; the oldest are forgotten first.
const AWAY: usize = 1024;

/// Where a session is at home.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) hub: Arc<Hub>,
    pub(super) sessions: Weak<Sessions>,
}

impl Home {
    /// For a session of which nobody will hear again.
    pub(super) fn nowhere() -> Home {
        Home {
            hub: Arc::default(),
            sessions: Weak::new(),
        }
    }
}

impl Member for Arc<ExecSession> {
    fn is_exited(&self) -> bool {
        ExecSession::is_exited(self)
    }

    fn is_locked(&self) -> bool {
        ExecSession::is_locked(self)
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(self, other)
    }
}

/// One that was taken out, by its number.
pub(super) type Taken = (i32, Slot<Arc<ExecSession>>);

pub(super) type Lying = Grave<Arc<ExecSession>, Tombstone>;

#[derive(Debug)]
struct State {
    store: Store<Arc<ExecSession>, Tombstone>,
    dice: Dice,
    /// Those that were detached from here, in the order in which they went.
    away: Vec<(i32, Weak<ExecSession>)>,
}

impl State {
    /// Keeps the numbers of those that went and live from being given to others.
    fn reserve(&mut self) {
        let lives = |(_, session): &&(i32, Weak<ExecSession>)| session.strong_count() > 0;
        let away = self.away.iter().filter(lives).map(|(id, _)| *id);
        self.store.reserve(away.collect());
    }
}

/// The sessions of one owner.
#[derive(Debug)]
pub(crate) struct Sessions {
    own: Weak<Sessions>,
    pub(super) owner: OwnerId,
    pub(super) profile: ExecProfile,
    state: Mutex<State>,
    hub: Arc<Hub>,
    pub(super) pauses: Pauses,
}

/// How a session stands when a call is done waiting on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Alive,
    Ended,
    Gone,
}

impl Sessions {
    /// Without any session. The numbers follow from the seed.
    pub(crate) fn new(owner: OwnerId, profile: ExecProfile, seed: u64) -> Arc<Sessions> {
        let store = Store::new(profile.bounds, profile.draw);
        Arc::new_cyclic(|own| Sessions {
            own: Weak::clone(own),
            owner,
            profile,
            state: Mutex::new(State {
                store,
                dice: Dice::new(seed),
                away: Vec::new(),
            }),
            hub: Arc::default(),
            pauses: Pauses::default(),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        point();
        // Nothing under this lock panics half-way through a change.
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn home(&self) -> Home {
        Home {
            hub: Arc::clone(&self.hub),
            sessions: Weak::clone(&self.own),
        }
    }

    pub(crate) fn pause(&self) -> PauseGuard {
        self.pauses.hold()
    }

    pub(crate) fn events(&self) -> ExecEvents {
        self.hub.subscribe(EVENT_BYTES)
    }

    /// Names a response.
    pub(super) fn chunk_id(&self) -> ChunkId {
        let [a, b, c, ..] = self.with(|state| state.dice.roll()).to_le_bytes();
        ChunkId::new([a, b, c])
    }

    /// Reserves a number for a new session, unless the same was started before.
    pub(super) fn open(&self, mut about: About) -> Result<Opened<Arc<ExecSession>>, ExecError> {
        let home = self.home();
        let key = about.request_key.clone();
        let opened = self.with(|state| {
            state.reserve();
            let State { store, dice, .. } = state;
            if about.call_id.is_empty() {
                about.call_id = format!("call_{:016x}", dice.roll());
            }
            store.open(dice, key.as_deref(), now(), |id| {
                Arc::new(ExecSession::new(id, about, home))
            })
        });
        match opened {
            Opened::Full => Err(ExecError::AtLimit {
                limit: self.profile.bounds.sessions,
            }),
            Opened::NoId => Err(ExecError::NoId),
            opened => Ok(opened),
        }
    }

    pub(super) fn find(&self, id: i32) -> Found<Arc<ExecSession>, Tombstone> {
        self.with(|state| state.store.find(id, now()))
    }

    /// Notes that these were detached from here.
    pub(super) fn went<'s>(&self, sessions: impl Iterator<Item = &'s Arc<ExecSession>>) {
        let gone: Vec<_> = sessions
            .map(|session| (session.id, Arc::downgrade(session)))
            .collect();
        self.with(|state| {
            state
                .away
                .retain(|(id, _)| !gone.iter().any(|(other, _)| other == id));
            state.away.extend(gone);
            let excess = state.away.len().saturating_sub(AWAY);
            state.away.drain(..excess);
        });
    }

    /// What to say of a number that was detached from here.
    fn away(&self, session_id: i32) -> Option<ExecError> {
        let of = |state: &State| {
            let found = state.away.iter().find(|(id, _)| *id == session_id);
            found.map(|(_, session)| session.upgrade())
        };
        let session = self.with(|state| of(state))?;
        let detached = session.is_some_and(|session| session.home.borrow().is_none());
        Some(match detached {
            true => ExecError::Detached { session_id },
            false => ExecError::Elsewhere { session_id },
        })
    }

    /// The error for a number that stands for nothing here.
    pub(super) fn unknown(&self, session_id: i32) -> ExecError {
        if let Some(away) = self.away(session_id) {
            return away;
        }
        let forgotten = self.with(|state| state.store.forgotten());
        ExecError::UnknownProcessId {
            session_id,
            forgotten,
        }
    }

    pub(super) fn is(&self, session: &Arc<ExecSession>) -> bool {
        self.with(|state| state.store.is(session.id, session))
    }

    pub(super) fn touch(&self, id: i32) {
        self.with(|state| state.store.touch(id, now()));
    }

    /// Gives the number of one back of which nothing has run.
    pub(super) fn release(&self, session: &Arc<ExecSession>) {
        self.with(|state| state.store.release(session.id, session));
    }

    /// Lets a session count, and has another one go where there are too many.
    pub(super) fn store(&self, session: &Arc<ExecSession>) {
        let stored = self.with(|state| state.store.store(session.id, session, now()));
        let Some(Stored {
            pruned,
            count,
            new: true,
        }) = stored
        else {
            return;
        };
        if let Some(pruned) = pruned {
            self.pruned(&pruned, session);
        }
        let limit = self.profile.bounds.sessions;
        if count >= WARN_AT.min(limit) {
            self.warn(ExecWarning::ManySessions {
                sessions: count,
                limit,
            });
        }
    }

    fn pruned(&self, pruned: &Arc<ExecSession>, made_room_for: &Arc<ExecSession>) {
        let was_running = !pruned.is_exited();
        if was_running {
            let (id, text) = (pruned.id, &pruned.about.text);
            let notice = format!("session {id} (`{text}`) was ended to make room for this one");
            made_room_for.notice(notice);
        }
        // Nobody waits for its end here; its tombstone will tell it.
        drop(pruned.want_end(Wanted::Prune));
        self.warn(ExecWarning::Pruned {
            session_id: pruned.id,
            call_id: pruned.about.call_id.clone(),
            was_running,
            made_room_for: made_room_for.id,
        });
    }

    fn warn(&self, warning: ExecWarning) {
        self.hub.tell(&ExecEvent::Warning(Arc::new(warning)));
    }

    /// How it stands. One that has ended leaves the list.
    pub(super) fn refresh(&self, session: &Arc<ExecSession>) -> Standing {
        self.with(|state| {
            if !state.store.is(session.id, session) {
                return Standing::Gone;
            }
            if !session.is_exited() {
                return Standing::Alive;
            }
            state.store.bury(session.id, now());
            Standing::Ended
        })
    }

    /// Out of the list, however it stands; answers whether it was in it.
    pub(super) fn bury(&self, session: &Arc<ExecSession>) -> bool {
        self.with(|state| {
            let is = state.store.is(session.id, session);
            is && state.store.bury(session.id, now()).is_some()
        })
    }

    /// Makes the tombstone of a session that is buried and whose end was told. Called after each of
    /// the two, so whichever comes last does it.
    pub(super) fn settle(&self, session: &Arc<ExecSession>) {
        // Nowhere here: it went to another list, which makes its tombstone.
        let lies = self.with(|state| state.store.lies(session.id, session));
        if lies && session.settles() {
            // Made outside of the lock: it reads the output.
            let stone = Tombstone::of(session);
            self.with(|state| state.store.settle(session.id, session, || stone));
        }
    }

    /// Output that nobody got came back to a session. Whoever makes its tombstone finds it there; where
    /// that is made, it has it from here on.
    pub(super) fn came_back(&self, session: &Arc<ExecSession>) {
        if let Found::Grave(Grave::Settled(stone)) = self.find(session.id)
            && stone.handle == session.handle()
        {
            drop(self.now_of(session.id, stone));
        }
    }

    /// A tombstone as it is now: since it was made more of the output may have come, or come back from
    /// a call that was given up.
    pub(super) fn now_of(&self, id: i32, mut stone: Arc<Tombstone>) -> Arc<Tombstone> {
        while let Some((later, came)) = stone.later() {
            let same =
                |grave: &Lying| matches!(grave, Grave::Settled(is) if Arc::ptr_eq(is, &stone));
            let later = Arc::new(later);
            if self.with(|state| state.store.amend(id, same, &later)) {
                return later;
            }
            // Somebody else has just done the same, or it is forgotten.
            stone.give_back(came);
            match self.find(id) {
                Found::Grave(Grave::Settled(other)) if other.handle == stone.handle => {
                    stone = other
                }
                _ => break,
            }
        }
        stone
    }

    /// All sessions by number, and which of them count.
    pub(super) fn all(&self) -> Vec<Slot<Arc<ExecSession>>> {
        self.with(|state| state.store.slots().map(|(_, slot)| slot.clone()).collect())
    }

    /// Takes out those that may move.
    pub(super) fn take(&self, moves: impl Fn(&Arc<ExecSession>) -> bool) -> Vec<Taken> {
        self.with(|state| state.store.take(moves))
    }

    /// Takes those out that may move, once it was decided that they do. The decision must be short.
    pub(super) fn take_after<T, E>(
        &self,
        decide: impl FnOnce() -> Result<T, E>,
        moves: impl Fn(&Arc<ExecSession>) -> bool,
    ) -> Result<(T, Vec<Taken>), E> {
        self.with(|state| {
            let decided = decide()?;
            Ok((decided, state.store.take(moves)))
        })
    }

    /// Takes one in, unless its number is taken here.
    pub(super) fn put(
        &self,
        id: i32,
        slot: Slot<Arc<ExecSession>>,
    ) -> Result<(), Slot<Arc<ExecSession>>> {
        let session = Arc::clone(&slot.session);
        self.with(|state| {
            state.store.put(id, slot)?;
            state.away.retain(|(other, _)| *other != id);
            Ok(())
        })?;
        session.home.send_replace(Some(self.home()));
        Ok(())
    }
}
