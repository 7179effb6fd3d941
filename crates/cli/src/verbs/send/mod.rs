//! `handfast send`: types to a program, presses keys, ends its input.

use super::talk::with_daemon;
use crate::app::Send;
use crate::explain::{Failure, NO};
use crate::link::{Link, patiently};
use crate::show::line::Sent as Line;
use crate::show::{safe, text};
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::{
    Bytes, CloseStdin, Info, Press, WireError, Write, WriteAnswer, WriteStatus,
};
use std::ffi::OsString;
use std::io::Read;
use std::process::ExitCode;

/// How much is written at once; well below what the daemon takes.
const PIECE: usize = 256 * 1024;

pub(crate) fn run(options: &Send) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let found = link.find("send to", &options.id).await?;
        let mut sending = Sending {
            link: &link,
            options,
            what: format!("send to `{}`", safe::word(&options.id)),
            found: &found,
            taken: 0,
        };
        let complete = sending.all().await?;
        let taken = sending.taken;
        if options.answers.json {
            out.json(&Line {
                id: found.process_id.clone(),
                taken,
                complete,
            })?;
        } else if !complete {
            let why = format!(
                "it has taken {} and reads no more",
                text::count(taken, "byte")
            );
            let what = format!("send all of it to `{}`", safe::word(&options.id));
            Failure::new("cli.not-read", what, &std::io::Error::other(why)).say();
        }
        Ok(if complete { 0 } else { NO })
    })
}

/// What is being sent.
struct Sending<'a> {
    link: &'a Link,
    options: &'a Send,
    what: String,
    found: &'a Info,
    taken: u64,
}

impl Sending<'_> {
    /// Everything in its order; false as soon as something is not taken.
    async fn all(&mut self) -> Result<bool, Failure> {
        let is_taken = match self.options.stdin {
            true => self.input().await?,
            false => self.bytes(&joined(&self.options.text)).await?,
        };
        if !is_taken {
            return Ok(false);
        }
        for keys in &self.options.key {
            if !self.press(keys).await? {
                return Ok(false);
            }
        }
        if self.options.enter && !self.enter().await? {
            return Ok(false);
        }
        if self.options.eof {
            let close = CloseStdin {
                process_id: self.found.handle.clone(),
            };
            self.link.ask(&self.what, &close).await?;
        }
        Ok(true)
    }

    /// All of standard input, piece by piece.
    async fn input(&mut self) -> Result<bool, Failure> {
        let failed = |error| Failure::new("cli.stdin", "read the standard input", &error);
        let mut piece = vec![0; PIECE];
        loop {
            // Nothing else waits on this thread.
            let read = std::io::stdin().read(&mut piece).map_err(failed)?;
            if read == 0 {
                return Ok(true);
            }
            if !self.bytes(piece.get(..read).unwrap_or_default()).await? {
                return Ok(false);
            }
        }
    }

    async fn bytes(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        for piece in bytes.chunks(PIECE) {
            let write = Write {
                process_id: self.found.handle.clone(),
                chunk: Bytes::from(piece),
                write_id: None,
                wait_ms: Some(text::milliseconds(self.options.within)),
            };
            let answer =
                patiently("the program to read", self.link.ask(&self.what, &write)).await?;
            if !self.is_taken(answer)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn press(&mut self, keys: &str) -> Result<bool, Failure> {
        let press = Press {
            process_id: self.found.handle.clone(),
            keys: keys.to_owned(),
            write_id: None,
            wait_ms: Some(text::milliseconds(self.options.within)),
        };
        let answer = self.link.ask(&self.what, &press).await?;
        self.is_taken(answer)
    }

    async fn enter(&mut self) -> Result<bool, Failure> {
        match self.found.tty {
            true => self.press("enter").await,
            false => self.bytes(b"\n").await,
        }
    }

    fn is_taken(&mut self, answer: WriteAnswer) -> Result<bool, Failure> {
        self.taken += answer.taken;
        let refused = |name: &str, message: &str| {
            let error = ClientError::Refused(WireError::invalid(name, message));
            Err(Failure::asked(self.what.clone(), &error))
        };
        match answer.status {
            WriteStatus::Accepted => Ok(true),
            WriteStatus::Partial => Ok(false),
            WriteStatus::StdinClosed => refused("session.no-input", "write: it reads no input"),
            WriteStatus::Starting => refused("process.starting", "write: it is being started"),
            WriteStatus::UnknownProcess => refused("process.unknown", "find it any more"),
        }
    }
}

fn joined(words: &[OsString]) -> Vec<u8> {
    let words: Vec<_> = words
        .iter()
        .map(|word| handfast_sys::text::bytes(word))
        .collect();
    words.join(&b' ')
}
