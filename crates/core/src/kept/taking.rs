//! One process that is taken over: a task as any other, with our sides of its streams.

use super::note::Note;
use super::{Ends, Kept};
use crate::config::{Lifetime, Stdin, Stream};
use crate::manager::Inner;
use crate::manager::home::Home;
use crate::manager::registry::{Entry, Record};
use crate::output::{Captured, Quota};
use crate::process::seen::Seen;
use crate::process::start::Input;
use crate::process::task::{Task, Wish};
use crate::process::{Cause, ProcessHandle, Stdio};
use crate::reaper::{Found, Reaper};
use crate::tree::Rung;
use handfast_reaper::wire;
use handfast_sys::descriptor::Descriptor;
use handfast_sys::stream::{ReadEnd, RelayPipe, WriteEnd};
use handfast_sys::terminal::{self, ReadyTerminal};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::{mpsc, watch};

impl Inner {
    /// Makes a process of what was found; `None` once the manager is closed.
    pub(super) fn take_over(
        &self,
        kept: &Kept,
        reaper: &Reaper,
        found: Found,
    ) -> Option<Arc<Entry>> {
        let id = found.tree.id;
        let handle = self.registry.ids().handle(id);
        let note = noted(kept, handle, reaper.rung());
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
        enter(&entry);
        self.runtime.spawn(task.run());
        Some(entry)
    }

    /// Our sides of its streams, from what its reaper held of them.
    fn streams(
        &self,
        kept: &Kept,
        record: &Record,
        lent: Vec<(wire::Stream, Descriptor)>,
    ) -> Streams {
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
                let held = master.held_by_programs();
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

    pub(super) fn restored(
        &self,
        record: &Record,
        open: &[Stream],
        place: (&Path, &Quota),
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
}

/// What is written down of one. Where that is lost its end at least is to be written down.
fn noted(kept: &Kept, handle: ProcessHandle, rung: Rung) -> Note {
    kept.read(handle).unwrap_or_else(|| {
        let note = Note::unknown(rung);
        let begun = kept.begin(handle, &note).map(drop);
        if let Err(error) = begun.or_else(|_| kept.note(handle, &note)) {
            tracing::warn!(%error, %handle, "cannot write it down anew");
        }
        note
    })
}

/// It counts as its owner's from here on. An owner that is ending ends it.
fn enter(entry: &Entry) {
    let entered = entry.claim.enter(entry.record.id, |wall| {
        // The task is not gone yet: it is not running.
        let _ = entry.wishes.send(Wish::WallTime(wall));
    });
    if entered.is_err() {
        let _ = entry.wishes.send(Wish::Stop {
            grace: None,
            cause: Cause::OwnerEnded,
            done: None,
        });
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
struct LentEnds(Vec<(wire::Stream, Descriptor)>);

impl LentEnds {
    fn of(lent: Vec<(wire::Stream, Descriptor)>) -> LentEnds {
        LentEnds(lent)
    }

    fn take(&mut self, kind: wire::Stream) -> Option<Descriptor> {
        let place = self.0.iter().position(|(other, _)| *other == kind)?;
        Some(self.0.swap_remove(place).1)
    }

    /// The terminal, with the pipe by which it is read.
    fn terminal(&mut self) -> Option<(Arc<ReadyTerminal>, Arc<RelayPipe>)> {
        let descriptor = self.take(wire::Stream::Terminal)?;
        let opened = terminal::found(descriptor).ok()?;
        let pipe = self
            .take(wire::Stream::RelayOut)
            .zip(self.take(wire::Stream::RelayIn));
        let pipe = match pipe {
            Some((out, into)) => RelayPipe::from_ends(out, into).ok()?,
            None => RelayPipe::new().ok()?,
        };
        let terminal = ReadyTerminal::new(opened).ok()?;
        Some((Arc::new(terminal), Arc::new(pipe)))
    }
}

pub(super) fn record((id, handle): (u64, ProcessHandle), note: &Note, rung: Rung) -> Arc<Record> {
    let config = note.config();
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

/// Its deadline is what it was; a lease begins anew, as nobody could renew it meanwhile.
fn arm(task: &mut Task, record: &Record) {
    let deadline = record.config.deadline();
    task.timers.deadline = deadline.and_then(|deadline| record.began.checked_add(deadline));
    if let Lifetime::Lease(ttl) = record.config.lifetime() {
        task.timers.lease = Instant::now().checked_add(ttl);
    }
}
