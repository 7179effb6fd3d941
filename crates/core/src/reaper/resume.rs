//! Going on with the reaper that a program which is gone has left.
//!
//! What must stay true: who answers at the socket is of our user; nothing that it tells is missed, since what
//! comes later goes to the same place; and there is one owner, which is the reaper's business.

use super::launch::{Launched, TOO_MANY_DESCRIPTORS};
use super::{Fact, Reaper, ReaperError, Route, Running};
use crate::kept::{Ends, Kept};
use crate::process::Cause;
use crate::tree::Rung;
use handfast_reaper::wire::{self, Reply, Request, Stream, VERSION, Why};
use handfast_sys::channel::{Channel, Packet, ReadyChannel};
use handfast_sys::child;
use handfast_sys::descriptor::{AsDescriptor, Descriptor};
use handfast_sys::tree::hold::Hold;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a reaper may take to say what it has: far more than it needs for thousands of trees.
const WITHIN: Duration = Duration::from_secs(10);

/// A reaper that was left, its trees, and how many ends it has forgotten.
pub(super) type Left = (Launched, Vec<Told>, u64);

/// A tree as it was told, with its descriptors.
pub(super) type Told = (wire::Kept, Vec<Descriptor>);

/// A tree of a program that is gone.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tree: wire::Kept,
    /// What its reaper held of its streams.
    pub(crate) lent: Vec<(Stream, Descriptor)>,
    /// What is known of it, and what becomes known.
    pub(crate) facts: mpsc::UnboundedReceiver<Fact>,
}

/// Becomes the owner of a reaper that is there; `None` where there is none.
pub(super) async fn resume(kept: &Kept, rung: Rung) -> Result<Option<Left>, ReaperError> {
    let Some(channel) = kept.connect(rung).map_err(ReaperError::system)? else {
        return Ok(None);
    };
    if !channel.is_with_our_user().map_err(ReaperError::system)? {
        return Err(ReaperError::OtherUser);
    }
    match tokio::time::timeout(WITHIN, ask(channel)).await {
        Ok(found) => found,
        Err(_) => Err(ReaperError::Silent { within: WITHIN }),
    }
}

async fn ask(channel: Channel) -> Result<Option<Left>, ReaperError> {
    let channel = ReadyChannel::new(channel).map_err(ReaperError::system)?;
    let request = Request::Resume(VERSION).encode();
    // One that has refused us does not hear it, and has said so.
    let _ = channel.send(&request, &[]).await;
    let Some(packet) = whole(&channel).await? else {
        // It has ended just now: it had nothing.
        return Ok(None);
    };
    let resumed = match Reply::decode(&packet.bytes) {
        Ok(Reply::Resumed(resumed)) => resumed,
        Ok(Reply::NotResumed(not)) => return Err(refused(Why::from_byte(not.why))),
        _ => return Err(ReaperError::OtherVersion),
    };
    let Some(pidfd) = packet.descriptors.into_iter().next() else {
        return Err(ReaperError::OtherVersion);
    };
    let mut trees = Vec::new();
    for _ in 0..resumed.trees {
        let packet = whole(&channel).await?.ok_or(ReaperError::OtherVersion)?;
        match Reply::decode(&packet.bytes) {
            Ok(Reply::Kept(tree)) => trees.push((tree, packet.descriptors)),
            _ => return Err(ReaperError::OtherVersion),
        }
    }
    let pid = child::pid_behind(pidfd.as_descriptor())
        .ok()
        .flatten()
        .unwrap_or(0);
    let launched = Launched {
        channel: Arc::new(channel),
        pidfd,
        pid: pid.cast_unsigned(),
        ready: resumed.ready,
    };
    Ok(Some((launched, trees, resumed.forgotten)))
}

async fn whole(channel: &ReadyChannel) -> Result<Option<Packet>, ReaperError> {
    match channel.receive().await {
        Ok(Some(packet)) if packet.truncated => Err(ReaperError::system(
            io::Error::from_raw_os_error(TOO_MANY_DESCRIPTORS),
        )),
        Ok(packet) => Ok(packet),
        Err(error) => Err(ReaperError::system(error)),
    }
}

fn refused(why: Why) -> ReaperError {
    match why {
        Why::Owned => ReaperError::Owned,
        Why::Version => ReaperError::OtherVersion,
        Why::User => ReaperError::OtherUser,
    }
}

impl Reaper {
    /// Takes in what was told of a tree, as if it had been told from the beginning.
    pub(super) fn find(&self, (tree, descriptors): Told) -> Found {
        let mut descriptors = descriptors.into_iter();
        let leader = if tree.leader {
            descriptors.next()
        } else {
            None
        };
        let hold = match tree.shim {
            true => Hold::take(&mut descriptors),
            false => Hold::default(),
        };
        let kinds = tree.lent.iter().map(|kind| Stream::from_byte(*kind));
        let lent = kinds.zip(descriptors);
        let lent = lent.filter_map(|(kind, end)| Some((kind?, end))).collect();
        let pid = |named: &Descriptor| child::pid_behind(named.as_descriptor()).ok().flatten();
        let session = leader.as_ref().and_then(pid).unwrap_or(tree.session);
        let running = Running {
            leader,
            session,
            hold,
            group: tree.group,
        };
        let (facts_in, facts) = mpsc::unbounded_channel();
        if tree.started {
            let place = self.place(&running);
            let pid = session.cast_unsigned();
            // The other end is here.
            let _ = facts_in.send(Fact::Started { pid, place });
        }
        ended(&tree).for_each(|fact| drop(facts_in.send(fact)));
        let route = Route {
            facts: facts_in,
            survives: true,
            grace_ms: 0,
            asked: true,
            let_go: false,
            note: tree.note.clone(),
            ends: Ends::default(),
            running: tree.started.then_some(running),
        };
        self.add_route(tree.id, route);
        Found { tree, lent, facts }
    }

    /// What the one who takes it over knows of it besides.
    pub(crate) fn note_lifetime(&self, id: u64, survives: bool, grace_ms: u64) {
        self.with(|known| {
            if let Some(route) = known.routes.get_mut(&id) {
                route.survives = survives;
                route.grace_ms = grace_ms;
            }
        });
    }
}

/// What has ended of it.
fn ended(tree: &wire::Kept) -> impl Iterator<Item = Fact> {
    let for_owner = tree.for_owner.then_some(Fact::OwnerGone {
        cause: Cause::HostLost,
    });
    let exited = tree.exit.clone().map(|exit| Fact::LeaderExited {
        exit: exit.into(),
        at: super::task::time(tree.at),
        empty: tree.over,
    });
    let failed = tree
        .failed
        .map(|(step, errno)| Fact::NotStarted { step, errno });
    let empty = (tree.over && tree.exit.is_none() && failed.is_none()).then_some(Fact::Emptied);
    [for_owner, exited, failed, empty].into_iter().flatten()
}
