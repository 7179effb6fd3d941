//! What is the same for every verb that asks the daemon: a runtime, a connection, an exit code.

use crate::app::Answers;
use crate::explain::{FAILED, Failure};
use crate::link::Link;
use crate::settings::{self, Settings};
use crate::show::Out;
use std::process::ExitCode;

/// Does something with the daemon, and ends with the code that it answers.
pub(super) fn with_daemon(
    answers: &Answers,
    work: impl AsyncFnOnce(Link, Out) -> Result<u8, Failure>,
) -> ExitCode {
    let code = block_on(async {
        let settings = Settings::read()?;
        let out = Out::new(settings.value(&settings::COLOR, answers.color)?);
        work(Link::open(answers, settings).await?, out).await
    });
    ended(code)
}

/// Runs something that waits, on this thread.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let failed = |error| Failure::new("cli.descriptors", "get ready", &error);
    let runtime = runtime.map_err(failed)?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

pub(super) fn ended(code: Result<u8, Failure>) -> ExitCode {
    match code {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.say();
            ExitCode::from(failure.status())
        }
    }
}

/// The code with which a program ended, as a shell tells it; one that nobody knows is a failure.
pub(super) fn code_of(status: &handfast_daemon::wire::Status) -> u8 {
    let code = status
        .exit_code
        .or(status.signal.map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code & 0xff).ok())
        .unwrap_or(FAILED)
}

/// Goes through several, and on after one that fails; the code is that of the first failure.
pub(super) async fn each<T>(
    all: impl IntoIterator<Item = T>,
    mut work: impl AsyncFnMut(T) -> Result<u8, Failure>,
) -> u8 {
    let mut worst = 0;
    for one in all {
        let code = work(one).await.unwrap_or_else(|failure| {
            failure.say();
            failure.status()
        });
        if worst == 0 {
            worst = code;
        }
    }
    worst
}
