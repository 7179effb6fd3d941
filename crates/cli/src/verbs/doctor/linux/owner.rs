//! A host with one manager, which starts trees on one rung until it is killed.
//!
//! Its standard input and output are a socket to doctor; its standard error is the witness that its
//! trees hold, and it writes nothing there.

use super::tree;
use super::words::{Answer, Failure, Order, Started, Stopped, causes, milliseconds};
use handfast::blocking::ProcessManager;
use handfast::config::{Output, Stdin};
use handfast::reaper::ReaperError;
use handfast::tree::Containment;
use handfast::{LookupError, Rung, StartError};
use handfast::{ManagerError, ProcessConfig, ProcessHandle, ProcessManager as AsyncManager};
use std::io::{self, BufRead, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The hidden verb; after it comes the rung.
pub(super) const VERB: &str = "__owner";

/// How long the tree may take to end: one of its members never does.
const GRACE: Duration = Duration::from_millis(100);

pub(super) fn run(rung: &str) -> ExitCode {
    let Ok(rung) = rung.parse() else {
        return ExitCode::FAILURE;
    };
    match obey(rung) {
        Ok(()) => ExitCode::SUCCESS,
        // Doctor is gone.
        Err(_) => ExitCode::FAILURE,
    }
}

/// What this host holds.
struct Owner {
    rung: Rung,
    manager: ProcessManager,
    witness: Arc<OwnedFd>,
    last: Option<ProcessHandle>,
}

fn obey(rung: Rung) -> io::Result<()> {
    // `force` comes before HANDFAST_FORCE, which is about what programs take by themselves.
    let manager = match ProcessManager::build(AsyncManager::builder().force(rung)) {
        Ok(manager) => manager,
        Err(error) => return say(&Answer::Failed(Failure::from(&error))),
    };
    let mut owner = Owner {
        rung,
        manager,
        witness: Arc::new(io::stderr().as_fd().try_clone_to_owned()?),
        last: None,
    };
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?)? {
            Order::Start => owner.start(),
            Order::Stop => owner.stop(),
        };
        say(&answer.unwrap_or_else(Answer::Failed))?;
    }
    Ok(())
}

fn say(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(answer)?)?;
    out.flush()
}

impl Owner {
    fn start(&mut self) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let program = std::env::current_exe().map_err(|error| Failure {
            code: "doctor.executable".into(),
            causes: causes(&error),
            step: None,
            hint: None,
        })?;
        let config = ProcessConfig::builder(program)
            .args([tree::VERB, tree::LEADER])
            .stdin(Stdin::Descriptor(Arc::clone(&self.witness)))
            .stdout(Output::Descriptor(Arc::clone(&self.witness)))
            .containment(Containment::Rung(self.rung))
            .grace(GRACE)
            .build();
        self.last = Some(
            self.manager
                .start_process(config)
                .map_err(|error| Failure::from(&error))?,
        );
        let took_ms = milliseconds(begun.elapsed());
        let offer = self
            .manager
            .probe(self.rung)
            .map_err(|error| refused(&error))?;
        Ok(Answer::Started(Started {
            user_namespace: offer.user_namespace,
            no_new_privileges: no_new_privileges(),
            reaper: self.reaper(),
            took_ms,
        }))
    }

    fn reaper(&self) -> i32 {
        let running = self.manager.as_async().reaper_pids();
        let reaper = running.first().map_or(0, |(_, pid)| *pid);
        i32::try_from(reaper).unwrap_or(0)
    }

    fn stop(&mut self) -> Result<Answer, Failure> {
        let handle = self.last.ok_or_else(|| Failure {
            code: "doctor.nothing-started".into(),
            causes: vec!["nothing was started".into()],
            step: None,
            hint: None,
        })?;
        let receipt = self
            .manager
            .stop_process(handle)
            .map_err(|error| Failure::from(&error))?;
        Ok(Answer::Stopped(Stopped {
            members: receipt.members_before,
            asked: receipt.asked,
            killed: receipt.killed,
            survivors: receipt.survivors.len(),
            took_ms: milliseconds(receipt.took),
        }))
    }
}

/// Whether set-uid programs do nothing for us, and so for our trees, on any rung.
fn no_new_privileges() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("NoNewPrivs:"));
    line.is_some_and(|value| value.trim() == "1")
}

fn refused(error: &ReaperError) -> Failure {
    let step = match error {
        ReaperError::Refused { step, .. } => Some(step.clone()),
        _ => None,
    };
    // That of a refusal names doctor.
    let hint = error.hint().filter(|_| step.is_none());
    Failure {
        code: error.code().into(),
        causes: causes(error),
        step,
        hint,
    }
}

impl From<&StartError> for Failure {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Rung { source, .. } => Failure {
                code: error.code().into(),
                causes: causes(error),
                ..refused(source)
            },
            _ => Failure {
                code: error.code().into(),
                causes: causes(error),
                step: None,
                hint: error.hint(),
            },
        }
    }
}

impl From<&ManagerError> for Failure {
    fn from(error: &ManagerError) -> Self {
        Failure {
            code: error.code().into(),
            causes: causes(error),
            step: None,
            hint: error.hint().map(str::to_owned),
        }
    }
}

impl From<&LookupError> for Failure {
    fn from(error: &LookupError) -> Self {
        Failure {
            code: error.code().into(),
            causes: causes(error),
            step: None,
            hint: error.hint(),
        }
    }
}
