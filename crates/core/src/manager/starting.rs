//! Starting one process: config, rung, streams, task, and then waiting for the reaper's word.

use super::home::Home;
use super::registry::{Entry, Record};
use super::{Inner, sampler, until};
use crate::config::{Lifetime, ProcessConfig, Stream};
use crate::kept::{Ends, Note};
use crate::output::Captured;
use crate::owner::OwnerId;
use crate::owner::book::Key;
use crate::owner::claim::Claim;
use crate::process::life::Phase;
use crate::process::seen::Seen;
use crate::process::start::{Input, Prepared, prepare};
use crate::process::task::{Task, Wish};
use crate::process::{Cause, ProcessHandle, StartError, Stdio};
use crate::reaper::{Reaper, Route};
use crate::session::Session;
use handfast_sys::stream::ReadEnd;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{mpsc, watch};

/// Whose a process is, and our sides of its streams.
struct Ours {
    claim: Claim,
    launching: bool,
    stdio: Stdio,
    output: Option<Captured>,
    input: Option<Input>,
}

impl Inner {
    /// Starts a process. With `launching` its session must say when it knows of it.
    pub(super) async fn start(
        &self,
        config: ProcessConfig,
        owner: OwnerId,
        launching: bool,
    ) -> Result<Arc<Entry>, StartError> {
        let owner = self.owners.key(&owner)?;
        self.begin(config, &owner, launching).await
    }

    pub(super) async fn start_for(
        &self,
        config: ProcessConfig,
        owner: &Key,
    ) -> Result<ProcessHandle, StartError> {
        let entry = self.begin(config, owner, false).await?;
        Ok(entry.record.handle)
    }

    pub(super) async fn begin(
        &self,
        config: ProcessConfig,
        owner: &Key,
        launching: bool,
    ) -> Result<Arc<Entry>, StartError> {
        if self.registry.is_closed() {
            // Before a reaper is started for it.
            return Err(StartError::Closed);
        }
        let (mut config, warnings) = self.plugins.apply(config);
        if let Some(quota) = self.owners.with(|book| book.quota_of(owner)) {
            config.spill_within(&quota);
        }
        let checked = config.check()?;
        let claim = self.reserve(owner, &config)?;
        let reaper = self.rungs.choose(&config).await?;
        let (id, handle) = self.registry.draw().ok_or(StartError::Closed)?;
        let mut prepared = {
            // Its pipes must go on in the runtime that its tasks are in.
            let _inside = self.runtime.enter();
            prepare(id, &config, &checked, self.kept.is_some())?
        };
        let record = Arc::new(Record {
            id,
            handle,
            config: Arc::new(config),
            start_time: SystemTime::now(),
            began: Instant::now(),
            rung: reaper.rung(),
            warnings: warnings.iter().map(ToString::to_string).collect(),
        });
        let place = self.note(&record, claim.owner())?;
        let stdio = std::mem::take(&mut prepared.stdio);
        let captured = std::mem::take(&mut prepared.captured);
        let ours = Ours {
            claim,
            launching,
            stdio,
            output: self.capture(&record, captured, place),
            input: prepared.input.take(),
        };
        let (task, entry) = self.task(id, record, &reaper, ours);
        reaper.note_ends(id, prepared.ends.clone());
        prepared.start.note = handle.to_string().into_bytes();
        let Some(entry) = self.registry.add(id, entry) else {
            self.kept.iter().for_each(|kept| kept.remove(handle));
            return Err(StartError::Closed);
        };
        let guard = Guard(Some(Arc::clone(&entry)));
        let limited = entry.claim.enter(id, |wall| {
            // The task is not gone yet: it is here.
            let _ = entry.wishes.send(Wish::WallTime(wall));
        });
        match limited {
            Ok(()) => self.runtime.spawn(task.begin(prepared)),
            Err(ended) => self.runtime.spawn(task.give_up(ended.into())),
        };
        let seen = until(&entry, |seen| seen.phase != Phase::Starting).await;
        guard.disarm();
        sampler::wake(&self.sampler, &self.registry, &self.runtime);
        match seen.failed {
            Some(failed) => Err(failed),
            None => Ok(entry),
        }
    }

    /// Writes down what the next program must know of it, if one is to; answers where.
    fn note(&self, record: &Record, owner: OwnerId) -> Result<Option<PathBuf>, StartError> {
        let Some(kept) = &self.kept else {
            return Ok(None);
        };
        if self.registry.is_to_prune() {
            let registry = Arc::clone(&self.registry);
            self.runtime.spawn_blocking(move || registry.prune());
        }
        let place = kept.begin(record.handle, &Note::of(record, &owner));
        place.map(Some).map_err(|source| StartError::System {
            attempt: "write down the process for the next program",
            source: Arc::new(source),
        })
    }

    /// Reads what is captured from here on, if anything is.
    fn capture(
        &self,
        record: &Record,
        ends: Vec<(Stream, ReadEnd)>,
        place: Option<PathBuf>,
    ) -> Option<Captured> {
        let streams: Vec<Stream> = match record.config.terminal() {
            Some(_) => vec![Stream::Terminal],
            None => ends.iter().map(|(stream, _)| *stream).collect(),
        };
        if streams.is_empty() {
            return None;
        }
        let (runtime, capture) = (&self.runtime, record.config.capture());
        let captured = match (place, &self.kept) {
            (Some(place), Some(kept)) => {
                let place = (place.as_path(), &kept.quota());
                Captured::recorded(runtime, capture, &streams, place)
            }
            _ => Captured::new(runtime, capture, &streams),
        };
        for (stream, end) in ends {
            let held = end.held();
            captured.follow_recorded(&self.runtime, stream, (end, held));
        }
        Some(captured)
    }

    fn task(&self, id: u64, record: Arc<Record>, reaper: &Reaper, ours: Ours) -> (Task, Entry) {
        let (facts_in, facts) = mpsc::unbounded_channel();
        let (wishes_in, wishes) = mpsc::unbounded_channel();
        let (seen_in, seen) = watch::channel(Seen::default());
        let grace_ms = u64::try_from(record.config.grace().as_millis()).unwrap_or(u64::MAX);
        let survives = record.config.lifetime().survives_owner();
        reaper.add_route(
            id,
            Route {
                facts: facts_in,
                survives,
                grace_ms,
                asked: false,
                let_go: false,
                note: record.handle.to_string().into_bytes(),
                ends: Ends::default(),
                running: None,
            },
        );
        if let Some(output) = &ours.output {
            ours.claim.keeps(output);
        }
        let inboxes = (seen.clone(), wishes_in.downgrade());
        let session = self.session(&record, ours.input, ours.output.as_ref(), inboxes);
        let home = Arc::new(Home::new(Arc::clone(&self.registry)));
        let entry = Entry {
            record: Arc::clone(&record),
            home: Arc::downgrade(&home),
            claim: ours.claim,
            launching: AtomicBool::new(ours.launching),
            wishes: wishes_in,
            seen,
            stdio: Mutex::new(Some(ours.stdio)),
            output: ours.output,
            session,
        };
        let task = Task::new(id, record, reaper.clone(), (home, seen_in), (facts, wishes));
        (task, entry)
    }
}

impl Inner {
    /// How it is talked to, if it is.
    pub(crate) fn session(
        &self,
        record: &Record,
        input: Option<Input>,
        output: Option<&Captured>,
        (seen, closing): (watch::Receiver<Seen>, mpsc::WeakUnboundedSender<Wish>),
    ) -> Option<Session> {
        let runtime = &self.runtime;
        match (input?, output) {
            (Input::Pipe(pipe), _) => Some(Session::on_pipe(runtime, Some(pipe), seen, closing)),
            (Input::Closed, _) => Some(Session::on_pipe(runtime, None, seen, closing)),
            (Input::Terminal(master, held, pipe), Some(captured)) => {
                let config = record.config.terminal().copied().unwrap_or_default();
                let terminal = (master, held, pipe);
                Some(Session::on_terminal(
                    runtime,
                    terminal,
                    (config, seen),
                    captured,
                ))
            }
            // What a terminal shows is always captured.
            (Input::Terminal(..), None) => None,
        }
    }
}

impl Task {
    /// It is not wanted any more before it was asked for.
    async fn give_up(mut self, failed: StartError) {
        self.fail(failed).await;
    }

    /// Has the process started, then lives for as long as it does.
    async fn begin(mut self, prepared: Prepared) {
        let now = std::time::Instant::now();
        let after = |time: Duration| now.checked_add(time);
        self.timers.deadline = self.record.config.deadline().and_then(after);
        if let Lifetime::Lease(ttl) = self.record.config.lifetime() {
            self.timers.lease = after(ttl);
        }
        let request = handfast_reaper::wire::Request::Start(Box::new(prepared.start.clone()));
        let descriptors = prepared.descriptors();
        let sent = self.reaper.send_start(self.id, &request, &descriptors);
        let sent = sent.await;
        // The child has its own now; ours would keep its pipes from ending.
        drop(prepared);
        match sent {
            Ok(()) => self.run().await,
            Err(source) => {
                let rung = self.record.rung;
                self.fail(StartError::Rung { rung, source }).await;
            }
        }
    }
}

/// Kills a process whose start nobody waits for any more.
struct Guard(Option<Arc<Entry>>);

impl Guard {
    fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(entry) = &self.0 {
            let stop = Wish::Stop {
                grace: Some(Duration::ZERO),
                cause: Cause::Kill,
                done: None,
            };
            // A task that is gone has no process any more.
            let _ = entry.wishes.send(stop);
        }
    }
}
