//! A daemon as people have it: a program of its own. It ends with this.

use crate::Outcome;
use handfast::{ProcessManager, Rung};
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, Launch, Notes, session};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

pub(crate) struct Served {
    daemon: Child,
    home: TempDir,
}

impl Served {
    pub(crate) fn begin() -> Outcome<Served> {
        let home = tempfile::tempdir()?;
        let mut daemon = Command::new(env!("CARGO_BIN_EXE_handfast"))
            .args(["daemon", "run"])
            .env_clear()
            .env("HANDFAST_HOME", home.path())
            .env("HANDFAST_FORCE", "subreaper")
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = daemon.stderr.take().ok_or("no log")?;
        let mut said = BufReader::new(said).lines();
        let first = said.next().ok_or("no daemon")??;
        if !first.contains("serving") {
            return Err(first.into());
        }
        // Nobody reads the rest, but it must not fill the pipe either.
        std::thread::spawn(move || said.for_each(drop));
        Ok(Served { daemon, home })
    }

    pub(crate) async fn client(&self) -> Outcome<(Client, Notes)> {
        let home = self.home.path();
        let place = Place::at(home.join("run")).keeping(home.join("state"));
        Ok(session(&place, &Launch::new("", "bench")).await?)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.daemon.id()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be over; its reaper ends what is left.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// A manager as the daemon's is.
pub(crate) fn manager() -> Outcome<ProcessManager> {
    let builder = ProcessManager::builder().reaper(env!("CARGO_BIN_EXE_handfast-reaper"));
    Ok(builder.force(Rung::Subreaper).build()?)
}
