//! The reaper's loop: one wait, one event, one answer. Nothing here blocks on a managed process.
//!
//! What must stay true: every tree that began is in the ledger until it is empty; a fact is told
//! once; no timer runs while the owner is here, has let nothing go and no tree resists being killed.
//!
//! How trees are held and how their ends are noticed is each system's own ([`System`](crate::os::System)
//! and the methods of [`Serve`] beside it).

mod keep;
mod next_owner;
mod tree;

pub(crate) use tree::{Tree, once};

use crate::ledger::{Event, Ledger, Order};
use crate::os::{System, enter};
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

/// How long the init of a namespace waits for trees that it has killed before it ends and has the
/// kernel end them.
const INIT_PATIENCE: Duration = Duration::from_secs(1);

/// How many packets of the owner are taken before other events have their turn.
const TURN: usize = 64;

/// Everything the reaper knows.
#[derive(Debug)]
pub(crate) struct Serve {
    /// The last one's end is open until it is noticed, or there is a next one.
    pub(crate) owner: Option<Channel>,
    /// What the next owner is to find, where there may be one.
    pub(crate) keep: Option<Keep>,
    /// Who wants to be that, and has not said so.
    caller: Option<Channel>,
    /// Who is to be that once the last one is gone, which has said goodbye.
    next: Option<Channel>,
    pub(crate) ground: Ground,
    pub(crate) system: System,
    pub(crate) watcher: Watcher,
    pub(crate) ledger: Ledger,
    pub(crate) trees: HashMap<u64, Tree>,
    /// Our own children: leaders, and shims where there are such.
    pub(crate) by_pid: HashMap<i32, u64>,
    leave_by: Option<Instant>,
}

/// What became ready; the number under which the watcher knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Owner,
    Outcome(u64),
    /// Something of the system's own, with its number: what is left of these.
    System(u64),
    /// Somebody wants to be the next owner.
    Caller,
    /// One of those says something.
    Called,
}

impl Source {
    fn number(self) -> u64 {
        match self {
            Source::Owner => u64::MAX,
            Source::System(number) => number,
            Source::Caller => u64::MAX - 2,
            Source::Called => 7,
            Source::Outcome(id) => id << 3,
        }
    }

    fn from_number(number: u64) -> Source {
        let id = number >> 3;
        match (number, number & 7) {
            (u64::MAX, _) => Source::Owner,
            (_, 7) => Source::Called,
            (_, 5) => Source::Caller,
            (_, 0) => Source::Outcome(id),
            _ => Source::System(number),
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
        Ok(system) => {
            let keep = match &hello.keep {
                Some(keep) => Some(Keep::new(keep, system.ready(), descriptors.pop())?),
                None => None,
            };
            // By this the manager knows our end and our pid.
            let us = child::own_pidfd()?;
            owner.send(&Reply::Ready(system.ready()).encode(), &[us.as_fd()])?;
            drop(us);
            let mut serve = Serve::new(owner, ground, system)?;
            if let Some(keep) = keep {
                serve.keep_for_next(keep)?;
            }
            serve.run()
        }
    }
}

impl Serve {
    pub(crate) fn new(owner: Channel, ground: Ground, system: System) -> io::Result<Serve> {
        let watcher = Watcher::new()?;
        watcher.add(Source::Owner.number(), owner.as_fd(), Readiness::Readable)?;
        system.join(&watcher)?;
        Ok(Serve {
            owner: Some(owner),
            keep: None,
            caller: None,
            next: None,
            ground,
            system,
            watcher,
            ledger: Ledger::default(),
            trees: HashMap::new(),
            by_pid: HashMap::new(),
            leave_by: None,
        })
    }

    pub(crate) fn run(mut self) -> io::Result<std::convert::Infallible> {
        let mut ready = Vec::with_capacity(64);
        loop {
            self.prepare();
            self.watcher.wait(&mut ready, self.patience())?;
            for number in &ready {
                self.handle(Source::from_number(*number));
            }
            self.system_turn();
            self.tick();
            self.welcome_next();
        }
    }

    fn handle(&mut self, source: Source) {
        match source {
            Source::Owner => drop(self.hear_owner()),
            Source::Outcome(id) => self.outcome_known(id),
            Source::System(number) => self.system_told(number),
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
        due.into_iter().chain(self.system.patience()).min()
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
                self.kill(&[id]);
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
    pub(crate) fn note(&mut self, event: Event) {
        let orders = self.ledger.step(event, Instant::now());
        let killed = orders.iter().filter_map(|order| match order {
            Order::Kill(id) => Some(*id),
            Order::Ask(_) | Order::Forget(_) | Order::Release | Order::Leave => None,
        });
        self.kill(&killed.collect::<Vec<u64>>());
        for order in orders {
            if let (Order::Ask(id) | Order::Kill(id), Some(keep)) = (order, &mut self.keep) {
                keep.ended_for_owner(id);
            }
            match order {
                Order::Ask(id) => self.ask(id),
                // All at once, above: a look at all processes is for all of them.
                Order::Kill(_) => {}
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
        if self.system.ends_all_with_us() && killing && self.leave_by.is_none() {
            self.leave_by = Some(now + INIT_PATIENCE);
        }
        if self.leave_by.is_some_and(|due| due <= now) {
            self.leave();
        }
    }

    /// Tells the owner; one that is gone needs no answer, and one that does not read is cut off
    /// by its own memory limit, not by ours. What the next owner must know is kept.
    pub(crate) fn tell(&mut self, reply: &Reply, descriptors: &[BorrowedFd<'_>]) {
        if let Some(keep) = &mut self.keep {
            keep.note(reply, descriptors);
        }
        if let Some(owner) = &self.owner {
            let _ = owner.send(&reply.encode(), descriptors);
        }
    }

    /// Ends, leaving nothing behind.
    pub(crate) fn leave(&mut self) -> ! {
        self.clear_away();
        child::exit_now(0)
    }
}
