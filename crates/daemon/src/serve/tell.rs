//! Telling a session of what it follows, at the pace of its client.

use super::connection::{Gone, Outbox};
use super::feed::Feed;
use super::session::{Followed, Session};
use super::{Daemon, Inner};
use super::{book::Book, describe, events};
use crate::wire::{
    ChangedNote, ClosedNote, ExitedNote, MissedNote, Note, OutputChunk, OutputNote,
    notification_line,
};
use handfast::{Change, Changes, ProcessHandle};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};
use tokio::sync::broadcast;

/// How many bytes are looked up at once.
const PIECE: u64 = 64 * 1024;

/// Longer than any session.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Daemon {
    /// Tells a session of something from here on, instead of what it was told before.
    pub(super) fn follow(&self, session: &Arc<Session>, what: Followed, after: u64) {
        let daemon = self.clone();
        let of = Arc::clone(session);
        session.follow(what, after, move |outbox, told| {
            let task = match what {
                Followed::Events => tokio::spawn(async move {
                    let _ = events::tell(daemon, of, outbox, told).await;
                }),
                Followed::Changes => {
                    // Now, so that nothing is missed between this and the answer.
                    let tidings = daemon.tidings().subscribe();
                    tokio::spawn(async move {
                        // An error is the end of its connection.
                        let _ = tell_changes(daemon, of, outbox, tidings).await;
                    })
                }
                Followed::Process(handle) => tokio::spawn(async move {
                    let to = (of.as_ref(), &outbox);
                    if tell_process(daemon, handle, to, &told).await.is_ok() {
                        of.followed_to_the_end(what, &told);
                    }
                }),
            };
            task.abort_handle()
        });
    }
}

async fn tell<N: Note>(outbox: &Outbox, note: &N) -> Result<(), Gone> {
    outbox.send(notification_line(N::NAME, note)).await
}

async fn tell_process(
    daemon: Daemon,
    handle: ProcessHandle,
    (session, outbox): (&Session, &Outbox),
    told: &AtomicU64,
) -> Result<(), Gone> {
    let entry = |book: &mut Book| book.entry(handle).map(|entry| Arc::clone(&entry.feed));
    let Some(feed) = daemon.book(entry) else {
        return Ok(());
    };
    loop {
        let after = told.load(Ordering::Acquire);
        feed.news(after, FOR_EVER).await;
        // It may have another owner by now, and another name; and the session's token may be good no more.
        let name = daemon.book(|book| {
            let entry = book.entry(handle)?;
            let is_seen = session.authority.covers(&entry.owner);
            is_seen.then(|| entry.name.clone())
        });
        let Some(name) = name.filter(|_| daemon.is_good(session)) else {
            return Ok(());
        };
        let is_over = tell_news(&feed, &name, outbox, (told, after)).await?;
        if is_over {
            return Ok(());
        }
    }
}

/// Tells what has come after a number; answers whether that was all that ever comes.
async fn tell_news(
    feed: &Feed,
    name: &str,
    outbox: &Outbox,
    (told, after): (&AtomicU64, u64),
) -> Result<bool, Gone> {
    let page = feed.read(after, Some(PIECE));
    let (exited, closed) = feed.look(|sequence| (sequence.exited(), sequence.closed()));
    // The exit has its place among the chunks, which may go on after it.
    let mut exit = exited.filter(|(seq, _)| *seq > after && *seq < page.next_seq);
    for chunk in page.chunks {
        if let Some((seq, how)) = exit.filter(|(seq, _)| *seq < chunk.seq) {
            tell_exit(outbox, name, seq, how.told()).await?;
            told.fetch_max(seq, Ordering::AcqRel);
            exit = None;
        }
        let seq = chunk.seq;
        tell(outbox, &output(name, chunk)).await?;
        told.fetch_max(seq, Ordering::AcqRel);
    }
    if let Some((seq, how)) = exit {
        tell_exit(outbox, name, seq, how.told()).await?;
        told.fetch_max(seq, Ordering::AcqRel);
    }
    let closed = closed.filter(|seq| *seq < page.next_seq);
    // Told is what was told, at every moment: another daemon may have to go on from here.
    if let Some(seq) = closed.filter(|seq| *seq > after) {
        let process_id = name.to_owned();
        tell(outbox, &ClosedNote { process_id, seq }).await?;
    }
    told.fetch_max(page.next_seq - 1, Ordering::AcqRel);
    Ok(closed.is_some())
}

async fn tell_exit(outbox: &Outbox, name: &str, seq: u64, code: Option<i32>) -> Result<(), Gone> {
    let note = ExitedNote {
        process_id: name.to_owned(),
        seq,
        exit_code: code.unwrap_or(-1),
        sandbox_denied: false,
    };
    tell(outbox, &note).await
}

fn output(name: &str, chunk: OutputChunk) -> OutputNote {
    OutputNote {
        process_id: name.to_owned(),
        seq: chunk.seq,
        stream: chunk.stream,
        chunk: chunk.chunk,
        offset: chunk.offset,
        at_ms: chunk.at_ms,
    }
}

/// What has changed, or how many changes nobody was told of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tidings {
    Changed(Change),
    Missed(u64),
}

/// How many tidings a session may lag behind before it misses some, and is told how many.
pub(super) const TIDINGS: usize = 4096;

/// Passes on what the manager tells, to where the daemon adds what it knows better, for as long as there
/// is a daemon.
pub(super) async fn pass_on(mut changes: Changes, to: Weak<Inner>) {
    loop {
        let tidings = match changes.next().await {
            Ok(Some(change)) => Tidings::Changed(change),
            Ok(None) => return,
            Err(missed) => Tidings::Missed(missed.count),
        };
        let Some(daemon) = to.upgrade().map(Daemon) else {
            return;
        };
        daemon.0.activity.note();
        match tidings {
            Tidings::Changed(change) => {
                // Of a command, it may be: the book learns of these here.
                if daemon.book(|book| book.entry(change.handle).is_none()) {
                    daemon.adopt_unknown(change.handle);
                }
                daemon.happened(change.handle, change.word);
            }
            Tidings::Missed(count) => daemon.0.happened.missed(count),
        }
        // Nobody may be listening.
        let _ = daemon.tidings().send(tidings);
    }
}

impl Daemon {
    /// Whether a session may still do anything: its token may have been taken back since it began.
    pub(super) fn is_good(&self, session: &Session) -> bool {
        let (token, now) = (session.authority.token, SystemTime::now());
        self.tokens(|tokens| tokens.is_good(token, now))
    }

    /// Tells how a process stands that has only now got its owner: what was told before nobody could
    /// relate to one.
    pub(super) fn tell_entered(&self, handle: ProcessHandle) {
        if let Ok(status) = self.manager().query_status(handle) {
            let word = status.word();
            self.happened(handle, word);
            let _ = self
                .tidings()
                .send(Tidings::Changed(Change { handle, word }));
        }
    }
}

async fn tell_changes(
    daemon: Daemon,
    session: Arc<Session>,
    outbox: Outbox,
    mut tidings: broadcast::Receiver<Tidings>,
) -> Result<(), Gone> {
    loop {
        let change = match tidings.recv().await {
            Ok(Tidings::Changed(change)) => change,
            Ok(Tidings::Missed(count)) | Err(broadcast::error::RecvError::Lagged(count)) => {
                tell(&outbox, &MissedNote { count }).await?;
                continue;
            }
            Err(broadcast::error::RecvError::Closed) => return Ok(()),
        };
        if !daemon.is_good(&session) {
            return Ok(());
        }
        if let Some(note) = changed(&daemon, &session, change) {
            tell(&outbox, &note).await?;
        }
    }
}

/// What a session is told of a change, if it may see the process.
fn changed(daemon: &Daemon, session: &Session, change: Change) -> Option<ChangedNote> {
    let entry = daemon.book(|book| book.entry(change.handle).cloned())?;
    let is_seen = session.authority.covers(&entry.owner);
    let status = daemon.manager().query_status(change.handle).ok()?;
    is_seen.then(|| ChangedNote {
        process_id: entry.name,
        handle: change.handle.to_string(),
        owner: entry.owner.to_string(),
        word: change.word.to_owned(),
        status: describe::status(&status, entry.ended_as),
    })
}
