//! `handfast attach`: the terminal of a process, on the one before the caller.
//!
//! In order: take the place at it, give it our size, draw what it shows, and then copy both ways
//! (`task.rs`) until a key, the end of the program, or somebody who takes the place. What must stay
//! true: the caller's modes are restored on every way out but SIGKILL; the daemon alone answers what the
//! program asks its terminal (`queries.rs`).

mod draw;
mod keys;
mod queries;
mod task;

pub use keys::DetachKey;

use super::talk::{code_of, with_daemon};
use crate::app::Attach;
use crate::explain::{Failure, NO};
use crate::link::Link;
use crate::settings;
use crate::show::line::{Attached, Ended};
use crate::show::{Out, safe, state};
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::{Attach as Ask, Info, InfoOf, WireError};
use handfast_sys::seat;
use std::io::{IsTerminal, stdin};
use std::process::ExitCode;
use task::{Left, Seat};

pub(crate) fn run(options: &Attach) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let key = link
            .settings
            .value(&settings::DETACH_KEY, options.detach_key)?;
        sit(link, &mut out, (options, key)).await
    })
}

/// Attaches until something ends it.
pub(in crate::verbs) async fn sit(
    link: Link,
    out: &mut Out,
    (options, key): (&Attach, DetachKey),
) -> Result<u8, Failure> {
    let found = link.find("attach to", &options.id).await?;
    let shown = safe::word(found.name.as_ref().unwrap_or(&found.process_id));
    if !found.tty {
        let message = format!("attach to process {shown}: it has no terminal");
        let error = ClientError::Refused(WireError::invalid("session.not-a-terminal", message));
        return Err(Failure::asked(format!("attach to `{shown}`"), &error));
    }
    let failed = |error| Failure::new("cli.no-terminal", format!("attach to `{shown}`"), &error);
    if !stdin().is_terminal() {
        return Err(failed(std::io::Error::other(
            "the standard input is no terminal",
        )));
    }
    if !options.read_only {
        take_place(&link, &found, (&shown, options.take_over)).await?;
    }
    let terminal = seat::Seat::at_standard_input().map_err(failed)?;
    let seat = Seat {
        link,
        handle: found.handle.clone(),
        what: format!("attach to `{shown}`"),
        read_only: options.read_only,
        key,
        terminal,
    };
    let (link, left) = task::run(seat).await?;
    told(&link, out, (options, &found, &shown), left).await
}

async fn take_place(
    link: &Link,
    found: &Info,
    (shown, take_over): (&str, bool),
) -> Result<(), Failure> {
    let ask = Ask {
        process_id: found.handle.clone(),
        take_over,
    };
    link.ask(&format!("attach to `{shown}`"), &ask).await?;
    Ok(())
}

/// Says how it came to an end; the code is the program's if it was that.
async fn told(
    link: &Link,
    out: &mut Out,
    (options, found, shown): (&Attach, &Info, &str),
    left: Left,
) -> Result<u8, Failure> {
    let what = format!("look at `{shown}`");
    let asked = InfoOf {
        process_id: found.handle.clone(),
        members: false,
    };
    let (word, said, code) = match left {
        Left::Detached => (
            "detached",
            format!("detached from {shown}, which goes on"),
            0,
        ),
        Left::Taken => (
            "taken",
            format!("another client has taken the place at {shown}"),
            NO,
        ),
        Left::Closed => {
            let status = link.ask(&what, &asked).await?.status;
            let why = format!("{shown}: {}{}", status.state, state::why(&status));
            ("over", why, code_of(&status))
        }
    };
    if options.answers.json {
        out.json(&Attached {
            id: found.process_id.clone(),
            left: word.to_owned(),
            now: Ended::from(&link.ask(&what, &asked).await?.status),
        })?;
    } else {
        out.line(&said)?;
    }
    Ok(code)
}
