//! The commands of sessions: for each session that gives any, an owner of the library.
//!
//! Their processes are the library's own doing, so the book takes them in when it hears of them, and at
//! the latest when somebody asks. What must stay true: the owner ends with its session, after what
//! was not bound to the session any more was handed to the host, which is who has all other processes.

use super::book::{Arrival, CROWDED};
use super::keep::SESSION;
use super::session::Session;
use super::{Daemon, feed::Feed, refuse};
use crate::wire::WireError;
use handfast::config::Lifetime;
use handfast::exec::{ExecProfile, MAX_SESSIONS};
use handfast::owner::{Limits, Owner, OwnerId, OwnerSpec};
use handfast::{ProcessHandle, ProcessStatus};

/// What each command may keep: its output, and what is kept of it for calls that have not come yet.
const OUTPUT_BYTES: u64 = 2 * 1024 * 1024;

/// What those that have ended may keep besides, before the first of them has to give its output up.
const ENDED_BYTES: u64 = 64 * 1024 * 1024;

/// As many processes as there may be commands that run, with the output of as many.
fn limits() -> Limits {
    let most = MAX_SESSIONS as u64;
    Limits::agent()
        .processes(most)
        .output_bytes(most * OUTPUT_BYTES + ENDED_BYTES)
}

impl Daemon {
    /// To whom the commands of a session belong, and whether that was made now.
    pub(super) fn commands_of(
        &self,
        session: &Session,
        profile: impl FnOnce() -> Result<ExecProfile, WireError>,
    ) -> Result<(Owner, bool), WireError> {
        session.commands_or(|| {
            let name = format!("{SESSION}{}", session.number);
            let id = OwnerId::new(name).map_err(|error| refuse::owner_name(&error))?;
            let spec = OwnerSpec::new(id).limits(limits());
            let added = self.manager().add_owner_with(spec, profile()?);
            added.map_err(|error| refuse::owner(&error))
        })
    }

    /// Takes a process of a session's commands into the book; answers whether it was not there.
    pub(super) fn adopt(&self, session: &Session, handle: ProcessHandle) -> bool {
        let Some(owner) = session.commands() else {
            return false;
        };
        let Ok(info) = owner.info(handle) else {
            return false;
        };
        // A lease is a life line of its own, and who lives for the user needs none.
        let ends_with_session =
            matches!(info.config.lifetime(), Lifetime::Session | Lifetime::Turn);
        let bound = ends_with_session.then_some(session.number);
        let arrival = || Arrival {
            bound,
            feed: Feed::of(self.manager(), handle, self.log_of(handle)),
            label: info.config.name().map(str::to_owned),
        };
        let owner = session.authority.owner.clone();
        let (is_new, gone) = self.book(|book| {
            let mut gone = Vec::new();
            // A daemon may start commands and nothing else, for as long as it lives.
            if book.entry(handle).is_none() && book.len() >= CROWDED {
                gone = book.forget(|handle| self.manager().query_status(handle).is_ok());
            }
            (book.adopt(handle, owner, arrival), gone)
        });
        gone.into_iter()
            .for_each(|handle| self.keep_nothing(handle));
        if is_new {
            self.keep_begun(handle);
            self.tell_entered(handle);
        }
        is_new
    }

    /// The same for all of a session's.
    pub(super) fn adopt_all(&self, session: &Session) {
        let listed = session.commands().and_then(|owner| owner.list().ok());
        for listed in listed.unwrap_or_default() {
            self.adopt(session, listed.info.handle);
        }
    }

    /// The same for one that something was heard of and that is in no book yet.
    pub(super) fn adopt_unknown(&self, handle: ProcessHandle) -> bool {
        let owner = self.manager().info(handle).map(|info| info.owner);
        let number = owner.ok().and_then(|owner| {
            let number = owner.as_str().strip_prefix(SESSION)?;
            number.parse().ok()
        });
        let session = number.and_then(|number: u64| self.sessions(|all| all.get(&number).cloned()));
        session.is_some_and(|session| self.adopt(&session, handle))
    }

    /// A process goes to the owner of another session's commands, or to the host where there is none;
    /// answers the number by which that goes on with it. One that is no command stays the host's.
    pub(super) fn hand_command_over(
        &self,
        handle: ProcessHandle,
        to: Option<&Session>,
    ) -> Result<Option<i32>, WireError> {
        let info = self.manager().info(handle).map_err(refuse::lookup)?;
        if info.owner == OwnerId::host() {
            return Ok(None);
        }
        let to = to.and_then(Session::commands);
        let to = to.map_or_else(OwnerId::host, |owner| owner.id().clone());
        let handed = self.manager().transfer(handle, &to);
        let handed = handed.map_err(|error| refuse::owner(&error))?;
        let is_known = to != OwnerId::host();
        Ok(handed.session_id.filter(|_| is_known))
    }

    /// Gives what commands another daemon has left to the host, and ends their owners: no session of this one goes
    /// on with their numbers.
    pub(super) async fn end_left_commands(&self) {
        let host = OwnerId::host();
        let owners = self.manager().owners().into_iter().map(|info| info.id);
        let left = owners.filter(|id| id.as_str().starts_with(SESSION));
        for id in left.collect::<Vec<_>>() {
            let listed = self.manager().owner(&id).and_then(|owner| owner.list());
            for listed in listed.unwrap_or_default() {
                if lives(&listed.info.status) {
                    // Of one that has just ended nothing is left to hand over.
                    let _ = self.manager().transfer(listed.info.handle, &host);
                }
            }
            let _ = self.manager().end_owner(&id).await;
        }
    }

    /// Ends the owner of a session's commands, after the session. What was bound to the session is
    /// over by now; what was not goes to the host, and lives.
    pub(super) async fn end_commands(&self, session: &Session) {
        let Some(owner) = session.commands() else {
            return;
        };
        for listed in owner.list().unwrap_or_default() {
            let handle = listed.info.handle;
            let bound = self.book(|book| book.entry(handle).map(|entry| entry.bound));
            let goes_on = bound.is_some_and(|bound| bound != Some(session.number));
            if goes_on && lives(&listed.info.status) {
                // Of one that has just ended nothing is left to hand over.
                let _ = self.manager().transfer(handle, &OwnerId::host());
            }
        }
        // Somebody else may have ended it.
        let _ = owner.end().await;
    }
}

fn lives(status: &ProcessStatus) -> bool {
    !status.is_over()
}
