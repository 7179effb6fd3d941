//! The supervisor of a reaper: passes on what it says, and sees its end.

use super::launch::{Launched, group_of, launch};
use super::{Fact, Line, Reaper, ReaperError, loss};
use handfast_reaper::wire::Reply;
use handfast_sys::channel::Packet;
use handfast_sys::{child, ready};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// A reaper that ends this often ...
const MOST_LOSSES: u32 = 5;

/// ... within this time is not replaced again.
const LOSS_WINDOW: Duration = Duration::from_secs(10);

/// Serves one reaper after the other until the manager is closed and the last one has left.
pub(super) async fn supervise(reaper: Reaper, first: Launched) {
    let mut launched = first;
    let mut losses = (0, Instant::now());
    loop {
        let namespace = launched.ready.namespace;
        serve(&reaper, launched).await;
        if losses.1.elapsed() > LOSS_WINDOW {
            losses = (0, Instant::now());
        }
        losses.0 += 1;
        if reaper.with(|known| known.closed) {
            loss::give_up(&reaper, ReaperError::Closed);
            return;
        }
        tracing::warn!(rung = %reaper.rung, "the reaper was lost");
        if namespace {
            loss::all_died(&reaper);
        }
        match replace(&reaper, losses.0).await {
            Ok(next) => launched = next,
            Err(error) => return loss::give_up(&reaper, error),
        }
    }
}

async fn replace(reaper: &Reaper, losses: u32) -> Result<Launched, ReaperError> {
    if losses > MOST_LOSSES {
        return Err(ReaperError::Unstable { times: losses });
    }
    let group = reaper.with(|known| known.group.clone());
    let next = launch(reaper.program.as_deref(), reaper.rung, group.as_deref()).await?;
    loss::hand_over(reaper, &next.channel).await?;
    Ok(next)
}

/// Announces a reaper, passes on what it says until it ends, and reaps it.
async fn serve(reaper: &Reaper, launched: Launched) {
    let Launched {
        channel,
        pidfd,
        pid,
        ready,
    } = launched;
    let channel = Arc::new(channel);
    reaper.with(|known| {
        known.pid = pid;
        known.group = group_of(&ready);
        known.namespace = ready.namespace;
        known.user_namespace = ready.user_namespace;
    });
    reaper.line.send_replace(Line::Up(Arc::clone(&channel)));
    if reaper.with(|known| known.closed) {
        reaper.close();
    }
    while let Ok(Some(packet)) = channel.receive().await {
        pass_on(reaper, packet);
    }
    reaper.line.send_replace(Line::Down);
    reaper.with(|known| known.pid = 0);
    // Its end-of-file came while it was ending; what it took with it has ended when it has.
    if let Ok(pidfd) = ready::ended(pidfd).await {
        let _ = child::reap_pidfd(pidfd.as_fd());
    }
}

fn pass_on(reaper: &Reaper, packet: Packet) {
    let Ok(reply) = Reply::decode(&packet.bytes) else {
        tracing::warn!("the reaper said something that cannot be read");
        return;
    };
    let (descriptors, truncated) = (packet.descriptors, packet.truncated);
    let known = match reply {
        Reply::Started(id) if truncated => Some((id, Fact::Unheld)),
        reply => fact(reply, descriptors),
    };
    let Some((id, fact)) = known else {
        return;
    };
    reaper.with(|known| {
        if let Some(route) = known.routes.get(&id) {
            // A task that is gone has no tree any more.
            let _ = route.facts.send(fact);
        }
    });
}

fn fact(reply: Reply, descriptors: Vec<OwnedFd>) -> Option<(u64, Fact)> {
    let mut descriptors = descriptors.into_iter();
    Some(match reply {
        Reply::Ready(_) | Reply::NotReady(_) => return None,
        Reply::Started(id) => {
            let leader = descriptors.next()?;
            let shim = descriptors.next().zip(descriptors.next());
            (id, Fact::Started { leader, shim })
        }
        Reply::NotStarted(not) => (
            not.id,
            Fact::NotStarted {
                step: not.step,
                errno: not.errno,
            },
        ),
        Reply::LeaderExited(told) => {
            let (exit, at, empty) = (told.exit.into(), time(told.at), told.empty);
            (told.id, Fact::LeaderExited { exit, at, empty })
        }
        Reply::Emptied(id) => (id, Fact::Emptied),
        Reply::Signalled(told) => {
            let (token, count, errno) = (told.token, told.count, told.errno);
            (
                told.id,
                Fact::Signalled {
                    token,
                    count,
                    errno,
                },
            )
        }
    })
}

/// 0 is "now", from where the time was not known.
fn time(nanoseconds: u64) -> SystemTime {
    if nanoseconds == 0 {
        SystemTime::now()
    } else {
        UNIX_EPOCH + Duration::from_nanos(nanoseconds)
    }
}
