//! A host that holds a tree, from the outside: started in a cage, spoken to, and killed.
//!
//! The program is the binary `owner`. Its reaper is named by a pidfd that is opened while the owner
//! still vouches for the pid, so that both can be killed back to back and their ends can be seen.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

use crate::{Cage, locate, ready};

/// The ordinary user: `nobody`.
const NOBODY: u32 = 65534;

/// Who an owner runs as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// The user of the test.
    Us,
    /// An ordinary user without a cgroup of its own; only root can start one.
    Nobody,
    /// An ordinary user in a cgroup that was given to it; only root can start one.
    Delegated,
}

impl Who {
    /// Whether this test may start such an owner.
    #[must_use]
    pub fn can_start_here(self) -> bool {
        self == Who::Us || rustix::process::geteuid().is_root()
    }
}

/// What an owner is to be.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The word of the rung, or `plain` for a host without a manager.
    pub rung: String,
    /// Who it runs as.
    pub who: Who,
    /// The grace of its tree.
    pub grace: Duration,
    /// The word of the lifetime of its tree.
    pub lifetime: &'static str,
    /// What it does about requests to end: `no`, `yes` or `busy`.
    pub on_signals: &'static str,
    /// Whether its manager has a detached store.
    pub store: bool,
    /// Signals that it ignores from its start, by name.
    pub ignores: &'static [&'static str],
    /// Its reaper's program, where it is not the one that was built.
    pub reaper: Option<PathBuf>,
}

impl Setup {
    /// An owner on this rung, as the test's own user, with a grace of 200 ms.
    #[must_use]
    pub fn new(rung: impl Into<String>) -> Self {
        Self {
            rung: rung.into(),
            who: Who::Us,
            grace: Duration::from_millis(200),
            lifetime: "session",
            on_signals: "no",
            store: false,
            ignores: &[],
            reaper: None,
        }
    }

    /// As another user.
    #[must_use]
    pub fn as_user(mut self, who: Who) -> Self {
        self.who = who;
        self
    }

    /// With another grace.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// With another lifetime.
    #[must_use]
    pub fn lifetime(mut self, word: &'static str) -> Self {
        self.lifetime = word;
        self
    }

    /// Shutting down on signals; `busy` for one whose runtime is blocked.
    #[must_use]
    pub fn on_signals(mut self, word: &'static str) -> Self {
        self.on_signals = word;
        self
    }

    /// With a detached store.
    #[must_use]
    pub fn store(mut self) -> Self {
        self.store = true;
        self
    }

    /// Ignoring these signals from its start.
    #[must_use]
    pub fn ignoring(mut self, names: &'static [&'static str]) -> Self {
        self.ignores = names;
        self
    }

    /// With another reaper's program.
    #[must_use]
    pub fn reaper(mut self, program: PathBuf) -> Self {
        self.reaper = Some(program);
        self
    }

    fn command(&self, cage: &Cage, words: &[String]) -> Command {
        let mut command = match self.who {
            Who::Us => {
                let mut command = cage.command(&locate::puppet());
                let ignored = self.ignores.iter().flat_map(|name| ["ignore", name]);
                command.args(ignored).arg("exec").arg(locate::owner());
                command
            }
            Who::Nobody => {
                let mut command = cage.command(&locate::puppet());
                command.args(["uid", &NOBODY.to_string(), "exec"]);
                command.arg(locate::owner());
                command
            }
            Who::Delegated => {
                let mut command = cage.command(&locate::puppet());
                command.arg("enter-cgroup").arg(delegated(cage));
                command.args(["uid", &NOBODY.to_string(), "exec"]);
                command.arg(locate::owner());
                command
            }
        };
        if let Some(reaper) = &self.reaper {
            command.arg("--reaper").arg(reaper);
        }
        command
            .args(["--rung", &self.rung, "--lifetime", self.lifetime])
            .args(["--on-signals", self.on_signals])
            .args(["--store", if self.store { "yes" } else { "no" }])
            .args(["--grace", &self.grace.as_millis().to_string(), "--"])
            .arg(locate::puppet())
            .args(words);
        command
    }
}

/// A group below the cage that belongs to the ordinary user, as `systemd` delegates one.
fn delegated(cage: &Cage) -> PathBuf {
    let group = cage
        .path()
        .expect("delegating needs a cage that holds")
        .join("delegated");
    if !group.is_dir() {
        fs::create_dir(&group).expect("root can make a group in its cage");
        for file in [
            "",
            "cgroup.procs",
            "cgroup.threads",
            "cgroup.subtree_control",
        ] {
            chown(group.join(file), Some(NOBODY), Some(NOBODY)).expect("root can give it away");
        }
    }
    group
}

/// A running owner. Dropping it kills it and nothing else.
#[derive(Debug)]
pub struct Owner {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    leader: u32,
    reaper: Option<OwnedFd>,
    reaper_pid: u32,
}

impl Owner {
    /// Starts an owner with one tree of the puppet, and waits until that runs.
    ///
    /// # Errors
    /// What the owner said when it could not start its tree.
    ///
    /// # Panics
    /// When the owner itself cannot be started.
    pub fn start(cage: &Cage, setup: &Setup, words: &[String]) -> Result<Self, String> {
        let mut child = setup
            .command(cage, words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("an owner starts");
        let stdin = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().expect("its stdout is a pipe"));
        let mut owner = Self {
            child,
            stdin,
            lines,
            leader: 0,
            reaper: None,
            reaper_pid: 0,
        };
        let line = owner.line();
        let Some(up) = line.strip_prefix("up ") else {
            return Err(owner.last_words());
        };
        owner.leader = number(up, "leader");
        owner.look_at_reaper(number(up, "reaper"));
        Ok(owner)
    }

    fn look_at_reaper(&mut self, pid: u32) {
        self.reaper_pid = pid;
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        self.reaper = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    }

    /// What it said on stderr; it must have ended.
    #[must_use]
    pub fn last_words(&mut self) -> String {
        let mut said = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            // What is not text cannot be shown.
            let _odd = std::io::Read::read_to_string(&mut stderr, &mut said);
        }
        said
    }

    /// The owner's pid.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The pid of its tree's leader, in our namespace.
    #[must_use]
    pub fn leader(&self) -> u32 {
        self.leader
    }

    /// The pid of its reaper, in our namespace.
    #[must_use]
    pub fn reaper(&self) -> u32 {
        self.reaper_pid
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

    /// Says a word to it, and does not wait for the answer.
    pub fn say(&mut self, word: &str) {
        if let Some(stdin) = &mut self.stdin {
            // One that has ended does not hear; its silence is seen in the answer.
            let _unheard = writeln!(stdin, "{word}");
        }
    }

    /// Says a word and waits for the line of answer.
    pub fn ask(&mut self, word: &str) -> String {
        self.say(word);
        self.line()
    }

    /// Asks for the reaper that runs now, and looks at that one from here on.
    pub fn renew_reaper(&mut self) -> u32 {
        let line = self.ask("reaper");
        self.look_at_reaper(number(&line, "reaper"));
        self.reaper_pid
    }

    /// Signals the owner.
    ///
    /// # Panics
    /// When it has been waited for.
    pub fn signal(&self, signal: Signal) {
        rustix::process::kill_process(Pid::from_child(&self.child), signal)
            .expect("an unreaped child takes signals");
    }

    /// Signals the reaper; one that has ended is not one.
    pub fn signal_reaper(&self, signal: Signal) {
        if let Some(reaper) = &self.reaper {
            // Its end may come first.
            let _gone = pidfd_send_signal(reaper, signal);
        }
    }

    /// Kills owner and reaper so that neither sees the end of the other.
    ///
    /// The owner is stopped first: else a scheduler that takes the processor away between the two
    /// kills gives it the time to start another reaper.
    ///
    /// # Panics
    /// When the owner has been waited for.
    pub fn kill_both(&self) {
        self.signal(Signal::STOP);
        let options = WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_child(&self.child)), options).expect("our child stops");
        self.signal_reaper(Signal::KILL);
        self.signal(Signal::KILL);
    }

    /// Closes its input: it then waits to be killed.
    pub fn hush(&mut self) {
        self.stdin = None;
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it was waited for before.
    pub fn wait(&mut self) -> ExitStatus {
        // Its words are over; and an owner that reads on would never end.
        self.stdin = None;
        self.child.wait().expect("an owner is our child")
    }

    /// Waits until its reaper has ended; false when it still ran after `within`.
    #[must_use]
    pub fn wait_reaper_gone(&self, within: Duration) -> bool {
        let Some(reaper) = &self.reaper else {
            return true;
        };
        ready::wait(reaper, PollFlags::IN, Instant::now() + within)
    }

    /// The cgroup of the manager: where its leader is held, one above; for rungs with cgroups.
    #[must_use]
    pub fn group(&self) -> Option<PathBuf> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "))?;
        let own = fs::read_to_string(format!("/proc/{}/cgroup", self.leader)).ok()?;
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let tree = Path::new(mount.split(' ').nth(4)?).join(own);
        tree.parent().map(Path::to_owned)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Both fail on one that was waited for, which is as well.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn number(line: &str, key: &str) -> u32 {
    line.split_whitespace()
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
