//! The reaper's loop: one wait, one event, one answer. Nothing here blocks on a managed process.
//!
//! What must stay true: every tree that began is in the ledger until it is empty; a fact is told
//! once; no timer runs while the owner is here, has let nothing go and no tree resists being killed.

mod children;
mod end;
mod keep;
mod next_owner;
mod orders;
mod shim;
mod trees;

use crate::enter::{Entered, Place, enter};
use crate::ledger::{Event, Ledger, Order};
use crate::start::Ground;
use crate::wire::{Reply, Request, VERSION};
use handfast_sys::channel::Channel;
use handfast_sys::child;
use handfast_sys::watch::{Readiness, Watcher};
use keep::Keep;
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};
use trees::Tree;

/// How long a round of sweeping rests before the next, while something resists.
const SWEEP_PAUSE: Duration = Duration::from_millis(5);

/// How long the init of a namespace waits for trees that it has killed before it ends and has the
/// kernel end them.
const INIT_PATIENCE: Duration = Duration::from_secs(1);

/// How many times strays are looked for before those that resist are left to the next look.
const STRAY_ROUNDS: usize = 500;

/// How many packets of the owner are taken before other events have their turn.
const TURN: usize = 64;

/// Everything the reaper knows.
#[derive(Debug)]
pub(crate) struct Serve {
    /// The last one's end is open until it is noticed, or there is a next one.
    owner: Option<Channel>,
    /// What the next owner is to find, where there may be one.
    keep: Option<Keep>,
    /// Who wants to be that, and has not said so.
    caller: Option<Channel>,
    /// Who is to be that once the last one is gone, which has said goodbye.
    next: Option<Channel>,
    ground: Ground,
    place: Place,
    namespace: bool,
    watcher: Watcher,
    child_signal: OwnedFd,
    ledger: Ledger,
    trees: HashMap<u64, Tree>,
    /// Our own children: leaders and shims.
    by_pid: HashMap<i32, u64>,
    /// Whether a tree without a kernel object of its own is being killed.
    sweeping: bool,
    leave_by: Option<Instant>,
}

/// What became ready; the number under which the watcher knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Owner,
    Child,
    Outcome(u64),
    Events(u64),
    Leader(u64),
    Shim(u64),
    Member(u64),
    /// Somebody wants to be the next owner.
    Caller,
    /// One of those says something.
    Called,
}

impl Source {
    fn number(self) -> u64 {
        match self {
            Source::Owner => u64::MAX,
            Source::Child => u64::MAX - 1,
            Source::Caller => u64::MAX - 2,
            Source::Called => 7,
            Source::Outcome(id) => id << 3,
            Source::Events(id) => id << 3 | 1,
            Source::Leader(id) => id << 3 | 2,
            Source::Shim(id) => id << 3 | 3,
            Source::Member(id) => id << 3 | 4,
        }
    }

    fn from_number(number: u64) -> Source {
        let id = number >> 3;
        match (number, number & 7) {
            (u64::MAX, _) => Source::Owner,
            (_, 7) => Source::Called,
            (_, 6) => Source::Child,
            (_, 5) => Source::Caller,
            (_, 0) => Source::Outcome(id),
            (_, 1) => Source::Events(id),
            (_, 2) => Source::Leader(id),
            (_, 3) => Source::Shim(id),
            _ => Source::Member(id),
        }
    }
}

/// Takes the first message, becomes what it asks for and serves.
pub(crate) fn introduce(owner: Channel, ground: Ground) -> io::Result<std::convert::Infallible> {
    let Some(packet) = owner.receive()? else {
        child::exit_now(0)
    };
    let mut descriptors = packet.descriptors;
    let hello = match Request::decode(&packet.bytes) {
        Ok(Request::Hello(hello)) if hello.version == VERSION => hello,
        _ => return Err(io::Error::other("the other end speaks another version")),
    };
    match enter(&hello, &ground) {
        Err(not_ready) => {
            let _ = owner.send(&Reply::NotReady(not_ready).encode(), &[]);
            child::exit_now(1)
        }
        Ok(entered) => {
            let keep = match &hello.keep {
                Some(keep) => Some(Keep::new(keep, entered.ready(), descriptors.pop())?),
                None => None,
            };
            // By this the manager knows our end and our pid.
            let us = child::own_pidfd()?;
            owner.send(&Reply::Ready(entered.ready()).encode(), &[us.as_fd()])?;
            drop(us);
            // Only now: writing our own id maps needs our files below /proc to be ours.
            child::keep_private()?;
            let mut serve = Serve::new(owner, ground, entered)?;
            if let Some(keep) = keep {
                serve.keep_for_next(keep)?;
            }
            serve.run()
        }
    }
}

impl Serve {
    pub(crate) fn new(owner: Channel, ground: Ground, entered: Entered) -> io::Result<Serve> {
        let watcher = Watcher::new()?;
        let child_signal = child::child_signal_descriptor()?;
        watcher.add(Source::Owner.number(), owner.as_fd(), Readiness::Readable)?;
        watcher.add(
            Source::Child.number(),
            child_signal.as_fd(),
            Readiness::Readable,
        )?;
        Ok(Serve {
            owner: Some(owner),
            keep: None,
            caller: None,
            next: None,
            ground,
            place: entered.place,
            namespace: entered.namespace,
            watcher,
            child_signal,
            ledger: Ledger::default(),
            trees: HashMap::new(),
            by_pid: HashMap::new(),
            sweeping: false,
            leave_by: None,
        })
    }

    pub(crate) fn run(mut self) -> io::Result<std::convert::Infallible> {
        let mut ready = Vec::with_capacity(64);
        loop {
            self.refill();
            self.watcher.wait(&mut ready, self.patience())?;
            for number in &ready {
                self.handle(Source::from_number(*number));
            }
            if self.sweeping {
                self.sweep();
            }
            self.tick();
            self.welcome_next();
        }
    }

    fn handle(&mut self, source: Source) {
        match source {
            Source::Owner => drop(self.hear_owner()),
            Source::Child => self.reap(),
            Source::Outcome(id) => self.outcome_known(id),
            Source::Events(id) => self.group_changed(id),
            Source::Leader(id) => self.adopted_leader_ended(id),
            Source::Shim(id) => self.hear_shim(id),
            Source::Member(id) => self.member_ended(id),
            Source::Caller => self.called(),
            Source::Called => self.hear_caller(),
        }
    }

    /// How long the next wait may last; for ever while nothing is due.
    fn patience(&self) -> Option<Duration> {
        let due = [self.ledger.next_tick(), self.leave_by]
            .into_iter()
            .flatten()
            .min();
        let due = due.map(|due| due.saturating_duration_since(Instant::now()));
        if self.sweeping {
            Some(due.unwrap_or(SWEEP_PAUSE).min(SWEEP_PAUSE))
        } else {
            due
        }
    }

    /// Answers whether there may be more to hear.
    fn hear_owner(&mut self) -> bool {
        for _ in 0..TURN {
            let Some(owner) = &self.owner else {
                return false;
            };
            match owner.try_receive() {
                Ok(Some(packet)) => {
                    // Both ends are of one build; what cannot be read can only be dropped.
                    if let Ok(request) = Request::decode(&packet.bytes) {
                        self.obey(request, packet.descriptors);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Ok(None) | Err(_) => {
                    self.owner_gone();
                    return false;
                }
            }
        }
        true
    }

    fn obey(&mut self, request: Request, descriptors: Vec<OwnedFd>) {
        match request {
            // A new owner says so before it is one.
            Request::Hello(_) | Request::Resume(_) => {}
            Request::Start(start) => self.start(&start, descriptors),
            Request::Signal(signal) => self.signal(&signal),
            Request::Kill(id) => {
                self.note(Event::Killed(id));
                self.kill(id);
            }
            Request::Adopt(adopt) => self.adopt(&adopt, descriptors),
            Request::Settle => self.settle(),
            Request::Goodbye => self.note(Event::Goodbye),
            Request::LetGo(ids) => {
                for id in ids {
                    self.note(Event::LetGo(id));
                }
            }
            Request::Told(ids) => {
                for id in ids {
                    self.note(Event::Told(id));
                }
            }
            Request::Lend(lend) => self.lend(&lend, descriptors),
            Request::CloseInput(id) => self.close_input(id),
            Request::HandOver(grace_ms) => {
                self.note(Event::HandOver(Duration::from_millis(grace_ms)));
            }
        }
    }

    fn owner_gone(&mut self) {
        // Its end-of-file stays readable for ever.
        self.let_owner_go();
        self.note(Event::OwnerGone);
    }

    fn let_owner_go(&mut self) {
        if let Some(owner) = self.owner.take() {
            let _ = self.watcher.forget(owner.as_fd());
        }
    }

    /// Tells the ledger a fact and carries out what follows.
    fn note(&mut self, event: Event) {
        let orders = self.ledger.step(event, Instant::now());
        let killed = orders.iter().filter_map(|order| match order {
            Order::Kill(id) => Some(*id),
            Order::Ask(_) | Order::Forget(_) | Order::Release | Order::Leave => None,
        });
        self.kill_sessions(&killed.collect::<Vec<u64>>());
        for order in orders {
            if let (Order::Ask(id) | Order::Kill(id), Some(keep)) = (order, &mut self.keep) {
                keep.ended_for_owner(id);
            }
            match order {
                Order::Ask(id) => self.ask(id),
                Order::Kill(id) if self.trees.get(&id).is_some_and(Tree::is_session) => {}
                Order::Kill(id) => self.kill(id),
                // An end that goes untold: it was too old, or there were too many.
                Order::Forget(id) => self.forget(
                    id,
                    !matches!(event, Event::Told(_)) && event != Event::Ended(id),
                ),
                Order::Release => {
                    self.tell(&Reply::Released, &[]);
                    self.let_owner_go();
                }
                Order::Leave => self.leave(),
            }
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if self.ledger.next_tick().is_some_and(|due| due <= now) {
            self.note(Event::Tick);
        }
        let killing = self.ledger.owner_is_gone()
            && self.ledger.next_tick().is_none()
            && !self.ledger.has_survivors();
        if self.namespace && killing && self.leave_by.is_none() {
            self.leave_by = Some(now + INIT_PATIENCE);
        }
        if self.leave_by.is_some_and(|due| due <= now) {
            self.leave();
        }
    }

    /// Tells the owner; one that is gone needs no answer, and one that does not read is cut off
    /// by its own memory limit, not by ours. What the next owner must know is kept.
    fn tell(&mut self, reply: &Reply, descriptors: &[BorrowedFd<'_>]) {
        if let Some(keep) = &mut self.keep {
            keep.note(reply, descriptors);
        }
        if let Some(owner) = &self.owner {
            let _ = owner.send(&reply.encode(), descriptors);
        }
    }

    fn settle(&self) {
        if let Place::Cgroups(home) = &self.place {
            let known: Vec<u64> = self.trees.values().filter_map(Tree::group_number).collect();
            home.settle(|number| known.contains(&number));
        }
    }

    /// Keeps the next start short; once the owner is gone there is none.
    fn refill(&mut self) {
        if let Place::Cgroups(home) = &mut self.place {
            if self.ledger.owner_is_gone() {
                home.discard_spare();
            } else {
                home.refill(&self.ground);
            }
        }
    }

    /// Ends, leaving no group behind.
    fn leave(&mut self) -> ! {
        if let Place::Cgroups(home) = &mut self.place {
            home.discard_spare();
            home.remove();
        }
        child::exit_now(0)
    }
}
