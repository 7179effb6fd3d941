//! What has happened, for whoever asks later.

use super::super::events::{self, Event};
use super::super::session::Followed;
use super::Asked;
use crate::wire::{EventsSubscribe, EventsSubscribed, Nothing};

/// The most events of one answer.
const MOST: usize = 1000;

pub(super) async fn read(asked: Asked<'_>, what: &crate::wire::EventsRead) -> crate::wire::Events {
    let happened = &asked.daemon.0.happened;
    let limit = what.limit.map_or(MOST, |limit| limit as usize);
    let look = || {
        let is_seen = |event: &Event| asked.session.authority.covers(&event.owner);
        happened.read(what.after_seq, limit.clamp(1, MOST), is_seen)
    };
    let (within, _) = asked.granted(Some(what.wait_ms));
    let begun = tokio::time::Instant::now();
    let (mut found, mut last, mut missed) = look();
    // Those that may not be seen are no reason to answer.
    while found.is_empty() && missed == 0 {
        let left = within.saturating_sub(begun.elapsed());
        if left.is_zero() {
            break;
        }
        happened.news(last, left).await;
        (found, last, missed) = look();
    }
    asked.large().await;
    crate::wire::Events {
        events: found.into_iter().map(events::note).collect(),
        last_seq: last,
        missed,
    }
}

pub(super) fn subscribe(asked: Asked<'_>, what: &EventsSubscribe) -> EventsSubscribed {
    let last_seq = asked.daemon.0.happened.last();
    let after = what.after_seq.unwrap_or(last_seq);
    asked.daemon.follow(asked.session, Followed::Events, after);
    EventsSubscribed { last_seq }
}

pub(super) fn unsubscribe(asked: Asked<'_>) -> Nothing {
    asked.session.unfollow(Followed::Events);
    Nothing {}
}
