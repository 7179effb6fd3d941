//! Wants to be the daemon of a folder, when it is told to.
//!
//! `sitter FOLDER [stranger]` says `waiting`, reads a line, claims the seat and says `ours PID` or `taken PID`, where
//! the pid is of whoever answers at the socket. Whoever connects is told our pid. It leaves in order at
//! the line `leave`, and at once at the end of its input. A `stranger` answers every line with the error of
//! a daemon of another version.

#![forbid(unsafe_code)]

use handfast_daemon::Place;
use handfast_daemon::connect::connect;
use handfast_daemon::listen::{Claimed, Seat, claim};
use handfast_daemon::tokens::Token;
use handfast_sys::connection::{Accepted, Listener};
use std::error::Error;
use std::io::{BufRead, Read, Write, stdin, stdout};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("no folder")?;
    let place = Place::at(folder);
    say("waiting")?;
    let mut words = stdin().lock().lines();
    words.next().transpose()?;
    match claim(&place)? {
        Claimed::Taken => say(&format!("taken {}", whoever_answers(&place)?))?,
        Claimed::Ours(seat) => {
            if std::env::args_os().nth(2).is_some() {
                seat.leave_token(&Token::draw().map_err(|error| error.to_string())?)?;
                refuse(&seat)?;
            } else {
                answer(&seat)?;
            }
            say(&format!("ours {}", std::process::id()))?;
            if words.next().transpose()?.as_deref() == Some("leave") {
                seat.leave(|| ());
            }
        }
    }
    Ok(())
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(stdout(), "{line}")?;
    stdout().flush()
}

/// Takes whoever connects, one after the other.
fn take<F: AsyncFn(Accepted) + Send + 'static>(seat: &Seat, serve: F) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let inside = runtime.enter();
    let mut listener = Listener::new(seat.socket())?;
    drop(inside);
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Ok(accepted) = listener.accept().await {
                serve(accepted).await;
            }
        });
    });
    Ok(())
}

/// Tells everybody who connects who we are.
fn answer(seat: &Seat) -> std::io::Result<()> {
    take(seat, async |mut accepted| {
        let pid = std::process::id().to_string();
        // Who has gone again need not be told.
        let _ = accepted.outgoing.write_all(pid.as_bytes()).await;
    })
}

/// Refuses everybody.
fn refuse(seat: &Seat) -> std::io::Result<()> {
    let refusal = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"agree on a version","data":{"code":"wire.version"}}}"#;
    take(seat, async move |mut accepted| {
        let mut lines = BufReader::new(accepted.incoming).lines();
        while let Ok(Some(_)) = lines.next_line().await {
            // Who has gone again need not be told.
            let line = format!("{refusal}\n");
            let _ = accepted.outgoing.write_all(line.as_bytes()).await;
        }
    })
}

fn whoever_answers(place: &Place) -> Result<String, Box<dyn Error>> {
    let (mut stream, peer) = connect(place)?;
    let mut pid = String::new();
    stream.read_to_string(&mut pid)?;
    if pid != peer.pid.to_string() {
        return Err(format!("{pid} answers and {} listens", peer.pid).into());
    }
    Ok(pid)
}
