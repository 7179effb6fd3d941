//! The one owner of a process: turns what happens into events, and orders into requests.
//!
//! All state of a process is in its task; everybody else sends a message or looks at the last
//! published [`Seen`]. The only `select!` of this feature is here, and each of its arms is cancel
//! safe (`mpsc::recv`, `sleep_until`).

use super::error::{SignalError, StartError};
use super::life::{Event, LeaderEnd, Life, Order, Phase};
use super::seen::{Seen, failure};
use super::status::{Cause, Receipt};
use super::stop::Stops;
use crate::config::Lifetime;
use crate::manager::home::Home;
use crate::manager::registry::Record;
use crate::reaper::{Fact, Reaper, ReaperError, TOO_MANY_DESCRIPTORS};
use handfast_reaper::wire::{Request, Scope, Signal};
use handfast_sys::child::{CONTINUE, Exit};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

const SIGTERM: i32 = 15;

/// What others want of a process.
#[derive(Debug)]
pub(crate) enum Wish {
    /// End the tree; without a grace of its own, with the config's.
    Stop {
        grace: Option<Duration>,
        cause: Cause,
        done: Option<oneshot::Sender<Receipt>>,
    },
    /// Signal a part of it.
    Signal {
        signal: i32,
        scope: Scope,
        done: oneshot::Sender<Result<u32, SignalError>>,
    },
    /// Put the end of its lease off.
    Renew,
    /// Let it run so long by the wall clock from its start, whatever its own deadline is.
    WallTime(Option<Duration>),
    /// The owner is going or gone; the reaper does the rest.
    OwnerGone { cause: Cause },
    /// Its input was closed, which is held by its reaper too.
    CloseInput,
    /// Its reaper is shared by others who go on: tell it that this tree was let go.
    LetGo,
    /// A sampler saw the leader's state change for longer than it may, or change back.
    Unresponsive(Option<super::status::Unresponsive>),
}

/// A process's own state.
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) record: Arc<Record>,
    pub(crate) reaper: Reaper,
    pub(super) home: Arc<Home>,
    pub(super) seen: watch::Sender<Seen>,
    pub(super) life: Life,
    pub(super) facts: mpsc::UnboundedReceiver<Fact>,
    pub(super) wishes: mpsc::UnboundedReceiver<Wish>,
    pub(crate) timers: Timers,
    pub(super) stops: Stops,
    /// Those that were not answered yet, with the number of the reaper that each was sent to.
    pub(super) signals: HashMap<u64, (u64, oneshot::Sender<Result<u32, SignalError>>)>,
    pub(super) next_token: u64,
    /// The step that failed, and what the system said.
    pub(super) failed_at: Option<(u8, i32)>,
    /// It is the next program's now.
    released: bool,
}

/// When a process's own limits are reached.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    pub(crate) deadline: Option<Instant>,
    pub(crate) lease: Option<Instant>,
    /// What its owner's limits say.
    pub(crate) wall: Option<Instant>,
}

/// A task's two inboxes.
type Inboxes = (mpsc::UnboundedReceiver<Fact>, mpsc::UnboundedReceiver<Wish>);

impl Task {
    pub(crate) fn new(
        id: u64,
        record: Arc<Record>,
        reaper: Reaper,
        (home, seen): (Arc<Home>, watch::Sender<Seen>),
        (facts, wishes): Inboxes,
    ) -> Task {
        Task {
            id,
            record,
            reaper,
            home,
            seen,
            life: Life::default(),
            facts,
            wishes,
            timers: Timers::default(),
            stops: Stops::default(),
            signals: HashMap::new(),
            next_token: 1,
            failed_at: None,
            released: false,
        }
    }

    /// The process could not even be asked for.
    pub(crate) async fn fail(&mut self, failed: StartError) {
        self.seen.send_modify(|seen| seen.failed = Some(failed));
        self.step(Event::NotStarted).await;
    }

    /// Lives for as long as the process does.
    pub(crate) async fn run(mut self) {
        while self.life.phase != Phase::Gone && !self.released {
            let due = [
                self.life.next_tick(),
                self.timers.deadline,
                self.timers.lease,
                self.timers.wall,
            ];
            let due = due.into_iter().flatten().min();
            tokio::select! {
                biased;
                Some(fact) = self.facts.recv() => self.learn(fact).await,
                Some(wish) = self.wishes.recv() => self.consider(wish).await,
                () = sleep_until(due) => self.time_passed().await,
            }
        }
    }

    pub(super) async fn step(&mut self, event: Event) {
        let orders = self.life.step(event, Instant::now());
        self.carry_out(orders).await;
    }

    async fn carry_out(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Ask => self.ask().await,
                Order::Kill => self.kill().await,
                Order::Announce => self.announce().await,
                Order::NameSurvivors => self.name_survivors(),
                Order::Bury => self.bury(),
            }
        }
    }

    async fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Started { pid, place } => {
                self.seen.send_modify(|seen| {
                    seen.pid = pid;
                    seen.place = Some(Arc::new(place));
                });
                self.step(Event::Started).await;
            }
            Fact::Unheld => self.give_up_start().await,
            Fact::NotStarted { step, errno } => {
                self.failed_at = Some((step, errno));
                self.fail(failure(&self.record.config, step, errno)).await;
            }
            Fact::LeaderExited { exit, at, empty } => {
                let now = Instant::now();
                let mut orders = self.life.step(Event::LeaderExited { exit, at }, now);
                if empty {
                    // One change and not two: a tree without members is never seen as detached.
                    orders = self.life.step(Event::TreeEmpty, now);
                }
                self.carry_out(orders).await;
            }
            Fact::Emptied => self.step(Event::TreeEmpty).await,
            Fact::Signalled {
                token,
                count,
                errno,
            } => self.signalled(token, count, errno),
            Fact::Lost => {
                if self.life.phase == Phase::Starting {
                    self.seen
                        .send_modify(|seen| seen.failed = Some(StartError::ReaperLost));
                }
                self.step(Event::TreeLost).await;
            }
            Fact::OwnerGone { cause } => self.step(Event::OwnerGone { cause }).await,
            Fact::Released => self.released = true,
            Fact::Replaced { number } => {
                // Nobody will ever answer for what the lost one was sent.
                let handle = self.record.handle;
                let lost = self.signals.extract_if(|_, (sent_to, _)| *sent_to < number);
                for (_, (_, done)) in lost {
                    // Who asked may have stopped waiting.
                    let _ = done.send(Err(SignalError::ReaperLost { handle }));
                }
                self.step(Event::ReaperReplaced).await;
            }
        }
    }

    /// It runs and cannot be held: kills it. Its start fails when nothing is left of it.
    async fn give_up_start(&mut self) {
        let source = io::Error::from_raw_os_error(TOO_MANY_DESCRIPTORS);
        let failed = StartError::System {
            attempt: "take the process over from its reaper",
            source: Arc::new(source),
        };
        self.seen.send_modify(|seen| seen.failed = Some(failed));
        let _ = self.send(&Request::Kill(self.id)).await;
    }

    async fn consider(&mut self, wish: Wish) {
        match wish {
            Wish::Stop { grace, cause, done } => {
                let grace = grace.unwrap_or(self.record.config.grace());
                self.stops.join(done, || self.seen.borrow().members().len());
                self.step(Event::StopAsked { grace, cause }).await;
            }
            Wish::Signal {
                signal,
                scope,
                done,
            } => self.signal(signal, scope, done).await,
            Wish::Renew => self.renew(),
            Wish::WallTime(wall) => self.let_run(wall),
            Wish::OwnerGone { cause } => self.step(Event::OwnerGone { cause }).await,
            Wish::CloseInput => drop(self.send(&Request::CloseInput(self.id)).await),
            // One that is being started is killed when it runs.
            Wish::LetGo => drop(self.send(&Request::LetGo(vec![self.id])).await),
            Wish::Unresponsive(unresponsive) => {
                self.seen
                    .send_modify(|seen| seen.unresponsive = unresponsive);
                let word = if unresponsive.is_some() {
                    "unresponsive"
                } else {
                    "responsive"
                };
                self.home.tell(self.record.handle, word);
            }
        }
    }

    fn renew(&mut self) {
        if let Lifetime::Lease(ttl) = self.record.config.lifetime() {
            self.timers.lease = Instant::now().checked_add(ttl);
        }
    }

    fn let_run(&mut self, wall: Option<Duration>) {
        let began = self.record.began;
        self.timers.wall = wall.and_then(|wall| began.checked_add(wall));
    }

    async fn time_passed(&mut self) {
        let now = Instant::now();
        let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
        if is_due(self.timers.deadline) || is_due(self.timers.wall) {
            self.timers.deadline = None;
            self.timers.wall = None;
            self.stop_for(Cause::Deadline).await;
        }
        if is_due(self.timers.lease) {
            self.timers.lease = None;
            self.stop_for(Cause::LeaseOver).await;
        }
        self.step(Event::Tick).await;
    }

    async fn stop_for(&mut self, cause: Cause) {
        let grace = self.record.config.grace();
        self.stops.join(None, || self.seen.borrow().members().len());
        self.step(Event::StopAsked { grace, cause }).await;
    }

    pub(super) async fn send(&self, request: &Request) -> Result<u64, ReaperError> {
        let sent = self.reaper.send(request, &[]).await;
        if let Err(error) = &sent {
            tracing::debug!(%error, "the reaper cannot be told");
        }
        sent
    }

    /// SIGTERM to all, then SIGCONT, so that those that are stopped can answer it.
    async fn ask(&mut self) {
        let members = self.seen.borrow().members().len();
        self.stops.asked(members);
        for signal in [SIGTERM, CONTINUE] {
            let scope = Scope::Tree.byte();
            let signal = Signal {
                id: self.id,
                signal,
                scope,
                token: 0,
            };
            // A reaper that cannot be had has its trees killed by its supervisor.
            let _ = self.send(&Request::Signal(signal)).await;
        }
    }

    async fn kill(&mut self) {
        let members = self.seen.borrow().members().len();
        self.stops.killed(members);
        let _ = self.send(&Request::Kill(self.id)).await;
    }

    async fn announce(&mut self) {
        let (phase, leader) = (self.life.phase, self.life.leader);
        if phase == Phase::Gone {
            // Whoever sees the end can rely on it, also if this program is killed then.
            self.note_end().await;
        }
        if leader.is_some() || phase == Phase::Gone {
            // What limits the leader ends with it, except where its tree goes on.
            self.timers.deadline = self.timers.deadline.filter(|_| phase != Phase::Gone);
        }
        let publish = || {
            self.seen.send_modify(|seen| {
                seen.phase = phase;
                seen.leader = leader;
                if leader.is_some() {
                    seen.unresponsive = None;
                }
            });
        };
        if phase == Phase::Gone {
            self.reaper.remove_route(self.id);
            self.home.bury(self.id, publish);
        } else {
            publish();
        }
        self.home
            .tell(self.record.handle, self.seen.borrow().word());
    }

    fn name_survivors(&mut self) {
        let survivors = self.seen.borrow().members();
        let status = self.seen.borrow().status();
        self.stops
            .answer(&self.record, self.reaper.rung(), survivors, &status);
    }

    /// It is a tombstone already: tells those who wait for its end.
    fn bury(&mut self) {
        let status = self.seen.borrow().status();
        self.stops
            .answer(&self.record, self.reaper.rung(), Vec::new(), &status);
        self.signals.clear();
    }
}

/// How a leader that ended is told to those who wait for it.
pub(crate) fn ended(end: LeaderEnd) -> super::status::Ended {
    let (exit_code, signal) = match end.exit {
        Exit::Code(code) => (Some(code), None),
        Exit::Signal(signal) => (None, Some(signal)),
        Exit::Unknown => (None, None),
    };
    super::status::Ended {
        exit_code,
        signal,
        cause: end.cause,
        exit_time: end.at,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
