//! Starting the program, and what it says first.

use super::{Launch, LaunchError, Readiness, kept, task};
use crate::place::Place;
use handfast_sys::apart::{self, Apart, Started};
use handfast_sys::stream::{self, ReadEnd};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// How much of a log is shown: 2 KiB of at most so many lines.
const SHOWN: u64 = 2048;
const LINES: usize = 8;

/// Starts a daemon; answers when it or another one serves.
pub(super) async fn start(place: &Place, launch: &Launch) -> Result<(), LaunchError> {
    let spawn = |source: io::Error| LaunchError::Spawn {
        program: launch.program.clone(),
        source,
    };
    let (words, started) = spawned(place, launch).map_err(spawn)?;
    let tie = started.tie();
    // What starts the daemon ends at once, so that nobody has to wait for that.
    let _ = started.got_away().await;
    let heard = task::listen(words, launch).await;
    if let (Some(tie), Some(tied), task::Heard::Line(Readiness::Ready)) = (tie, launch.tied, &heard)
    {
        tied(tie);
    }
    let log = || last_lines(place);
    match heard {
        task::Heard::Line(Readiness::Ready | Readiness::Taken) => Ok(()),
        task::Heard::Line(Readiness::Failed { code, message }) => Err(LaunchError::Failed {
            code,
            message,
            log: log(),
        }),
        task::Heard::End(said) => Err(LaunchError::Died { said, log: log() }),
        task::Heard::Nothing => Err(LaunchError::Slow {
            patience: launch.patience,
            log: log(),
        }),
    }
}

fn spawned(place: &Place, launch: &Launch) -> io::Result<(ReadEnd, Started)> {
    let (words, output) = stream::from_child()?;
    let mut arguments: Vec<OsString> = ["daemon", "run", "--detach", "--run-folder"]
        .map(OsString::from)
        .into();
    arguments.extend([place.path().into(), "--state-folder".into()]);
    arguments.push(place.state().into());
    arguments.push(format!("--idle-exit={}ms", launch.idle_exit.as_millis()).into());
    // The programs that a reaper may want to find.
    let mut variables = vec![(OsString::from("PATH"), apart::usual_path())];
    variables.extend(kept().map(|(name, value)| (name.into(), value)));
    let daemon = Apart {
        program: &launch.program,
        arguments: &arguments,
        variables: &variables,
        output,
    };
    Ok((words, daemon.start()?))
}

/// The last lines of the daemon's log.
fn last_lines(place: &Place) -> Vec<String> {
    let read = || -> io::Result<String> {
        let mut file = File::open(place.log())?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(SHOWN)))?;
        let mut text = Vec::new();
        file.take(SHOWN).read_to_end(&mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    let text = read().unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.len().saturating_sub(LINES);
    let shown = lines.get(last..).unwrap_or_default();
    shown.iter().map(|line| (*line).to_owned()).collect()
}
