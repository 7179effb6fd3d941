//! Which processes there are, under which names, whose they are and with which session they end. Pure.
//!
//! What must stay true: a name is taken from before its process starts; one that is not the caller's
//! to see is answered exactly as one that never was; each process has one owner.

use super::feed::Feed;
use super::ready::Watched;
use crate::tokens::Authority;
use crate::wire::{Receipt, WireError};
use handfast::ProcessHandle;
use handfast::owner::OwnerId;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::watch;

/// Names a session of this daemon; no secret.
pub(crate) type SessionNumber = u64;

/// How many processes may be in the book before those that the library has forgotten are looked for.
pub(crate) const CROWDED: usize = 1100;

/// A process that was started.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) owner: OwnerId,
    /// The session with which it ends.
    pub(crate) bound: Option<SessionNumber>,
    pub(crate) key: Option<String>,
    pub(crate) feed: Arc<Feed>,
    /// What its last stop did.
    pub(crate) receipt: Option<Receipt>,
    /// Why the daemon ended it, where the library knows only that it was told to.
    pub(crate) ended_as: Option<&'static str>,
    /// The session that sits at its terminal.
    pub(crate) attached: Option<SessionNumber>,
    /// The label for people.
    pub(crate) label: Option<String>,
    /// Whether it is ready, where that is watched.
    pub(crate) ready: Option<Watched>,
    /// What has happened to it last.
    pub(crate) last_word: String,
}

/// One that another daemon has entered.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) name: String,
    pub(crate) owner: OwnerId,
    pub(crate) key: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) ended_as: Option<&'static str>,
}

/// What comes with a process that was started.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) bound: Option<SessionNumber>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) label: Option<String>,
}

/// What a name, or the key of a request, stands for.
#[derive(Debug, Clone)]
enum Place {
    /// A start is under way for as long as the other side of this is there.
    Starting(watch::Receiver<()>),
    Held(ProcessHandle),
}

/// Whether a start is still under way, and has not failed or been given up.
fn is_under_way(start: &watch::Receiver<()>) -> bool {
    start.has_changed().is_ok()
}

/// A place that is taken for a start under way, until this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    owner: OwnerId,
    name: Option<String>,
    key: Option<String>,
    _over: watch::Sender<()>,
}

/// What came of asking for a place.
#[derive(Debug)]
pub(crate) enum Reservation {
    Free(Reserved),
    /// The key belongs to this process.
    Repeated(ProcessHandle),
    /// The key belongs to a start under way: wait, then ask again.
    Wait(watch::Receiver<()>),
    /// The name is taken.
    Exists,
}

/// What a name stands for, to whoever asks.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    Held(ProcessHandle),
    /// Until the receiver's other side is gone.
    Starting(watch::Receiver<()>),
    Nothing,
    /// Several live that are called so.
    Several(Vec<ProcessHandle>),
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    names: HashMap<(OwnerId, String), Place>,
    keys: HashMap<(OwnerId, String), Place>,
    entries: BTreeMap<ProcessHandle, Entry>,
}

impl Book {
    /// Takes a name and a key for a start. `is_free_again` says of a process that its name may be given to
    /// another one.
    pub(crate) fn reserve(
        &mut self,
        owner: &OwnerId,
        (name, key): (Option<String>, Option<String>),
        is_free_again: impl Fn(ProcessHandle) -> bool,
    ) -> Reservation {
        let of = |text: &Option<String>| text.clone().map(|text| (owner.clone(), text));
        match of(&key).and_then(|key| self.keys.get(&key)) {
            Some(Place::Held(handle)) => return Reservation::Repeated(*handle),
            Some(Place::Starting(start)) if is_under_way(start) => {
                return Reservation::Wait(start.clone());
            }
            Some(Place::Starting(_)) | None => {}
        }
        match of(&name).and_then(|name| self.names.get(&name)) {
            Some(Place::Held(handle)) if !is_free_again(*handle) => return Reservation::Exists,
            Some(Place::Starting(start)) if is_under_way(start) => return Reservation::Exists,
            Some(Place::Held(_) | Place::Starting(_)) | None => {}
        }
        let (over, is_over) = watch::channel(());
        let starting = || Place::Starting(is_over.clone());
        self.names.extend(of(&name).map(|name| (name, starting())));
        self.keys.extend(of(&key).map(|key| (key, starting())));
        let owner = owner.clone();
        Reservation::Free(Reserved {
            owner,
            name,
            key,
            _over: over,
        })
    }

    /// The start has succeeded; answers the name of the process.
    pub(crate) fn enter(
        &mut self,
        reserved: Reserved,
        handle: ProcessHandle,
        arrival: Arrival,
    ) -> String {
        let name = reserved.name.unwrap_or_else(|| handle.to_string());
        let owner = reserved.owner;
        let at = |text: &String| (owner.clone(), text.clone());
        self.names.insert(at(&name), Place::Held(handle));
        let key = reserved.key;
        self.keys
            .extend(key.as_ref().map(|key| (at(key), Place::Held(handle))));
        let entry = Entry {
            name: name.clone(),
            owner,
            bound: arrival.bound,
            key,
            feed: arrival.feed,
            receipt: None,
            ended_as: None,
            attached: None,
            label: arrival.label,
            ready: None,
            last_word: String::new(),
        };
        self.entries.insert(handle, entry);
        name
    }

    /// Takes a process in that was started otherwise, unless it is here; its name is its handle.
    pub(crate) fn adopt(
        &mut self,
        handle: ProcessHandle,
        owner: OwnerId,
        arrival: impl FnOnce() -> Arrival,
    ) -> bool {
        let is_new = !self.entries.contains_key(&handle);
        if is_new {
            let reserved = Reserved {
                owner,
                name: None,
                key: None,
                _over: watch::channel(()).0,
            };
            self.enter(reserved, handle, arrival());
        }
        is_new
    }

    /// Enters one as it was entered before. Its name, where that is another's now, is its handle.
    pub(crate) fn restore(&mut self, handle: ProcessHandle, was: Restored, feed: Arc<Feed>) {
        let owner = was.owner;
        let at = |text: &String| (owner.clone(), text.clone());
        let is_taken = self.names.contains_key(&at(&was.name));
        let name = if is_taken {
            handle.to_string()
        } else {
            was.name
        };
        self.names.insert(at(&name), Place::Held(handle));
        let key = was.key.as_ref().map(|key| (at(key), Place::Held(handle)));
        self.keys.extend(key);
        let entry = Entry {
            name,
            owner,
            bound: None,
            key: was.key,
            feed,
            receipt: was.receipt,
            ended_as: was.ended_as,
            attached: None,
            label: was.label,
            ready: None,
            last_word: String::new(),
        };
        self.entries.insert(handle, entry);
    }

    /// What a text stands for, to an owner: the name of a process of the owner's own; a handle; and else
    /// the name or the label of one that the owner may see. Of several that are called so the one that
    /// lives is meant, and where none does any more, the newest.
    pub(crate) fn find(
        &self,
        authority: &Authority,
        text: &str,
        is_alive: impl Fn(ProcessHandle) -> bool,
    ) -> Found {
        let named = self.names.get(&(authority.owner.clone(), text.to_owned()));
        match named {
            Some(Place::Held(handle)) => return Found::Held(*handle),
            Some(Place::Starting(start)) if is_under_way(start) => {
                return Found::Starting(start.clone());
            }
            Some(Place::Starting(_)) | None => {}
        }
        if let Ok(handle) = text.parse() {
            let entry = self.entries.get(&handle);
            let is_seen = entry.is_some_and(|entry| authority.covers(&entry.owner));
            return if is_seen {
                Found::Held(handle)
            } else {
                Found::Nothing
            };
        }
        let is_called = |entry: &Entry| entry.name == text || entry.label.as_deref() == Some(text);
        let called = self
            .seen_by(authority)
            .filter(|(_, entry)| is_called(entry));
        let called: Vec<ProcessHandle> = called.map(|(handle, _)| handle).collect();
        let mut alive: Vec<ProcessHandle> = called
            .iter()
            .copied()
            .filter(|handle| is_alive(*handle))
            .collect();
        match (alive.pop(), called.first()) {
            (Some(one), _) if alive.is_empty() => Found::Held(one),
            (Some(one), _) => {
                alive.push(one);
                Found::Several(alive)
            }
            (None, Some(newest)) => Found::Held(*newest),
            (None, None) => Found::Nothing,
        }
    }

    /// Forgets one; answers what was known of it.
    pub(crate) fn remove(&mut self, handle: ProcessHandle) -> Option<Entry> {
        let entry = self.entries.remove(&handle)?;
        let is_it = |place: &Place| matches!(place, Place::Held(held) if *held == handle);
        let of = |text: String| (entry.owner.clone(), text);
        for (places, text) in [
            (&mut self.names, Some(entry.name.clone())),
            (&mut self.keys, entry.key.clone()),
        ] {
            if let Some(text) = text
                .map(of)
                .filter(|text| places.get(text).is_some_and(is_it))
            {
                places.remove(&text);
            }
        }
        Some(entry)
    }

    pub(crate) fn entry(&self, handle: ProcessHandle) -> Option<&Entry> {
        self.entries.get(&handle)
    }

    pub(crate) fn entry_mut(&mut self, handle: ProcessHandle) -> Option<&mut Entry> {
        self.entries.get_mut(&handle)
    }

    /// All that an owner may see, the newest first.
    pub(crate) fn seen_by<'a>(
        &'a self,
        authority: &'a Authority,
    ) -> impl Iterator<Item = (ProcessHandle, &'a Entry)> {
        let all = self.entries.iter().rev();
        let seen = all.filter(|(_, entry)| authority.covers(&entry.owner));
        seen.map(|(handle, entry)| (*handle, entry))
    }

    /// All there are.
    pub(crate) fn all(&self) -> impl Iterator<Item = (ProcessHandle, &Entry)> {
        let all = self.entries.iter();
        all.map(|(handle, entry)| (*handle, entry))
    }

    /// Those that end with a session.
    pub(crate) fn bound_to(&self, session: SessionNumber) -> Vec<ProcessHandle> {
        let bound = |entry: &Entry| entry.bound == Some(session);
        let all = self.entries.iter().filter(|(_, entry)| bound(entry));
        all.map(|(handle, _)| *handle).collect()
    }

    /// Gives a process to another owner, in one step; answers the name by which that asks for it.
    pub(crate) fn transfer(&mut self, handle: ProcessHandle, to: &OwnerId) -> Option<String> {
        let entry = self.entries.get(&handle)?;
        let (from, old) = (entry.owner.clone(), entry.name.clone());
        let wanted = (to.clone(), old.clone());
        // A name of the new owner's own stays what it was.
        let is_taken = from != *to && self.names.contains_key(&wanted);
        let name = if is_taken {
            handle.to_string()
        } else {
            old.clone()
        };
        self.names.remove(&(from.clone(), old));
        self.names
            .insert((to.clone(), name.clone()), Place::Held(handle));
        let entry = self.entries.get_mut(&handle)?;
        entry.owner = to.clone();
        entry.name.clone_from(&name);
        // Its old owner may see it no more.
        entry.attached = None;
        // Its old owner may use the key for another one.
        if let Some(key) = entry.key.take() {
            self.keys.remove(&(from, key));
        }
        Some(name)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Drops those that are known no more; answers which they were.
    pub(crate) fn forget(
        &mut self,
        is_known: impl Fn(ProcessHandle) -> bool,
    ) -> Vec<ProcessHandle> {
        let all = self.entries.keys().copied();
        let gone: Vec<ProcessHandle> = all.filter(|handle| !is_known(*handle)).collect();
        for handle in &gone {
            self.entries.remove(handle);
        }
        let entries = &self.entries;
        let is_held = |place: &Place| match place {
            Place::Held(handle) => entries.contains_key(handle),
            Place::Starting(start) => is_under_way(start),
        };
        self.names.retain(|_, place| is_held(place));
        self.keys.retain(|_, place| is_held(place));
        gone
    }
}

/// What is answered for a process that is not there, or not to be seen.
pub(crate) fn unknown(text: &str) -> WireError {
    let shown: String = text.chars().take(256).collect();
    WireError::invalid("process.unknown", format!("find process {shown}"))
        .hint("process/list names those that there are".to_owned())
}

/// What is answered where several processes are meant.
pub(crate) fn ambiguous(text: &str, candidates: Vec<serde_json::Value>) -> WireError {
    let shown: String = text.chars().take(256).collect();
    let message = format!("find process {shown}: {} are called so", candidates.len());
    WireError::invalid("process.ambiguous", message)
        .hint("ask by one of their handles".to_owned())
        .detail("candidates", candidates)
}
