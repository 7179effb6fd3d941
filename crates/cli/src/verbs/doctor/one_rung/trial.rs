//! One tree is stopped, and another one loses its owner.

use super::owner::{self, Answer};
use super::report::{Failed, Killed, Outcome, Stop};
use super::tree;
use handfast_sys::tree::windows::{Job, Limits};
use std::io::{self, BufRead, BufReader, PipeReader, Write};
use std::os::windows::io::AsHandle;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long a host and its tree may take for one answer; far more than they need.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a tree may live on without its owner.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Tries the rung.
pub(super) fn run() -> Result<Outcome, Failed> {
    let system = |error: io::Error| Failed {
        code: "doctor.trial".to_owned(),
        causes: vec![error.to_string()],
    };
    Trial::begin().map_err(system)?.run()
}

/// A host, and the witness that its trees hold. All of it is in a job, which ends with this.
struct Trial {
    host: Child,
    orders: ChildStdin,
    answers: Receiver<String>,
    /// The lines of members; its end is the end of the last one.
    witness: Receiver<String>,
    _net: Job,
}

impl Drop for Trial {
    fn drop(&mut self) {
        // One that has ended needs neither.
        let _ = self.host.kill();
        let _ = self.host.wait();
    }
}

impl Trial {
    fn begin() -> io::Result<Trial> {
        let net = Job::new(&Limits::default())?;
        let (witness, held) = io::pipe()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(owner::VERB).stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(held);
        let mut host = command.spawn()?;
        // Our own copy of the witness.
        drop(command);
        // It has started nothing yet: it waits for an order.
        net.take_in(host.as_handle())?;
        let (orders, answers) = match (host.stdin.take(), host.stdout.take()) {
            (Some(orders), Some(answers)) => (orders, answers),
            _ => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Trial {
            host,
            orders,
            answers: lines_of_answers(answers)?,
            witness: lines_of_witness(witness)?,
            _net: net,
        })
    }

    fn run(mut self) -> Result<Outcome, Failed> {
        let start_ms = self.start()?;
        let stop = self.stop()?;
        self.start()?;
        let begun = Instant::now();
        self.host
            .kill()
            .map_err(|error| broken(&error.to_string()))?;
        let gone = self.until_nobody_is_left();
        Ok(Outcome {
            start_ms,
            stop,
            killed: Killed {
                members: tree::ROLES.len(),
                gone_ms: gone.then(|| owner::milliseconds(begun.elapsed())),
            },
        })
    }

    fn ask(&mut self, order: &str) -> Result<Answer, Failed> {
        let told = writeln!(self.orders, "{order}").and_then(|()| self.orders.flush());
        told.map_err(|error| broken(&error.to_string()))?;
        let line = self.answers.recv_timeout(PATIENCE);
        let line = line.map_err(|_| broken("the host does not answer"))?;
        match serde_json::from_str(&line) {
            Ok(Answer::Failed { code, causes }) => Err(Failed { code, causes }),
            Ok(answer) => Ok(answer),
            Err(error) => Err(broken(&error.to_string())),
        }
    }

    /// Starts a tree and waits until all of it is up.
    fn start(&mut self) -> Result<f64, Failed> {
        let Answer::Started { took_ms } = self.ask(owner::START)? else {
            return Err(broken("the host answers something else"));
        };
        for _ in tree::ROLES {
            match self.witness.recv_timeout(PATIENCE) {
                Ok(line) if line.starts_with(tree::UP) => {}
                Ok(line) => return Err(broken(&line)),
                Err(_) => return Err(broken("not all members came up")),
            }
        }
        Ok(took_ms)
    }

    fn stop(&mut self) -> Result<Stop, Failed> {
        match self.ask(owner::STOP)? {
            Answer::Stopped {
                members,
                killed,
                survivors,
                took_ms,
            } => Ok(Stop {
                held: survivors == 0 && members == tree::ROLES.len(),
                members,
                killed,
                survivors,
                took_ms,
            }),
            _ => Err(broken("the host answers something else")),
        }
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

fn lines_of_answers(answers: ChildStdout) -> io::Result<Receiver<String>> {
    told(BufReader::new(answers))
}

fn lines_of_witness(witness: PipeReader) -> io::Result<Receiver<String>> {
    told(BufReader::new(witness))
}

/// Reads lines on a thread, as a pipe cannot be waited for with a bound.
fn told(from: impl BufRead + Send + 'static) -> io::Result<Receiver<String>> {
    let (tell, told) = mpsc::channel();
    let read = move || {
        for line in from.lines().map_while(Result::ok) {
            if tell.send(line).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().spawn(read)?;
    Ok(told)
}
