//! Waits until it is time to leave.

use super::idle::Verdict;
use super::{Daemon, Idleness, Leave};
use tokio::time::{Instant, sleep_until};

pub(super) async fn should_leave(daemon: &Daemon) -> Leave {
    let activity = &daemon.0.activity;
    let mut asked = activity.asked.subscribe();
    tokio::select! {
        // An error is the end of the daemon.
        asked = asked.wait_for(Option::is_some) => {
            asked.ok().and_then(|asked| *asked).unwrap_or(Leave::Asked)
        }
        () = idle(daemon) => Leave::Idle,
    }
}

async fn idle(daemon: &Daemon) {
    let mut moments = daemon.0.activity.moments.subscribe();
    let mut idleness = Idleness::new(daemon.settings().idle);
    loop {
        let moment = *moments.borrow_and_update();
        match idleness.look(daemon.is_busy(), moment, Instant::now()) {
            Verdict::Over => return,
            Verdict::Wait => _ = moments.changed().await,
            Verdict::Until(end) => {
                tokio::select! {
                    _ = moments.changed() => {}
                    () = sleep_until(end) => {}
                }
            }
        }
    }
}
