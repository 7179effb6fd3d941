//! What of a daemon outlasts it, and how the next one goes on with it.
//!
//! The library gets the processes back (`handfast::Keep`), with their handles, their output and how they ended. The
//! daemon writes down besides what only it knows: by which name a process is asked for, whose it is, and
//! which numbers what has happened to it was given (`feed/log.rs`). What must stay true: a name is written down
//! before anybody is told that its process has started; what cannot be read loses its name and nothing else.

mod access;

pub(super) use access::SESSION;

use super::book::Restored;
use super::feed::{Feed, Log};
use super::{Daemon, USER, describe, lifeline};
use crate::journal::{Bounds, ConfigEntry, EventEntry, Journal, Kept, records, redact, replace};
use crate::wire::{Receipt, Word};
use access::Bound;
use handfast::config::Lifetime;
use handfast::owner::OwnerId;
use handfast::{AdoptError, ProcessHandle, ProcessInfo};
use handfast_sys::files::make_private;
use serde_json::{Value, json};
use std::fs;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

/// What happened to a process that its config does not say.
const TRANSFERRED: &str = "transferred";
const ENDED_AS: &str = "ended-as";
const STOPPED: &str = "stopped";

/// After how many processes the journal is looked through again.
const SWEPT: u64 = 256;

/// How many numbers of events are reserved at once.
const EVENTS: u64 = 1024;

/// What a daemon has taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Recovered {
    /// Processes of which something lives.
    pub alive: usize,
    /// Those that answer and are over.
    pub over: usize,
    /// Those of which nobody knows how they ended.
    pub lost: usize,
    /// Those whose name was not written down, or cannot be read.
    pub nameless: usize,
    /// Files that are not whole, or not there: what is missing is told to the log.
    pub damaged: usize,
}

impl Daemon {
    /// Takes over what the last daemon has left, and writes into its journal from here on. Before anybody is
    /// served. What was bound to a session of that one, and was handed over with it, ends.
    ///
    /// # Cancel safety
    ///
    /// What was begun goes on.
    pub async fn recover(&self, journal: Journal) -> Recovered {
        let mut recovered = Recovered::default();
        match self.manager().adopt().await {
            Ok(adoption) => recovered.lost = adoption.lost.len(),
            // Where nothing outlasts its daemon nothing is kept.
            Err(AdoptError::NotKept) => {}
            // What is there of other rungs was taken over.
            Err(error) => {
                tracing::warn!(%error, code = error.code(), "cannot take over all processes")
            }
        }
        let bound = self.restore_access(&journal.access());
        self.restore_event_numbers(&journal);
        for info in self.to_restore(&journal) {
            self.restore(&journal, &info, &mut recovered);
        }
        self.pass_sessions_of_tokens();
        self.end_left_commands().await;
        // It is set once: nobody recovers twice.
        let _ = self.0.journal.set(journal);
        self.sweep();
        let left = self.bind(bound);
        self.end_all(left, lifeline::OWNER_GONE).await;
        self.keep_access(false);
        recovered
    }

    /// All that the library knows, those that live and those that are over. What it does not know any more is
    /// taken out of the journal.
    fn to_restore(&self, journal: &Journal) -> Vec<ProcessInfo> {
        let mut handles = journal.handles().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot look through the journal");
            Vec::new()
        });
        let active = self.manager().list_processes();
        handles.extend(active.iter().map(|info| info.handle));
        handles.sort_unstable();
        handles.dedup();
        let known = |handle: ProcessHandle| {
            let info = self.manager().info(handle).ok();
            if info.is_none() {
                journal.remove(handle);
            }
            info
        };
        handles.into_iter().filter_map(known).collect()
    }

    /// Binds what was handed over to the session that it ends with; answers what is to end, since that
    /// session is not here.
    fn bind(&self, bound: Option<(Bound, Bound)>) -> Vec<ProcessHandle> {
        let active = self.manager().list_processes();
        let Some((bound, attached)) = bound else {
            // Nobody knows with whom they were to end. What a reaper has ended is among them, and is over soon.
            let dies = |info: &ProcessInfo| {
                matches!(info.config.lifetime(), Lifetime::Session | Lifetime::Turn)
            };
            let left = active.iter().filter(|info| dies(info));
            return left.map(|info| info.handle).collect();
        };
        let sessions: Vec<u64> = self.sessions(|all| all.keys().copied().collect());
        let alive = |handle| active.iter().any(|info| info.handle == handle);
        self.book(|book| {
            let mut left = Vec::new();
            for (handle, session) in bound.into_iter().filter(|(handle, _)| alive(*handle)) {
                let entry = book.entry_mut(handle);
                match entry.filter(|_| sessions.contains(&session)) {
                    Some(entry) => entry.bound = Some(session),
                    None => left.push(handle),
                }
            }
            for (handle, session) in attached.into_iter().filter(|(_, it)| sessions.contains(it)) {
                if let Some(entry) = book.entry_mut(handle) {
                    entry.attached = Some(session);
                }
            }
            left
        })
    }

    /// Takes away what is too old, or too much.
    pub(super) fn sweep(&self) {
        let lives = |handle| {
            let status = self.manager().query_status(handle);
            status.is_ok_and(|status| !status.is_over())
        };
        let Some(journal) = self.0.journal.get() else {
            return;
        };
        match journal.sweep(Bounds::default(), SystemTime::now(), lives) {
            Ok(swept) => tracing::debug!(removed = swept.removed.len(), swept.bytes, "swept"),
            Err(error) => tracing::warn!(%error, "cannot look through the journal"),
        }
    }

    /// Puts one into the book as it was.
    fn restore(&self, journal: &Journal, info: &ProcessInfo, recovered: &mut Recovered) {
        let handle = info.handle;
        let kept = journal.read(handle).unwrap_or_default();
        for spoiled in &kept.spoiled {
            tracing::warn!(%handle, file = spoiled.file, damage = ?spoiled.damage, "not whole in the journal");
        }
        recovered.damaged += kept.spoiled.len();
        recovered.nameless += usize::from(kept.config.is_none());
        match info.status.is_over() {
            true => recovered.over += 1,
            false => recovered.alive += 1,
        }
        let restored = restored(info, kept);
        self.pass_owner(&restored.owner);
        let place = journal.place(handle);
        // Where its name was written down it is there.
        let _ = make_private(&place);
        let (log, sequence) = Log::resume(&place);
        recovered.damaged += usize::from(log.was_cut());
        let feed = Feed::restored(self.manager(), handle, log, sequence);
        self.book(|book| book.restore(handle, restored, feed));
    }

    /// Where what happens to a process is numbered on disk, if anywhere.
    pub(super) fn log_of(&self, handle: ProcessHandle) -> Option<Log> {
        let place = self.0.journal.get()?.place(handle);
        let made = make_private(&place);
        if let Err(error) = made {
            tracing::warn!(%error, %handle, "cannot write about it");
        }
        Some(Log::begin(&place))
    }

    /// Writes down what only the daemon knows of a process that has started.
    pub(super) fn keep_begun(&self, handle: ProcessHandle) {
        let Some(journal) = self.0.journal.get() else {
            return;
        };
        let Ok(info) = self.manager().info(handle) else {
            return;
        };
        let config = self.book(|book| {
            let entry = book.entry(handle)?;
            let named = (entry.name.clone(), entry.owner.to_string());
            Some(config(
                &info,
                named,
                (entry.label.clone(), entry.key.clone()),
            ))
        });
        let begun = config.map(|config| journal.begin(handle, &config));
        if let Some(Err(error)) = begun {
            tracing::warn!(%error, %handle, "cannot write down its name");
        }
        let number = self.0.written.fetch_add(1, Ordering::AcqRel) + 1;
        if number.is_multiple_of(SWEPT) {
            let daemon = self.clone();
            tokio::task::spawn_blocking(move || daemon.sweep());
        }
    }

    /// It has another owner, and perhaps another name.
    pub(super) fn keep_transferred(&self, handle: ProcessHandle) {
        let about = self.book(|book| {
            let entry = book.entry(handle)?;
            Some(json!({"owner": entry.owner.as_str(), "processId": entry.name}))
        });
        if let Some(about) = about {
            self.keep_event(handle, TRANSFERRED, about);
        }
    }

    /// Why it is ended, which the library does not know.
    pub(super) fn keep_reason(&self, handle: ProcessHandle, reason: &str) {
        self.keep_event(handle, ENDED_AS, json!({ "reason": reason }));
    }

    /// What a stop has done.
    pub(super) fn keep_receipt(&self, handle: ProcessHandle, receipt: &Receipt) {
        match serde_json::to_value(receipt) {
            Ok(about) => self.keep_event(handle, STOPPED, about),
            Err(error) => tracing::warn!(%error, %handle, "cannot write its receipt"),
        }
    }

    fn keep_event(&self, handle: ProcessHandle, word: &str, about: Value) {
        let Some(journal) = self.0.journal.get() else {
            return;
        };
        let event = EventEntry {
            at_ms: describe::at_ms(SystemTime::now()),
            word: word.to_owned(),
            about,
        };
        let written = journal
            .resume(handle)
            .and_then(|mut folder| folder.event(&event));
        if let Err(error) = written {
            tracing::warn!(%error, %handle, "cannot write down what happened to it");
        }
    }

    /// No later event may have a number that was given: up to where they may be given is written down before.
    pub(super) fn keep_event_numbers(&self, last: u64) {
        let reserved = &self.0.events_reserved;
        if last < reserved.load(Ordering::Acquire) {
            return;
        }
        let Some(journal) = self.0.journal.get() else {
            return;
        };
        let up_to = last + EVENTS;
        match replace(&journal.events(), up_to.to_string().as_bytes()) {
            Ok(()) => _ = reserved.fetch_max(up_to, Ordering::AcqRel),
            Err(error) => tracing::warn!(%error, "cannot write down the numbers of events"),
        }
    }

    /// Nothing happens any more: these numbers go on without a gap.
    pub(super) fn keep_last_event(&self) {
        // Where something happens after all, it is written anew.
        self.0.events_reserved.store(0, Ordering::Release);
        let last = self.0.happened.last().to_string();
        let written = self.0.journal.get();
        let written = written.map(|journal| replace(&journal.events(), last.as_bytes()));
        if let Some(Err(error)) = written {
            tracing::warn!(%error, "cannot write down the numbers of events");
        }
    }

    /// Events go on behind those of the last daemon, which are not kept.
    fn restore_event_numbers(&self, journal: &Journal) {
        let read = fs::read(journal.events()).unwrap_or_default();
        let (payloads, _) = records(&read);
        let text = payloads.first().map(|it| String::from_utf8_lossy(it));
        let last = text.and_then(|text| text.parse::<u64>().ok());
        self.0.happened.missed(last.unwrap_or(0));
    }

    /// Nobody is to find it any more.
    pub(super) fn keep_nothing(&self, handle: ProcessHandle) {
        if let Some(journal) = self.0.journal.get() {
            journal.remove(handle);
        }
    }
}

/// What is known of one. Of whom that is lost it has its handle for a name, and belongs to the user.
fn restored(info: &ProcessInfo, kept: Kept) -> Restored {
    let mut restored = Restored {
        name: info.handle.to_string(),
        owner: OwnerId::new(USER).unwrap_or_else(|_| OwnerId::host()),
        key: None,
        label: info.config.name().map(str::to_owned),
        receipt: None,
        ended_as: None,
    };
    if let Some(config) = kept.config {
        restored.name = config.process_id;
        restored.owner = OwnerId::new(config.owner).unwrap_or(restored.owner);
        (restored.key, restored.label) = (config.request_key, config.name);
    }
    for event in &kept.events {
        happened(&mut restored, event);
    }
    restored
}

fn happened(restored: &mut Restored, event: &EventEntry) {
    let text = |key: &str| event.about.get(key).and_then(Value::as_str);
    match event.word.as_str() {
        TRANSFERRED => {
            if let Some(Ok(owner)) = text("owner").map(OwnerId::new) {
                restored.owner = owner;
                restored.key = None;
            }
            if let Some(name) = text("processId") {
                restored.name = name.to_owned();
            }
        }
        ENDED_AS => {
            let reason = text("reason");
            let mut known = lifeline::REASONS.into_iter();
            restored.ended_as = known.find(|known| Some(*known) == reason);
        }
        STOPPED => restored.receipt = serde_json::from_value(event.about.clone()).ok(),
        _ => {}
    }
}

fn config(
    info: &ProcessInfo,
    (process_id, owner): (String, String),
    (name, request_key): (Option<String>, Option<String>),
) -> ConfigEntry {
    let config = &info.config;
    let program = describe::word(config.program().as_os_str());
    let arguments = config.args().iter().map(|word| describe::word(word));
    let argv: Vec<Word> = std::iter::once(program).chain(arguments).collect();
    let cwd = config.working_directory();
    let keys = config
        .environment()
        .iter()
        .map(|(key, _)| describe::word(key));
    ConfigEntry {
        process_id,
        handle: info.handle.to_string(),
        owner,
        name,
        argv: redact(&argv),
        cwd: cwd.map(|path| describe::word(path.as_os_str())),
        env_keys: keys.collect(),
        tty: config.terminal().is_some(),
        lifetime: describe::lifetime(config.lifetime()),
        started_at_ms: describe::at_ms(info.start_time),
        rung: info.rung.to_string(),
        grade: info.grade.to_string(),
        request_key,
    }
}
