//! The task of one session.
//!
//! Each arm of a `select!` here is cancel safe: a `watch` keeps its last value, waiting for output takes
//! nothing away, and the start that is not finished is polled in the same future until it is.

use super::super::clock::{self, now, point};
use super::super::error::ExecError;
use super::super::session::{ExecSession, Phase, is_over, send_end};
use super::deltas::Deltas;
use super::{Feed, Launch};
use crate::manager::registry::Entry;
use crate::output::Captured;
use crate::session::{WRITE_BYTES, WriteOptions};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a command may take to end before it counts as a session.
const EARLY: Duration = Duration::from_millis(150);

/// How long output that is still open after the end is told of.
const TRAILING: Duration = Duration::from_millis(100);

/// How long a denial may come after the end.
pub(in crate::exec) const LATE_DENIAL: Duration = Duration::from_millis(100);

/// How long a program may take to read what it was given to read.
const EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Has a session started, and lives until its end was told.
pub(in crate::exec) async fn live(session: Arc<ExecSession>, launch: Launch, feed: Option<Feed>) {
    match launched(&session, launch).await {
        Ok(entry) => {
            begin_feed(&session, &entry, feed).await;
            session.set_phase(Phase::Up(Arc::clone(&entry)));
            // It was noted before the process was there to be told.
            if let Some(wanted) = session.asked().wanted {
                drop(send_end(&entry, wanted));
            }
            let mut stream = Stream::new(&session, &entry);
            stream.run().await;
            late_denial(&session).await;
            finish(&session).await;
        }
        Err(error) => {
            session.set_phase(Phase::Failed(error));
            finish(&session).await;
        }
    }
}

/// Waits for the start, unless the session is to end before. A start that is dropped is undone.
async fn launched(session: &ExecSession, launch: Launch) -> Result<Arc<Entry>, ExecError> {
    let mut asked = session.watch_asked();
    tokio::select! {
        biased;
        started = launch => started.map_err(ExecError::CreateProcess),
        // The sender is in the session.
        _ = asked.wait_for(|asked| asked.wanted.is_some()) => {
            Err(ExecError::StoppedBefore)
        }
    }
}

/// Hands the given input over before anybody else can write.
async fn begin_feed(session: &Arc<ExecSession>, entry: &Arc<Entry>, feed: Option<Feed>) {
    let Some(feed) = feed else { return };
    let mut feeding = Box::pin(feed_all(Arc::clone(session), Arc::clone(entry), feed));
    // The first look puts it into the queue of the session, which is empty.
    let done = poll_fn(|context| Poll::Ready(feeding.as_mut().poll(context).is_ready())).await;
    if !done {
        tokio::spawn(feeding);
    }
}

async fn feed_all(session: Arc<ExecSession>, entry: Arc<Entry>, feed: Feed) {
    let Some(input) = &entry.session else { return };
    let bytes = feed.text.into_bytes();
    let whole = bytes.len();
    debug_assert!(whole <= WRITE_BYTES, "it was checked before the start");
    let taken = match whole {
        0 => 0,
        _ => {
            let options = WriteOptions::default().deadline(EVER);
            let written = input.write(bytes, options).await;
            written.map_or(0, |written| written.taken)
        }
    };
    if taken < whole {
        session.notice(format!(
            "only {taken} of {whole} bytes of `stdin` were taken by the command"
        ));
    }
    if feed.ends {
        // It may be over, and then its input is.
        let _ = input.close(EVER).await.is_ok();
    }
}

/// Follows a process to its end.
struct Stream<'s> {
    session: &'s Arc<ExecSession>,
    seen: watch::Receiver<crate::process::seen::Seen>,
    captured: Option<Captured>,
    deltas: Deltas,
    store_at: Option<Instant>,
    trailing: Option<Instant>,
}

impl Stream<'_> {
    fn new<'s>(session: &'s Arc<ExecSession>, entry: &Entry) -> Stream<'s> {
        Stream {
            session,
            seen: entry.seen.clone(),
            captured: entry.output.clone(),
            deltas: Deltas::default(),
            store_at: Some(now() + EARLY),
            trailing: None,
        }
    }

    async fn run(&mut self) {
        let mut home = self.session.home.subscribe();
        let mut lives = true;
        loop {
            let hub = home.borrow_and_update().clone().map(|home| home.hub);
            let mut listeners = hub.as_ref().map(|hub| hub.listeners());
            let heard = listeners
                .as_mut()
                .is_some_and(|count| *count.borrow_and_update() > 0);
            self.seen.mark_unchanged();
            let exited = is_over(&self.seen.borrow()) || !lives;
            let heard = heard && self.deltas.is_open();
            // First this, then the look at what came: where it is closed nothing comes behind that.
            let closed = self.is_closed();
            let more = self.tell(heard);
            if exited && self.is_done(closed && !more) {
                self.deltas.flush(self.session);
                return;
            }
            if more {
                tokio::task::yield_now().await;
                continue;
            }
            self.store_if_due();
            let wake = [self.store_at, self.trailing].into_iter().flatten().min();
            let offset = self.deltas.offset();
            let output = self.captured.as_ref().filter(|_| !closed);
            tokio::select! {
                biased;
                changed = self.seen.changed(), if lives => lives = changed.is_ok(),
                () = output_from(output, offset), if heard && output.is_some() => {}
                () = output_from(output, u64::MAX), if !heard && exited && output.is_some() => {}
                // An error is the end of the session's home; its end is told to nobody then.
                _ = home.changed() => {}
                () = changed(&mut listeners) => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Tells one piece of output; answers whether there may be more at once.
    fn tell(&mut self, heard: bool) -> bool {
        let Some(captured) = &self.captured else {
            return false;
        };
        if heard {
            return self.deltas.tell(self.session, captured);
        }
        self.deltas.skip(captured);
        false
    }

    /// Whether no more output can come.
    fn is_closed(&self) -> bool {
        let captured = self.captured.as_ref();
        captured.is_none_or(|captured| captured.progress().0)
    }

    /// Whether an ended process is told of to its end: where all is told, or it takes too long.
    fn is_done(&mut self, all: bool) -> bool {
        let now = now();
        let until = *self.trailing.get_or_insert(now + TRAILING);
        all || now >= until
    }

    /// A command that does not end early counts as a session.
    fn store_if_due(&mut self) {
        if self.store_at.is_some_and(|at| at <= now()) {
            self.store_at = None;
            let home = self.session.home.borrow().clone();
            let sessions = home.and_then(|home| home.sessions.upgrade());
            if let Some(sessions) = sessions.filter(|_| !self.session.is_exited()) {
                sessions.store(self.session);
            }
        }
    }
}

/// Waits for output, or for its end.
async fn output_from(captured: Option<&Captured>, offset: u64) {
    match captured {
        Some(captured) => drop(captured.wait_for_output(offset).await),
        None => std::future::pending().await,
    }
}

/// Waits until somebody begins or ceases to listen.
async fn changed(listeners: &mut Option<watch::Receiver<usize>>) {
    let told = match listeners {
        Some(listeners) => listeners.changed().await.is_ok(),
        None => false,
    };
    if !told {
        std::future::pending::<()>().await;
    }
}

/// Waits for a denial that comes late, where such are expected.
async fn late_denial(session: &ExecSession) {
    let home = session.home.borrow().clone();
    let sessions = home.and_then(|home| home.sessions.upgrade());
    if sessions.is_some_and(|sessions| sessions.profile.late_denials) {
        let mut asked = session.watch_asked();
        // Late or never: the time is what counts.
        let denied = asked.wait_for(|asked| asked.failure.is_some());
        let _ = clock::timeout(LATE_DENIAL, denied).await.is_some();
    }
}

/// Tells the end, once nobody waits on the session and it is somewhere at home.
async fn finish(session: &Arc<ExecSession>) {
    loop {
        let mut home = session.home.subscribe();
        // The sender is in the session.
        let _ = home.wait_for(Option::is_some).await.is_ok();
        let _turn = session.turn.lock().await;
        let Some(home) = session.home.borrow().clone() else {
            continue;
        };
        session.tell(|| session.end_event());
        point();
        session.set_ended();
        point();
        if let Some(sessions) = home.sessions.upgrade() {
            sessions.settle(session);
        }
        return;
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => clock::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
