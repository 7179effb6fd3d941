//! The waiting of `handfast run`: for the start, and then for whatever happens first.
//!
//! `course.rs` decides, this carries out. The only `select!`s of this verb are here, and each of
//! their arms is safe to cancel or lives as long as the loop.

use super::asked::{Asked, Listener};
use super::course::{Course, Event, Order, Reason, Relaying};
use super::parent::Parent;
use crate::terminal::{Relay, Relayed};
use handfast::config::Checked;
use handfast::{
    Ended, LookupError, ProcessConfig, ProcessHandle, ProcessManager, Receipt, Scope, SignalError,
    StartError,
};
use handfast_sys::host;
use std::future::ready;
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout};

/// How long the helper may take to pass a signal on before the next thing is looked at.
const FORWARD_PATIENCE: Duration = Duration::from_secs(1);

/// What can happen besides the program's own doing.
#[derive(Debug)]
pub(super) struct World {
    pub(super) listener: Listener,
    pub(super) parent: Parent,
    /// How long the program may run, from when it does.
    pub(super) timeout: Option<Duration>,
}

/// Why there is no program.
#[derive(Debug)]
pub(super) enum NoProgram {
    /// It could not be started.
    Failed(StartError),
    /// It took too long, and this signal had asked for its end.
    Asked(i32),
    /// It took longer than program and end together may.
    TimeOver,
    /// It took too long, and whoever started handfast has ended.
    ParentEnded,
}

/// A program that runs.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) handle: ProcessHandle,
    /// Its terminal, where it has one.
    pub(super) relayed: Option<Relayed>,
    /// The signals that came while it was being started.
    early: Vec<Asked>,
}

/// What is to be started: a config, or on a terminal the config of its monitor and the program.
pub(super) type Program = (ProcessConfig, Option<(Relay, Checked)>);

/// How it went.
#[derive(Debug)]
pub(super) struct Outcome {
    /// How the program ended; `None` where it survived being killed.
    pub(super) ended: Option<Ended>,
    pub(super) reason: Option<Reason>,
    /// `None` only where the library knows nothing of the process any more.
    pub(super) receipt: Option<Receipt>,
}

/// Starts the program. Signals that come meanwhile are kept for it: it may run already. Only a start
/// that hangs for longer than the grace after somebody wanted its end, or its time was over, is
/// given up.
pub(super) async fn start(
    manager: &ProcessManager,
    program: Program,
    world: &mut World,
) -> Result<Started, NoProgram> {
    let grace = program.0.grace();
    let mut starting = pin!(start_by(manager, program));
    let mut early = Vec::new();
    let patience = world.timeout.and_then(|time| time.checked_add(grace));
    let mut give_up: Option<(Instant, NoProgram)> =
        after(patience).map(|due| (due, NoProgram::TimeOver));
    let mut parent_ended = false;
    loop {
        let wanted = tokio::select! {
            biased;
            started = &mut starting => {
                return match started {
                    Ok((handle, relayed)) => Ok(Started { handle, relayed, early }),
                    Err(error) => Err(NoProgram::Failed(error)),
                };
            }
            asked = world.listener.next() => {
                early.push(asked);
                asked.ends().map(NoProgram::Asked)
            }
            () = world.parent.ended(), if !parent_ended => {
                parent_ended = true;
                Some(NoProgram::ParentEnded)
            }
            () = at(give_up.as_ref().map(|(due, _)| *due)) => {
                return Err(give_up.map_or(NoProgram::TimeOver, |(_, why)| why));
            }
        };
        if let (Some(why), Some(due)) = (wanted, after(Some(grace)))
            && give_up.as_ref().is_none_or(|(before, _)| due < *before)
        {
            give_up = Some((due, why));
        }
    }
}

async fn start_by(
    manager: &ProcessManager,
    (config, terminal): Program,
) -> Result<(ProcessHandle, Option<Relayed>), StartError> {
    let handle = manager.start_process(config).await?;
    let relayed = match terminal {
        Some((relay, program)) => Some(relay.start(&program, (manager, handle)).await?),
        None => None,
    };
    Ok((handle, relayed))
}

/// Holds a program until nothing is left of it, or what is left cannot be killed.
pub(super) async fn hold(
    manager: &ProcessManager,
    started: Started,
    world: &mut World,
    wait_tree: bool,
) -> Outcome {
    let Started {
        handle,
        relayed,
        early,
    } = started;
    let mut course = Course::new(wait_tree, relaying(relayed.as_ref()));
    let mut leader = pin!(manager.wait(handle));
    let mut tree = pin!(manager.wait_tree(handle));
    let mut stopping: Option<Stopping<'_>> = None;
    let mut ended = None;
    let mut parent_ended = false;
    let mut time_over = after(world.timeout);
    let mut early = early.into_iter().map(Event::Asked);
    loop {
        let event = tokio::select! {
            biased;
            Some(event) = ready(early.next()) => event,
            asked = world.listener.next() => Event::Asked(asked),
            end = &mut leader, if ended.is_none() => {
                ended = Some(end);
                Event::LeaderEnded
            }
            () = world.parent.ended(), if !parent_ended => {
                parent_ended = true;
                Event::ParentEnded
            }
            () = at(time_over) => {
                time_over = None;
                Event::TimeOver
            }
            receipt = receipt_of(&mut stopping) => {
                let ended = match ended {
                    None => tokio::select! { biased; end = &mut leader => Some(end), () = ready(()) => None },
                    known => known,
                };
                show_last_words(relayed, world).await;
                return Outcome {
                    ended: ended.and_then(Result::ok),
                    reason: course.reason(),
                    receipt: receipt.ok(),
                };
            }
            _ = &mut tree, if stopping.is_none() => Event::TreeOver,
        };
        for order in course.step(event) {
            match order {
                Order::Forward(signal, scope) => match &relayed {
                    Some(relayed) if scope != Scope::Tree => {
                        relayed.signal(signal, scope == Scope::Group)
                    }
                    _ => forward(manager, handle, signal, scope).await,
                },
                Order::Stop => stopping = Some(Box::pin(manager.stop_process(handle))),
                Order::PauseSelf => host::stop_self(),
            }
        }
    }
}

fn relaying(relayed: Option<&Relayed>) -> Relaying {
    match relayed {
        None => Relaying::Nothing,
        Some(relayed) if relayed.is_on_terminal() => Relaying::Terminal,
        Some(_) => Relaying::Streams,
    }
}

/// Gives the caller's terminal back. It may take no more for now; whoever asks for an end again does
/// not wait for that.
async fn show_last_words(relayed: Option<Relayed>, world: &mut World) {
    let Some(relayed) = relayed else { return };
    let mut finish = pin!(relayed.finish());
    loop {
        tokio::select! {
            biased;
            () = &mut finish => return,
            asked = world.listener.next() => if asked.ends().is_some() {
                return;
            },
        }
    }
}

type Stopping<'a> = Pin<Box<dyn Future<Output = Result<Receipt, LookupError>> + 'a>>;

async fn receipt_of(stopping: &mut Option<Stopping<'_>>) -> Result<Receipt, LookupError> {
    match stopping {
        Some(stopping) => stopping.await,
        None => std::future::pending().await,
    }
}

/// This long from now, unless that is beyond all time.
fn after(time: Option<Duration>) -> Option<Instant> {
    time.and_then(|time| Instant::now().checked_add(time))
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Passes a signal on. Where the program has just ended, what it left is the job; whom the signal
/// was for may have ended too, which is as well.
async fn forward(manager: &ProcessManager, handle: ProcessHandle, signal: i32, scope: Scope) {
    let sent = timeout(FORWARD_PATIENCE, manager.signal(handle, signal, scope)).await;
    if scope == Scope::Group && matches!(sent, Ok(Err(SignalError::Over { .. }))) {
        let _ = timeout(
            FORWARD_PATIENCE,
            manager.signal(handle, signal, Scope::Tree),
        )
        .await;
    }
}
