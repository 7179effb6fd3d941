//! Starting a reaper for one rung and learning what it became.

use super::{ReaperError, find::find, scope};
use crate::kept::Kept;
use handfast_reaper::wire::{Hello, Keep, Ready, Reply, Request, VERSION};
use handfast_sys::channel::{Channel, ReadyChannel};
use handfast_sys::descriptor::{AsDescriptor, BorrowedDescriptor, Descriptor};
use handfast_sys::local::Listener;
use handfast_sys::tree::Rung;
use handfast_sys::tree::environment_mark;
use handfast_sys::{child, proc, ready, text};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// `EMFILE`.
pub(crate) const TOO_MANY_DESCRIPTORS: i32 = 24;

/// A reaper that is ready.
#[derive(Debug)]
pub(super) struct Launched {
    pub(super) channel: Arc<ReadyChannel>,
    /// Names the reaper itself; its end is seen here, and nobody else waits for it.
    pub(super) pidfd: Descriptor,
    pub(super) pid: u32,
    pub(super) ready: Ready,
}

/// Starts one and waits until it is what was asked for, or says why it cannot be.
///
/// Where the host's own cgroup may not be divided, a scope of the user's systemd is asked for one
/// that may, and the reaper is started in it.
pub(super) async fn launch(
    program: Option<&Path>,
    rung: Rung,
    (group, kept): (Option<&Path>, Option<&Kept>),
) -> Result<Launched, ReaperError> {
    let program = find(program)?;
    let place = (group, kept);
    let direct = launch_by(&program, rung, place, scope::direct(&program)).await;
    let Err(ReaperError::Refused { .. }) = &direct else {
        return direct;
    };
    match scope::command(&program).filter(|_| rung == Rung::Cgroup && group.is_none()) {
        // Its own refusal says less than the first one.
        Some(command) => launch_by(&program, rung, place, command).await.or(direct),
        None => direct,
    }
}

async fn launch_by(
    program: &Path,
    rung: Rung,
    (group, kept): (Option<&Path>, Option<&Kept>),
    mut command: Command,
) -> Result<Launched, ReaperError> {
    if let Some(group) = group {
        // Its name says who made it, and that one is lost. On macOS nothing else shows who holds it now.
        command.env(environment_mark::HOLDS, group);
    }
    let mut hello = hello(rung, group).map_err(ReaperError::system)?;
    let listener = kept.map(|kept| kept.listen(rung)).transpose();
    let listener = listener.map_err(ReaperError::system)?;
    hello.keep = kept.map(|kept| Keep {
        stay_ms: u64::try_from(kept.stay.as_millis()).unwrap_or(u64::MAX),
        most: crate::Keep::MOST_ENDS,
    });
    let (ours, theirs) = Channel::pair().map_err(ReaperError::system)?;
    let first = spawn(program, command, theirs)?;
    let channel = ReadyChannel::new(ours).map_err(ReaperError::system)?;
    let answer = greet(&channel, program, (&hello, listener.as_ref())).await;
    match answer {
        Ok((pidfd, ready)) => {
            if let Some(first) = first.into_child().filter(|_| ready.namespace) {
                // The process that was started first has made the namespace's init and ended.
                ready::reap(first).await.map_err(ReaperError::system)?;
            }
            let pid = child::pid_behind(pidfd.as_descriptor())
                .ok()
                .flatten()
                .unwrap_or(0);
            Ok(Launched {
                channel: Arc::new(channel),
                pidfd,
                pid: pid.cast_unsigned(),
                ready,
            })
        }
        Err(error) => {
            drop(channel);
            // What is no child leaves by itself, now that its channel is closed.
            if let Some(mut first) = first.into_child() {
                let _ = first.kill();
                let _ = ready::reap(first).await;
            }
            Err(error)
        }
    }
}

fn spawn(
    program: &Path,
    command: Command,
    channel: Channel,
) -> Result<handfast_reaper::Begun, ReaperError> {
    let launch = |source: io::Error| ReaperError::Launch {
        program: program.to_owned(),
        source: source.into(),
    };
    handfast_reaper::begin(program, command, channel).map_err(launch)
}

fn hello(rung: Rung, group: Option<&Path>) -> io::Result<Hello> {
    let pid = std::process::id().cast_signed();
    let place = Rung::LADDER.iter().position(|other| *other == rung);
    Ok(Hello {
        version: VERSION,
        rung: place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX),
        manager_pid: pid,
        manager_started: proc::own_start()?,
        group: group.map(|path| text::bytes(path.as_os_str()).into_owned()),
        keep: None,
    })
}

async fn greet(
    channel: &ReadyChannel,
    program: &Path,
    (hello, listener): (&Hello, Option<&Listener>),
) -> Result<(Descriptor, Ready), ReaperError> {
    let mute = || ReaperError::Mute {
        program: program.to_owned(),
    };
    let hello = Request::Hello(hello.clone()).encode();
    let given: Vec<BorrowedDescriptor<'_>> = listener
        .iter()
        .map(|socket| socket.as_descriptor())
        .collect();
    let sent = channel.send(&hello, &given).await;
    sent.map_err(|_| mute())?;
    let packet = channel
        .receive()
        .await
        .map_err(ReaperError::system)?
        .ok_or_else(mute)?;
    match Reply::decode(&packet.bytes) {
        Ok(Reply::Ready(_)) if packet.truncated => Err(ReaperError::system(
            io::Error::from_raw_os_error(TOO_MANY_DESCRIPTORS),
        )),
        Ok(Reply::Ready(ready)) => {
            let pidfd = packet.descriptors.into_iter().next().ok_or_else(mute)?;
            Ok((pidfd, ready))
        }
        Ok(Reply::NotReady(not)) => Err(ReaperError::Refused {
            step: String::from_utf8_lossy(&not.step).into_owned(),
            errno: not.errno,
        }),
        _ => Err(mute()),
    }
}

/// The manager's cgroup of a reaper that is ready.
pub(super) fn group_of(ready: &Ready) -> Option<PathBuf> {
    ready
        .group
        .as_ref()
        .map(|bytes| PathBuf::from(text::string(bytes).into_owned()))
}
