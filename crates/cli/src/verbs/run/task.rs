//! The waiting of `handfast run`: for the start, and then for whatever happens first.
//!
//! `course.rs` decides, this carries out. The only `select!`s of this verb are here, and each of
//! their arms is safe to cancel or lives as long as the loop.

use super::asked::{Asked, Listener};
use super::course::{Course, Event, Order, Reason};
use super::parent::Parent;
use handfast::{
    Ended, LookupError, ProcessConfig, ProcessHandle, ProcessManager, Receipt, Scope, SignalError,
    StartError,
};
use handfast_sys::child;
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
    pub(super) time_over: Option<Instant>,
}

/// Why there is no program.
#[derive(Debug)]
pub(super) enum NoProgram {
    /// It could not be started.
    Failed(StartError),
    /// It took too long, and this signal had asked for its end.
    Asked(i32),
    /// It took longer than all of it may.
    TimeOver,
    /// It took too long, and whoever started handfast has ended.
    ParentEnded,
}

/// A program that runs, and the signals that came while it was being started.
pub(super) type Started = (ProcessHandle, Vec<Asked>);

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
/// that hangs for longer than `grace` after somebody wanted its end is given up.
pub(super) async fn start(
    manager: &ProcessManager,
    config: ProcessConfig,
    world: &mut World,
) -> Result<Started, NoProgram> {
    let grace = config.grace();
    let mut starting = pin!(manager.start_process(config));
    let mut early = Vec::new();
    let mut give_up: Option<(Instant, NoProgram)> =
        world.time_over.map(|due| (due, NoProgram::TimeOver));
    let mut parent_ended = false;
    loop {
        let wanted = tokio::select! {
            biased;
            started = &mut starting => {
                return started.map(|handle| (handle, early)).map_err(NoProgram::Failed);
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
        let due = Instant::now() + grace;
        if let Some(why) = wanted
            && give_up.as_ref().is_none_or(|(before, _)| due < *before)
        {
            give_up = Some((due, why));
        }
    }
}

/// Holds a program until nothing is left of it, or what is left cannot be killed.
pub(super) async fn hold(
    manager: &ProcessManager,
    (handle, early): Started,
    world: &mut World,
    wait_tree: bool,
) -> Outcome {
    let mut course = Course::new(wait_tree);
    let mut leader = pin!(manager.wait(handle));
    let mut tree = pin!(manager.wait_tree(handle));
    let mut stopping: Option<Stopping<'_>> = None;
    let mut ended = None;
    let mut parent_ended = false;
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
            () = at(world.time_over) => {
                world.time_over = None;
                Event::TimeOver
            }
            receipt = receipt_of(&mut stopping) => {
                let ended = match ended {
                    None => tokio::select! { biased; end = &mut leader => Some(end), () = ready(()) => None },
                    known => known,
                };
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
                Order::Forward(signal, scope) => forward(manager, handle, signal, scope).await,
                Order::Stop => stopping = Some(Box::pin(manager.stop_process(handle))),
                Order::PauseSelf => child::stop_self(),
            }
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
