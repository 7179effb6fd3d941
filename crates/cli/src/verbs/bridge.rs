//! `handfast bridge`: the daemon's wire on the standard streams, as for `ssh HOST handfast bridge`.
//!
//! Bytes are copied both ways and not looked at, but for the first line where the token of the user is to
//! be put in. What must stay true: nothing of this process reaches the daemon or a process; it ends with
//! either side.

use super::daemon::{launch, runtime};
use crate::app::Bridge;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::{LaunchError, reach, user_token};
use handfast_daemon::wire::FIRST_FRAME;
use handfast_sys::connection::{Connection, Incoming, Outgoing, split};
use handfast_sys::host;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;

/// How much is copied at once.
const PIECE: usize = 64 * 1024;

pub(crate) fn run(options: &Bridge) -> ExitCode {
    bridge(options).unwrap_or_else(|failure| {
        failure.say();
        ExitCode::from(failure.status())
    })
}

fn bridge(options: &Bridge) -> Result<ExitCode, Failure> {
    let failed = |error: io::Error| Failure::new("cli.descriptors", "get ready", &error);
    // Nothing that the caller left open gets into a daemon that is started.
    host::lock_down().map_err(failed)?;
    let place = Place::ours();
    runtime()?.block_on(async {
        let stream = reach(&place, &launch()?).await;
        let stream = stream.map_err(|error| Failure::daemon(&error))?;
        let token = options.as_user.then(|| user_token(&place)).transpose();
        let token = token.map_err(|error| Failure::daemon(&LaunchError::Connect(error)))?;
        copy(stream, token.map(|token| token.0)).await
    })
}

/// Copies both ways until either side has ended.
async fn copy(stream: Connection, token: Option<String>) -> Result<ExitCode, Failure> {
    let failed = |error: io::Error| Failure::new("cli.descriptors", "get ready", &error);
    let (from, to) = split(stream).map_err(failed)?;
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&has_ended);
    let runtime = Handle::current();
    let copy = move || {
        let mut to = to;
        // What goes wrong with the input is its end; what goes wrong with the daemon is told by the other way.
        let is_over = outgoing((&runtime, &mut to), token).unwrap_or(true);
        ended.store(is_over, Ordering::Release);
        let _ = runtime.block_on(to.shutdown());
    };
    // It may wait for input that never comes, so nobody waits for it.
    let spawned = std::thread::Builder::new().spawn(copy);
    spawned.map_err(failed)?;
    match incoming(from).await {
        // Nobody reads any more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        _ if has_ended.load(Ordering::Acquire) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Failure::new("client.closed", "go on", &error)),
        Ok(()) => {
            let closed = io::Error::other("the daemon has closed the connection");
            Err(Failure::new("client.closed", "go on", &closed))
        }
    }
}

async fn incoming(mut from: Incoming) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut piece = vec![0; PIECE];
    loop {
        match from.read(&mut piece).await {
            Ok(0) => return Ok(()),
            Ok(read) => {
                out.write_all(piece.get(..read).unwrap_or_default())?;
                out.flush()?;
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Answers whether the input is over; else it is the daemon who takes nothing any more.
fn outgoing((runtime, to): (&Handle, &mut Outgoing), token: Option<String>) -> io::Result<bool> {
    let mut from = BufReader::with_capacity(PIECE, io::stdin().lock());
    if let Some(token) = token {
        let mut first = Vec::new();
        let most = FIRST_FRAME as u64 + 1;
        (&mut from).take(most).read_until(b'\n', &mut first)?;
        if runtime
            .block_on(to.write_all(&with_token(first, token)))
            .is_err()
        {
            return Ok(false);
        }
    }
    loop {
        let piece = from.fill_buf()?;
        if piece.is_empty() {
            return Ok(true);
        }
        if runtime.block_on(to.write_all(piece)).is_err() {
            return Ok(false);
        }
        let taken = piece.len();
        from.consume(taken);
    }
}

/// Puts a token into a first line that has none; anything else stays as it is.
fn with_token(line: Vec<u8>, token: String) -> Vec<u8> {
    let put = || {
        let mut hello: Value = serde_json::from_slice(&line).ok()?;
        if hello.get("method")? != "initialize" {
            return None;
        }
        let params = hello.get_mut("params")?.as_object_mut()?;
        if params.contains_key("token") || params.contains_key("resumeSessionId") {
            return None;
        }
        params.insert("token".to_owned(), Value::String(token));
        let mut line = serde_json::to_vec(&hello).ok()?;
        line.push(b'\n');
        Some(line)
    };
    put().unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_put_where_there_is_none() {
        let put = |line: &str| {
            let line = with_token(line.as_bytes().to_vec(), "t".into());
            String::from_utf8(line).unwrap()
        };
        let hello = r#"{"id":1,"method":"initialize","params":{"clientName":"x"}}"#;
        let with: Value = serde_json::from_str(&put(hello)).unwrap();
        assert_eq!(with["params"]["token"], "t");
        assert_eq!(with["params"]["clientName"], "x");
        for other in [
            r#"{"id":1,"method":"initialize","params":{"token":"mine"}}"#,
            r#"{"id":1,"method":"initialize","params":{"resumeSessionId":"s"}}"#,
            r#"{"id":1,"method":"daemon/status","params":{}}"#,
            r#"{"id":1,"method":"initialize"}"#,
            "no json",
            "",
        ] {
            assert_eq!(put(other), other);
        }
    }
}
