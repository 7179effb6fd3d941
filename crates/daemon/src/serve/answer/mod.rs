//! Answering requests: each method by its own function, after its scope was checked.

mod attach;
mod clean;
mod daemon;
mod ending;
mod events;
mod exec;
mod follow;
mod look;
mod start;
mod streams;
mod terminal;
mod tokens;
mod usage;
mod view;

pub(super) use view::AT_ONCE as VIEWS;

use super::book::{Found, ambiguous, unknown};
use super::session::Session;
use super::{Daemon, refuse};
use crate::tokens::TokenError;
use crate::wire::{Call, Nothing, RequestId, ScopeName, WAITS, WireError, error_line, result_line};
use handfast::ProcessHandle;
use serde::Serialize;
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::OwnedSemaphorePermit;

/// What is written, and what is followed after that.
pub(super) struct Reply {
    pub(super) line: Vec<u8>,
    /// Kept until it is written.
    pub(super) turn: Option<OwnedSemaphorePermit>,
    pub(super) then: Option<(ProcessHandle, u64)>,
}

/// Who asks, and whom.
#[derive(Clone, Copy)]
struct Asked<'a> {
    daemon: &'a Daemon,
    session: &'a Arc<Session>,
    turn: &'a Mutex<Option<OwnedSemaphorePermit>>,
}

impl Asked<'_> {
    /// Waits for a turn to make an answer that may be large, which is kept until that is written: a client
    /// that asks for many and reads none makes few.
    async fn large(self) {
        let turn = Arc::clone(&self.session.large).acquire_owned().await;
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn.ok();
    }

    /// A process that the caller may see.
    fn find(self, name: &str) -> Result<ProcessHandle, WireError> {
        match self.look_up(name) {
            Found::Held(handle) => Ok(handle),
            Found::Starting(_) => {
                let message = format!("use process {name}: it is being started");
                Err(WireError::invalid("process.starting", message))
            }
            Found::Nothing => Err(unknown(name)),
            Found::Several(handles) => Err(self.several(name, handles)),
        }
    }

    fn look_up(self, name: &str) -> Found {
        let (daemon, authority) = (self.daemon, &self.session.authority);
        let is_alive = |handle| {
            let status = daemon.manager().query_status(handle);
            status.is_ok_and(|status| !status.is_over())
        };
        let find = || daemon.book(|book| book.find(authority, name, is_alive));
        match (find(), name.parse()) {
            // Of a command, which the book has not heard of yet.
            (Found::Nothing, Ok(handle)) if daemon.adopt(self.session, handle) => find(),
            (found, _) => found,
        }
    }

    fn several(self, name: &str, handles: Vec<ProcessHandle>) -> WireError {
        let candidates = self.daemon.book(|book| {
            let found = handles.iter().filter_map(|handle| {
                let entry = book.entry(*handle)?;
                Some(json!({
                    "processId": entry.name, "handle": handle.to_string(), "owner": entry.owner.to_string(),
                }))
            });
            found.collect()
        });
        ambiguous(name, candidates)
    }

    /// How long a wait may take, and whether that is less than was asked for.
    fn granted(self, asked: Option<u64>) -> (Duration, bool) {
        let most = self.daemon.settings().wait;
        let asked = asked.map_or(most, Duration::from_millis);
        (asked.min(most), asked > most)
    }
}

/// Whether it ends something, and is answered when others are not any more.
pub(super) fn ends(call: &Call) -> bool {
    matches!(
        call,
        Call::Terminate(_)
            | Call::Stop(_)
            | Call::Signal(_)
            | Call::EndTurn(_)
            | Call::ExecStop(_)
            | Call::DaemonStop(_)
    )
}

/// Whether it only waits, so that it can be given up and nothing is lost by that.
pub(super) fn waits(call: &Call) -> bool {
    WAITS.contains(&call.method())
}

/// Whether its place among others of its kind matters.
pub(super) fn writes(call: &Call) -> bool {
    matches!(call, Call::Write(_) | Call::Press(_) | Call::CloseStdin(_))
}

/// What must be allowed for a request; nothing for what concerns nobody's processes.
fn scope(call: &Call) -> Option<ScopeName> {
    match call {
        Call::Initialize(_)
        | Call::DaemonStatus(_)
        | Call::CreateToken(_)
        | Call::ListTokens(_)
        | Call::RevokeToken(_)
        | Call::Cancel(_) => None,
        Call::Start(_) | Call::ExecProfile(_) | Call::ExecCommand(_) => Some(ScopeName::Start),
        Call::Write(_)
        | Call::Press(_)
        | Call::CloseStdin(_)
        | Call::Resize(_)
        | Call::ExecWrite(_)
        | Call::Attach(_)
        | Call::Release(_)
        | Call::Signal(_) => Some(ScopeName::Write),
        Call::Clean(_)
        | Call::Terminate(_)
        | Call::Stop(_)
        | Call::ExecStop(_)
        | Call::EndTurn(_)
        | Call::DaemonUpgrade(_)
        | Call::DaemonStop(_) => Some(ScopeName::Stop),
        Call::Read(_)
        | Call::ReceiptOf(_)
        | Call::List(_)
        | Call::ExecList(_)
        | Call::InfoOf(_)
        | Call::Wait(_)
        | Call::Screen(_)
        | Call::InputState(_)
        | Call::Subscribe(_)
        | Call::View(_)
        | Call::UsageOf(_)
        | Call::PortWho(_)
        | Call::EventsRead(_)
        | Call::EventsSubscribe(_)
        | Call::EventsUnsubscribe(_)
        | Call::OwnerList(_)
        | Call::Unsubscribe(_) => Some(ScopeName::Read),
        Call::Detach(_) | Call::Reattach(_) | Call::Transfer(_) => Some(ScopeName::Transfer),
        Call::Renew(_) => Some(ScopeName::Start),
    }
}

fn allowed(daemon: &Daemon, session: &Session, call: &Call) -> Result<(), WireError> {
    let (authority, now) = (&session.authority, SystemTime::now());
    let refused = |error: TokenError| refuse::token(&error);
    // It may have been taken back since the session began.
    if !daemon.is_good(session) {
        return Err(refused(TokenError::Unknown));
    }
    scope(call).map_or(Ok(()), |scope| authority.check(scope, now).map_err(refused))
}

/// Answers a request.
pub(super) async fn answer(
    daemon: &Daemon,
    session: &Arc<Session>,
    id: &RequestId,
    call: Call,
) -> Reply {
    if let Err(error) = allowed(daemon, session, &call) {
        return Reply {
            line: error_line(Some(id), &error),
            then: None,
            turn: None,
        };
    }
    let turn = Mutex::new(None);
    let asked = Asked {
        daemon,
        session,
        turn: &turn,
    };
    if let Call::Start(start) = call {
        let (started, then) = match start::start(asked, *start).await {
            Ok((started, then)) => (Ok(started), then),
            Err(error) => (Err(error), None),
        };
        let line = line(id, started);
        return Reply {
            line,
            then,
            turn: None,
        };
    }
    let only_looks = scope(&call) == Some(ScopeName::Read);
    let mut line = dispatch(asked, id, call).await;
    // It may have waited for long, and what it has seen is not to be told any more.
    if only_looks && !daemon.is_good(session) {
        line = error_line(Some(id), &refuse::token(&TokenError::Unknown));
    }
    let turn = turn.into_inner().unwrap_or_else(PoisonError::into_inner);
    Reply {
        line,
        then: None,
        turn,
    }
}

fn line<T: Serialize>(id: &RequestId, answer: Result<T, WireError>) -> Vec<u8> {
    match answer {
        Ok(answer) => result_line(id, &answer),
        Err(error) => error_line(Some(id), &error),
    }
}

async fn dispatch(asked: Asked<'_>, id: &RequestId, call: Call) -> Vec<u8> {
    match call {
        // The one is of the handshake, the others were answered before this.
        Call::Initialize(_) | Call::Start(_) | Call::Cancel(_) => {
            let message = "begin a session: there is one";
            line::<Nothing>(id, Err(WireError::invalid("wire.not-initialized", message)))
        }
        Call::Read(call) => line(id, streams::read(asked, &call).await),
        Call::View(call) => line(id, view::view(asked, *call).await),
        Call::UsageOf(call) => line(id, usage::usage(asked, &call).await),
        Call::PortWho(call) => line(id, usage::who(asked, &call).await),
        Call::Clean(call) => line(id, clean::clean(asked, &call)),
        Call::OwnerList(_) => line(id, Ok(clean::owners(asked))),
        Call::EventsRead(call) => line(id, Ok(events::read(asked, &call).await)),
        Call::EventsSubscribe(call) => line(id, Ok(events::subscribe(asked, &call))),
        Call::EventsUnsubscribe(_) => line(id, Ok(events::unsubscribe(asked))),
        Call::Write(call) => line(id, streams::write(asked, *call).await),
        Call::Press(call) => line(id, streams::press(asked, *call).await),
        Call::CloseStdin(call) => line(id, streams::close_stdin(asked, &call).await),
        Call::Signal(call) => line(id, ending::signal(asked, &call).await),
        Call::Terminate(call) => line(id, ending::terminate(asked, &call).await),
        Call::Stop(call) => line(id, ending::stop(asked, &call).await),
        Call::ReceiptOf(call) => line(id, ending::receipt(asked, &call)),
        Call::EndTurn(_) => line(id, ending::end_turn(asked).await),
        Call::ExecProfile(call) => line(id, exec::profile(asked, &call)),
        Call::ExecCommand(call) => line(id, exec::command(asked, *call).await),
        Call::ExecWrite(call) => line(id, exec::write(asked, *call).await),
        Call::ExecList(_) => line(id, exec::list(asked)),
        Call::ExecStop(call) => line(id, exec::stop(asked, &call).await),
        Call::List(call) => line(id, look::list(asked, &call).await),
        Call::InfoOf(call) => line(id, look::info(asked, &call).await),
        Call::Wait(call) => line(id, look::wait(asked, &call).await),
        Call::Resize(call) => line(id, terminal::resize(asked, &call)),
        Call::Screen(call) => line(id, terminal::screen(asked, &call)),
        Call::InputState(call) => line(id, terminal::input_state(asked, &call).await),
        Call::Attach(call) => line(id, attach::attach(asked, &call)),
        Call::Release(call) => line(id, attach::release(asked, &call)),
        Call::Subscribe(call) => line(id, follow::subscribe(asked, &call)),
        Call::Unsubscribe(call) => line(id, follow::unsubscribe(asked, &call)),
        Call::Detach(call) => line(id, follow::detach(asked, &call)),
        Call::Reattach(call) => line(id, follow::reattach(asked, &call)),
        Call::Transfer(call) => line(id, follow::transfer(asked, &call)),
        Call::Renew(call) => line(id, follow::renew(asked, &call)),
        Call::CreateToken(call) => line(id, tokens::create(asked, *call)),
        Call::ListTokens(_) => line(id, Ok(tokens::list(asked))),
        Call::RevokeToken(call) => line(id, tokens::revoke(asked, &call)),
        Call::DaemonStatus(_) => line(id, Ok(daemon::status(asked))),
        Call::DaemonUpgrade(call) => line(id, daemon::upgrade(asked, &call).await),
        Call::DaemonStop(call) => line(id, daemon::stop(asked, &call).await),
    }
}
