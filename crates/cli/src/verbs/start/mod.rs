//! `handfast start`: a program in the background, held by the daemon.
//!
//! What must stay true: the program gets what the caller has and says, and nothing of the daemon's; what
//! is printed is an id that answers from then on; a program that was declared to live no longer than
//! this command does not.

pub(super) mod ask;
mod name;

use super::talk::{code_of, with_daemon};
use super::wait::until;
use crate::app::{Lifetime, ReadyWhen, Start};
use crate::explain::{Failure, NO, TIMED_OUT};
use crate::link::{Link, patiently};
use crate::settings;
use crate::show::line::Started as Line;
use crate::show::{safe, state};
use handfast_daemon::wire::{Condition, Start as Ask, Started, Waited};
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

/// How often a name is drawn before it is given up.
const DRAWS: usize = 8;

/// How long the end of a program that has closed its output is waited for.
const MOMENT: Duration = Duration::from_secs(1);

pub(crate) fn run(options: &Start) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let lifetime = link.settings.value(&settings::LIFETIME, options.lifetime)?;
        let ask = ask::of(options, lifetime)?;
        let started = launch(&link, (&options.command, ask)).await?;
        let readiness = match &options.ready_when {
            Some(wanted) => Some(ready(&link, (options, wanted), &started).await?),
            None => None,
        };
        if options.answers.json {
            out.json(&line(options, &started, readiness.as_ref()))?;
        } else {
            out.line(&safe::word(&started.process_id))?;
        }
        let code = readiness.as_ref().map_or(0, |ready| ready.code(&started));
        match lifetime {
            Lifetime::Session | Lifetime::Turn => stay(&link, &started).await,
            Lifetime::Lease(_) | Lifetime::User => Ok(code),
        }
    })
}

/// Starts something under an id that nobody has.
pub(super) async fn launch(
    link: &Link,
    (command, mut ask): (&[OsString], Ask),
) -> Result<Started, Failure> {
    let program = command.first().map(|word| word.to_string_lossy());
    let what = format!("start `{}`", safe::word(&program.unwrap_or_default()));
    let mut left = DRAWS;
    loop {
        ask.process_id = Some(name::draw());
        match patiently("the program to start", link.try_ask(&ask)).await {
            Ok(started) => return Ok(started),
            Err(error) if error.code() == "process.exists" && left > 0 => left -= 1,
            Err(error) => return Err(Failure::asked(what, &error)),
        }
    }
}

/// Whether it has become ready.
struct Readiness {
    waited: Waited,
    is_ready: bool,
}

impl Readiness {
    /// Says on standard error what has become of it; answers the exit code.
    fn code(&self, started: &Started) -> u8 {
        if self.is_ready {
            return 0;
        }
        let (code, name) = match self.waited.outcome.as_str() {
            "timed-out" => (TIMED_OUT, "cli.not-ready-in-time"),
            _ => (NO, "cli.not-ready"),
        };
        let status = &self.waited.status;
        let why = format!("it is not: {}{}", status.state, state::why(status));
        let what = format!("see `{}` ready", started.process_id);
        Failure::new(name, what, &std::io::Error::other(why)).say();
        code
    }
}

async fn ready(
    link: &Link,
    (options, wanted): (&Start, &ReadyWhen),
    started: &Started,
) -> Result<Readiness, Failure> {
    let condition = [match wanted {
        ReadyWhen::Matches(pattern) => Condition::Match {
            pattern: pattern.clone(),
            from: 0,
        },
        ReadyWhen::Port(port) => Condition::Port { port: *port },
        ReadyWhen::Exit => Condition::Exit {},
    }];
    let what = format!("wait for `{}`", started.process_id);
    let within = Some(options.ready_within);
    let waits = until(link, (&what, &started.handle), &condition, within);
    let waited = patiently(&format!("`{}` to be ready", started.process_id), waits).await?;
    let waited = match waited.outcome.as_str() {
        // Its output has ended, and most likely it has too: that says more.
        "impossible" if waited.status.exited_at_ms.is_none() => until(
            link,
            (&what, &started.handle),
            &[Condition::Exit {}],
            Some(MOMENT),
        )
        .await
        .map(|ended| Waited {
            outcome: waited.outcome.clone(),
            condition: None,
            ..ended
        })?,
        _ => waited,
    };
    let is_met = waited.condition == Some(0) && waited.outcome != "impossible";
    let is_ready = is_met && (*wanted != ReadyWhen::Exit || waited.status.exit_code == Some(0));
    Ok(Readiness { waited, is_ready })
}

fn line(options: &Start, started: &Started, readiness: Option<&Readiness>) -> Line {
    let not_ready = readiness.filter(|readiness| !readiness.is_ready);
    Line {
        id: started.process_id.clone(),
        handle: started.handle.clone(),
        name: options.held.name.clone(),
        rung: started.rung.clone(),
        grade: started.grade.clone(),
        ready: readiness.map(|readiness| readiness.is_ready),
        not_ready: not_ready.map(|readiness| readiness.waited.outcome.clone()),
    }
}

/// Holds the session that the program lives in, until that has ended.
async fn stay(link: &Link, started: &Started) -> Result<u8, Failure> {
    let what = format!("wait for `{}`", started.process_id);
    let exit = [Condition::Exit {}];
    let waited = until(link, (&what, &started.handle), &exit, None).await?;
    Ok(code_of(&waited.status))
}
