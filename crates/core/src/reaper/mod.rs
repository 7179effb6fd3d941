//! Our side of the outside helper: one reaper for each rung that is used, started when first needed.
//!
//! A `Reaper` is what process tasks hold. Behind it a supervisor (`task.rs`) reads what the reaper
//! says, notices its end at once, replaces it, and hands over what must be watched. No pid is
//! polled anywhere: the end of the reaper is the end-of-file of its channel.

mod error;
mod fact;
mod find;
mod launch;
mod loss;
mod resume;
mod scope;
mod task;

pub use error::ReaperError;
pub(crate) use fact::Fact;
pub use find::{program, run_if_asked};
pub(crate) use launch::TOO_MANY_DESCRIPTORS;
pub(crate) use resume::Found;

use crate::kept::{Ends, Kept};
use crate::runtime::Runtime;
use crate::tree::Rung;
use handfast_reaper::wire::{Lend, Request, group_name};
use handfast_sys::channel::ReadyChannel;
use handfast_sys::descriptor::{AsDescriptor, BorrowedDescriptor, Descriptor};
use handfast_sys::tree::group::HeldGroup;
use handfast_sys::tree::hold::Hold;
pub(crate) use handfast_sys::tree::hold::Place;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, watch};

/// How many trees are let go with one packet.
const AT_ONCE: usize = 1024;

/// Where the facts of one tree go, and what a new reaper must know to go on with it.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) facts: mpsc::UnboundedSender<Fact>,
    pub(crate) survives: bool,
    pub(crate) grace_ms: u64,
    /// Whether a reaper was asked to start it: what became of that dies with that reaper.
    pub(crate) asked: bool,
    /// Whether its manager has let it go: a new reaper must be told so again.
    pub(crate) let_go: bool,
    /// What the reaper tells the next program of it.
    pub(crate) note: Vec<u8>,
    /// Our ends of its streams, which the reaper holds for the next program.
    pub(crate) ends: Ends,
    /// Set once the tree runs.
    pub(crate) running: Option<Running>,
}

/// A tree that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// Names the leader until it has ended.
    pub(crate) leader: Option<Descriptor>,
    /// The leader's pid in our namespace, alive or not.
    pub(crate) session: i32,
    /// What holds it besides its reaper.
    pub(crate) hold: Hold,
    /// The number of its group, where it has one.
    pub(crate) group: Option<u64>,
}

impl Running {
    /// Kills it, where no reaper watches it any more and its group, if it had one, is killed.
    fn kill(&self) {
        let leader = self.leader.as_ref().map(AsDescriptor::as_descriptor);
        self.hold.kill(self.session, leader);
    }
}

/// What the connection to a reaper is at a moment.
#[derive(Debug, Clone)]
enum Line {
    /// With the number of the reaper: the first is 0, and each that replaces it is one more.
    Up(Arc<ReadyChannel>, u64),
    Down,
    Failed(ReaperError),
}

/// What is known of the reaper that runs now.
#[derive(Debug, Default)]
struct Known {
    routes: HashMap<u64, Route>,
    pid: u32,
    group: Option<PathBuf>,
    /// The lock on that group: without it, it could be swept while there is no reaper.
    held: Option<HeldGroup>,
    namespace: bool,
    user_namespace: bool,
    closed: bool,
    /// The number of the reaper that runs, or is the next to.
    number: u64,
    /// Trees of a program that is gone, which nobody has taken over yet, and how many ends were forgotten.
    found: (Vec<Found>, u64),
}

/// The reaper of one rung of one manager or of several, through all its replacements. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Reaper {
    rung: Rung,
    program: Option<Arc<Path>>,
    /// Where the next program finds it, if one is to.
    kept: Option<Arc<Kept>>,
    line: watch::Sender<Line>,
    known: Arc<Mutex<Known>>,
}

impl Reaper {
    /// Starts one and its supervisor, or goes on with the one that a program which is gone has left.
    pub(crate) async fn start(
        rung: Rung,
        program: Option<Arc<Path>>,
        kept: Option<Arc<Kept>>,
        runtime: &Runtime,
    ) -> Result<Reaper, ReaperError> {
        let found = match &kept {
            Some(kept) => resume::resume(kept, rung).await?,
            None => None,
        };
        let (launched, trees, forgotten) = match found {
            Some(found) => found,
            None => {
                let launch = launch::launch(program.as_deref(), rung, (None, kept.as_deref()));
                (launch.await?, Vec::new(), 0)
            }
        };
        let reaper = Reaper {
            rung,
            program,
            kept,
            line: watch::Sender::new(Line::Up(Arc::clone(&launched.channel), 0)),
            known: Arc::default(),
        };
        task::install(&reaper, &launched);
        let found = trees.into_iter().map(|tree| reaper.find(tree)).collect();
        reaper.with(|known| known.found = (found, forgotten));
        runtime.spawn(task::supervise(reaper.clone(), launched));
        Ok(reaper)
    }

    /// Where the next program finds it, if one is to.
    pub(crate) fn kept(&self) -> Option<&Arc<Kept>> {
        self.kept.as_ref()
    }

    /// The trees of a program that is gone, once.
    pub(crate) fn take_found(&self) -> (Vec<Found>, u64) {
        self.with(|known| std::mem::take(&mut known.found))
    }

    /// From here on our ends of a tree's streams can be found.
    pub(crate) fn note_ends(&self, id: u64, ends: Ends) {
        self.with(|known| {
            if let Some(route) = known.routes.get_mut(&id) {
                route.ends = ends;
            }
        });
    }

    /// Has the reaper hold what it does not hold yet, and everything for so long after our end.
    pub(crate) async fn hand_over(&self, grace_ms: u64) -> Result<(), ReaperError> {
        let lent: Vec<_> = self.with(|known| {
            let routes = known.routes.iter().filter(|(_, route)| !route.survives);
            routes
                .map(|(id, route)| (*id, route.ends.duplicate()))
                .collect()
        });
        for (id, ends) in lent {
            let (kinds, ends): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
            let lent = kinds.into_iter().map(|kind| kind.byte()).collect();
            let ends: Vec<BorrowedDescriptor<'_>> =
                ends.iter().map(AsDescriptor::as_descriptor).collect();
            self.send(&Request::Lend(Lend { id, lent }), &ends).await?;
        }
        self.send(&Request::HandOver(grace_ms), &[]).await.map(drop)
    }

    /// Runs a short, non-blocking piece of work on what is known.
    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        // Nothing under this lock panics half-way through a change.
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The rung whose trees it holds.
    pub(crate) fn rung(&self) -> Rung {
        self.rung
    }

    /// The pid of the reaper that runs now, for people and tests; 0 between two.
    pub(crate) fn pid(&self) -> u32 {
        self.with(|known| known.pid)
    }

    /// Whether set-uid programs do not work for its trees.
    pub(crate) fn in_user_namespace(&self) -> bool {
        self.with(|known| known.user_namespace)
    }

    /// Where the members of a tree are listed.
    pub(crate) fn place(&self, running: &Running) -> Place {
        let group = self.with(|known| known.group.clone());
        let group = group.zip(running.group);
        let group = group.map(|(group, number)| group.join(group_name(number)));
        running.hold.place(running.session, group)
    }

    /// From here on facts of this tree go to its task.
    pub(crate) fn add_route(&self, id: u64, route: Route) {
        self.with(|known| known.routes.insert(id, route));
    }

    /// The tree runs: a new reaper could go on with it.
    pub(crate) fn note_running(&self, id: u64, running: Running) {
        self.with(|known| {
            if let Some(route) = known.routes.get_mut(&id) {
                route.running = Some(running);
            }
        });
    }

    /// The leader has ended: its pidfd names nobody any more.
    pub(crate) fn note_leader_ended(&self, id: u64) {
        self.with(|known| {
            let running = known
                .routes
                .get_mut(&id)
                .and_then(|route| route.running.as_mut());
            running
                .into_iter()
                .for_each(|running| running.leader = None);
        });
    }

    /// The tree is over.
    pub(crate) fn remove_route(&self, id: u64) {
        self.with(|known| known.routes.remove(&id));
    }

    /// Sends a request to the reaper that runs now, or while there is none, to the next one; answers
    /// with the number of that reaper.
    ///
    /// A request that a reaper takes with it to its end is not an error here: the supervisor tells
    /// the tree's task of that end.
    pub(crate) async fn send(
        &self,
        request: &Request,
        descriptors: &[BorrowedDescriptor<'_>],
    ) -> Result<u64, ReaperError> {
        let bytes = request.encode();
        let mut line = self.line.subscribe();
        loop {
            let now = line.borrow_and_update().clone();
            match now {
                Line::Failed(error) => return Err(error),
                Line::Down => {}
                Line::Up(channel, number) => match channel.send(&bytes, descriptors).await {
                    Ok(()) => return Ok(number),
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
                        return Err(ReaperError::system(error));
                    }
                    // Nothing of it was sent: it is for the next one.
                    Err(_) => {}
                },
            }
            line.changed().await.map_err(|_| ReaperError::Closed)?;
        }
    }

    /// Kills these trees. Does not wait, and may be called outside a runtime.
    pub(crate) fn kill(&self, ids: &[u64]) {
        if let Line::Up(channel, _) = &*self.line.borrow() {
            for id in ids {
                // A channel that is full or broken: then the end-of-file says it.
                let _ = channel.try_send(&Request::Kill(*id).encode(), &[]);
            }
        }
    }

    /// Asks the reaper that runs now for a start, or while there is none, the next one.
    ///
    /// What a lost reaper may have begun is never asked for twice: its supervisor has told the
    /// tree's task of that end then, and removed the route.
    pub(crate) async fn send_start(
        &self,
        id: u64,
        request: &Request,
        descriptors: &[BorrowedDescriptor<'_>],
    ) -> Result<(), ReaperError> {
        let bytes = request.encode();
        let mut line = self.line.subscribe();
        loop {
            let now = line.borrow_and_update().clone();
            match now {
                Line::Failed(error) => return Err(error),
                Line::Down => {}
                Line::Up(channel, _) => {
                    if !self.note_asked(id, true) {
                        return Ok(());
                    }
                    match channel.send(&bytes, descriptors).await {
                        Ok(()) => return Ok(()),
                        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
                            return Err(ReaperError::system(error));
                        }
                        // Nothing of it was sent: the next one can be asked.
                        Err(_) => self.note_asked(id, false),
                    };
                }
            }
            line.changed().await.map_err(|_| ReaperError::Closed)?;
        }
    }

    /// Answers whether there still is a route.
    fn note_asked(&self, id: u64, asked: bool) -> bool {
        self.with(|known| {
            let route = known.routes.get_mut(&id);
            route.map(|route| route.asked = asked).is_some()
        })
    }

    /// How this tree ended is known, whatever becomes of this program. A reaper that is gone has forgotten
    /// it.
    pub(crate) async fn told(&self, id: u64) {
        let Line::Up(channel, _) = self.line.borrow().clone() else {
            return;
        };
        // One that ends now has forgotten it too.
        let _ = channel.send(&Request::Told(vec![id]).encode(), &[]).await;
    }

    /// The manager of these trees ends, and others go on: the reaper asks each of them, waits its
    /// grace and kills, whatever becomes of this process. Does not wait, and may be called outside a
    /// runtime.
    ///
    /// It is for trees that run. The tasks say it again, for those that were being started and for a
    /// channel that was full.
    pub(crate) fn let_go(&self, ids: &[u64]) {
        self.with(|known| {
            for id in ids {
                if let Some(route) = known.routes.get_mut(id) {
                    route.let_go = true;
                }
            }
        });
        if let Line::Up(channel, _) = &*self.line.borrow() {
            for some in ids.chunks(AT_ONCE) {
                let _ = channel.try_send(&Request::LetGo(some.to_vec()).encode(), &[]);
            }
        }
    }

    /// The owner ends: the reaper asks each tree, waits its grace and kills, whatever becomes of
    /// this process. Does not wait, and may be called outside a runtime.
    pub(crate) fn close(&self) {
        self.with(|known| known.closed = true);
        if let Line::Up(channel, _) = &*self.line.borrow() {
            // A channel that is full or broken: then the end-of-file says it, without the grace.
            let _ = channel.try_send(&Request::Goodbye.encode(), &[]);
        }
    }
}
