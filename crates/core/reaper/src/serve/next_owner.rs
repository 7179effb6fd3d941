//! How somebody becomes the next owner: it connects, says that it wants to be, and is told everything.
//!
//! What must stay true: there is never more than one owner; nobody of another user is one, whatever
//! the socket's folder lets in; who connects and says nothing stops nobody else.

use super::keep::Keep;
use super::{Serve, Source};
use crate::ledger::{Event, Ledger};
use crate::wire::{NotResumed, Reply, Request, Resumed, VERSION, Why};
use handfast_sys::channel::Channel;
use handfast_sys::watch::Readiness;
use handfast_sys::{child, local};
use std::io;
use std::os::fd::AsFd;

impl Serve {
    /// From here on there may be a next owner.
    pub(super) fn keep_for_next(&mut self, keep: Keep) -> io::Result<()> {
        let number = Source::Caller.number();
        self.watcher
            .add(number, keep.listener.as_fd(), Readiness::Readable)?;
        self.ledger = Ledger::kept(keep.keeping);
        self.keep = Some(keep);
        Ok(())
    }

    /// Somebody has connected.
    pub(super) fn called(&mut self) {
        let accepted = self.keep.as_ref().map(|keep| keep.listener.accept());
        let Some(Ok(caller)) = accepted else {
            return;
        };
        let is_ours = local::peer(caller.as_fd()).is_ok_and(|peer| peer.user == local::user());
        // The end of the last one came before this, and must be seen before.
        while self.hear_owner() {}
        match (is_ours, &self.owner) {
            (false, _) => refuse(&caller, Why::User),
            (true, Some(_)) if !self.ledger.owner_is_leaving() => refuse(&caller, Why::Owned),
            (true, _) => {
                let number = Source::Called.number();
                let watched = self
                    .watcher
                    .add(number, caller.as_fd(), Readiness::Readable);
                // One that was here before and said nothing gives way.
                self.caller = watched.is_ok().then_some(caller);
            }
        }
    }

    /// It says something: that it wants to be the owner, or nothing that counts.
    pub(super) fn hear_caller(&mut self) {
        let Some(caller) = self.caller.take() else {
            return;
        };
        let said = match caller.try_receive() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.caller = Some(caller);
                return;
            }
            said => said,
        };
        let _ = self.watcher.forget(caller.as_fd());
        let request = said.ok().flatten().map(|said| Request::decode(&said.bytes));
        match request {
            Some(Ok(Request::Resume(VERSION))) if self.owner.is_none() => {
                // One that is gone again leaves us as we were.
                let _ = self.resume(caller);
            }
            Some(Ok(Request::Resume(VERSION))) if self.ledger.owner_is_leaving() => {
                self.next = Some(caller);
            }
            Some(Ok(Request::Resume(VERSION))) => refuse(&caller, Why::Owned),
            Some(Ok(Request::Resume(_))) => refuse(&caller, Why::Version),
            _ => {}
        }
    }

    /// Whoever waited for the end of the last one is the owner now.
    pub(super) fn welcome_next(&mut self) {
        if self.owner.is_none()
            && let Some(next) = self.next.take()
        {
            // One that is gone again leaves us as we were.
            let _ = self.resume(next);
        }
    }

    /// It is the owner: tells it everything.
    fn resume(&mut self, owner: Channel) -> io::Result<()> {
        let us = child::own_pidfd()?;
        let Some(keep) = &self.keep else {
            return Ok(());
        };
        let resumed = Resumed {
            ready: keep.ready.clone(),
            trees: u32::try_from(keep.trees.len()).unwrap_or(u32::MAX),
            forgotten: keep.forgotten,
        };
        owner.send(&Reply::Resumed(resumed).encode(), &[us.as_fd()])?;
        for (id, kept) in &keep.trees {
            let tree = self.trees.get(id);
            let session = tree.map_or(0, |tree| self.system.outside(tree));
            let shim = tree.and_then(|tree| tree.hold.channel());
            let (told, descriptors) = kept.told((*id, session), shim);
            owner.send(&Reply::Kept(told).encode(), &descriptors)?;
        }
        let number = Source::Owner.number();
        self.watcher
            .add(number, owner.as_fd(), Readiness::Readable)?;
        self.owner = Some(owner);
        self.leave_by = None;
        self.note(Event::OwnerBack);
        Ok(())
    }
}

/// Says why not. Who does not read that learns it by the end of the channel.
fn refuse(caller: &Channel, why: Why) {
    let not = NotResumed { why: why as u8 };
    let _ = caller.try_send(&Reply::NotResumed(not).encode(), &[]);
}
