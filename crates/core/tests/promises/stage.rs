//! What every promise needs: a manager on the rung under test, puppets, and what they say.
//!
//! A forced rung may be more than this user can have on this host. Then the manager must say so, and
//! [`Stage::open`] asks another witness whether that is true before it lets a test off.

use std::env;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use handfast::config::{Output, ProcessConfig, ProcessConfigBuilder};
use handfast::reaper::ReaperError;
use handfast::{Ended, ManagerBuilder, ProcessHandle, ProcessManager, Rung, StartError};
use handfast_sys::proc::Stat;
use handfast_sys::stream::ReadEnd;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open};
use testkit::Cage;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};

/// Says to the inner run of a test that it is one.
const APART: &str = "HANDFAST_TEST_APART";

/// A manager and the rung that its processes get.
pub(crate) struct Stage {
    pub(crate) manager: ProcessManager,
    pub(crate) rung: Rung,
}

/// What a process wrote that ran to its end.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) handle: ProcessHandle,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// What follows `prefix` in each line of the output that begins with it.
    pub(crate) fn told(&self, prefix: &str) -> Vec<&str> {
        let lines = self.out.lines();
        lines.filter_map(|line| line.strip_prefix(prefix)).collect()
    }
}

/// A builder for a manager that finds its reaper.
pub(crate) fn builder() -> ManagerBuilder {
    ProcessManager::builder().reaper(testkit::reaper())
}

/// A puppet with this script, and with nothing else.
pub(crate) fn puppet(words: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder(testkit::puppet()).args(testkit::script(words))
}

/// A shell with this script, and with nothing else.
pub(crate) fn sh(script: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh").args(["-c", script])
}

/// Says something about the run that nobody asserts.
pub(crate) fn note(text: &str) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{text}").expect("stderr can be written to");
}

/// Whether this test runs as root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

impl Stage {
    /// A stage on the rung of `HANDFAST_FORCE`, else on the first that works; `None` where the forced
    /// one cannot be had here, which is checked.
    pub(crate) async fn open() -> Option<Stage> {
        Stage::open_with(builder()).await
    }

    /// As [`Stage::open`], with more settings.
    pub(crate) async fn open_with(builder: ManagerBuilder) -> Option<Stage> {
        let manager = builder.build().expect("a manager can be made");
        let forced = env::var("HANDFAST_FORCE")
            .ok()
            .filter(|word| !word.is_empty());
        let Some(rung) = forced.map(|word| word.parse().expect("a rung is forced")) else {
            for rung in Rung::LADDER {
                match manager.probe(rung).await {
                    Ok(_) => return Some(Stage { manager, rung }),
                    Err(refused) => expect_true(rung, &refused),
                }
            }
            unreachable!("the rung `group` works everywhere");
        };
        match manager.probe(rung).await {
            Ok(_) => Some(Stage { manager, rung }),
            Err(refused) => {
                expect_honest(&manager, rung, &refused).await;
                None
            }
        }
    }

    /// Starts a process that must start.
    pub(crate) async fn start(&self, config: ProcessConfigBuilder) -> ProcessHandle {
        let config = config.build();
        let started = self.manager.start_process(config.clone()).await;
        started.unwrap_or_else(|error| unreachable!("{config:?}: {error:?}"))
    }

    /// Starts a process whose lines are read while it runs.
    pub(crate) async fn start_talking(
        &self,
        config: ProcessConfigBuilder,
    ) -> (ProcessHandle, Lines) {
        let handle = self.start(config.stdout(Output::Pipe)).await;
        let stdio = self.manager.take_stdio(handle).expect("it has a record");
        let stdout = stdio.stdout.expect("its output is a pipe");
        (handle, Lines(BufReader::new(stdout)))
    }

    /// Starts a process and waits until it has said `ready`.
    pub(crate) async fn start_ready(&self, config: ProcessConfigBuilder) -> (ProcessHandle, Lines) {
        let (handle, mut lines) = self.start_talking(config).await;
        lines.until("ready").await;
        (handle, lines)
    }

    /// Starts a process, and gives what it wrote and how it ended.
    pub(crate) async fn run(&self, config: ProcessConfigBuilder) -> Run {
        let (handle, out, err, _) = self.run_bytes(config).await;
        let text = |bytes| String::from_utf8(bytes).expect("this process writes text");
        let (out, err) = (text(out), text(err));
        Run { handle, out, err }
    }

    /// As [`Stage::run`], for output that is no text.
    pub(crate) async fn run_bytes(
        &self,
        config: ProcessConfigBuilder,
    ) -> (ProcessHandle, Vec<u8>, Vec<u8>, Ended) {
        let piped = config.stdout(Output::Pipe).stderr(Output::Pipe);
        let handle = self.start(piped).await;
        let stdio = self.manager.take_stdio(handle).expect("it has a record");
        let out = tokio::spawn(everything(stdio.stdout.expect("its output is a pipe")));
        let err = everything(stdio.stderr.expect("its errors are a pipe")).await;
        let out = out.await.expect("reading does not panic");
        let ended = self.manager.wait(handle).await.expect("it has a record");
        (handle, out, err, ended)
    }

    /// Runs a process to its end and gives how that was.
    pub(crate) async fn end_of(&self, config: ProcessConfigBuilder) -> Ended {
        let handle = self.start(config).await;
        self.manager.wait(handle).await.expect("it has a record")
    }

    /// The pid of the reaper.
    pub(crate) fn reaper(&self) -> u32 {
        let all = self.manager.reaper_pids();
        let own = all.iter().find(|(rung, _)| *rung == self.rung);
        own.expect("the stage has probed its rung").1
    }
}

/// A process by its pidfd: it can be signalled and waited for and is never mistaken for another one.
pub(crate) struct Named(OwnedFd);

impl Named {
    pub(crate) fn open(pid: u32) -> Named {
        let pid = Pid::from_raw(pid.cast_signed()).expect("a pid is no 0");
        let pidfd = pidfd_open(pid, PidfdFlags::empty());
        Named(pidfd.expect("it runs"))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        rustix::process::pidfd_send_signal(&self.0, signal).expect("it is ours to signal");
    }

    /// Waits until it has ended; false where it had not after `within`.
    pub(crate) async fn wait_end(&self, within: Duration) -> bool {
        let pidfd = self.0.try_clone().expect("there are descriptors");
        let wait = move || {
            let within = Timespec::try_from(within).expect("a short time");
            let mut asked = [PollFd::new(&pidfd, PollFlags::IN)];
            poll(&mut asked, Some(&within)).expect("a pidfd can be polled") == 1
        };
        let waited = tokio::task::spawn_blocking(wait).await;
        waited.expect("polling does not panic")
    }
}

/// A reaper that hears nothing until this is dropped.
pub(crate) struct Held(Named);

impl Held {
    pub(crate) fn new(stage: &Stage) -> Held {
        let pid = stage.reaper();
        let held = Held(Named::open(pid));
        held.0.signal(Signal::STOP);
        // The kernel has no event for it, and it may still be on its way to being stopped.
        while Stat::read(pid.cast_signed()).expect("it runs").state != b'T' {
            std::thread::yield_now();
        }
        held
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.signal(Signal::CONT);
    }
}

/// Everything that is written until all writers are gone.
pub(crate) async fn everything(mut from: ReadEnd) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = from.read_to_end(&mut bytes).await;
    read.expect("a pipe can be read");
    bytes
}

/// The output of a process that runs, line by line.
pub(crate) struct Lines(BufReader<ReadEnd>);

impl Lines {
    /// The next line; `None` once all writers are gone.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).await;
        let read = read.expect("a pipe can be read");
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// Reads up to this line.
    pub(crate) async fn until(&mut self, wanted: &str) {
        let mut before = Vec::new();
        while let Some(line) = self.next().await {
            if line == wanted {
                return;
            }
            before.push(line);
        }
        unreachable!("the output ended without `{wanted}`: {before:?}");
    }

    /// All lines that follow, up to the end-of-file.
    pub(crate) async fn rest(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(line) = self.next().await {
            lines.push(line);
        }
        lines
    }
}

/// Runs a test in a process of its own: gives the command for that; `None` in that process.
///
/// `path` is the test without the name of this binary, for instance `spawn::it_works`.
pub(crate) fn apart(path: &str) -> Option<Apart> {
    if env::var_os(APART).is_some() {
        return None;
    }
    let own = env::current_exe().expect("a running test has a path");
    Some(Apart {
        own,
        path: path.to_owned(),
    })
}

/// A test that is to be run in a process of its own.
pub(crate) struct Apart {
    own: PathBuf,
    path: String,
}

impl Apart {
    /// Runs it by itself.
    pub(crate) fn command(&self) -> Command {
        self.finish(Command::new(&self.own))
    }

    /// Runs it by a puppet that does `words` to itself first.
    pub(crate) fn after(&self, words: &str) -> Command {
        let mut command = Command::new(testkit::puppet());
        command
            .args(testkit::script(words))
            .arg("exec")
            .arg(&self.own);
        self.finish(command)
    }

    fn finish(&self, mut command: Command) -> Command {
        command
            .args([&self.path, "--exact", "--nocapture"])
            .env(APART, "1")
            .stdin(Stdio::null());
        command
    }
}

/// Runs a command that must succeed.
pub(crate) fn succeed(mut command: Command) {
    let status = command.status().expect("a test can run itself again");
    assert!(status.success(), "{command:?} ended with {status}");
}

/// Lets a refusal of the forced rung pass only if it is true and nothing weaker is taken instead.
async fn expect_honest(manager: &ProcessManager, rung: Rung, refused: &ReaperError) {
    expect_true(rung, refused);
    let started = manager.start_process(puppet("park").build()).await;
    let Err(StartError::Rung { rung: named, .. }) = started else {
        unreachable!("nothing weaker may be taken instead of `{rung}`: {started:?}")
    };
    assert_eq!(named, rung);
    assert!(manager.list_processes().is_empty());
    note(&format!(
        "`{rung}` cannot be had here, and says so: {refused}"
    ));
}

/// Lets a refusal pass only if it is true and names what was tried.
pub(crate) fn expect_true(rung: Rung, refused: &ReaperError) {
    let possible = match rung {
        Rung::Namespace => namespaces_work(),
        Rung::Cgroup => Cage::new().holds(),
        _ => true,
    };
    assert!(
        !possible,
        "`{rung}` works here and was refused: {refused:?}"
    );
    let ReaperError::Refused { step, .. } = refused else {
        unreachable!("`{rung}` was refused without a step: {refused:?}")
    };
    assert!(!step.is_empty());
}

/// Whether another program can make what the rung `namespace` needs.
fn namespaces_work() -> bool {
    let mut unshare = Command::new("unshare");
    if !is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--pid", "--fork", "--mount-proc", "true"]);
    unshare.stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}
