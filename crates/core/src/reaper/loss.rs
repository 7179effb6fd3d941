//! What becomes of the trees of a reaper that was lost.
//!
//! In a namespace they died with it. Elsewhere they live, and the next reaper is told of each; if
//! none can be had they are killed from here, since nobody would hold them.

use super::{Fact, Known, Line, Reaper, ReaperError, Route};
use handfast_reaper::wire::{Adopt, Request};
use handfast_sys::channel::ReadyChannel;
use handfast_sys::child;
use handfast_sys::tree::linux::cgroup::Cgroup;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// How long emptied groups are waited for before they are left to the next sweep.
const EMPTY_PATIENCE: Duration = Duration::from_millis(500);

/// The kernel has killed every tree with the namespace's init: says so, and removes the groups.
pub(super) fn all_died(reaper: &Reaper) {
    reaper.with(|known| {
        known
            .routes
            .drain()
            .for_each(|(_, route)| tell(&route, Fact::Lost));
        if let Some(group) = known.group.take() {
            remove_group(&group);
        }
    });
}

/// No reaper will watch the trees again: kills them and says so.
pub(super) fn give_up(reaper: &Reaper, error: ReaperError) {
    reaper.line.send_replace(Line::Failed(error));
    reaper.with(|known| {
        if let Some(group) = known.group.take() {
            let _ = Cgroup::open(&group).and_then(|group| group.kill());
            remove_group(&group);
        }
        for (_, route) in known.routes.drain() {
            if let Some(leader) = route
                .running
                .as_ref()
                .and_then(|running| running.leader.as_ref())
            {
                let _ = child::signal_pidfd(leader.as_fd(), 9);
            }
            // Dropping a shim's channel is its order to kill its tree.
            tell(&route, Fact::Lost);
        }
    });
}

fn tell(route: &Route, fact: Fact) {
    // A task that is gone has no tree any more.
    let _ = route.facts.send(fact);
}

fn remove_group(path: &Path) {
    let parent = path.parent().map(Cgroup::open);
    let name = path.file_name().and_then(std::ffi::OsStr::to_str);
    if let (Some(Ok(parent)), Some(name)) = (parent, name) {
        if let Ok(group) = parent.child(name) {
            let _ = group.wait_empty(EMPTY_PATIENCE);
        }
        // What is still busy is swept by the next start of a manager of this user.
        let _ = parent.remove(name);
    }
}

/// One tree's part of a hand-over.
struct Parcel {
    request: Vec<Request>,
    descriptors: Vec<OwnedFd>,
}

/// Tells a new reaper of every tree that lives, then tells the trees' tasks.
pub(super) async fn hand_over(reaper: &Reaper, channel: &ReadyChannel) -> Result<(), ReaperError> {
    let parcels = reaper.with(parcels).map_err(ReaperError::system)?;
    for parcel in parcels {
        let descriptors: Vec<BorrowedFd<'_>> = parcel.descriptors.iter().map(AsFd::as_fd).collect();
        for (place, request) in parcel.request.iter().enumerate() {
            let with = if place == 0 {
                descriptors.as_slice()
            } else {
                &[]
            };
            channel
                .send(&request.encode(), with)
                .await
                .map_err(ReaperError::system)?;
        }
    }
    reaper.with(|known| {
        known
            .routes
            .values()
            .for_each(|route| tell(route, Fact::Replaced))
    });
    Ok(())
}

fn parcels(known: &mut Known) -> std::io::Result<Vec<Parcel>> {
    let mut starting = Vec::new();
    let mut parcels = Vec::new();
    for (id, route) in &known.routes {
        let mut descriptors = Vec::new();
        let mut adopt = Adopt {
            id: *id,
            leader: None,
            session: 0,
            shim: false,
            survives: route.survives,
            grace_ms: route.grace_ms,
        };
        let mut request = Vec::new();
        if let Some(running) = &route.running {
            adopt.session = running.session;
            adopt.leader = running.leader.as_ref().map(|_| running.session);
            adopt.shim = running.shim.is_some();
            for given in [&running.leader, &running.shim].into_iter().flatten() {
                descriptors.push(given.try_clone()?);
            }
            request.push(Request::Adopt(adopt));
        } else {
            // Nobody knows how far its start had come: whatever is in its place is killed.
            starting.push(*id);
            request.extend([Request::Adopt(adopt), Request::Kill(*id)]);
        }
        parcels.push(Parcel {
            request,
            descriptors,
        });
    }
    for id in starting {
        known
            .routes
            .remove(&id)
            .into_iter()
            .for_each(|route| tell(&route, Fact::Lost));
    }
    Ok(parcels)
}
