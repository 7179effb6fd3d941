//! Commands as agents give them: one line of shell text, an answer in text.
//!
//! The pure parts of `exec_command` and `write_stdin` (unified-exec): how a text becomes an argv, what
//! its environment is forced to, what the answer says. Starting and waiting are elsewhere.

mod environment;
mod response;
mod shell;

pub use environment::{FORCED, Forced, JJ_PAGER};
pub use response::{ChunkId, Response};
pub use shell::{LoginRefused, Shell, ShellKind, UnknownShell, login};
