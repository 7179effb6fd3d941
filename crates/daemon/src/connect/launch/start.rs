//! Starting the program, and what it says first.

use super::{Launch, LaunchError, Readiness, kept, task};
use crate::place::Place;
use handfast_sys::files;
use handfast_sys::fork_lock;
use handfast_sys::stream::{self, ReadEnd};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Command, Stdio};

/// How much of a log is shown: 2 KiB of at most so many lines.
const SHOWN: u64 = 2048;
const LINES: usize = 8;

/// The programs that a reaper may want to find.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Starts a daemon; answers when it or another one serves.
pub(super) async fn start(place: &Place, launch: &Launch) -> Result<(), LaunchError> {
    let spawn = |source: io::Error| LaunchError::Spawn {
        program: launch.program.clone(),
        source,
    };
    let (words, child) = spawned(place, launch).map_err(spawn)?;
    // It starts the daemon and ends, so that nobody has to wait for that.
    let _ = handfast_sys::ready::reap(child).await;
    let heard = task::listen(words, launch).await;
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

fn spawned(place: &Place, launch: &Launch) -> io::Result<(ReadEnd, std::process::Child)> {
    let (words, to) = stream::from_child()?;
    let mut command = Command::new(&launch.program);
    command.args(["daemon", "run", "--detach", "--run-folder"]);
    command.arg(place.path()).arg("--state-folder");
    command.arg(place.state());
    command.arg(format!("--idle-exit={}ms", launch.idle_exit.as_millis()));
    command.env_clear().env("PATH", PATH).envs(kept());
    command.current_dir(files::root()).stdin(Stdio::null());
    command.stdout(to.try_clone()?).stderr(to);
    Ok((words, fork_lock::spawn(&mut command)?))
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
