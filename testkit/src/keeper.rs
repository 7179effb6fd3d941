//! A host that keeps its processes for the next one, from the outside: started in a cage, spoken to, killed.
//!
//! The program is the binary `keeper`.

use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::{Cage, locate, ready};

/// A running keeper. Dropping it kills it and nothing else.
#[derive(Debug)]
pub struct Keeper {
    child: Child,
    stdin: ChildStdin,
    lines: BufReader<ChildStdout>,
    up: String,
}

impl Keeper {
    /// Starts one on a folder, and waits for its first line. `more` are further options.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(cage: &Cage, folder: &Path, rung: &str, more: &[&str]) -> Keeper {
        let mut child = cage
            .command(&locate::keeper())
            .arg("--folder")
            .arg(folder)
            .args(["--rung", rung])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a keeper starts");
        let stdin = child.stdin.take().expect("its stdin is a pipe");
        let lines = BufReader::new(child.stdout.take().expect("its stdout is a pipe"));
        let up = String::new();
        let mut keeper = Keeper {
            child,
            stdin,
            lines,
            up,
        };
        keeper.up = keeper.line();
        keeper
    }

    /// Its first line.
    #[must_use]
    pub fn up(&self) -> &str {
        &self.up
    }

    /// Its next line, without the line end; empty at the end of its output.
    ///
    /// # Panics
    /// When the pipe cannot be read.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a pipe is readable");
        line.trim_end().to_owned()
    }

    /// Says words and does not wait for the answer.
    pub fn say(&mut self, words: &str) {
        // One that has ended does not hear; its silence is seen in the answer.
        let _unheard = writeln!(self.stdin, "{words}");
    }

    /// Says words and waits for the line of answer.
    pub fn ask(&mut self, words: &str) -> String {
        self.say(words);
        self.line()
    }

    /// Starts a script of the shell; answers its handle.
    ///
    /// # Panics
    /// When it is not started.
    pub fn begin(&mut self, lifetime: &str, kind: &str, script: &str) -> String {
        let answer = self.ask(&format!("start {lifetime} {kind} {script}"));
        let handle = answer.strip_prefix("started ");
        handle.expect("it is started").to_owned()
    }

    /// Names its reaper, so that it can be signalled whatever becomes of this one.
    ///
    /// # Panics
    /// When there is none.
    pub fn reaper(&mut self) -> OwnedFd {
        let line = self.ask("reaper");
        let pid = line
            .strip_prefix("reaper ")
            .and_then(|pid| pid.parse().ok());
        let pid = pid.and_then(Pid::from_raw).expect("it has a reaper");
        pidfd_open(pid, PidfdFlags::empty()).expect("a reaper lives")
    }

    /// Kills it, and waits until it is gone.
    ///
    /// # Panics
    /// When it was waited for before.
    pub fn kill(mut self) {
        self.child.kill().expect("a keeper is our child");
        self.child.wait().expect("a keeper is our child");
    }

    /// Has it end by itself, in an orderly way or not, as the word says.
    ///
    /// # Panics
    /// When it was waited for before.
    pub fn end(mut self, word: &str) -> ExitStatus {
        self.say(word);
        self.child.wait().expect("a keeper is our child")
    }
}

/// Kills a process that is named; one that has ended is not one.
pub fn kill(named: &OwnedFd) {
    let _gone = pidfd_send_signal(named, Signal::KILL);
}

/// Waits until a process is over; false when it is not `within`.
#[must_use]
pub fn wait_over(named: &OwnedFd, within: Duration) -> bool {
    ready::wait(named, PollFlags::IN, Instant::now() + within)
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Both fail on one that was waited for, which is as well.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}
