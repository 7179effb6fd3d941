//! Commands as agents give them: `exec_command` starts a shell text and waits for a while,
//! `write_stdin` goes on with what is not over by then.
//!
//! The behaviour, the texts and the numbers are those of unified-exec; `docs/unified-exec.md` says for
//! each of them which test shows it, or why it is another one. A start and a poll are in `run.rs` and
//! `poll.rs`, what goes on without them in `live`, all sessions of an owner in `sessions.rs`. What is
//! decided is decided by pure parts: `store.rs`, `prune.rs`, `ids.rs`, `waits.rs`, and the machine of
//! `collect`. What must stay true: a call is answered when its time is up, whatever the command does; a
//! number goes on answering when its session is over; nothing a command wrote is lost without a count.

mod answer;
mod approve;
mod cause;
mod clock;
mod collect;
mod command;
mod ending;
mod environment;
mod error;
mod events;
mod ids;
mod inherit;
mod input;
mod late;
mod live;
#[cfg(test)]
mod model;
mod moving;
mod number;
mod pause;
mod poll;
mod profile;
mod prune;
mod quote;
mod response;
mod run;
mod session;
mod sessions;
mod shell;
mod store;
mod telling;
mod tombstone;
mod untold;
mod waits;

pub use answer::{ExecResponse, Leader, SessionState};
pub use approve::{ApprovalRequest, Approver, Deciding, Decision, InputRequest};
pub use cause::EndCause;
pub use command::{ExecCommand, SandboxPermissions, WriteStdin};
pub use ending::{SessionInfo, SessionReceipt};
pub use environment::{FORCED, Forced, JJ_PAGER};
pub use error::ExecError;
pub use events::{
    EVENT_BYTES, ExecBegin, ExecEnd, ExecEvent, ExecEvents, ExecInteraction, ExecOutput,
    ExecStatus, ExecWarning, Told,
};
pub use inherit::{Inherit, InheritPolicy};
pub use moving::{ExportedSession, Imported};
pub use pause::PauseGuard;
pub(crate) use poll::write_stdin;
pub use profile::{AtLimit, ExecProfile};
pub use prune::{MAX_SESSIONS, PROTECTED, WARN_AT};
pub use quote::quoted;
pub use response::{ChunkId, Response};
pub(crate) use run::{Launcher, exec_command};
pub(crate) use session::Wanted;
pub use session::{OUTPUT_BYTES, SessionEnd};
pub(crate) use sessions::Sessions;
pub use shell::{LoginRefused, Shell, ShellKind, UnknownShell, login};
pub use tombstone::{TOMBSTONE_BYTES, TOMBSTONES};
pub use waits::{
    DEFAULT_EXEC_YIELD, DEFAULT_WRITE_YIELD, MAX_POLL, MAX_YIELD, MIN_POLL, MIN_YIELD, Wait,
};
