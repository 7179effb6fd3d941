//! Watches for a sign, and waits for whichever of two things comes first.

use super::Sign;
use handfast::output::{Condition, Outcome};
use handfast::{ProcessHandle, ProcessManager};
use handfast_sys::proc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long to wait before another look at what has no event.
const AGAIN: Duration = Duration::from_millis(200);

/// Whichever comes first.
pub(crate) enum First<A, B> {
    One(A),
    Other(B),
}

/// Waits for one of two; the other one is dropped.
pub(crate) async fn first_of<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> First<A, B> {
    tokio::select! {
        biased;
        one = one => First::One(one),
        other = other => First::Other(other),
    }
}

/// Waits for a sign, or for the reason why there will be none.
pub(super) async fn seen(
    manager: &ProcessManager,
    handle: ProcessHandle,
    sign: Sign,
    within: Option<Duration>,
) -> Result<(), &'static str> {
    let looked = look(manager, handle, sign);
    match within {
        None => looked.await,
        Some(within) => timeout(within, looked).await.unwrap_or(Err("timed-out")),
    }
}

async fn look(
    manager: &ProcessManager,
    handle: ProcessHandle,
    sign: Sign,
) -> Result<(), &'static str> {
    let wait = async |condition: Condition| {
        let waited = manager.wait_for(handle, &[condition], Duration::MAX).await;
        waited.map_or(Outcome::Impossible, |waited| waited.outcome)
    };
    match sign {
        Sign::Match(pattern) => match wait(Condition::Match { pattern, from: 0 }).await {
            Outcome::Matched { .. } => Ok(()),
            _ => Err("ended"),
        },
        Sign::Exit => match wait(Condition::Exit).await {
            Outcome::Exited { ended } if ended.exit_code == Some(0) => Ok(()),
            Outcome::Exited { .. } => Err("exit-code"),
            _ => Err("ended"),
        },
        Sign::Port(port) => loop {
            let Outcome::Open { .. } = wait(Condition::Port { port }).await else {
                return Err("ended");
            };
            if is_not_a_strangers(manager, handle, port).await {
                return Ok(());
            }
            again(manager, handle).await?;
        },
        Sign::Http(address) => loop {
            let port = address.port;
            let Outcome::Open { .. } = wait(Condition::Port { port }).await else {
                return Err("ended");
            };
            if address.answers().await && is_not_a_strangers(manager, handle, port).await {
                return Ok(());
            }
            again(manager, handle).await?;
        },
    }
}

/// Waits a moment, unless nobody is left who could ever listen.
async fn again(manager: &ProcessManager, handle: ProcessHandle) -> Result<(), &'static str> {
    let status = manager.query_status(handle);
    if status.map_or(true, |status| status.is_over()) {
        return Err("ended");
    }
    sleep(AGAIN).await;
    Ok(())
}

/// Whether a member listens at a port, or nobody knows who does.
async fn is_not_a_strangers(manager: &ProcessManager, handle: ProcessHandle, port: u16) -> bool {
    let manager = manager.clone();
    // It looks at processes, which takes some milliseconds.
    let look = move || {
        let listening = proc::listening().unwrap_or_default();
        let sockets: Vec<_> = listening
            .into_iter()
            .filter(|one| one.port == port)
            .collect();
        let members = manager.members(handle).unwrap_or_default();
        let pids: Vec<i32> = members.iter().map(|pid| pid.cast_signed()).collect();
        if !proc::holders_of(&sockets, &pids).is_empty() {
            return true;
        }
        let all = proc::pids().unwrap_or_default();
        proc::holders_of(&sockets, &all).is_empty()
    };
    tokio::task::spawn_blocking(look).await.unwrap_or(true)
}
