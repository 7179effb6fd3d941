//! Reads the lines of one client until it is gone, and sees to it that each is answered.

use super::super::Daemon;
use super::super::answer::{self, Reply};
use super::super::handshake::{Greeted, Handshake};
use super::super::session::{Followed, Session};
use super::Outbox;
use crate::wire::{
    BUSY, Call, FIRST_FRAME, Frames, HandingOver, INVALID_REQUEST, Incoming, LONGEST_FRAME, Note,
    Nothing, RequestId, WireError, error_line, notification_line, read, result_line,
};
use handfast_sys::connection;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::io::AsyncReadExt;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::task::coop::unconstrained;
use tokio::time::{Instant, sleep_until, timeout};

/// How much is read at once.
const PIECE: usize = 16 * 1024;

/// Requests that end something may be that many more than others.
const RESERVED: usize = 16;

/// Writes of one connection that are not answered yet. No more than wait in order in the library, so that
/// none can pass another.
const WRITES: usize = handfast::session::QUEUE;

/// Requests that are not answered yet.
#[derive(Default)]
struct Requests {
    writes: JoinSet<()>,
    others: JoinSet<()>,
    /// Those that wait, and how to give them up.
    waits: HashMap<RequestId, oneshot::Sender<()>>,
}

impl Requests {
    /// Gives a wait up; one that is over needs no end.
    fn cancel(&mut self, id: &RequestId) {
        if let Some(wait) = self.waits.remove(id) {
            // It may have been answered this moment.
            let _ = wait.send(());
        }
    }

    /// Tells a request that it was given up; never, where it does not wait.
    fn given_up(&mut self, id: &RequestId, call: &Call) -> oneshot::Receiver<()> {
        let (give_up, given_up) = oneshot::channel();
        if answer::waits(call) {
            let open = self.writes.len() + self.others.len();
            if self.waits.len() > 2 * open {
                self.waits.retain(|_, wait| !wait.is_closed());
            }
            self.waits.insert(id.clone(), give_up);
        }
        given_up
    }

    /// Waits until each is answered, but for those that only wait: these are given up without an answer.
    async fn finish(&mut self) {
        self.waits.clear();
        while self.writes.join_next().await.is_some() {}
        while self.others.join_next().await.is_some() {}
    }

    /// Where a request belongs, if there is room for one more.
    fn place(&mut self, daemon: &Daemon, call: &Call) -> Result<&mut JoinSet<()>, WireError> {
        let most = daemon.settings().in_flight;
        let (set, most) = if answer::writes(call) {
            (&mut self.writes, WRITES)
        } else if answer::ends(call) {
            (&mut self.others, most + RESERVED)
        } else {
            (&mut self.others, most)
        };
        while set.try_join_next().is_some() {}
        if set.len() < most {
            return Ok(set);
        }
        let message = format!("take another request: {most} are not answered yet");
        Err(WireError::new(BUSY, "wire.busy", message).detail("limit", most))
    }
}

/// The lines of a client.
struct Lines {
    from: connection::Incoming,
    frames: Frames,
    piece: Vec<u8>,
    taken: usize,
    /// When the line that is begun must be over.
    until: Option<Instant>,
}

/// Why there are no more lines.
struct Over;

impl Lines {
    /// The next line, or the error of one that is too long.
    ///
    /// Cancel safe: nothing is held outside of `self` across a wait.
    async fn next(
        &mut self,
        patience: std::time::Duration,
    ) -> Result<Result<Vec<u8>, WireError>, Over> {
        loop {
            let mut input = self.piece.get(self.taken..).unwrap_or_default();
            let found = self.frames.next_in(&mut input);
            self.taken = self.piece.len() - input.len();
            if let Some(found) = found {
                self.until = None;
                return Ok(found.map_err(|long| {
                    WireError::new(INVALID_REQUEST, "wire.frame-too-long", long.to_string())
                        .detail("limit", long.limit)
                }));
            }
            if self.frames.is_begun() {
                self.until.get_or_insert_with(|| Instant::now() + patience);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Over> {
        self.piece.clear();
        self.taken = 0;
        self.piece.reserve(PIECE);
        let read = self.from.read_buf(&mut self.piece);
        let read = match self.until {
            None => read.await,
            Some(until) => {
                let late = sleep_until(until);
                tokio::select! {
                    read = read => read,
                    () = late => return Err(Over),
                }
            }
        };
        match read {
            Ok(read) if read > 0 => Ok(()),
            Ok(_) | Err(_) => Err(Over),
        }
    }
}

/// Serves one client until it is gone.
pub(in crate::serve) async fn serve(
    daemon: Daemon,
    (from, to): (connection::Incoming, connection::Outgoing),
) {
    let settings = *daemon.settings();
    let (outbox, writing) = Outbox::to(to, settings.patience);
    let mut lines = Lines {
        from,
        frames: Frames::new(FIRST_FRAME),
        piece: Vec::new(),
        taken: 0,
        until: None,
    };
    let greeting = greet(&daemon, &mut lines, &outbox);
    let greeted = tokio::select! {
        greeted = timeout(settings.handshake, greeting) => greeted,
        () = daemon.hands_over() => return,
    };
    let Ok(Some(greeted)) = greeted else {
        return;
    };
    let Greeted {
        session,
        connection,
    } = greeted;
    lines.frames.set_limit(LONGEST_FRAME);
    let mut requests = Requests::default();
    converse(&daemon, &session, (&mut lines, &outbox), &mut requests).await;
    if daemon.is_handing_over() {
        requests.finish().await;
        // What is told of what it follows goes on at the next one, from where it was told.
        session.detach();
        // Who is gone needs to know nothing.
        let note = notification_line(HandingOver::NAME, &HandingOver {});
        let _ = outbox.send(note).await;
        drop(outbox);
        let _ = writing.await;
        return;
    }
    // Nothing of it may be begun after its session is over.
    requests.writes.shutdown().await;
    requests.others.shutdown().await;
    daemon.left(session, connection);
}

/// The handshake; `None` where the client is gone before it is over.
async fn greet(daemon: &Daemon, lines: &mut Lines, outbox: &Outbox) -> Option<Greeted> {
    let mut handshake = Handshake::new(daemon, outbox);
    let patience = daemon.settings().patience;
    loop {
        let answer = match lines.next(patience).await.ok()? {
            Ok(line) => handshake.take(&line),
            Err(error) => Some(error_line(None, &error)),
        };
        if let Some(line) = answer {
            outbox.send(line).await.ok()?;
        }
        if let Some(greeted) = handshake.over() {
            return Some(greeted);
        }
    }
}

async fn converse(
    daemon: &Daemon,
    session: &Arc<Session>,
    (lines, outbox): (&mut Lines, &Outbox),
    requests: &mut Requests,
) {
    let patience = daemon.settings().patience;
    loop {
        let line = tokio::select! {
            line = lines.next(patience) => line,
            () = outbox.closed() => return,
            () = daemon.hands_over() => return,
        };
        let Ok(line) = line else {
            return;
        };
        let refused = match line {
            Ok(line) => begin(daemon, session, (&line, outbox), requests).await,
            Err(error) => Err((None, error)),
        };
        if let Err((id, error)) = refused
            && outbox.send(error_line(id.as_ref(), &error)).await.is_err()
        {
            return;
        }
    }
}

/// Begins to answer a line.
async fn begin(
    daemon: &Daemon,
    session: &Arc<Session>,
    (line, outbox): (&[u8], &Outbox),
    requests: &mut Requests,
) -> Result<(), (Option<RequestId>, WireError)> {
    let (id, call) = match read(line).map_err(|wrong| (wrong.id, wrong.error))? {
        Incoming::Request { id, method, params } => {
            let call = Call::read(&method, params);
            (id.clone(), call.map_err(|error| (Some(id), error))?)
        }
        // Nothing that a client tells without asking is of use here; nothing was asked of it.
        Incoming::Notification { .. } | Incoming::Answer { .. } => return Ok(()),
    };
    if let Call::Cancel(cancel) = &call {
        requests.cancel(&cancel.id);
        // Who is gone needs no answer.
        let _ = outbox.send(result_line(&id, &Nothing {})).await;
        return Ok(());
    }
    let given_up = requests.given_up(&id, &call);
    let place = match requests.place(daemon, &call) {
        Ok(place) => place,
        Err(error) => return Err((Some(id), error)),
    };
    let request = respond(
        daemon.clone(),
        Arc::clone(session),
        (id, call, given_up),
        outbox.clone(),
    );
    let mut request: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(request);
    // Begun here, one after the other, so that writes keep the order in which they came. Without a
    // budget: with one, tokio would put it off unbegun after many of them.
    let begun = poll_fn(|context| {
        let mut first = unconstrained(request.as_mut());
        Poll::Ready(Pin::new(&mut first).poll(context))
    });
    let begun = begun.await;
    if begun.is_pending() {
        place.spawn(request);
    }
    Ok(())
}

async fn respond(
    daemon: Daemon,
    session: Arc<Session>,
    (id, call, given_up): (RequestId, Call, oneshot::Receiver<()>),
    outbox: Outbox,
) {
    let waits = answer::waits(&call).then(|| call.method());
    // All are safe to drop: what waits loses nothing by it, and nothing else can be given up.
    let Reply { line, then, turn } = tokio::select! {
        biased;
        reply = answer::answer(&daemon, &session, &id, call) => reply,
        Ok(()) = given_up => cancelled(&id),
        () = daemon.hands_over(), if waits.is_some() => match waits {
            // Asked again, it would be done again.
            Some(method) if method.starts_with("exec/") => handed_over(&id),
            // It is asked again.
            _ => return,
        },
    };
    // Who is gone needs no answer.
    let sent = outbox.send(line).await;
    drop(turn);
    if sent.is_ok()
        && let Some((handle, after)) = then
    {
        daemon.follow(&session, Followed::Process(handle), after);
    }
}

fn cancelled(id: &RequestId) -> Reply {
    let error = WireError::invalid("request.cancelled", "wait for that: it was given up");
    given_up_with(id, &error)
}

fn handed_over(id: &RequestId) -> Reply {
    let message = "wait for the command: the daemon hands over; it goes on as a process";
    given_up_with(id, &WireError::invalid("request.handed-over", message))
}

fn given_up_with(id: &RequestId, error: &WireError) -> Reply {
    Reply {
        line: error_line(Some(id), error),
        then: None,
        turn: None,
    }
}
