//! The same client for programs without an async runtime.
//!
//! A thread of its own runs the async client; verbs wait for what that answers. A client may be shared by
//! threads, which then ask beside one another. What must stay true: nothing here blocks a thread that
//! belongs to an async runtime, which is refused before anything is done; no drop waits.

use super::{ClientError, Launch, LaunchError, Told};
use crate::connect;
use crate::place::Place;
use crate::wire::{Initialize, Initialized, Method};
use handfast_sys::connection::Connection;
use std::io;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread with a runtime, which ends with the last one that has it.
#[derive(Debug)]
struct Engine {
    handle: Handle,
    /// Its drop is the word to end.
    _running: oneshot::Sender<()>,
}

impl Engine {
    fn start() -> Result<Arc<Engine>, ClientError> {
        refuse_in_runtime()?;
        let system = |error: io::Error| ClientError::System(Arc::new(error));
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_io().enable_time().build().map_err(system)?;
        let handle = runtime.handle().clone();
        let (running, over) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("handfast-client".to_owned());
        // Nobody waits for its end: the connection is closed there.
        let drive = move || runtime.block_on(async { drop(over.await) });
        drop(thread.spawn(drive).map_err(system)?);
        Ok(Arc::new(Engine {
            handle,
            _running: running,
        }))
    }

    fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T, ClientError> {
        refuse_in_runtime()?;
        Ok(self.handle.block_on(future))
    }
}

fn refuse_in_runtime() -> Result<(), ClientError> {
    match Handle::try_current() {
        Ok(_) => Err(ClientError::InRuntime),
        Err(_) => Ok(()),
    }
}

/// A session with a daemon; every verb blocks.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use handfast_daemon::Place;
/// use handfast_daemon::client::{Launch, blocking};
/// use handfast_daemon::wire::{Start, Wait};
///
/// let launch = Launch::new("/usr/local/bin/handfast", "example");
/// let (client, _) = blocking::connect_or_start(&Place::ours(), &launch)?;
/// let argv = vec!["/bin/true".into()];
/// let process_id = client.call(&Start { argv, ..Start::default() })?.process_id;
/// let wait = Wait { process_id, conditions: vec![], wait_ms: None };
/// assert_eq!(client.call(&wait)?.status.exit_code, Some(0));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Of all verbs: [`ClientError::InRuntime`] on a thread of an async runtime, those of
/// `spawn_blocking` among them. There the async [`Client`](super::Client) has the same verbs.
#[derive(Debug)]
pub struct Client {
    // Dropped first: its tasks are ended before their runtime is.
    client: super::Client,
    engine: Arc<Engine>,
}

/// What the daemon tells without being asked, in order: an iterator that waits for the next one, and
/// ends once the connection is closed.
///
/// It gives [`ClientError::InRuntime`] where a [`Client`] does, and nothing is taken then.
///
/// ```no_run
/// # fn example(
/// #     client: handfast_daemon::client::blocking::Client,
/// #     mut notes: handfast_daemon::client::blocking::Notes,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// use handfast_daemon::wire::{EventNote, EventsSubscribe};
///
/// client.call(&EventsSubscribe::default())?;
/// for told in &mut notes {
///     if let Some(event) = told?.read::<EventNote>() {
///         println!("{}: {}", event.process_id, event.word);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Notes {
    notes: super::Notes,
    engine: Arc<Engine>,
}

impl Client {
    /// As [`Client::begin`](super::Client::begin).
    ///
    /// # Errors
    ///
    /// As there, and [`ClientError::InRuntime`].
    pub fn begin(
        connection: Connection,
        hello: &Initialize,
    ) -> Result<(Client, Notes), ClientError> {
        let engine = Engine::start()?;
        let begun = engine.block_on(super::Client::begin(connection, hello))?;
        Ok(both(begun?, engine))
    }

    /// What the daemon answered to the handshake.
    #[must_use]
    pub fn welcome(&self) -> &Initialized {
        self.client.welcome()
    }

    /// Asks, and waits for the answer, as [`Client::call`](super::Client::call) does. How long that may take is
    /// said in the parameters of those that wait.
    ///
    /// # Errors
    ///
    /// As there, and [`ClientError::InRuntime`].
    pub fn call<M: Method>(&self, params: &M) -> Result<M::Answer, ClientError> {
        self.engine.block_on(self.client.call(params))?
    }
}

impl Notes {
    /// How many were dropped because they were not taken in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.notes.dropped()
    }
}

impl Iterator for Notes {
    type Item = Result<Told, ClientError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.engine.block_on(self.notes.next()).transpose()
    }
}

/// As [`connect_or_start`](super::connect_or_start).
///
/// # Errors
///
/// As there, and [`ClientError::InRuntime`].
pub fn connect_or_start(place: &Place, launch: &Launch) -> Result<(Client, Notes), LaunchError> {
    through(|engine| engine.block_on(connect::connect_or_start(place, launch)))
}

/// As [`session`](super::session).
///
/// # Errors
///
/// As there, and [`ClientError::InRuntime`].
pub fn session(place: &Place, launch: &Launch) -> Result<(Client, Notes), LaunchError> {
    through(|engine| engine.block_on(connect::session(place, launch)))
}

type Begun = (super::Client, super::Notes);

fn through(
    begin: impl FnOnce(&Engine) -> Result<Result<Begun, LaunchError>, ClientError>,
) -> Result<(Client, Notes), LaunchError> {
    let engine = Engine::start().map_err(LaunchError::Client)?;
    let begun = begin(&engine).map_err(LaunchError::Client)?;
    Ok(both(begun?, engine))
}

fn both((client, notes): Begun, engine: Arc<Engine>) -> (Client, Notes) {
    let notes = Notes {
        notes,
        engine: Arc::clone(&engine),
    };
    (Client { client, engine }, notes)
}
