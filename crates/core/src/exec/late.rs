//! Answers for sessions that are over: what is kept of them instead of "unknown".
//!
//! What must stay true: whoever asks late is told how it ended, when, and what it said last, and that
//! nothing was written.

use super::answer::{Asking, ExecResponse, Leader};
use super::collect::Window;
use super::error::ExecError;
use super::session::SessionEnd;
use super::sessions::{Lying, Sessions};
use super::store::{Found, Grave};
use super::tombstone::Tombstone;
use std::sync::Arc;
use std::time::SystemTime;

/// Answers for one that is in no list any more; `input` is whether something was to be written.
pub(super) async fn late(
    sessions: &Arc<Sessions>,
    (id, lying): (i32, Lying),
    asking: Asking,
    input: bool,
) -> Result<ExecResponse, ExecError> {
    let mut window = Window::new(asking.wait.applied, &sessions.pauses);
    let stone = match lying {
        Grave::Settled(stone) => sessions.now_of(id, stone),
        Grave::Fresh(session) => {
            // It was told to end, and its end is near.
            window.bound(session.ended()).await;
            match sessions.find(id) {
                Found::Grave(Grave::Settled(stone)) => stone,
                _ => Arc::new(Tombstone::so_far(&session)),
            }
        }
    };
    if let Some(error) = &stone.error {
        return Err(error.clone());
    }
    let answer = ExecResponse::new(sessions.chunk_id(), &stone.about.call_id, asking);
    let mut answer = answer.with_output(&stone.output);
    let sentence = sentence(id, &stone, input);
    answer.text = format!("{sentence}\n{}", answer.text);
    answer.wall_time = window.begun.elapsed();
    answer.handle = stone.handle;
    answer.ended = stone.end;
    answer.exit_code = stone.end.and_then(|end| end.exit_code);
    answer.state.leader = match stone.end {
        Some(_) => Leader::Exited,
        None => Leader::Running,
    };
    answer.state.output_open = false;
    answer.late = true;
    answer.notices.push(sentence);
    Ok(answer)
}

fn sentence(id: i32, stone: &Tombstone, input: bool) -> String {
    let how = match stone.end {
        Some(end) => format!("Session {id} has ended{}: {}.", ago(&end), end.cause),
        None => format!("Session {id} was told to end and has not ended yet."),
    };
    let written = if input { " Nothing was written." } else { "" };
    let output = match (stone.output.is_empty(), stone.unread) {
        (true, _) => " It left no output.",
        (false, true) => " Its output that was not read before:",
        (false, false) => " The beginning and the end of its output, which was read before:",
    };
    format!("{how}{written}{output}")
}

fn ago(end: &SessionEnd) -> String {
    let since = end
        .at
        .and_then(|at| SystemTime::now().duration_since(at).ok());
    since.map_or_else(String::new, |since| format!(" {} s ago", since.as_secs()))
}
