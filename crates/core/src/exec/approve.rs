//! Somebody who decides before a command runs or is written to.
//!
//! Apart because it is the host's to implement. What must stay true: nothing has run and nothing was
//! written when it is asked, and the time it takes is in no wait.

use super::command::SandboxPermissions;
use super::pause::{PauseGuard, Pauses};
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

/// A decision that is waited for.
pub type Deciding<'a> = Pin<Box<dyn Future<Output = Decision> + Send + 'a>>;

/// Whether it may be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allow,
    /// It may not.
    Deny {
        /// Why, for whoever asked.
        reason: String,
    },
}

/// A command that wants to run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ApprovalRequest {
    /// Its call.
    pub call_id: String,
    /// The session that it will be.
    pub session_id: i32,
    /// Its argv, the shell first.
    pub command: Vec<String>,
    /// Where it would run.
    pub cwd: PathBuf,
    /// Whether on a terminal.
    pub tty: bool,
    /// Whether it asks for more than its sandbox.
    pub sandbox_permissions: SandboxPermissions,
    /// What a person is to be asked.
    pub justification: Option<String>,
    /// How a rule could begin that allows such commands from now on.
    pub prefix_rule: Option<Vec<String>>,
    pub(super) pauses: Pauses,
}

impl ApprovalRequest {
    /// Keeps the waits of all other calls from running out, while a person is asked.
    pub fn pause(&self) -> PauseGuard {
        self.pauses.hold()
    }
}

/// Input that wants to be written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct InputRequest {
    /// The call that started the session.
    pub call_id: String,
    /// Which session.
    pub session_id: i32,
    /// Its argv, the shell first.
    pub command: Vec<String>,
    /// Where it was started.
    pub cwd: PathBuf,
    /// What is to be written.
    pub chars: String,
    pub(super) pauses: Pauses,
}

impl InputRequest {
    /// As [`ApprovalRequest::pause`].
    pub fn pause(&self) -> PauseGuard {
        self.pauses.hold()
    }
}

/// Decides about commands and input.
///
/// While a person is asked, hold the guard of [`ApprovalRequest::pause`], so that no other call's wait
/// runs out meanwhile. A decision that is no longer wanted is dropped, and nothing is done. An approver
/// that holds a clone of its own manager keeps that from ever being dropped.
///
/// ```
/// use handfast::exec::{ApprovalRequest, Approver, Deciding, Decision};
///
/// struct Careful;
///
/// impl Approver for Careful {
///     fn command(&self, request: ApprovalRequest) -> Deciding<'_> {
///         Box::pin(async move {
///             match request.command.last() {
///                 Some(script) if script.contains("rm -rf") => Decision::Deny {
///                     reason: "nothing is removed here".into(),
///                 },
///                 _ => Decision::Allow,
///             }
///         })
///     }
/// }
/// ```
pub trait Approver: Send + Sync {
    /// Whether a command may run. Asked for every command.
    fn command(&self, request: ApprovalRequest) -> Deciding<'_>;

    /// Whether something may be written to a session. Asked for all input but an interrupt. By
    /// default it may.
    fn input(&self, request: InputRequest) -> Deciding<'_> {
        drop(request);
        Box::pin(std::future::ready(Decision::Allow))
    }
}

impl fmt::Debug for dyn Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Approver")
    }
}
