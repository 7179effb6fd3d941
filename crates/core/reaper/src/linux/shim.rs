//! A shim: a process of ours between the reaper and one tree, where no cgroup holds it.
//!
//! It is the same loop as the reaper's with everything below it as its one tree, either as the
//! init of a namespace, so that the kernel kills the tree with it, or as a subreaper. It ends with
//! its tree. Its channel is also held by the manager, so it lives on when only the reaper is lost,
//! and kills its tree when both are.

use super::enter::{Entered, Place};
use super::hold::Hold;
use super::system::{Source, System, own_pid};
use crate::serve::{Serve, Tree};
use crate::start::{Failure, Ground};
use crate::wire::{LeaderExited, NotStarted, Reply, Start, Step};
use handfast_sys::channel::{Channel, Packet};
use handfast_sys::child::{self, Exit, Forked, Into, SingleThreaded};
use handfast_sys::tree::linux::{descendants, namespace};
use handfast_sys::watch::Readiness;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How many times strays are looked for before those that resist are left to the next look.
const STRAY_ROUNDS: usize = 500;

impl Serve {
    pub(super) fn start_shim(
        &mut self,
        start: &Start,
        descriptors: &[OwnedFd],
        nested: bool,
    ) -> Result<Tree, Failure> {
        let at = |error: io::Error| (Step::Contain, error);
        let (ours, theirs) = Channel::pair().map_err(at)?;
        let into = Into {
            namespace: nested,
            ..Into::default()
        };
        match child::fork(&self.ground.proof, &into).map_err(at)? {
            Forked::Child => {
                // The parent learns of it by our end, before anything was started.
                let Err(_) = self.serve_as_shim(theirs, start, descriptors, nested);
                child::exit_now(1)
            }
            Forked::Parent { pid, pidfd } => {
                self.by_pid.insert(pid.get(), start.id);
                let number = Source::Shim(start.id).number();
                let _ = self.watcher.add(number, ours.as_fd(), Readiness::Readable);
                let hold = Hold::Shim {
                    channel: ours,
                    pid: Some(pid),
                };
                Ok(Tree {
                    pidfd: Some(pidfd),
                    ..Tree::new(hold)
                })
            }
        }
    }

    /// In the forked child: keeps what the shim needs, becomes one and serves.
    fn serve_as_shim(
        &self,
        owner: Channel,
        start: &Start,
        descriptors: &[OwnedFd],
        nested: bool,
    ) -> io::Result<std::convert::Infallible> {
        let mut kept: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        kept.extend([owner.as_fd(), self.ground.null.as_fd()]);
        child::keep_only(&kept)?;
        if nested {
            namespace::mount_proc().map_err(|failed| failed.error)?;
        }
        namespace::become_subreaper().map_err(|failed| failed.error)?;
        let ground = Ground {
            proof: SingleThreaded::check()?,
            null: self.ground.null.try_clone()?,
            descriptor_limits: self.ground.descriptor_limits,
        };
        let place = Place::Below { init: nested };
        let entered = Entered {
            place,
            namespace: false,
            user_namespace: false,
        };
        let mut shim = Serve::new(owner, ground, System::new(entered)?)?;
        shim.start_with(start, descriptors);
        if shim.trees.is_empty() {
            // Said already why.
            child::exit_now(0);
        }
        child::keep_only(&shim.own_descriptors())?;
        shim.run()
    }

    /// What the loop needs; the streams of the program are not among them.
    fn own_descriptors(&self) -> Vec<BorrowedFd<'_>> {
        let mut own = vec![self.ground.null.as_fd(), self.watcher.as_fd()];
        own.extend(self.system.descriptors());
        own.extend(self.owner.as_ref().map(AsFd::as_fd));
        for tree in self.trees.values() {
            own.extend(tree.pidfd.as_ref().map(AsFd::as_fd));
            own.extend(tree.outcome.as_ref().map(AsFd::as_fd));
        }
        own
    }

    /// A shim has something to say: it is passed on as it is.
    pub(super) fn hear_shim(&mut self, id: u64) {
        while let Some(Tree {
            hold: Hold::Shim { channel, .. },
            ..
        }) = self.trees.get(&id)
        {
            match channel.try_receive() {
                Ok(Some(packet)) => self.pass_on(id, packet),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Ok(None) | Err(_) => {
                    let _ = self.watcher.forget(channel.as_fd());
                    // An adopted shim is nobody's child here: this is how its end is known.
                    if matches!(
                        self.trees.get(&id),
                        Some(Tree {
                            hold: Hold::Shim { pid: None, .. },
                            ..
                        })
                    ) {
                        self.shim_lost(id);
                    }
                    return;
                }
            }
        }
    }

    fn pass_on(&mut self, id: u64, packet: Packet) {
        let mut descriptors = packet.descriptors;
        let reply = Reply::decode(&packet.bytes);
        if let Ok(Reply::Started(_)) = reply {
            self.shim_started(id, &mut descriptors);
        }
        let borrowed: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        if let Ok(reply) = &reply {
            self.tell(reply, &borrowed);
        }
        match reply {
            Ok(Reply::LeaderExited(told)) => {
                let tree = self.trees.get_mut(&id);
                tree.into_iter()
                    .for_each(|tree| tree.exit = Some(told.exit.clone().into()));
                if told.empty {
                    self.finish(id);
                }
            }
            Ok(Reply::Emptied(_) | Reply::NotStarted(_)) => self.finish(id),
            Ok(
                Reply::Ready(_)
                | Reply::NotReady(_)
                | Reply::Started(_)
                | Reply::Signalled(_)
                | Reply::Resumed(_)
                | Reply::NotResumed(_)
                | Reply::Kept(_)
                | Reply::Released,
            )
            | Err(_) => {}
        }
    }

    /// Adds our end of the shim's channel and its pidfd to the answer, and remembers the leader for the case
    /// that the shim dies before it and leaves it to us.
    fn shim_started(&mut self, id: u64, descriptors: &mut Vec<OwnedFd>) {
        let pid = descriptors
            .first()
            .and_then(|pidfd| child::pid_behind(pidfd.as_fd()).ok());
        if let Some(pid) = pid.flatten() {
            self.by_pid.insert(pid, id);
        }
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        tree.session = pid.flatten().unwrap_or(0);
        if let Hold::Shim { channel, .. } = &tree.hold {
            descriptors.extend(channel.as_fd().try_clone_to_owned());
            descriptors.extend(tree.pidfd.take());
        }
    }

    /// A shim has ended: with its tree, or it was killed and its members are ours now.
    pub(super) fn shim_ended(&mut self, id: u64) {
        self.hear_shim(id);
        if self.trees.contains_key(&id) {
            self.shim_lost(id);
        }
    }

    /// A shim that had a tree is gone. A namespace died with it; else its members are killed here.
    fn shim_lost(&mut self, id: u64) {
        if !matches!(self.system.place, Place::Shims { nested: true }) {
            self.kill_strays();
        }
        let Some(tree) = self.trees.get_mut(&id) else {
            return;
        };
        let session = std::mem::take(&mut tree.session);
        let never_ran = session == 0;
        let exit = tree.exit.replace(Exit::Signal(9));
        self.by_pid.remove(&session);
        if never_ran {
            let (step, errno) = (Step::Contain as u8, 0);
            self.tell(&Reply::NotStarted(NotStarted { id, step, errno }), &[]);
            return self.finish(id);
        }
        if exit.is_none() {
            let exit = Exit::Signal(9).into();
            self.tell(
                &Reply::LeaderExited(LeaderExited {
                    id,
                    exit,
                    at: 0,
                    empty: false,
                }),
                &[],
            );
        }
        self.emptied(id);
    }

    /// Kills all that returned to us from a dead shim, until nothing does: our children that are
    /// not shims, and everything below them.
    fn kill_strays(&self) {
        for _ in 0..STRAY_ROUNDS {
            let strays: Vec<i32> = descendants::children(own_pid())
                .unwrap_or_default()
                .into_iter()
                .filter(|pid| !self.is_shim(*pid))
                .collect();
            if strays.is_empty() {
                return;
            }
            for stray in strays {
                let _ = descendants::kill_round(stray);
                if let Some(pid) = child::Pid::new(stray) {
                    let _ = child::signal_process(pid, 9);
                    let _ = child::reap_one(pid);
                }
            }
        }
    }

    fn is_shim(&self, pid: i32) -> bool {
        let tree = self.by_pid.get(&pid).and_then(|id| self.trees.get(id));
        matches!(tree, Some(Tree { hold: Hold::Shim { pid: Some(shim), .. }, .. }) if shim.get() == pid)
    }
}
