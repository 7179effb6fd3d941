//! `handfast start`: a program in the background, held by the daemon.
//!
//! What must stay true: the program gets what the caller has and says, and nothing of the daemon's; what
//! is printed is an id that answers from then on; a program that was declared to live no longer than
//! this command does not.

pub(super) mod ask;
mod name;

use super::talk::{code_of, with_daemon};
use super::wait::until;
use crate::app::{Lifetime, Start};
use crate::explain::{Failure, NO, TIMED_OUT};
use crate::link::{Link, patiently};
use crate::settings;
use crate::show::line::Started as Line;
use crate::show::{safe, state};
use handfast_daemon::wire::{Condition, InfoOf, Start as Ask, Started, Status};
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
            Some(_) => Some(ready(&link, &started).await?),
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
    /// Why it has not, if it has not.
    why_not: Option<String>,
    /// How it stands then.
    status: Status,
}

impl Readiness {
    /// Says on standard error what has become of it; answers the exit code.
    fn code(&self, started: &Started) -> u8 {
        let Some(why) = self.why_not.as_deref() else {
            return 0;
        };
        let (code, name, said) = match why {
            "timed-out" => (TIMED_OUT, "cli.not-ready-in-time", "its time was over"),
            "exit-code" => (NO, "cli.not-ready", "it failed"),
            "no-output" => (NO, "cli.not-ready", "it writes no more"),
            "ended" => (NO, "cli.not-ready", "it has ended"),
            other => (NO, "cli.not-ready", other),
        };
        let now = format!("{}{}", self.status.state, state::why(&self.status));
        let what = format!("see `{}` ready", started.process_id);
        let why = std::io::Error::other(format!("{said}: {now}"));
        Failure::new(name, what, &why).say();
        code
    }
}

/// Waits until it is ready or can be no more, which the daemon knows.
async fn ready(link: &Link, started: &Started) -> Result<Readiness, Failure> {
    let what = format!("wait for `{}`", started.process_id);
    let handle = (what.as_str(), started.handle.as_str());
    let ready = [Condition::Ready {}];
    let waits = until(link, handle, &ready, None);
    let waited = patiently(&format!("`{}` to be ready", started.process_id), waits).await?;
    if waited.outcome == "ready" {
        return Ok(Readiness {
            why_not: None,
            status: waited.status,
        });
    }
    let (process_id, members) = (started.handle.clone(), false);
    let asked = InfoOf {
        process_id,
        members,
    };
    let info = link.ask(&what, &asked).await?;
    let why = info
        .ready
        .and_then(|ready| ready.why)
        .unwrap_or_else(|| "ended".to_owned());
    // One whose output has ended has most likely ended too, and that says more.
    let is_told = why == "timed-out" || info.status.exited_at_ms.is_some();
    let status = match is_told {
        true => info.status,
        false => {
            until(link, handle, &[Condition::Exit {}], Some(MOMENT))
                .await?
                .status
        }
    };
    Ok(Readiness {
        why_not: Some(why),
        status,
    })
}

fn line(options: &Start, started: &Started, readiness: Option<&Readiness>) -> Line {
    Line {
        id: started.process_id.clone(),
        handle: started.handle.clone(),
        name: options.held.name.clone(),
        rung: started.rung.clone(),
        grade: started.grade.clone(),
        ready: readiness.map(|readiness| readiness.why_not.is_none()),
        not_ready: readiness.and_then(|readiness| readiness.why_not.clone()),
    }
}

/// Holds the session that the program lives in, until that has ended.
async fn stay(link: &Link, started: &Started) -> Result<u8, Failure> {
    let what = format!("wait for `{}`", started.process_id);
    let exit = [Condition::Exit {}];
    let waited = until(link, (&what, &started.handle), &exit, None).await?;
    Ok(code_of(&waited.status))
}
