//! `handfast logs`: what processes have written, and what they write.
//!
//! Bytes go through as they came where nothing is asked of lines; else lines are put together for each
//! stream of each process (`lines.rs`). What must stay true: what is not kept is counted and said; one
//! process that floods does not keep others from being shown.

mod lines;
mod read;
mod sink;

use super::talk::with_daemon;
use crate::app::Logs;
use crate::explain::Failure;
use crate::link::Link;
use read::{Piece, Reader};
use sink::Sink;
use std::process::ExitCode;
use tokio::sync::mpsc;

/// How many pieces of all processes together wait to be shown.
const PIECES: usize = 64;

pub(crate) fn run(options: &Logs) -> ExitCode {
    with_daemon(&options.answers, async |link, out| {
        let mut found = Vec::new();
        for id in &options.ids {
            found.push(link.find("find", id).await?);
        }
        let mut sink = Sink::new(options, &found, out)?;
        let readers = found.iter().enumerate();
        let readers = readers.map(|(which, info)| Reader::new(&link, which, info));
        let readers: Vec<Reader> = readers.collect();
        if options.follow {
            follow(readers, &mut sink).await?;
        } else {
            for mut reader in readers {
                kept(&mut reader, &mut sink).await?;
            }
        }
        Ok(0)
    })
}

/// Shows what is kept now.
async fn kept(reader: &mut Reader, sink: &mut Sink) -> Result<(), Failure> {
    while let Some(piece) = reader.kept().await? {
        if sink.take(piece)?.is_enough() {
            break;
        }
    }
    // What has no end of line may be the last line that is wanted.
    sink.over(reader.which)?;
    sink.caught_up(reader.which)
}

/// Shows what is kept, then what comes, of all of them at once.
async fn follow(readers: Vec<Reader>, sink: &mut Sink) -> Result<(), Failure> {
    let (pieces, mut queue) = mpsc::channel(PIECES);
    for reader in readers {
        tokio::spawn(reader.follow(pieces.clone()));
    }
    drop(pieces);
    while let Some(piece) = queue.recv().await {
        match piece? {
            Piece::CaughtUp(which) => sink.caught_up(which)?,
            Piece::Over(which) => sink.over(which)?,
            output @ Piece::Output { .. } => _ = sink.take(output)?,
        }
    }
    Ok(())
}

/// A link is only needed to make readers.
impl Reader {
    fn new(link: &Link, which: usize, info: &handfast_daemon::wire::Info) -> Reader {
        Reader::of(link.asker.clone(), which, info)
    }
}
