//! Finding leaders that are stopped or stuck: the one thing about a process that the system does
//! not tell by an event.
//!
//! One task for a manager looks at the state of each leader, only while there are any, four times
//! in the shortest time after which a process is to be called unresponsive.

use super::registry::{Entry, Registry};
use crate::process::Unresponsive;
use crate::process::task::Wish;
use crate::runtime::Runtime;
use handfast_sys::proc;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(5);

/// How many leaders are looked at before others have their turn.
const BATCH: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Sight {
    state: u8,
    since: Instant,
    at: SystemTime,
    told: bool,
}

/// Starts the sampler if it does not run. It ends when no process is left.
pub(crate) fn wake(running: &Arc<AtomicBool>, registry: &Arc<Registry>, runtime: &Runtime) {
    if !running.swap(true, Ordering::AcqRel) {
        runtime.spawn(sample(Arc::clone(running), Arc::clone(registry)));
    }
}

async fn sample(running: Arc<AtomicBool>, registry: Arc<Registry>) {
    let mut sights: HashMap<u32, Sight> = HashMap::new();
    loop {
        let active = registry.active();
        if active.is_empty() {
            running.store(false, Ordering::Release);
            // One may have come between the look and the store.
            if registry.active().is_empty() || running.swap(true, Ordering::AcqRel) {
                return;
            }
            continue;
        }
        let shortest = active
            .iter()
            .map(|entry| entry.record.config.unresponsive_after())
            .min();
        let pause = (shortest.unwrap_or(LONGEST) / 4).clamp(SHORTEST, LONGEST);
        let mut seen = HashMap::with_capacity(active.len());
        for (place, entry) in active.iter().enumerate() {
            look(entry, &sights, &mut seen);
            if place % BATCH == BATCH - 1 {
                tokio::task::yield_now().await;
            }
        }
        sights = seen;
        drop(active);
        tokio::time::sleep(pause).await;
    }
}

fn look(entry: &Entry, before: &HashMap<u32, Sight>, seen: &mut HashMap<u32, Sight>) {
    let pid = {
        let now = entry.seen.borrow();
        if now.leader.is_some() || now.pid == 0 {
            return;
        } else {
            now.pid
        }
    };
    let Ok(state) = proc::standstill(pid.cast_signed()) else {
        return;
    };
    let last = before.get(&pid).copied();
    let Some(state) = state else {
        // Another sampler may have told of it, where it was managed before.
        let told = last.map_or_else(
            || entry.seen.borrow().unresponsive.is_some(),
            |last| last.told,
        );
        if told {
            tell(entry, None);
        }
        return;
    };
    let fresh = Sight {
        state,
        since: Instant::now(),
        at: SystemTime::now(),
        told: false,
    };
    let mut sight = last.filter(|sight| sight.state == state).unwrap_or(fresh);
    if !sight.told && sight.since.elapsed() >= entry.record.config.unresponsive_after() {
        sight.told = true;
        tell(
            entry,
            Some(Unresponsive {
                state: char::from(sight.state),
                since: sight.at,
            }),
        );
    }
    seen.insert(pid, sight);
}

fn tell(entry: &Entry, unresponsive: Option<Unresponsive>) {
    // A task that is gone has no process any more.
    let _ = entry.wishes.send(Wish::Unresponsive(unresponsive));
}
