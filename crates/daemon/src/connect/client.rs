//! A client of the daemon: asks, and is told.
//!
//! A task for each client reads and writes at once (`task.rs`), so that neither side waits for the other
//! with a full queue. A daemon that hands over says so, and has answered what it has begun; then the session
//! is resumed at the next one, and asked again what was not answered (`way.rs`). What must stay true: each
//! request is answered once, also when the daemon is gone; the drop of the client closes its connection.

mod task;
mod way;

use crate::place::Place;
use crate::wire::{
    Cancel, HandingOver, HandshakeOver, Incoming, Initialize, Initialized, Method, Note, RequestId,
    WireError, notification_line, read, request_line,
};
use handfast_sys::connection::{self, Connection};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use way::Way;

/// How many notifications wait to be taken; further ones are dropped and counted. What they told can be
/// read.
const NOTES: usize = 1024;

/// How many requests wait to be written, in the order in which they were made. As many as writes that a
/// daemon takes before it has answered one.
const REQUESTS: usize = 128;

/// Why a request has no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The daemon has refused it, or it has failed.
    #[error(transparent)]
    Refused(#[from] WireError),
    /// The connection is closed.
    #[error("reach the daemon: the connection is closed")]
    Closed,
    /// What was answered cannot be understood.
    #[error("understand the daemon: {reason}")]
    Odd {
        /// Why not.
        reason: String,
    },
    /// The system refused.
    #[error("use the connection")]
    System(#[source] Arc<io::Error>),
    /// A verb that blocks was called on a thread of an async runtime, and nothing was done.
    #[error("block a thread of an async runtime: use the async client there")]
    InRuntime,
}

impl ClientError {
    /// The name of this error, which never changes; of a refusal, the name that the daemon gave.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            ClientError::Refused(error) => error.name(),
            ClientError::Closed => "client.closed",
            ClientError::Odd { .. } => "client.odd",
            ClientError::System(_) => "client.system",
            ClientError::InRuntime => "client.in-runtime",
        }
    }
}

type Answer = Result<Box<RawValue>, ClientError>;

/// Who waits for an answer.
#[derive(Debug)]
struct Pending {
    done: oneshot::Sender<Answer>,
    line: Arc<Vec<u8>>,
    /// Some of it may have been written to the daemon that is there now.
    written: bool,
}

/// Who waits for which answer; `None` once the daemon is gone.
type Waiting = Option<HashMap<RequestId, Pending>>;

/// Something to be written.
#[derive(Debug)]
struct Line {
    /// Of a request.
    id: Option<RequestId>,
    bytes: Arc<Vec<u8>>,
}

impl Line {
    /// One that nobody waits for.
    fn of(bytes: Vec<u8>) -> Line {
        let bytes = Arc::new(bytes);
        Line { id: None, bytes }
    }
}

/// What the task of a client shares with it.
#[derive(Debug)]
struct Shared {
    waiting: Mutex<Waiting>,
    dropped: AtomicU64,
    /// The daemon has said that another one goes on.
    handed_over: AtomicBool,
}

impl Shared {
    fn waiting<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A session with a daemon.
#[derive(Debug)]
pub struct Client {
    lines: mpsc::Sender<Line>,
    shared: Arc<Shared>,
    next: AtomicI64,
    welcome: Initialized,
    task: AbortHandle,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Something that the daemon tells without being asked.
#[derive(Debug)]
pub struct Told {
    /// What kind of thing.
    pub method: String,
    /// What.
    pub params: Box<RawValue>,
}

impl Told {
    /// What is told, if it is of this kind.
    #[must_use]
    pub fn read<N: Note>(&self) -> Option<N> {
        let is_it = self.method == N::NAME;
        is_it.then(|| serde_json::from_str(self.params.get()).ok())?
    }
}

/// What the daemon tells without being asked, in order.
#[derive(Debug)]
pub struct Notes {
    queue: mpsc::Receiver<Told>,
    shared: Arc<Shared>,
}

impl Notes {
    /// Waits for the next one; `None` once the connection is closed.
    ///
    /// # Cancel safety
    ///
    /// Safe: nothing is taken before the future is ready.
    pub async fn next(&mut self) -> Option<Told> {
        self.queue.recv().await
    }

    /// How many were dropped because they were not taken in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Acquire)
    }
}

impl Client {
    /// Begins or resumes a session over a connection.
    ///
    /// # Errors
    ///
    /// [`ClientError`]; the connection is closed then.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with I/O enabled.
    pub async fn begin(
        connection: Connection,
        hello: &Initialize,
    ) -> Result<(Client, Notes), ClientError> {
        Client::begun(connection, hello, None).await
    }

    /// As [`Client::begin`], with the daemon of a place: where that hands over to another one, the session goes
    /// on there, with what was asked and what it follows.
    ///
    /// # Errors
    ///
    /// As [`Client::begin`].
    ///
    /// # Panics
    ///
    /// As [`Client::begin`].
    pub async fn begin_at(
        place: &Place,
        connection: Connection,
        hello: &Initialize,
    ) -> Result<(Client, Notes), ClientError> {
        let way = Way::new(place, hello);
        Client::begun(connection, hello, Some(way)).await
    }

    async fn begun(
        connection: Connection,
        hello: &Initialize,
        way: Option<Way>,
    ) -> Result<(Client, Notes), ClientError> {
        let system = |error: io::Error| ClientError::System(Arc::new(error));
        let halves = connection::split(connection).map_err(system)?;
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Some(HashMap::new())),
            dropped: AtomicU64::new(0),
            handed_over: AtomicBool::new(false),
        });
        let (lines, queue) = mpsc::channel(REQUESTS);
        let (told, notes) = mpsc::channel(NOTES);
        let (secret_in, secret) = oneshot::channel();
        let way = way.map(|way| (way, secret));
        let talk = task::talk(halves, queue, (Arc::clone(&shared), told), way);
        let mut client = Client {
            lines,
            shared: Arc::clone(&shared),
            next: AtomicI64::new(1),
            welcome: nobody(),
            task: tokio::spawn(talk).abort_handle(),
        };
        client.welcome = client.call(hello).await?;
        // Without a way back nobody asks for it.
        let _ = secret_in.send(client.welcome.session_id.clone());
        let over = notification_line(HandshakeOver::NAME, &HandshakeOver {});
        let sent = client.lines.send(Line::of(over)).await;
        sent.map_err(|_| ClientError::Closed)?;
        let notes = Notes {
            queue: notes,
            shared,
        };
        Ok((client, notes))
    }

    /// What the daemon answered to the handshake.
    #[must_use]
    pub fn welcome(&self) -> &Initialized {
        &self.welcome
    }

    /// Asks, and waits for the answer. Requests leave in the order in which their futures were first polled, up
    /// to 128 that were not written yet.
    ///
    /// # Errors
    ///
    /// [`ClientError`].
    ///
    /// # Cancel safety
    ///
    /// The request may have been made; its answer is dropped. Of a request that only waits
    /// ([`Method::WAITS`]) the daemon is told, so that it does not wait on: no output is lost.
    pub async fn call<M: Method>(&self, params: &M) -> Result<M::Answer, ClientError> {
        let id = RequestId::Number(self.next.fetch_add(1, Ordering::AcqRel));
        let (done, answer) = oneshot::channel();
        let bytes = Arc::new(request_line(&id, M::NAME, params));
        let pending = Pending {
            done,
            line: Arc::clone(&bytes),
            written: false,
        };
        let is_open = self.shared.waiting(|waiting| {
            let waiting = waiting.as_mut();
            waiting
                .map(|waiting| waiting.insert(id.clone(), pending))
                .is_some()
        });
        if !is_open {
            return Err(ClientError::Closed);
        }
        let line = Line {
            id: Some(id.clone()),
            bytes,
        };
        let sent = self.lines.send(line).await;
        sent.map_err(|_| ClientError::Closed)?;
        let gives_up = M::WAITS.then(|| Asked { client: self, id });
        let answer = answer.await.map_err(|_| ClientError::Closed)??;
        drop(gives_up);
        serde_json::from_str(answer.get()).map_err(|error| ClientError::Odd {
            reason: error.to_string(),
        })
    }
}

/// A wait under way. Where it is dropped before it was answered, the daemon is told.
struct Asked<'a> {
    client: &'a Client,
    id: RequestId,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let waiting = |waiting: &mut Option<HashMap<_, _>>| waiting.as_mut()?.remove(&self.id);
        if self.client.shared.waiting(waiting).is_none() {
            return;
        }
        let id = RequestId::Number(self.client.next.fetch_add(1, Ordering::AcqRel));
        let cancel = Cancel {
            id: self.id.clone(),
        };
        // Where the queue is full the wait ends by itself, later; its answer is for nobody.
        let line = Line::of(request_line(&id, Cancel::NAME, &cancel));
        let _ = self.client.lines.try_send(line);
    }
}

/// Before the handshake.
fn nobody() -> Initialized {
    Initialized {
        session_id: crate::wire::Secret(String::new()),
        resumed: false,
        protocol: 0,
        server_name: String::new(),
        server_version: String::new(),
        owner: String::new(),
        scopes: Vec::new(),
        methods: Vec::new(),
        limits: crate::wire::WireLimits {
            frame_bytes: 0,
            in_flight: 0,
            wait_ms: 0,
            resume_ms: 0,
        },
    }
}

fn sort(frame: &[u8], shared: &Shared, told: &mpsc::Sender<Told>) {
    match read(frame) {
        Ok(Incoming::Answer { id, outcome }) => {
            let outcome = outcome
                .map(RawValue::to_owned)
                .map_err(ClientError::Refused);
            let Some(id) = id else {
                // Of no request that can be known: all who wait are told, as one of them may be meant.
                let all = shared.waiting(|waiting| waiting.replace(HashMap::new()));
                for pending in all.unwrap_or_default().into_values() {
                    let _ = pending.done.send(outcome.clone());
                }
                return;
            };
            let pending = shared.waiting(|waiting| waiting.as_mut()?.remove(&id));
            if let Some(pending) = pending {
                // Who asked may have stopped waiting.
                let _ = pending.done.send(outcome);
            }
        }
        Ok(Incoming::Notification { method, params }) => {
            if method == HandingOver::NAME {
                shared.handed_over.store(true, Ordering::Release);
            }
            let note = params.map(|params| Told {
                method: method.into_owned(),
                params: params.to_owned(),
            });
            if note.is_some_and(|note| told.try_send(note).is_err()) {
                shared.dropped.fetch_add(1, Ordering::AcqRel);
            }
        }
        // A daemon asks nothing.
        Ok(Incoming::Request { .. }) | Err(_) => {}
    }
}
