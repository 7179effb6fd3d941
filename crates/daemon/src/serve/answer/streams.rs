//! Reading output by its numbers, and writing input.

use super::super::book::Found;
use super::super::refuse;
use super::Asked;
use crate::wire::{
    CloseStdin, Nothing, Press, Read, ReadAnswer, WireError, Write, WriteAnswer, WriteStatus,
};
use handfast::ProcessHandle;
use handfast::session::{SessionError, WriteOptions, Written};
use std::sync::Arc;

pub(super) async fn read(asked: Asked<'_>, read: &Read) -> Result<ReadAnswer, WireError> {
    let handle = asked.find(&read.process_id)?;
    let feed = asked
        .daemon
        .book(|book| book.entry(handle).map(|entry| Arc::clone(&entry.feed)));
    let feed = feed.ok_or_else(|| super::unknown(&read.process_id))?;
    let (within, _) = asked.granted(Some(read.wait_ms));
    if !within.is_zero() {
        feed.news(read.after_seq, within).await;
        // It may have been given to somebody else meanwhile.
        asked.find(&handle.to_string())?;
    }
    asked.large().await;
    Ok(feed.read(read.after_seq, read.max_bytes))
}

/// How a write was asked to be done.
fn options(asked: Asked<'_>, id: Option<String>, wait_ms: Option<u64>) -> WriteOptions {
    let mut options = WriteOptions::default();
    if wait_ms.is_some() {
        options = options.deadline(asked.granted(wait_ms).0);
    }
    options.write_id = id;
    options
}

pub(super) async fn write(asked: Asked<'_>, write: Write) -> Result<WriteAnswer, WireError> {
    let handle = match asked.look_up(&write.process_id) {
        Found::Held(handle) => handle,
        Found::Starting(_) => return Ok(nothing(WriteStatus::Starting)),
        Found::Several(handles) => return Err(asked.several(&write.process_id, handles)),
        Found::Nothing => return Ok(nothing(WriteStatus::UnknownProcess)),
    };
    let options = options(asked, write.write_id, write.wait_ms);
    let manager = asked.daemon.manager();
    told(manager.write(handle, write.chunk.0, options).await)
}

pub(super) async fn press(asked: Asked<'_>, press: Press) -> Result<WriteAnswer, WireError> {
    let handle = asked.find(&press.process_id)?;
    let options = options(asked, press.write_id, press.wait_ms);
    let manager = asked.daemon.manager();
    told(manager.press(handle, &press.keys, options).await)
}

fn nothing(status: WriteStatus) -> WriteAnswer {
    WriteAnswer {
        status,
        taken: 0,
        repeated: false,
    }
}

fn told(written: Result<Written, SessionError>) -> Result<WriteAnswer, WireError> {
    match written {
        Ok(written) => Ok(WriteAnswer {
            status: if written.is_complete() {
                WriteStatus::Accepted
            } else {
                WriteStatus::Partial
            },
            taken: written.taken as u64,
            repeated: written.repeated,
        }),
        Err(
            SessionError::NoInput { .. } | SessionError::Over { .. } | SessionError::Closed { .. },
        ) => Ok(nothing(WriteStatus::StdinClosed)),
        Err(error) => Err(refuse::session(&error)),
    }
}

pub(super) async fn close_stdin(
    asked: Asked<'_>,
    close: &CloseStdin,
) -> Result<Nothing, WireError> {
    let handle: ProcessHandle = asked.find(&close.process_id)?;
    let closed = asked.daemon.manager().close_stdin(handle).await;
    closed.map_err(|error| refuse::session(&error))?;
    Ok(Nothing {})
}
