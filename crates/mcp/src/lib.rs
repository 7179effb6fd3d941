//! Handfast as agents use it: an MCP server over standard input and output, or any two streams.
//!
//! It is a client of the daemon like others, with an owner of its own, and starts nothing itself: its
//! connection to the daemon is the life line of all that its client starts. So whatever becomes of
//! this server, killed with its client or alone, the daemon sees the connection end and ends what was
//! not declared to survive; and no descriptor of the protocol can reach a process that the daemon has
//! started.
//!
//! What is said is the work of the SDK (`server.rs` answers it, for 2025-11-25 and 2026-07-28 alike);
//! what the tools are is in `tools/`, what they ask the daemon goes by `link.rs`. What must stay true: a
//! call that is given up ends no process; every wait has the bound that its answer names; an error is
//! an answer that the model can read.

#![forbid(unsafe_code)]

mod input;
mod link;
mod prompt;
mod resources;
mod server;
mod task;
mod text;
mod tools;
mod updates;

pub use prompt::SKILL;

use handfast_daemon::Place;
use handfast_daemon::connect::Launch;
use handfast_daemon::wire::ExecProfile;
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

/// The longest wait of one call unless it is set: 50 s, because clients give calls up after 60.
pub const LONGEST_WAIT: Duration = Duration::from_secs(50);

/// What a server needs to know.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where the daemon is.
    pub place: Place,
    /// How it is started where there is none.
    pub launch: Launch,
    /// How commands run.
    pub profile: ExecProfile,
    /// The longest wait of one call. Default: [`LONGEST_WAIT`]; that of `exec_command` and of a write is
    /// 30 s at the most, and that of an empty poll 5 s at the least, whatever is set.
    pub longest_wait: Duration,
}

impl Settings {
    /// With the daemon of this place. It acts for an owner of its own, so that agents cannot touch each
    /// other's processes.
    #[must_use]
    pub fn new(place: Place, mut launch: Launch, profile: ExecProfile) -> Settings {
        launch.as_user = false;
        Settings {
            place,
            launch,
            profile,
            longest_wait: LONGEST_WAIT,
        }
    }
}

/// Why there was nobody to serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// What came first was no MCP.
    #[error("begin to speak MCP: {reason}")]
    Handshake {
        /// What the SDK says.
        reason: String,
    },
    /// The server's task has panicked.
    #[error("serve: a task of the server has failed")]
    Task,
}

impl ServeError {
    /// The name of this error, which never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ServeError::Handshake { .. } => "mcp.handshake",
            ServeError::Task => "mcp.task",
        }
    }
}

/// Serves one client until its stream ends. Calls that wait then are given up at once.
///
/// The daemon is reached, or started, with the first call that needs it; if it is lost, calls say so
/// and the next one reaches another.
///
/// # Errors
///
/// [`ServeError`]. A client that leaves before it has said anything is none.
///
/// # Panics
///
/// Outside a tokio runtime with I/O and time enabled.
///
/// # Cancel safety
///
/// The connection to the daemon is closed, and with it ends what was not declared to survive.
pub async fn serve<R, W>(settings: Settings, from: R, to: W) -> Result<(), ServeError>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let over = CancellationToken::new();
    let _ends_with_this = over.clone().drop_guard();
    let link = Arc::new(link::Link::new(settings));
    let server = server::Server::new(Arc::clone(&link), over.clone());
    // The SDK may take five seconds to end. What the client has started does not wait for that.
    let gone = over.clone();
    tokio::spawn(async move {
        gone.cancelled().await;
        link.close();
    });
    let running = server.serve((input::Input::new(from, over), to)).await;
    let running = match running {
        Ok(running) => running,
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => {
            let reason = error.to_string();
            return Err(ServeError::Handshake { reason });
        }
    };
    running.waiting().await.map_err(|_| ServeError::Task)?;
    Ok(())
}

/// As [`serve`], over the standard streams of this process.
///
/// # Errors
///
/// As [`serve`].
///
/// # Panics
///
/// As [`serve`].
///
/// # Cancel safety
///
/// As [`serve`].
pub async fn serve_standard_streams(settings: Settings) -> Result<(), ServeError> {
    let (from, to) = rmcp::transport::io::stdio_pipes();
    serve(settings, from, to).await
}
