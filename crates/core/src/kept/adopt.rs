//! Taking over what a program which is gone has left.
//!
//! A process that is taken over has a task as any other; what its reaper tells of it goes in as facts, from the
//! beginning. What must stay true: each has its handle; nothing that was counted is counted again or missed; a
//! process of which nobody knows how it ended is said to have ended so.

use super::error::AdoptError;
use super::note::{Note, NotedEnd};
use super::{Ends, Kept};
use crate::config::{Lifetime, ProcessConfig, Stdin, Stream};
use crate::manager::home::Home;
use crate::manager::registry::{Entry, Record, Standing};
use crate::manager::{Inner, ProcessManager, sampler};
use crate::output::Captured;
use crate::process::life::{KILL_PATIENCE, LeaderEnd, Phase};
use crate::process::seen::{Seen, failure};
use crate::process::start::Input;
use crate::process::task::{Task, Wish};
use crate::process::{Cause, ProcessHandle, Stdio};
use crate::reaper::{Found, Reaper, ReaperError};
use crate::tree::Rung;
use handfast_reaper::wire;
use handfast_sys::child::Exit;
use handfast_sys::stream::{ReadEnd, RelayPipe, WriteEnd};
use handfast_sys::terminal::{Opened, ReadyTerminal, held_by_programs};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::{mpsc, watch};

/// What was taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Adoption {
    /// Processes of which something runs.
    pub adopted: Vec<ProcessHandle>,
    /// Those that ended while nobody was there, by themselves or since nobody was there
    /// ([`Cause::HostLost`]).
    pub ended: Vec<ProcessHandle>,
    /// Those whose reaper is gone as well, so that nobody knows how they ended ([`Cause::ReaperLost`]).
    pub lost: Vec<ProcessHandle>,
    /// Those that had ended before, and answer again.
    pub remembered: Vec<ProcessHandle>,
    /// How many ends were forgotten, since there were too many or nobody came for too long. They are among
    /// the lost.
    pub forgotten: u64,
}

impl ProcessManager {
    /// Takes over what the last program has left in the folder of this manager's [`Keep`](crate::Keep).
    ///
    /// Processes that were declared to survive go on under their handles: their output from the byte that was
    /// last counted, their terminals and pipes written to as before, their deadlines from their start. Those
    /// that were not were ended when the last program was, and are tombstones; so are those that ended
    /// meanwhile, and those of before. Call it before anything is started.
    ///
    /// Not taken over: the numbers of `exec_command`, ids of writes, pipes that the last program had taken for
    /// itself ([`Stdin::Pipe`], [`Output::Pipe`](crate::config::Output::Pipe)), values of variables, limits and
    /// plugins. A process whose owner is not here gets one of that name below the host, without limits.
    ///
    /// # Errors
    ///
    /// [`AdoptError`], of the first rung whose reaper is there and does not give its processes away; those of
    /// other rungs are taken over then, and nothing is said of its own.
    ///
    /// # Cancel safety
    ///
    /// What was begun goes on; calling it again takes over the rest.
    pub async fn adopt(&self) -> Result<Adoption, AdoptError> {
        self.inner.adopt().await
    }

    /// Says that the end of this program is not the end: for so long after it everything is held, whatever
    /// its lifetime, and is there for the next program to [`adopt`](ProcessManager::adopt). If that does not
    /// come within this time, everything ends that was not declared to survive. Zero takes it back.
    ///
    /// The manager goes on as before until its program ends; its drop is no end any more.
    ///
    /// # Errors
    ///
    /// [`AdoptError`]; then some are handed over and others are not.
    ///
    /// # Cancel safety
    ///
    /// As with an error.
    pub async fn hand_over(&self, grace: Duration) -> Result<(), AdoptError> {
        let inner = &self.inner;
        if inner.kept.is_none() {
            return Err(AdoptError::NotKept);
        }
        inner.handed_over.store(!grace.is_zero(), Ordering::Release);
        let millis = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        for reaper in inner.rungs.reapers.running() {
            let handed = reaper.hand_over(millis).await;
            handed.map_err(|source| refused(reaper.rung(), source))?;
        }
        Ok(())
    }
}

fn refused(rung: Rung, source: ReaperError) -> AdoptError {
    AdoptError::Reaper { rung, source }
}

fn system(error: io::Error) -> AdoptError {
    AdoptError::System {
        source: Arc::new(error),
    }
}

impl Inner {
    async fn adopt(&self) -> Result<Adoption, AdoptError> {
        let kept = self.kept.clone().ok_or(AdoptError::NotKept)?;
        let (mut adoption, mut failed) = (Adoption::default(), Vec::new());
        for rung in Rung::LADDER {
            match self.reaper_left(&kept, rung).await {
                Ok(None) => {}
                Ok(Some(reaper)) => self.take_over_all(&kept, &reaper, &mut adoption).await,
                Err(error) => failed.push((rung, error)),
            }
        }
        self.remember(&kept, &failed, &mut adoption)
            .map_err(system)?;
        sampler::wake(&self.sampler, &self.registry, &self.runtime);
        let registry = Arc::clone(&self.registry);
        self.runtime.spawn_blocking(move || registry.prune());
        match failed.into_iter().next() {
            Some((rung, source)) => Err(refused(rung, source)),
            None => Ok(adoption),
        }
    }

    /// The reaper that was left for a rung, if one is there.
    async fn reaper_left(&self, kept: &Kept, rung: Rung) -> Result<Option<Reaper>, ReaperError> {
        let running = self
            .rungs
            .reapers
            .running()
            .find(|reaper| reaper.rung() == rung);
        if let Some(reaper) = running {
            return Ok(Some(reaper.clone()));
        }
        match kept.connect(rung).map_err(ReaperError::system)? {
            None => Ok(None),
            Some(_) => self.rungs.reapers.reaper(rung).await.map(Some),
        }
    }

    async fn take_over_all(&self, kept: &Kept, reaper: &Reaper, adoption: &mut Adoption) {
        let (found, forgotten) = reaper.take_found();
        adoption.forgotten += forgotten;
        let mut entries = Vec::new();
        for found in found {
            let (ends, started) = (found.tree.over || found.tree.for_owner, found.tree.started);
            let entry = self.take_over(kept, reaper, found);
            entries.extend(entry.map(|entry| (entry, ends, started)));
        }
        for (entry, ends, started) in entries {
            let mut seen = entry.seen.clone();
            // What is known goes in before it is answered for; what is being ended ends.
            let known = |seen: &Seen| match ends {
                true => seen.is_over(),
                false => seen.phase != Phase::Starting || !started,
            };
            let _ = tokio::time::timeout(KILL_PATIENCE, seen.wait_for(known)).await;
            let over = entry.seen.borrow().is_over();
            match over {
                true => adoption.ended.push(entry.record.handle),
                false => adoption.adopted.push(entry.record.handle),
            }
        }
    }

    /// Makes a process of what was found; `None` once the manager is closed.
    fn take_over(&self, kept: &Kept, reaper: &Reaper, found: Found) -> Option<Arc<Entry>> {
        let id = found.tree.id;
        let handle = self.registry.ids().handle(id);
        let note = noted(kept, handle, reaper);
        let record = record((id, handle), &note, reaper.rung());
        let grace = u64::try_from(record.config.grace().as_millis()).unwrap_or(u64::MAX);
        reaper.note_lifetime(id, record.config.lifetime().survives_owner(), grace);
        let claim = self
            .owners
            .readmit(&note.owner(), record.config.kept_output());
        let (wishes_in, wishes) = mpsc::unbounded_channel();
        let (seen_in, seen) = watch::channel(Seen::default());
        let streams = {
            // What it has open goes on in the runtime that its tasks are in.
            let _inside = self.runtime.enter();
            self.streams(kept, &record, found.lent)
        };
        let inboxes = (seen.clone(), wishes_in.downgrade());
        let output = streams.output.as_ref();
        if let Some(output) = output {
            claim.keeps(output);
        }
        let session = self.session(&record, streams.input, output, inboxes);
        reaper.note_ends(id, streams.ends);
        let home = Arc::new(Home::new(Arc::clone(&self.registry)));
        let entry = Entry {
            record: Arc::clone(&record),
            home: Arc::downgrade(&home),
            claim,
            launching: AtomicBool::new(false),
            wishes: wishes_in,
            seen,
            stdio: Mutex::new(Some(Stdio::default())),
            output: streams.output,
            session,
        };
        let mut task = Task::new(
            id,
            Arc::clone(&record),
            reaper.clone(),
            (home, seen_in),
            (found.facts, wishes),
        );
        arm(&mut task, &record);
        let entry = self.registry.add(id, entry)?;
        // An owner that is ending ends it.
        let entered = entry.claim.enter(id, |wall| {
            let _ = entry.wishes.send(Wish::WallTime(wall));
        });
        if entered.is_err() {
            let cause = Cause::OwnerEnded;
            let _ = entry.wishes.send(Wish::Stop {
                grace: None,
                cause,
                done: None,
            });
        }
        self.runtime.spawn(task.run());
        Some(entry)
    }

    /// Our sides of its streams, from what its reaper held of them.
    fn streams(&self, kept: &Kept, record: &Record, lent: Vec<(wire::Stream, OwnedFd)>) -> Streams {
        let config = &*record.config;
        let mut ends = LentEnds::of(lent);
        let mut found = Streams::default();
        let mut readers = Vec::new();
        for (kind, stream) in [
            (wire::Stream::Stdout, Stream::Stdout),
            (wire::Stream::Stderr, Stream::Stderr),
        ] {
            let end = ends.take(kind).map(ReadEnd::from_descriptor);
            readers.extend(end.and_then(Result::ok).map(|end| (stream, end)));
        }
        let terminal = config.terminal().and_then(|_| ends.terminal());
        let mut open: Vec<Stream> = readers.iter().map(|(stream, _)| *stream).collect();
        open.extend(terminal.iter().map(|_| Stream::Terminal));
        if config.kept_output() > 0 {
            let place = (kept.place(record.handle), kept.quota());
            found.output = self.restored(record, &open, (&place.0, &place.1));
        }
        for (stream, end) in readers {
            found.ends.outputs.push((stream, end.finder()));
            let held = end.held();
            if let Some(output) = &found.output {
                output.follow_recorded(&self.runtime, stream, (end, held));
            }
        }
        let stdin = ends
            .take(wire::Stream::Stdin)
            .map(WriteEnd::from_descriptor);
        found.input = match (terminal, stdin.and_then(Result::ok)) {
            (Some((master, pipe)), _) => {
                found.ends.terminal = Some((Arc::downgrade(&master), Arc::downgrade(&pipe)));
                let held = held_by_programs(master.as_fd());
                Some(Input::Terminal(master, held, Some(pipe)))
            }
            (None, Some(end)) => {
                found.ends.stdin = Some(end.finder());
                Some(Input::Pipe(end))
            }
            (None, None) => matches!(config.stdin(), Stdin::Written).then_some(Input::Closed),
        };
        found
    }

    fn restored(
        &self,
        record: &Record,
        open: &[Stream],
        place: (&std::path::Path, &crate::output::Quota),
    ) -> Option<Captured> {
        let capture = record.config.capture();
        let began = (open, record.start_time);
        match Captured::restored(&self.runtime, capture, began, place) {
            Ok(captured) => Some(captured),
            Err(error) => {
                tracing::warn!(%error, handle = %record.handle, "its output is lost");
                None
            }
        }
    }

    /// What is only written down: those that had ended, and those of which nobody knows.
    fn remember(
        &self,
        kept: &Kept,
        failed: &[(Rung, ReaperError)],
        adoption: &mut Adoption,
    ) -> io::Result<()> {
        let mut graves = Vec::new();
        for handle in kept.handles()? {
            let Some(id) = self.registry.ids().number(handle) else {
                continue;
            };
            if self.registry.find(handle).is_ok() {
                continue;
            }
            let noted = kept.read(handle);
            let note = noted.clone().unwrap_or_else(|| Note::unknown(Rung::Group));
            let theirs = failed.iter().any(|(rung, _)| note.rung() == Some(*rung));
            match note.end() {
                Some(end) => {
                    adoption.remembered.push(handle);
                    graves.push(((id, handle), note, end));
                }
                // Somebody may know.
                None if theirs || (noted.is_none() && !failed.is_empty()) => {}
                None => {
                    let end = nobody_knows(&note);
                    if let Err(error) = kept.end(handle, &end) {
                        tracing::debug!(%error, %handle, "cannot write down that it is lost");
                    }
                    adoption.lost.push(handle);
                    graves.push(((id, handle), note, end));
                }
            }
        }
        graves.sort_by_key(|(_, _, end)| end.at);
        for (named, note, end) in graves {
            self.inter(kept, named, (&note, &end));
        }
        Ok(())
    }

    /// The tombstone of one that ended with another program.
    fn inter(
        &self,
        kept: &Kept,
        (id, handle): (u64, ProcessHandle),
        (note, end): (&Note, &NotedEnd),
    ) {
        let rung = note.rung().unwrap_or(Rung::Group);
        let record = record((id, handle), note, rung);
        let claim = self.owners.readmit(&note.owner(), 0);
        let _ = claim.enter(id, |_| {});
        let output = (record.config.kept_output() > 0).then(|| {
            let _inside = self.runtime.enter();
            self.restored(&record, &[], (&kept.place(handle), &kept.quota()))
        });
        if let Some(output) = output.iter().flatten().next() {
            claim.keeps(output);
        }
        claim.over();
        let failed = end
            .failed
            .map(|(step, errno)| failure(&record.config, step, errno));
        let (wishes, _) = mpsc::unbounded_channel();
        let (_, seen) = watch::channel(Seen {
            phase: Phase::Gone,
            leader: end.leader,
            failed,
            ..Seen::default()
        });
        let ended = end.at.elapsed().unwrap_or_default();
        let entry = Entry {
            record,
            home: Weak::new(),
            claim,
            launching: AtomicBool::new(false),
            wishes,
            seen,
            stdio: Mutex::new(None),
            output: output.flatten(),
            session: None,
        };
        let now = Instant::now();
        let since = now.checked_sub(ended).unwrap_or(now);
        self.registry
            .accept(&Arc::new(entry), Standing::Ended(since));
    }
}

/// Our sides of the streams of one process.
#[derive(Debug, Default)]
struct Streams {
    output: Option<Captured>,
    input: Option<Input>,
    ends: Ends,
}

/// What a reaper held.
struct LentEnds(Vec<(wire::Stream, OwnedFd)>);

impl LentEnds {
    fn of(lent: Vec<(wire::Stream, OwnedFd)>) -> LentEnds {
        LentEnds(lent)
    }

    fn take(&mut self, kind: wire::Stream) -> Option<OwnedFd> {
        let place = self.0.iter().position(|(other, _)| *other == kind)?;
        Some(self.0.swap_remove(place).1)
    }

    /// The terminal, with the pipe by which it is read.
    fn terminal(&mut self) -> Option<(Arc<ReadyTerminal>, Arc<RelayPipe>)> {
        let descriptor = self.take(wire::Stream::Terminal)?;
        let opened = Opened {
            descriptor,
            own: true,
        };
        let pipe = self
            .take(wire::Stream::RelayOut)
            .zip(self.take(wire::Stream::RelayIn));
        let pipe = match pipe {
            Some((out, into)) => RelayPipe::from_ends(out, into),
            None => RelayPipe::new().ok()?,
        };
        let terminal = ReadyTerminal::new(opened).ok()?;
        Some((Arc::new(terminal), Arc::new(pipe)))
    }
}

fn record((id, handle): (u64, ProcessHandle), note: &Note, rung: Rung) -> Arc<Record> {
    let config: ProcessConfig = note.config();
    let start_time = note.started_at();
    let now = Instant::now();
    let ago = start_time.elapsed().unwrap_or_default();
    Arc::new(Record {
        id,
        handle,
        config: Arc::new(config),
        start_time,
        began: now.checked_sub(ago).unwrap_or(now),
        rung,
        warnings: note.warnings().collect(),
    })
}

/// What was written down of it; where that is damaged, what can be said of anything.
fn noted(kept: &Kept, handle: ProcessHandle, reaper: &Reaper) -> Note {
    kept.read(handle).unwrap_or_else(|| {
        let note = Note::unknown(reaper.rung());
        // For its end to be written down.
        let _ = kept
            .begin(handle, &note)
            .or_else(|_| kept.note(handle, &note).map(|()| kept.place(handle)));
        note
    })
}

/// Its deadline is what it was; a lease begins anew, as nobody could renew it meanwhile.
fn arm(task: &mut Task, record: &Record) {
    let deadline = record.config.deadline();
    task.timers.deadline = deadline.and_then(|deadline| record.began.checked_add(deadline));
    if let Lifetime::Lease(ttl) = record.config.lifetime() {
        task.timers.lease = Instant::now().checked_add(ttl);
    }
}

/// Its reaper is gone, and what it knew.
fn nobody_knows(note: &Note) -> NotedEnd {
    let at = SystemTime::now();
    let leader = LeaderEnd {
        exit: Exit::Unknown,
        at: note.started_at().max(SystemTime::UNIX_EPOCH),
        cause: Cause::ReaperLost,
    };
    NotedEnd {
        leader: Some(LeaderEnd { at, ..leader }),
        failed: None,
        at,
    }
}
