//! The way to the daemon that goes on for another one.
//!
//! What must stay true: what was not answered is asked again, in its order, and nothing else is: a daemon that
//! hands over has answered whatever it has begun, but for what only waits.

use super::task::{Begun, Reader};
use super::{ClientError, Shared, Told, sort};
use crate::connect::connect;
use crate::place::Place;
use crate::wire::{
    HandshakeOver, Incoming, Initialize, Initialized, Method, Note, RequestId, Secret,
    notification_line, read, request_line,
};
use handfast_sys::connection::split;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// How long the next daemon may take until it answers, all attempts together.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before another attempt.
const AGAIN: Duration = Duration::from_millis(20);

/// How a session is resumed.
#[derive(Debug)]
pub(super) struct Way {
    place: Place,
    hello: Initialize,
}

/// Why an attempt has failed.
enum Failed {
    /// Nobody is there, or is so for long enough.
    Gone,
    /// The session is over.
    Over,
}

impl Way {
    pub(super) fn new(place: &Place, hello: &Initialize) -> Way {
        let hello = Initialize {
            token: None,
            ..hello.clone()
        };
        let place = place.clone();
        Way { place, hello }
    }

    /// Resumes a session; `None` where it is over.
    pub(super) async fn resume(
        &self,
        secret: &Secret,
        shared: (&Shared, &mpsc::Sender<Told>),
    ) -> Option<Begun> {
        let end = Instant::now() + PATIENCE;
        loop {
            let attempt = tokio::time::timeout_at(end, self.attempt(secret, shared));
            match attempt.await {
                Ok(Ok(begun)) => return Some(begun),
                Ok(Err(Failed::Gone)) => sleep(AGAIN).await,
                Ok(Err(Failed::Over)) | Err(_) => return None,
            }
        }
    }

    async fn attempt(
        &self,
        secret: &Secret,
        (shared, told): (&Shared, &mpsc::Sender<Told>),
    ) -> Result<Begun, Failed> {
        let (stream, _) = connect(&self.place).map_err(|_| Failed::Gone)?;
        let (from, mut to) = split(stream).map_err(|_| Failed::Gone)?;
        let mut reader = Reader::new(from);
        let hello = Initialize {
            resume_session_id: Some(secret.clone()),
            ..self.hello.clone()
        };
        let id = RequestId::Text("resume".to_owned());
        let line = request_line(&id, Initialize::NAME, &hello);
        to.write_all(&line).await.map_err(|_| Failed::Gone)?;
        loop {
            let frame = reader.next().await.ok_or(Failed::Gone)?;
            match welcome(&frame, &id) {
                None => sort(&frame, shared, told),
                Some(Ok(_)) => break,
                // Its connection with the last one may not have ended yet.
                Some(Err(error)) if error.code() == "session.attached" => return Err(Failed::Gone),
                Some(Err(_)) => return Err(Failed::Over),
            }
        }
        let over = notification_line(HandshakeOver::NAME, &HandshakeOver {});
        to.write_all(&over).await.map_err(|_| Failed::Gone)?;
        Ok((reader, to, unanswered(shared)))
    }
}

/// What is answered to the handshake; `None` for something else.
fn welcome(frame: &[u8], wanted: &RequestId) -> Option<Result<Initialized, ClientError>> {
    match read(frame) {
        Ok(Incoming::Answer { id, outcome }) if id.as_ref() == Some(wanted) => {
            let outcome = outcome.map_err(ClientError::Refused);
            Some(outcome.and_then(|answer| {
                serde_json::from_str(answer.get()).map_err(|error| ClientError::Odd {
                    reason: error.to_string(),
                })
            }))
        }
        _ => None,
    }
}

/// What was written and not answered, in its order.
fn unanswered(shared: &Shared) -> Vec<Arc<Vec<u8>>> {
    shared.waiting(|waiting| {
        let asked = waiting.iter().flatten().filter(|(_, one)| one.written);
        let mut asked: Vec<_> = asked.collect();
        asked.sort_by_key(|(id, _)| match id {
            RequestId::Number(number) => *number,
            RequestId::Text(_) => i64::MIN,
        });
        let lines = asked.into_iter().map(|(_, one)| Arc::clone(&one.line));
        lines.collect()
    })
}
