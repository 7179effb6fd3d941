//! One rung: a tree is stopped, and another one loses its owner.

use super::net::Net;
use super::report::{Killed, Outcome, RungReport, Stop};
use super::words::{Answer, Failure, Order, Started, Stopped, milliseconds};
use super::{owner, tree};
use handfast::Rung;
use handfast_sys::child::{self, Pid};
use handfast_sys::fork_lock;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// How long a host and its tree may take for one answer; far more than they need.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a tree may live on without its owner.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// How often it is asked whether the reaper has left.
const SLICE: Duration = Duration::from_millis(20);

/// How long what was killed may take to be gone once the reaper has left.
const AFTER_REAPER: Duration = Duration::from_millis(250);

/// Tries a rung. An error is doctor's own; what the rung fails at is in the report.
pub(super) fn run(rung: Rung, net: &Net) -> io::Result<RungReport> {
    let mut trial = Trial::begin(rung, net)?;
    let outcome = trial.run();
    drop(trial);
    net.empty();
    Ok(RungReport::new(rung, outcome))
}

/// A host on one rung, and the witness that its trees hold.
struct Trial<'a> {
    net: &'a Net,
    host: Child,
    talk: BufReader<UnixStream>,
    witness: BufReader<UnixStream>,
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        // One that has ended and was waited for needs neither.
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

impl<'a> Trial<'a> {
    fn begin(rung: Rung, net: &'a Net) -> io::Result<Trial<'a>> {
        let (talk, theirs) = UnixStream::pair()?;
        let (witness, held) = UnixStream::pair()?;
        talk.set_read_timeout(Some(PATIENCE))?;
        let theirs = OwnedFd::from(theirs);
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args([owner::VERB, rung.word()])
            .stdin(theirs.try_clone()?)
            .stdout(theirs)
            .stderr(OwnedFd::from(held));
        let may_start = net.may_start();
        let host = fork_lock::spawn(&mut command)?;
        drop(may_start);
        // The command holds the other ends too, and is dropped with this function.
        Ok(Trial {
            net,
            host,
            talk: BufReader::new(talk),
            witness: BufReader::new(witness),
        })
    }

    fn run(&mut self) -> Result<Outcome, Failure> {
        let (_, members) = self.start()?;
        let stop = self.stop(&members)?;
        let (started, members) = self.start()?;
        let group = members.iter().find(|(role, _)| *role == tree::LEADER);
        let group = group.and_then(|(_, leader)| super::host::managers_group(leader.as_fd()));
        let killed = self.kill(&started, &members)?;
        Ok(Outcome {
            started,
            group,
            stop,
            killed,
        })
    }

    fn ask(&mut self, order: Order) -> Result<Answer, Failure> {
        let mut line = String::new();
        let mut exchange = || -> io::Result<Answer> {
            writeln!(self.talk.get_mut(), "{}", serde_json::to_string(&order)?)?;
            self.talk.read_line(&mut line)?;
            Ok(serde_json::from_str(&line)?)
        };
        match exchange() {
            Ok(Answer::Failed(failure)) => Err(failure),
            Ok(answer) => Ok(answer),
            Err(error) => Err(odd(
                "doctor.host-silent",
                format!("hear from the host: {error}"),
            )),
        }
    }

    /// Starts a tree and waits until all of it is up, then names each member.
    fn start(&mut self) -> Result<(Started, Vec<Member>), Failure> {
        let Answer::Started(started) = self.ask(Order::Start)? else {
            return Err(odd(
                "doctor.host-odd",
                "the host gave the wrong answer".into(),
            ));
        };
        for missing in (1..=tree::ROLES.len()).rev() {
            let line = self.witness_line();
            if !line.starts_with(tree::UP) {
                let what = format!("have the tree up: {missing} members missing {line}");
                return Err(odd("doctor.tree-not-up", what.trim_end().into()));
            }
        }
        Ok((started, self.net.named(tree::VERB, &tree::ROLES)))
    }

    fn witness_line(&mut self) -> String {
        let mut line = String::new();
        let _ = self.witness.get_ref().set_read_timeout(Some(PATIENCE));
        // Nothing or a piece of a line is no line, whatever the reason.
        let _ = self.witness.read_line(&mut line);
        line
    }

    fn stop(&mut self, members: &[Member]) -> Result<Stop, Failure> {
        let Answer::Stopped(receipt) = self.ask(Order::Stop)? else {
            return Err(odd(
                "doctor.host-odd",
                "the host gave the wrong answer".into(),
            ));
        };
        let left = left(members);
        end(members);
        let Stopped { survivors, .. } = receipt;
        Ok(Stop {
            held: survivors == 0,
            receipt,
            left,
        })
    }

    fn kill(&mut self, started: &Started, members: &[Member]) -> Result<Killed, Failure> {
        let reaper = Pid::new(started.reaper).and_then(|pid| child::open_pidfd(pid).ok());
        let begun = Instant::now();
        let killed = self.host.kill().and_then(|()| self.host.wait());
        killed.map_err(|error| odd("doctor.host-unkillable", format!("kill the host: {error}")))?;
        let gone = self.wait_end(begun + GONE_WITHIN, reaper.as_ref());
        let gone_ms = gone.then(|| milliseconds(begun.elapsed()));
        let left = if gone { Vec::new() } else { left(members) };
        end(members);
        Ok(Killed {
            members: members.len(),
            left,
            gone_ms,
        })
    }

    /// Whether the last holder of the witness is gone by then. Once the reaper has left, nobody
    /// will end what is left, and the wait becomes short.
    fn wait_end(&mut self, by: Instant, reaper: Option<&OwnedFd>) -> bool {
        let mut by = by;
        let mut alone = false;
        let mut rest = [0; 256];
        loop {
            let left = by.saturating_duration_since(Instant::now());
            let slice = Some(left.min(SLICE));
            if left.is_zero() || self.witness.get_ref().set_read_timeout(slice).is_err() {
                return false;
            }
            match self.witness.read(&mut rest) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) if is_late(&error) => {
                    let left =
                        reaper.is_some_and(|one| child::is_gone(one.as_fd()).unwrap_or(false));
                    if left && !alone {
                        alone = true;
                        by = by.min(Instant::now() + AFTER_REAPER);
                    }
                }
                Err(_) => return false,
            }
        }
    }
}

/// Whether a read only took too long.
fn is_late(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

/// A member by its role.
type Member = (&'static str, OwnedFd);

/// Who of them lives.
fn left(members: &[Member]) -> Vec<&'static str> {
    let lives = |pidfd: &OwnedFd| child::is_gone(pidfd.as_fd()).is_ok_and(|gone| !gone);
    let left = members.iter().filter(|(_, pidfd)| lives(pidfd));
    left.map(|(role, _)| *role).collect()
}

fn end(members: &[Member]) {
    for (_, pidfd) in members {
        // One that has ended needs no killing.
        let _ = child::signal_pidfd(pidfd.as_fd(), 9);
    }
}

fn odd(code: &str, what: String) -> Failure {
    Failure {
        code: code.into(),
        causes: vec![what],
        step: None,
        hint: None,
    }
}
