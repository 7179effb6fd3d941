//! `write_stdin`, and what it shares with a start: waiting on a session and saying how it stands.
//!
//! What must stay true: calls on one session come one after the other, in the order in which they were
//! made; a number that stood for a session answers with what became of it; output that was taken for a
//! call that is given up is given back.

use super::answer::{Asking, ExecResponse, Leader};
use super::approve::{Decision, InputRequest};
use super::clock::timeout;
use super::collect::{Gathered, Window};
use super::command::WriteStdin;
use super::error::ExecError;
use super::events::{ExecEvent, ExecInteraction};
use super::input::{INTERRUPT, REACTION, put, react};
use super::late::late;
use super::live::LATE_DENIAL;
use super::run::gather;
use super::session::{ExecSession, OUTPUT_BYTES, Phase};
use super::sessions::{Lying, Sessions, Standing};
use super::store::Found;
use super::untold::Untold;
use super::waits::{MAX_YIELD, Wait};
use crate::output::{HeadTail, Pattern};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;

/// How long a call that has seen the end waits for that to be told to those who listen.
const TOLD_WITHIN: Duration = Duration::from_millis(250);

/// Said with the last answer of one whose output had to make room.
const GIVEN_UP: &str = "what was kept of its output was given up to make room for another process of \
                        its owner; it is counted as omitted";

/// Writes to a session and waits for what it says.
pub(crate) async fn write_stdin(
    sessions: &Arc<Sessions>,
    write: WriteStdin,
) -> Result<ExecResponse, ExecError> {
    let wait = match write.is_poll() {
        true => Wait::of_poll(write.yield_time_ms, sessions.profile.max_poll),
        false => Wait::of_write(write.yield_time_ms),
    };
    let asking = Asking {
        wait,
        max_output_tokens: write.max_output_tokens,
        model: sessions.profile.model,
    };
    let id = write.session_id;
    let session = match sessions.find(id) {
        // Nobody can know its number yet.
        Found::Session(session) if matches!(session.phase(), Phase::Approving) => {
            return Err(sessions.unknown(id));
        }
        Found::Session(session) => session,
        Found::Grave(lying) => return late(sessions, (id, lying), asking, !write.is_poll()).await,
        Found::Nothing => return Err(sessions.unknown(id)),
    };
    let turn = match take_turn(sessions, &session, wait).await? {
        Turn::Taken(turn) => turn,
        Turn::Late(lying) => return late(sessions, (id, lying), asking, !write.is_poll()).await,
    };
    sessions.touch(id);
    let answer = interact(sessions, &session, (&write, asking)).await;
    drop(turn);
    told(&session, answer).await
}

/// Answers for a start that was asked for before.
pub(super) async fn join(
    sessions: &Arc<Sessions>,
    id: i32,
    asking: Asking,
    until: Option<Pattern>,
) -> Result<ExecResponse, ExecError> {
    let session = match sessions.find(id) {
        Found::Session(session) => session,
        Found::Grave(lying) => return late(sessions, (id, lying), asking, false).await,
        Found::Nothing => return Err(sessions.unknown(id)),
    };
    // The first call may still be asking somebody.
    let decided = |phase: &Phase| !matches!(phase, Phase::Approving);
    session.reach(decided).await;
    let turn = match take_turn(sessions, &session, asking.wait).await? {
        Turn::Taken(turn) => turn,
        Turn::Late(lying) => return late(sessions, (id, lying), asking, false).await,
    };
    sessions.touch(id);
    let mut window = Window::new(asking.wait.applied, &sessions.pauses);
    let gathered = gather(&session, &mut window, until).await;
    let answer = conclude(sessions, &session, (gathered, &window), asking).await;
    drop(turn);
    told(&session, answer).await
}

enum Turn {
    Taken(OwnedMutexGuard<()>),
    /// The session has ended meanwhile.
    Late(Lying),
}

/// Waits until nobody else is waiting on the session, and looks whether it is still there.
async fn take_turn(
    sessions: &Sessions,
    session: &Arc<ExecSession>,
    wait: Wait,
) -> Result<Turn, ExecError> {
    let session_id = session.id;
    // A write waits for a poll before it, which may take as long as a write may.
    let patience = wait.applied.max(MAX_YIELD);
    let turn = timeout(patience, Arc::clone(&session.turn).lock_owned()).await;
    let turn = turn.ok_or(ExecError::Busy { session_id })?;
    match sessions.find(session_id) {
        Found::Session(same) if Arc::ptr_eq(&same, session) => Ok(Turn::Taken(turn)),
        Found::Grave(lying) => Ok(Turn::Late(lying)),
        Found::Session(_) | Found::Nothing => Err(session
            .error()
            .unwrap_or_else(|| sessions.unknown(session_id))),
    }
}

/// Writes, waits and answers, while nobody else does.
async fn interact(
    sessions: &Arc<Sessions>,
    session: &Arc<ExecSession>,
    (write, asking): (&WriteStdin, Asking),
) -> Result<Untold, ExecError> {
    approve(sessions, session, write).await?;
    let mut window = Window::new(asking.wait.applied, &sessions.pauses);
    if put(session, write, &mut window).await? {
        react(session).await;
        // What the write took is in no wait, but it does not lengthen the call either.
        let hard = window.end + REACTION;
        window = Window::new(asking.wait.applied, &sessions.pauses);
        window.end = window.end.min(hard);
    }
    let gathered = gather(session, &mut window, write.until.clone()).await;
    let answer = conclude(sessions, session, (gathered, &window), asking).await?;
    if !write.chars.is_empty() || answer.answer.session_id.is_some() {
        interacted(session, &write.chars);
    }
    Ok(answer)
}

/// Tells what was written, or that somebody looked. Nothing comes behind the end: what was to be written
/// to one that has ended was not. The end is told in its turn, so it does not come in between.
pub(super) fn interacted(session: &ExecSession, stdin: &str) {
    if session.is_ended() {
        return;
    }
    session.tell(|| {
        ExecEvent::Interaction(Arc::new(ExecInteraction {
            call_id: session.about.call_id.clone(),
            session_id: session.id,
            stdin: stdin.to_owned(),
        }))
    });
}

/// Asks whether this may be written. An interrupt and nothing always may.
async fn approve(
    sessions: &Sessions,
    session: &Arc<ExecSession>,
    write: &WriteStdin,
) -> Result<(), ExecError> {
    let approver = sessions.profile.approver.as_ref();
    let Some(approver) = approver.filter(|_| !["", INTERRUPT].contains(&&*write.chars)) else {
        return Ok(());
    };
    let request = InputRequest {
        call_id: session.about.call_id.clone(),
        session_id: session.id,
        command: session.about.command.clone(),
        cwd: session.about.cwd.clone(),
        chars: write.chars.clone(),
        pauses: sessions.pauses.clone(),
    };
    if let Decision::Deny { reason } = approver.input(request).await {
        return Err(ExecError::StdinApproval { reason });
    }
    // It may be another one by now, or none.
    if sessions.is(session) || session.is_exited() {
        return Ok(());
    }
    Err(sessions.unknown(session.id))
}

/// What a call answers when it has waited.
pub(super) async fn conclude(
    sessions: &Arc<Sessions>,
    session: &Arc<ExecSession>,
    (mut gathered, window): (Option<Gathered>, &Window),
    asking: Asking,
) -> Result<Untold, ExecError> {
    let wall_time = window.begun.elapsed();
    late_denial(sessions, session).await;
    if let Some(error) = session.error() {
        fail(sessions, session);
        return Err(error);
    }
    let answer = ExecResponse::new(sessions.chunk_id(), &session.about.call_id, asking);
    let mut answer = answer.look_at(session).await;
    // From here to the end nothing is awaited: what is taken out of the guard goes into the next one.
    let standing = sessions.refresh(session);
    if standing == Standing::Gone && !session.is_exited() {
        return Err(sessions.unknown(session.id));
    }
    let mut bytes = gathered
        .as_mut()
        .map_or_else(|| HeadTail::new(OUTPUT_BYTES), Gathered::take);
    if standing == Standing::Alive {
        answer.session_id = Some(session.id);
        (answer.exit_code, answer.ended) = (None, None);
        sessions.store(session);
    } else {
        // What came at the very end.
        if let Some(captured) = session.captured() {
            bytes.push_buffer(&captured.drain().taken);
        }
        answer.ended = session.end();
        answer.exit_code = answer.ended.and_then(|end| end.exit_code);
        answer.state.leader = Leader::Exited;
        sessions.settle(session);
    }
    // It may have come up since it was looked at.
    answer.handle = session.handle();
    answer.wall_time = wall_time;
    answer.matched = gathered.is_some_and(|gathered| gathered.matched);
    answer.notices = session.take_notices();
    if session
        .captured()
        .is_some_and(|captured| captured.is_given_up())
    {
        answer.notices.push(GIVEN_UP.to_owned());
    }
    Ok(Untold::new(answer, (sessions, session), bytes))
}

/// Out of the list: the error is the answer. Where its own call is told, nobody else knows of it.
fn fail(sessions: &Sessions, session: &Arc<ExecSession>) {
    let never_ran = matches!(session.phase(), Phase::Failed(_));
    if never_ran && session.is_initial() {
        sessions.release(session);
    } else {
        sessions.bury(session);
    }
    sessions.settle(session);
}

/// Waits for a denial that comes late, where such are expected.
async fn late_denial(sessions: &Sessions, session: &ExecSession) {
    if sessions.profile.late_denials && session.is_exited() && session.error().is_none() {
        let mut asked = session.watch_asked();
        let denied = asked.wait_for(|asked| asked.failure.is_some());
        // Late or never: the time is what counts.
        let _ = timeout(LATE_DENIAL, denied).await.is_some();
    }
}

/// Lets those who listen learn of the end before the caller does, where it is near.
pub(super) async fn told(
    session: &ExecSession,
    answer: Result<Untold, ExecError>,
) -> Result<ExecResponse, ExecError> {
    let near = match &answer {
        Ok(Untold { answer, .. }) => answer.session_id.is_none() && !answer.state.output_open,
        Err(_) => session.error().is_some(),
    };
    if near && !session.is_ended() {
        // It is told in any case; only not before the caller.
        let _ = timeout(TOLD_WITHIN, session.ended()).await.is_some();
    }
    answer.map(Untold::told)
}
