//! Waiting, with a word now and then to a client that wants to hear of progress.

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RoleServer};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(5);

/// Who wants to hear.
pub(crate) struct Listener {
    pub(crate) peer: Peer<RoleServer>,
    pub(crate) token: ProgressToken,
}

/// Does the work, and tells every 5 s how long that has taken.
///
/// Cancel safe if the work is.
pub(crate) async fn telling<T>(work: impl Future<Output = T>, listener: Option<Listener>) -> T {
    let Some(Listener { peer, token }) = listener else {
        return work.await;
    };
    let began = Instant::now();
    let mut ticks = interval_at(began + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(work);
    loop {
        // Both are safe to drop: the work is pinned outside, and a tick is no loss.
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => {
                let waited = began.elapsed().as_secs_f64().round();
                let param = ProgressNotificationParam::new(token.clone(), waited)
                    .with_message(format!("waiting for {waited} s"));
                // Who is gone is noticed elsewhere.
                let _ = peer.notify_progress(param).await;
            }
        }
    }
}
