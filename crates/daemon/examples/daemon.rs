//! The daemon, as a part of a program of one's own: `daemon run --run-folder FOLDER [--state-folder FOLDER]`.
//!
//! It says on one line whether it serves, and leaves when it is told to through the wire. It takes the words with
//! which `connect_or_start` starts the program `handfast`, and passes over those of them that it has no use for.

#![expect(clippy::print_stdout, reason = "it says whether it serves")]

use handfast_daemon::Place;
use handfast_daemon::connect::Readiness;
use handfast_daemon::program::{self, Ended};
use handfast_daemon::serve::Settings;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

fn place() -> Place {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let after = |option: &str| {
        let at = words.iter().position(|word| word == option)?;
        words.get(at + 1).map(PathBuf::from)
    };
    let place = after("--run-folder").map_or_else(Place::ours, Place::at);
    match after("--state-folder") {
        Some(folder) => place.keeping(folder),
        None => place,
    }
}

/// After how long without anybody it leaves, where that is told: `--idle-exit=NUMBERms`.
fn idle() -> Option<Duration> {
    let mut words = std::env::args();
    let number = words.find_map(|word| {
        let number = word.strip_prefix("--idle-exit=")?.strip_suffix("ms")?;
        number.parse().ok()
    });
    number
        .filter(|number| *number > 0)
        .map(Duration::from_millis)
}

fn main() -> Result<(), Box<dyn Error>> {
    // Before there is any thread: this very program may be a helper.
    handfast::reaper::run_if_asked();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut settings = Settings::default();
    settings.idle = idle();
    let (_nobody, told) = tokio::sync::mpsc::unbounded_channel();
    let up = || println!("{}", Readiness::Ready);
    match runtime.block_on(program::run(&place(), settings, told, up)) {
        Ok(Ended::Taken) => println!("{}", Readiness::Taken),
        Ok(ended) => println!("left: {ended:?}"),
        Err(error) => {
            let (code, message) = (error.code().to_owned(), format!("{error:?}"));
            println!("{}", Readiness::Failed { code, message });
        }
    }
    Ok(())
}
