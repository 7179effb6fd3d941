//! What becomes of the trees of a reaper that was lost.
//!
//! In a namespace they died with it. Elsewhere they live, and the next reaper is told of each; if
//! none can be had they are killed from here, since nobody would hold them.

use super::{Fact, Known, Line, Reaper, ReaperError, Route};
use handfast_reaper::wire::{Adopt, Request};
use handfast_sys::channel::ReadyChannel;
use handfast_sys::descriptor::{AsDescriptor, BorrowedDescriptor, Descriptor};
use handfast_sys::tree::group;

/// The kernel has killed every tree with the namespace's init: says so, and removes the groups.
pub(super) fn all_died(reaper: &Reaper) {
    reaper.with(|known| {
        // A start that nobody was asked for yet is for the next one.
        let asked = known.routes.extract_if(|_, route| route.asked);
        asked.for_each(|(_, route)| tell(&route, Fact::Lost));
        if let Some(group) = known.group.take() {
            group::remove(&group);
        }
        known.held = None;
    });
}

/// No reaper will watch the trees again: kills them and says so.
pub(super) fn give_up(reaper: &Reaper, error: ReaperError) {
    reaper.line.send_replace(Line::Failed(error));
    reaper.with(|known| {
        if let Some(group) = known.group.take() {
            group::end(&group);
        }
        known.held = None;
        for (_, route) in known.routes.drain() {
            if let Some(running) = &route.running {
                running.kill();
            }
            tell(&route, Fact::Lost);
        }
    });
}

/// The reaper lives on, for the next program: its trees are that one's.
pub(super) fn released(reaper: &Reaper) {
    reaper.line.send_replace(Line::Failed(ReaperError::Closed));
    reaper.with(|known| {
        let routes = known.routes.drain();
        routes.for_each(|(_, route)| tell(&route, Fact::Released));
        known.held = None;
    });
}

fn tell(route: &Route, fact: Fact) {
    // A task that is gone has no tree any more.
    let _ = route.facts.send(fact);
}

/// One tree's part of a hand-over.
type Parcel = (Adopt, Vec<Descriptor>);

/// Tells a new reaper of every tree that lives, then tells the trees' tasks.
pub(super) async fn hand_over(reaper: &Reaper, channel: &ReadyChannel) -> Result<(), ReaperError> {
    let parcels = reaper.with(parcels).map_err(ReaperError::system)?;
    for (adopt, descriptors) in parcels {
        let descriptors: Vec<BorrowedDescriptor<'_>> = descriptors
            .iter()
            .map(AsDescriptor::as_descriptor)
            .collect();
        let request = Request::Adopt(adopt).encode();
        let sent = channel.send(&request, &descriptors).await;
        sent.map_err(ReaperError::system)?;
    }
    let let_go: Vec<u64> = reaper.with(|known| {
        let routes = known.routes.iter().filter(|(_, route)| route.let_go);
        routes.map(|(id, _)| *id).collect()
    });
    for request in [Request::LetGo(let_go), Request::Settle] {
        let sent = channel.send(&request.encode(), &[]).await;
        sent.map_err(ReaperError::system)?;
    }
    reaper.with(|known| {
        known.number += 1;
        let number = known.number;
        let routes = known.routes.values();
        routes.for_each(|route| tell(route, Fact::Replaced { number }));
    });
    Ok(())
}

/// What is to be handed over. Of a start that was under way nobody knows how far it had come: it
/// has failed, and settling ends whatever is in its place.
fn parcels(known: &mut Known) -> std::io::Result<Vec<Parcel>> {
    let begun = |route: &Route| route.asked && route.running.is_none();
    let starting = known.routes.extract_if(|_, route| begun(route));
    starting.for_each(|(_, route)| tell(&route, Fact::Lost));
    let running = known.routes.iter();
    running
        .filter_map(|(id, route)| parcel(*id, route))
        .collect()
}

fn parcel(id: u64, route: &Route) -> Option<std::io::Result<Parcel>> {
    let running = route.running.as_ref()?;
    let (kinds, lent): (Vec<_>, Vec<_>) = match route.survives {
        true => route.ends.duplicate().into_iter().unzip(),
        false => Default::default(),
    };
    let adopt = Adopt {
        id,
        leader: running.leader.as_ref().map(|_| running.session),
        session: running.session,
        shim: running.hold.is_shim(),
        group: running.group,
        survives: route.survives,
        grace_ms: route.grace_ms,
        note: route.note.clone(),
        lent: kinds.into_iter().map(|kind| kind.byte()).collect(),
    };
    let given = running.leader.iter().chain(running.hold.descriptors());
    let copies: std::io::Result<Vec<Descriptor>> = given.map(Descriptor::try_clone).collect();
    Some(copies.map(|mut copies| {
        copies.extend(lent);
        (adopt, copies)
    }))
}
