//! The reaper's loop: one wait, one event, one answer. Nothing here blocks on a managed process.
//!
//! What must stay true: every tree that began is in the ledger until it is empty; a fact is told
//! once; no timer runs while the owner is here, has let nothing go and no tree resists being killed.

mod children;
mod end;
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
    owner: Channel,
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
}

impl Source {
    fn number(self) -> u64 {
        match self {
            Source::Owner => u64::MAX,
            Source::Child => u64::MAX - 1,
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
            (_, 6) => Source::Child,
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
            // By this the manager knows our end and our pid.
            let us = child::own_pidfd()?;
            owner.send(&Reply::Ready(entered.ready()).encode(), &[us.as_fd()])?;
            drop(us);
            // Only now: writing our own id maps needs our files below /proc to be ours.
            child::keep_private()?;
            Serve::new(owner, ground, entered)?.run()
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
            owner,
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
        }
    }

    fn handle(&mut self, source: Source) {
        match source {
            Source::Owner => self.hear_owner(),
            Source::Child => self.reap(),
            Source::Outcome(id) => self.outcome_known(id),
            Source::Events(id) => self.group_changed(id),
            Source::Leader(id) => self.adopted_leader_ended(id),
            Source::Shim(id) => self.hear_shim(id),
            Source::Member(id) => self.member_ended(id),
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

    fn hear_owner(&mut self) {
        for _ in 0..TURN {
            match self.owner.try_receive() {
                Ok(Some(packet)) => {
                    // Both ends are of one build; what cannot be read can only be dropped.
                    if let Ok(request) = Request::decode(&packet.bytes) {
                        self.obey(request, packet.descriptors);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(None) | Err(_) => return self.owner_gone(),
            }
        }
    }

    fn obey(&mut self, request: Request, descriptors: Vec<OwnedFd>) {
        match request {
            Request::Hello(_) => {}
            Request::Start(start) => self.start(&start, &descriptors),
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
        }
    }

    fn owner_gone(&mut self) {
        // Its end-of-file stays readable for ever.
        let _ = self.watcher.forget(self.owner.as_fd());
        self.note(Event::OwnerGone);
    }

    /// Tells the ledger a fact and carries out what follows.
    fn note(&mut self, event: Event) {
        let orders = self.ledger.step(event, Instant::now());
        let killed = orders.iter().filter_map(|order| match order {
            Order::Kill(id) => Some(*id),
            Order::Ask(_) | Order::Leave => None,
        });
        self.kill_sessions(&killed.collect::<Vec<u64>>());
        for order in orders {
            match order {
                Order::Ask(id) => self.ask(id),
                Order::Kill(id) if self.trees.get(&id).is_some_and(Tree::is_session) => {}
                Order::Kill(id) => self.kill(id),
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
    /// by its own memory limit, not by ours.
    fn tell(&self, reply: &Reply, descriptors: &[BorrowedFd<'_>]) {
        self.tell_bytes(&reply.encode(), descriptors);
    }

    fn tell_bytes(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
        if !self.ledger.owner_is_gone() {
            let _ = self.owner.send(bytes, descriptors);
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
