//! One tree is stopped, and another one loses its owner.

use super::net::Net;
use super::owner::{self, Answer};
use super::report::{Failed, Killed, Outcome, Stop};
use super::{net, tree};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a host and its tree may take for one answer; far more than they need.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a tree may live on without its owner.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Tries the rung.
pub(super) fn run() -> Result<Outcome, Failed> {
    let mut trial = Trial::begin().map_err(system)?;
    let start_ms = trial.start(tree::LEADER, &tree::ROLES)?;
    let stop = trial.stop(&tree::ROLES)?;
    trial.start(tree::LEADER, &tree::ROLES)?;
    Ok(Outcome {
        start_ms,
        stop,
        killed: Killed {
            members: tree::ROLES.len(),
            gone_ms: trial.kill()?,
        },
    })
}

/// What the system refused to doctor itself.
pub(super) fn system(error: io::Error) -> Failed {
    broken(&error.to_string())
}

/// A host, and the witness that its trees hold. All of it ends with this.
pub(super) struct Trial {
    host: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// The lines of members; its end is the end of the last one.
    witness: Receiver<String>,
    _net: Net,
}

impl Drop for Trial {
    fn drop(&mut self) {
        // One that has ended needs neither.
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

impl Trial {
    pub(super) fn begin() -> io::Result<Trial> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(owner::VERB).stdin(Stdio::piped());
        command.stdout(Stdio::piped());
        let (mut host, witness, net) = net::start(command)?;
        let (orders, answers) = match (host.stdin.take(), host.stdout.take()) {
            (Some(orders), Some(answers)) => (orders, answers),
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Trial {
            host,
            orders,
            answers: told(answers)?,
            witness: told(witness)?,
            _net: net,
        })
    }

    fn ask(&mut self, order: &str) -> Result<Answer, Failed> {
        let told = writeln!(self.orders, "{order}").and_then(|()| self.orders.flush());
        told.map_err(system)?;
        let line = self.answers.recv_timeout(PATIENCE);
        let line = line.map_err(|_| broken("the host does not answer"))?;
        match serde_json::from_str(&line) {
            Ok(Answer::Failed { code, causes }) => Err(Failed { code, causes }),
            Ok(answer) => Ok(answer),
            Err(error) => Err(broken(&error.to_string())),
        }
    }

    /// Starts a tree by the role of its leader and waits until all of it is up.
    pub(super) fn start(&mut self, leader: &str, roles: &[&str]) -> Result<f64, Failed> {
        let Answer::Started { took_ms } = self.ask(leader)? else {
            return Err(broken("the host answers something else"));
        };
        for _ in roles {
            match self.witness.recv_timeout(PATIENCE) {
                Ok(line) if line.starts_with(tree::UP) => {}
                Ok(line) => return Err(broken(&line)),
                Err(_) => return Err(broken("not all members came up")),
            }
        }
        Ok(took_ms)
    }

    pub(super) fn stop(&mut self, roles: &[&str]) -> Result<Stop, Failed> {
        match self.ask(owner::STOP)? {
            Answer::Stopped {
                members,
                killed,
                survivors,
                took_ms,
            } => Ok(Stop {
                held: survivors == 0 && members == roles.len(),
                members,
                killed,
                survivors,
                took_ms,
            }),
            _ => Err(broken("the host answers something else")),
        }
    }

    /// Kills the host; answers after how many milliseconds the last member was gone, if none lives on.
    pub(super) fn kill(&mut self) -> Result<Option<f64>, Failed> {
        let begun = Instant::now();
        self.host.kill().map_err(system)?;
        let gone = self.until_nobody_is_left();
        Ok(gone.then(|| owner::milliseconds(begun.elapsed())))
    }

    /// Whether the last holder of the witness ends in time.
    fn until_nobody_is_left(&self) -> bool {
        let end = Instant::now() + GONE_WITHIN;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.witness.recv_timeout(left) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}

fn broken(why: &str) -> Failed {
    Failed {
        code: "doctor.trial".to_owned(),
        causes: vec![why.to_owned()],
    }
}

/// Reads lines on a thread, as a pipe cannot be waited for with a bound.
fn told(from: impl Read + Send + 'static) -> io::Result<Receiver<String>> {
    let (tell, told) = mpsc::channel();
    let read = move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(read)?;
    Ok(told)
}
