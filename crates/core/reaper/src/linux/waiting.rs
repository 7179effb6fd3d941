//! A child that is forked into its group ahead of time and waits to become a leader: both cost more than
//! everything else about a start.

use crate::start::{Ground, Launch};
use crate::wire::{Request, Start};
use handfast_sys::channel::Channel;
use handfast_sys::child::{self, Forked, Into};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A child that waits to become a leader.
#[derive(Debug)]
pub(crate) struct Waiting {
    launch: Launch,
    channel: Channel,
}

impl Waiting {
    /// Lets it become the leader; gives it back where it was killed or does not listen.
    pub(crate) fn launch(self, start: &Start, descriptors: &[OwnedFd]) -> Result<Launch, Waiting> {
        let request = Request::Start(Box::new(start.clone())).encode();
        let descriptors: Vec<BorrowedFd<'_>> = descriptors.iter().map(AsFd::as_fd).collect();
        match self.channel.try_send(&request, &descriptors) {
            Ok(()) => Ok(self.launch),
            Err(_) => Err(self),
        }
    }

    /// Kills and reaps it.
    pub(crate) fn end(self) {
        let _ = child::signal_pidfd(self.launch.pidfd.as_fd(), 9);
        // `ECHILD` where the loop has reaped it already.
        let _ = child::reap_pidfd(self.launch.pidfd.as_fd());
    }
}
impl Ground {
    /// Forks a child that waits for the request to become a leader. It ends when its channel does.
    pub(crate) fn wait(&self, into: &Into<'_>) -> io::Result<Waiting> {
        let (outcome, report) = child::pipe()?;
        let (channel, theirs) = Channel::pair()?;
        match child::fork(&self.proof, into)? {
            Forked::Parent { pid, pidfd } => {
                let launch = Launch {
                    pid,
                    pidfd,
                    outcome,
                };
                Ok(Waiting { launch, channel })
            }
            Forked::Child => {
                // Our copy of the other end would keep us from seeing its end.
                let kept = [theirs.as_fd(), report.as_fd(), self.null.as_fd()];
                if child::keep_only(&kept).is_err() {
                    child::exit_now(1);
                }
                match theirs.receive() {
                    Ok(Some(packet)) => match Request::decode(&packet.bytes) {
                        Ok(Request::Start(start)) => {
                            self.become_leader(&start, &packet.descriptors, report)
                        }
                        _ => child::exit_now(1),
                    },
                    _ => child::exit_now(0),
                }
            }
        }
    }
}
