//! Knowing that a tree is empty: asked once when its leader ends, told by the kernel afterwards.

use super::enter::Place;
use super::hold::Hold;
use super::system::Source;
use crate::serve::{Serve, Tree};
use crate::wire::group_name;
use handfast_sys::child::{self, Pid};
use handfast_sys::tree::linux::descendants;
use handfast_sys::watch::Readiness;
use std::os::fd::{AsFd, OwnedFd};

impl Serve {
    /// Whether nothing is left of a tree whose leader has ended. Where something is, its end will
    /// be noticed.
    pub(crate) fn is_empty_now(&mut self, id: u64) -> bool {
        match self.trees.get(&id).map(|tree| &tree.hold) {
            None => true,
            Some(Hold::Cgroup { .. }) => self.is_group_empty(id),
            Some(Hold::Session { .. }) => self.is_session_empty(id),
            // A shim says it itself; below one, every descendant is or will be our child.
            Some(Hold::Shim { .. }) => false,
            Some(Hold::Below) => !child::has_children(),
        }
    }

    /// Removing the group is the question: an empty one goes, another does not. Groups below it
    /// are left alone while anything lives in any of them: they may be another manager's.
    fn is_group_empty(&mut self, id: u64) -> bool {
        let Place::Cgroups(home) = &self.system.place else {
            return false;
        };
        let Some(tree) = self.trees.get_mut(&id) else {
            return true;
        };
        let Hold::Cgroup {
            number,
            group,
            events,
        } = &mut tree.hold
        else {
            return false;
        };
        let name = group_name(*number);
        if home.group.remove_leaf(&name).is_ok() {
            return true;
        }
        if events.is_none() {
            *events = group.events().ok();
            if let Some(events) = events {
                let number = Source::Events(id).number();
                let _ = self.watcher.add(number, events.as_fd(), Readiness::Changed);
            }
        }
        // Reading arms the watch, and what changed before it is seen here.
        let populated = events
            .as_ref()
            .is_none_or(|events| events.is_populated().unwrap_or(true));
        !populated && home.group.remove(&name).is_ok()
    }

    /// A group whose leader has ended became populated or empty.
    pub(super) fn group_changed(&mut self, id: u64) {
        let over = self.trees.get(&id).is_some_and(|tree| tree.exit.is_some());
        if self.is_group_empty(id) && over {
            self.emptied(id);
        }
    }

    fn is_session_empty(&mut self, id: u64) -> bool {
        let Some(tree) = self.trees.get_mut(&id) else {
            return true;
        };
        let session = tree.session;
        let left = descendants::in_session(session).unwrap_or_default();
        let left: Vec<OwnedFd> = left
            .into_iter()
            .filter_map(|pid| child::open_pidfd(Pid::new(pid)?).ok())
            .collect();
        for pidfd in &left {
            let number = Source::Member(id).number();
            let _ = self.watcher.add(number, pidfd.as_fd(), Readiness::Readable);
        }
        // Closing the former ones ends their watch.
        tree.hold = Hold::Session { members: left };
        matches!(&tree.hold, Hold::Session { members } if members.is_empty())
    }

    /// A member of a session whose leader has ended is gone: are there others?
    pub(super) fn member_ended(&mut self, id: u64) {
        if self.is_session_empty(id) {
            self.emptied(id);
        }
    }

    /// What it was held by is needed no more.
    pub(crate) fn let_go_of(&mut self, tree: &Tree) {
        if let (Hold::Session { .. }, Some(leader)) = (&tree.hold, tree.leader) {
            self.by_pid.remove(&leader.get());
            let _ = child::reap_one(leader);
        }
    }

    /// A tree is over, and that was told. A shim lives for one tree.
    pub(crate) fn one_less(&mut self) {
        if matches!(self.system.place, Place::Below { .. }) {
            self.leave();
        }
    }

    /// Looks at once whether an adopted tree has ended while nobody watched.
    pub(super) fn settle_adopted(&mut self, id: u64) {
        let Some(tree) = self.trees.get(&id) else {
            return;
        };
        if tree.pidfd.is_some() || matches!(tree.hold, Hold::Shim { .. }) {
            return;
        }
        if self.is_empty_now(id) {
            self.emptied(id);
        } else if let Some(tree) = self.trees.get_mut(&id) {
            tree.exit = Some(child::Exit::Unknown);
        }
    }
}
