//! The supervisor of a reaper: passes on what it says, and sees its end.

use super::launch::{Launched, group_of, launch};
use super::{Fact, Line, Reaper, ReaperError, Running, loss};
use handfast_reaper::wire::{NotStarted as Told, Reply, Started};
use handfast_sys::channel::Packet;
use handfast_sys::descriptor::{AsDescriptor, Descriptor};
use handfast_sys::tree::{group, hold::Hold};
use handfast_sys::{child, ready};
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
        if serve(&reaper, launched).await == Left::ForNext {
            return loss::released(&reaper);
        }
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
    let place = (group.as_deref(), reaper.kept().map(AsRef::as_ref));
    let next = launch(reaper.program.as_deref(), reaper.rung, place).await?;
    loss::hand_over(reaper, &next.channel).await?;
    Ok(next)
}

/// Notes what a reaper is.
pub(super) fn install(reaper: &Reaper, launched: &Launched) {
    let Launched { pid, ready, .. } = launched;
    let group = group_of(ready);
    // Where it cannot be held, the names of owner and reaper still keep it from being swept.
    let held = group.as_deref().and_then(group::hold);
    reaper.with(|known| {
        known.pid = *pid;
        known.group = group;
        known.held = held;
        known.namespace = ready.namespace;
        known.user_namespace = ready.user_namespace;
    });
}

/// How a reaper left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Ended,
    /// It lives: we have said goodbye, and it waits for the next owner.
    ForNext,
}

/// Announces a reaper, passes on what it says until it ends, and reaps it.
async fn serve(reaper: &Reaper, launched: Launched) -> Left {
    install(reaper, &launched);
    let Launched { channel, pidfd, .. } = launched;
    let up = Line::Up(Arc::clone(&channel), reaper.with(|known| known.number));
    reaper.line.send_replace(up);
    if reaper.with(|known| known.closed) {
        reaper.close();
    }
    let mut released = false;
    while let Ok(Some(packet)) = channel.receive().await {
        released |= Reply::decode(&packet.bytes) == Ok(Reply::Released);
        pass_on(reaper, packet);
    }
    reaper.line.send_replace(Line::Down);
    reaper.with(|known| known.pid = 0);
    if released {
        return Left::ForNext;
    }
    // Its end-of-file came while it was ending; what it took with it has ended when it has.
    if let Ok(pidfd) = ready::ended(pidfd).await {
        let _ = child::reap_pidfd(pidfd.as_descriptor());
    }
    Left::Ended
}

fn pass_on(reaper: &Reaper, packet: Packet) {
    let Ok(reply) = Reply::decode(&packet.bytes) else {
        tracing::warn!("the reaper said something that cannot be read");
        return;
    };
    let known = match (&reply, packet.truncated) {
        (Reply::Started(told), true) => Some((told.id, Fact::Unheld)),
        _ => fact(reaper, reply, packet.descriptors),
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

fn fact(reaper: &Reaper, reply: Reply, descriptors: Vec<Descriptor>) -> Option<(u64, Fact)> {
    Some(match reply {
        Reply::Ready(_)
        | Reply::NotReady(_)
        | Reply::Resumed(_)
        | Reply::NotResumed(_)
        | Reply::Kept(_)
        | Reply::Released => return None,
        Reply::Started(told) => (told.id, started(reaper, &told, descriptors)),
        Reply::NotStarted(Told { id, step, errno }) => (id, Fact::NotStarted { step, errno }),
        Reply::LeaderExited(told) => {
            reaper.note_leader_ended(told.id);
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

/// Keeps what names a tree where a next reaper can be told of it, before its task knows.
fn started(reaper: &Reaper, told: &Started, descriptors: Vec<Descriptor>) -> Fact {
    let mut descriptors = descriptors.into_iter();
    let Some(leader) = descriptors.next() else {
        return Fact::Unheld;
    };
    let pid = |named: &Descriptor| child::pid_behind(named.as_descriptor()).ok().flatten();
    let session = pid(&leader).unwrap_or(0);
    let running = Running {
        leader: Some(leader),
        session,
        hold: Hold::take(&mut descriptors),
        group: told.group,
    };
    let place = reaper.place(&running);
    reaper.note_running(told.id, running);
    Fact::Started {
        pid: session.cast_unsigned(),
        place,
    }
}

/// 0 is "now", from where the time was not known.
pub(super) fn time(nanoseconds: u64) -> SystemTime {
    if nanoseconds == 0 {
        SystemTime::now()
    } else {
        UNIX_EPOCH + Duration::from_nanos(nanoseconds)
    }
}
