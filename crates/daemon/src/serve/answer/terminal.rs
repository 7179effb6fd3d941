//! The terminal of a process.

use super::super::{describe, refuse, wanted};
use super::Asked;
use crate::wire::{
    Bytes, InputStateAnswer, InputStateOf, Nothing, Resize, Screen, ScreenAnswer, Size, WireError,
};
use handfast::session::{InputState, SessionError};

fn refused(error: SessionError) -> WireError {
    refuse::session(&error)
}

pub(super) fn resize(asked: Asked<'_>, resize: &Resize) -> Result<Nothing, WireError> {
    let handle = asked.find(&resize.process_id)?;
    let size = wanted::size(resize.size);
    let resized = asked.daemon.manager().resize(handle, size);
    resized.map_err(refused)?;
    Ok(Nothing {})
}

pub(super) fn screen(asked: Asked<'_>, screen: &Screen) -> Result<ScreenAnswer, WireError> {
    let handle = asked.find(&screen.process_id)?;
    let manager = asked.daemon.manager();
    let view = manager.screen(handle).map_err(refused)?;
    let redraw = screen.redraw.then(|| manager.redraw(handle)).transpose();
    Ok(ScreenAnswer {
        text: view.text,
        row: view.cursor.row,
        column: view.cursor.column,
        cursor_visible: view.cursor.visible,
        size: Size {
            rows: view.size.rows,
            columns: view.size.columns,
        },
        alternate: view.alternate,
        title: view.title,
        offset: view.offset,
        omitted: view.omitted,
        redraw: redraw.map_err(refused)?.map(Bytes),
    })
}

pub(super) async fn input_state(
    asked: Asked<'_>,
    of: &InputStateOf,
) -> Result<InputStateAnswer, WireError> {
    let handle = asked.find(&of.process_id)?;
    let manager = asked.daemon.manager().clone();
    // It reads `/proc`, which takes some milliseconds.
    let looked = tokio::task::spawn_blocking(move || manager.input_state(handle)).await;
    let state = looked.map_or(Ok(InputState::Hidden), |state| state.map_err(refused))?;
    let mut answer = InputStateAnswer {
        state: state.word().to_owned(),
        pid: None,
        since_ms: None,
    };
    if let InputState::Waiting { pid, since, .. } = state {
        answer.pid = Some(pid);
        answer.since_ms = Some(describe::at_ms(since));
    }
    Ok(answer)
}
