//! The thread's loop: one wait, one event, one answer. Nothing here blocks on a managed process.
//!
//! What must stay true: every tree that began is in the ledger until it is empty; a fact is told
//! once; no timer runs while the owner is here and no tree is on its way out. A port may keep silent
//! about a job, so a tree whose leader has ended, or that was killed, is looked at again.

use super::ask::{self, Asking};
use super::keep::Keeper;
use super::request::{self, Failure, NOT_SUPPORTED, Shown};
use crate::ledger::{Event, Ledger, Order};
use crate::wire::{
    LeaderExited, NotStarted, Ready, Reply, Request, Scope, Signal, Signalled, Start,
    Started as Told, VERSION,
};
use handfast_sys::channel::{BorrowedDescriptor, Channel, Descriptor};
use handfast_sys::child::{self, EndWatch, Exit, Kind, Process};
use handfast_sys::tree::windows::{Job, Port};
use std::collections::HashMap;
use std::io;
use std::os::windows::io::AsHandle;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long the port is relied on for a tree that is on its way out.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The number under which the owner's packets are told; trees have smaller ones.
const OWNER: u64 = u32::MAX as u64;

/// The exit code of members that are killed: what a shell says of SIGKILL.
const KILLED: u32 = 137;

/// The signals that mean something here, by the numbers that requests have.
mod signal {
    pub(super) const KILL: i32 = 9;
    pub(super) const TERMINATE: i32 = 15;
    pub(super) const CONTINUE: i32 = 18;
}

/// One tree.
#[derive(Debug)]
struct Tree {
    job: Job,
    leader: Process,
    _watch: EndWatch,
    /// Its leader has ended, and that was told.
    over: bool,
    killed: bool,
    survives: bool,
    asking: Option<Asking>,
    /// Dropped last: a console that is closed asks its programs to end.
    _shown: Option<Shown>,
}

/// Everything the thread knows.
#[derive(Debug)]
struct Serve {
    owner: Channel,
    helper: Option<PathBuf>,
    /// Who keeps survivors, from the first of them on.
    keeper: Option<Keeper>,
    port: Arc<Port>,
    ledger: Ledger,
    trees: HashMap<u64, Tree>,
    left: bool,
}

/// Serves the manager at the other end of a channel, in a thread of its own, until the manager is gone
/// and no tree is left. `helper` is the program that asks others to end.
///
/// # Errors
///
/// Where the system has no thread or port left.
pub fn serve_here(owner: Channel, helper: Option<PathBuf>) -> io::Result<JoinHandle<()>> {
    let port = Arc::new(Port::new()?);
    let told = Arc::clone(&port);
    owner.on_arrival(move || {
        // A port that takes no message has nobody who could read it.
        let _ = told.nudge(OWNER);
    });
    let serve = Serve {
        owner,
        helper,
        keeper: None,
        port,
        ledger: Ledger::default(),
        trees: HashMap::new(),
        left: false,
    };
    std::thread::Builder::new()
        .name("handfast-reaper".into())
        .spawn(move || serve.run())
}

impl Drop for Serve {
    /// The manager has a handle of each job too, to list its members.
    fn drop(&mut self) {
        let trees = self.trees.values_mut().filter(|tree| !tree.survives);
        trees.for_each(Tree::kill);
    }
}

impl Serve {
    fn run(mut self) {
        while !self.left {
            // Without its port it cannot serve; its end closes every job, which ends every tree.
            match self.port.next(self.patience()) {
                Ok(Some(message)) if message.number == OWNER => self.hear_owner(),
                Ok(Some(message)) => self.look(message.number),
                Ok(None) => self.look_at_those_on_their_way_out(),
                Err(_) => return,
            }
            if self
                .ledger
                .next_tick()
                .is_some_and(|due| due <= Instant::now())
            {
                self.note(Event::Tick);
            }
        }
    }

    /// How long the next wait may last; for ever while nothing is due.
    fn patience(&self) -> Option<Duration> {
        let due = self.ledger.next_tick();
        let due = due.map(|due| due.saturating_duration_since(Instant::now()));
        let out = self.trees.values().any(Tree::is_on_its_way_out);
        let again = out.then_some(LOOK_AGAIN);
        due.into_iter().chain(again).min()
    }

    fn hear_owner(&mut self) {
        loop {
            match self.owner.try_receive() {
                Ok(Some(packet)) => {
                    // Both ends are of one build; what cannot be read can only be dropped.
                    if let Ok(request) = Request::decode(&packet.bytes) {
                        self.obey(request, &packet.descriptors);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(None) | Err(_) => return self.note(Event::OwnerGone),
            }
        }
    }

    fn obey(&mut self, request: Request, descriptors: &[Descriptor]) {
        match request {
            Request::Hello(hello) if hello.version == VERSION => {
                let ready = Ready {
                    group: None,
                    user_namespace: false,
                    // Nobody else holds its trees: they end with this thread.
                    namespace: true,
                };
                let named = child::this_thread();
                let named: Vec<_> = named.iter().map(AsHandle::as_handle).collect();
                self.tell(&Reply::Ready(ready), &named);
            }
            // A thread of the host is never lost without the host, so nothing is handed over.
            Request::Hello(_) | Request::Adopt(_) | Request::Settle => {}
            // It ends with the host, so no other owner finds it.
            Request::Told(_)
            | Request::Lend(_)
            | Request::CloseInput(_)
            | Request::HandOver(_)
            | Request::Resume(_) => {}
            Request::Start(start) => self.start(&start, descriptors),
            Request::Signal(signal) => self.signal(&signal),
            Request::Kill(id) => {
                self.note(Event::Killed(id));
                self.kill(id);
            }
            Request::Goodbye => self.note(Event::Goodbye),
            Request::LetGo(ids) => ids.into_iter().for_each(|id| self.note(Event::LetGo(id))),
        }
    }

    fn start(&mut self, start: &Start, descriptors: &[Descriptor]) {
        let id = start.id;
        match self.begin(start, descriptors) {
            Err((step, errno)) => {
                let step = step as u8;
                self.tell(&Reply::NotStarted(NotStarted { id, step, errno }), &[]);
            }
            Ok(tree) => {
                let named = [tree.leader.as_handle(), tree.job.as_handle()];
                self.tell(&Reply::Started(Told { id, group: None }), &named);
                self.trees.insert(id, tree);
                let (survives, grace) = (start.survives, Duration::from_millis(start.grace_ms));
                self.note(Event::Began {
                    id,
                    survives,
                    grace,
                });
            }
        }
    }

    fn begin(&mut self, start: &Start, descriptors: &[Descriptor]) -> Result<Tree, Failure> {
        let contain = |error: io::Error| {
            let number = error.raw_os_error().unwrap_or(NOT_SUPPORTED);
            (crate::wire::Step::Contain, number)
        };
        let job = request::job(start)?;
        job.tell(&self.port, start.id).map_err(contain)?;
        let shown = request::console(start, descriptors)?;
        if start.survives {
            self.keep(&job).map_err(contain)?;
        }
        let leader = request::begin(start, (descriptors, shown.as_ref()), &job)?.process;
        // Where it cannot be watched it is not held: the end of its job ends it.
        let port = Arc::clone(&self.port);
        let watch = EndWatch::new(&leader, port, start.id).map_err(contain)?;
        Ok(Tree {
            job,
            leader,
            _watch: watch,
            over: false,
            killed: false,
            survives: start.survives,
            asking: None,
            _shown: shown,
        })
    }

    /// Has a job outlive the host: before its program runs, so that nobody is told of a survivor that is none.
    fn keep(&mut self, job: &Job) -> io::Result<()> {
        let keeper = self.keeper.take().filter(Keeper::is_there);
        let mut keeper = match (keeper, &self.helper) {
            (Some(keeper), _) => keeper,
            (None, Some(helper)) => Keeper::start(helper)?,
            (None, None) => return Err(io::ErrorKind::Unsupported.into()),
        };
        keeper.keep(job)?;
        self.keeper = Some(keeper);
        Ok(())
    }

    fn look_at_those_on_their_way_out(&mut self) {
        let out = self
            .trees
            .iter()
            .filter(|(_, tree)| tree.is_on_its_way_out());
        let out: Vec<u64> = out.map(|(id, _)| *id).collect();
        out.into_iter().for_each(|id| self.look(id));
    }

    /// Tells what has become of a tree since the last look.
    fn look(&mut self, id: u64) {
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        // The leader first: one that ends in between is not a member any more.
        let ended = tree.leader.exit_code().ok().flatten();
        let empty = tree.is_empty();
        if tree.killed && !empty {
            tree.kill();
        }
        let Some(code) = ended else {
            return;
        };
        if !std::mem::replace(&mut tree.over, true) {
            let exited = LeaderExited {
                id,
                exit: Exit::Code(code.cast_signed()).into(),
                at: nanoseconds(tree.leader.ended()),
                empty,
            };
            self.tell(&Reply::LeaderExited(exited), &[]);
        } else if empty {
            self.tell(&Reply::Emptied(id), &[]);
        }
        if empty {
            self.finish(id);
        }
    }

    /// Forgets a tree that is empty.
    fn finish(&mut self, id: u64) {
        self.trees.remove(&id);
        self.note(Event::Ended(id));
    }

    /// Tells the ledger a fact and carries out what follows.
    fn note(&mut self, event: Event) {
        for order in self.ledger.step(event, Instant::now()) {
            match order {
                Order::Ask(id) => self.ask(id),
                Order::Kill(id) => self.kill(id),
                // Nothing is kept here.
                Order::Forget(_) | Order::Release => {}
                Order::Leave => self.left = true,
            }
        }
    }

    fn kill(&mut self, id: u64) {
        if let Some(tree) = self.trees.get_mut(&id) {
            tree.kill();
        }
    }

    fn ask(&mut self, id: u64) {
        // Who cannot be asked is killed when the grace is over.
        let (Some(helper), Some(tree)) = (&self.helper, self.trees.get_mut(&id)) else {
            return;
        };
        let members = tree.job.members().unwrap_or_default();
        tree.asking = ask::ask(helper, tree.leader.pid(), &members).ok();
    }

    fn signal(&mut self, signal: &Signal) {
        let Signal { id, token, .. } = *signal;
        let (count, errno) = match (signal.signal, self.trees.get(&id)) {
            (_, None) => (0, 0),
            (signal::TERMINATE, Some(tree)) => {
                let count = tree.count();
                self.ask(id);
                (count, 0)
            }
            (signal::KILL, Some(tree)) => match Scope::from_byte(signal.scope) {
                Scope::Leader => (u32::from(tree.leader.kill(KILLED).is_ok()), 0),
                Scope::Group | Scope::Tree => {
                    let count = tree.count();
                    self.kill(id);
                    (count, 0)
                }
            },
            // Nobody is stopped here, so nobody has to be woken up.
            (signal::CONTINUE, Some(tree)) => (tree.count(), 0),
            (_, Some(_)) => (0, NOT_SUPPORTED),
        };
        if token != 0 {
            let signalled = Signalled {
                id,
                token,
                count,
                errno,
            };
            self.tell(&Reply::Signalled(signalled), &[]);
        }
    }

    /// Tells the owner; one that is gone needs no answer.
    fn tell(&self, reply: &Reply, descriptors: &[BorrowedDescriptor<'_>]) {
        let _ = self.owner.send(&reply.encode(), descriptors);
    }
}

impl Tree {
    fn is_on_its_way_out(&self) -> bool {
        self.over || self.killed
    }

    fn is_empty(&self) -> bool {
        is_empty(&self.job)
    }

    /// A process that is being born while its tree is killed may come late: then once more.
    fn kill(&mut self) {
        self.killed = true;
        // A refusal leaves the tree as it is; the manager's deadline names the survivors.
        let _ = self.job.kill(KILLED);
    }

    fn count(&self) -> u32 {
        let members = self.job.members().unwrap_or_default().into_iter();
        u32::try_from(members.filter(|pid| matters(*pid)).count()).unwrap_or(u32::MAX)
    }
}

/// Whether no member lives that matters. The hosts of consoles end after their programs; what is
/// left of them ends with the job.
pub(super) fn is_empty(job: &Job) -> bool {
    let members = job.members();
    members.is_ok_and(|members| !members.into_iter().any(matters))
}

/// Whether a member is a program, and not the host of a console.
fn matters(pid: u32) -> bool {
    child::kind(pid) == Kind::Program
}

/// 0 is "now", from where the time was not known.
fn nanoseconds(ended: io::Result<Option<SystemTime>>) -> u64 {
    let since = ended
        .ok()
        .flatten()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
