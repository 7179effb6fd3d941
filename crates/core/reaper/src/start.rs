//! From a request to a running program: fork, set up, execute.
//!
//! Between fork and exec the child is a small single-threaded process and may allocate. Every step
//! that fails is reported by its name through a pipe that the execution itself closes, so a start
//! is known to have worked or not before anybody is told. The order of the steps matters: what
//! needs privilege comes before the user is changed, the directory after it.

use crate::wire::{NO_STREAM, Start, Step};
use handfast_sys::child::{self, Forked, Image, Pid, SingleThreaded};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// A child that is on its way to becoming the program.
#[derive(Debug)]
pub(crate) struct Launch {
    /// Its pid, as the reaper sees it.
    pub(crate) pid: Pid,
    /// Names it for ever.
    pub(crate) pidfd: OwnedFd,
    /// End-of-file here is success; five bytes are the step that failed and its error number.
    pub(crate) outcome: OwnedFd,
}

/// How many descriptors are kept free: a packet's and some that ends of trees need.
const RESERVE: u64 = 48;

/// `EMFILE`.
const TOO_MANY_DESCRIPTORS: i32 = 24;

/// What failed, and how.
pub(crate) type Failure = (Step, io::Error);

/// What every child gets besides the request's own descriptors.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Proof that forking is safe.
    pub(crate) proof: SingleThreaded,
    /// The null device.
    pub(crate) null: OwnedFd,
    /// The descriptor limits with which the host started us; ours are higher.
    pub(crate) descriptor_limits: (Option<u64>, Option<u64>),
}

impl Ground {
    /// Forks the child, in the way that is given, and lets it go on by itself.
    pub(crate) fn launch(
        &self,
        start: &Start,
        descriptors: &[OwnedFd],
        fork: impl FnOnce(&SingleThreaded) -> io::Result<Forked>,
    ) -> Result<Launch, Failure> {
        let (outcome, report) = child::pipe().map_err(|error| (Step::Fork, error))?;
        match fork(&self.proof).map_err(|error| (Step::Fork, error))? {
            Forked::Parent { pid, pidfd } => Ok(Launch {
                pid,
                pidfd,
                outcome,
            }),
            Forked::Child => self.become_leader(start, descriptors, report),
        }
    }

    /// In the child: becomes the program, or reports the step that failed and ends.
    pub(crate) fn become_leader(
        &self,
        start: &Start,
        descriptors: &[OwnedFd],
        report: OwnedFd,
    ) -> ! {
        let (step, error) = match self.set_up(start, descriptors) {
            Err(failure) => failure,
            Ok(()) => (Step::Execute, execute(start)),
        };
        let errno = error.raw_os_error().unwrap_or(0).to_le_bytes();
        let words = [&[step as u8][..], &errno].concat();
        let _ = File::from(report).write_all(&words);
        child::exit_now(127)
    }

    fn set_up(&self, start: &Start, descriptors: &[OwnedFd]) -> Result<(), Failure> {
        let at = |step: Step| move |error: io::Error| (step, error);
        child::clear_session().map_err(at(Step::Session))?;
        child::restore_child_signals().map_err(at(Step::Session))?;
        if let Some(place) = start.terminal {
            let terminal = self
                .stream(place, descriptors)
                .map_err(at(Step::Terminal))?;
            child::take_terminal(terminal).map_err(at(Step::Terminal))?;
        }
        for (number, place) in (0_u8..).zip(&start.streams) {
            let stream = self
                .stream(*place, descriptors)
                .map_err(at(Step::Streams))?;
            child::put_stream(number, stream).map_err(at(Step::Streams))?;
        }
        child::lock_down_descriptors().map_err(at(Step::Streams))?;
        if let Some(umask) = start.umask {
            child::set_umask(umask);
        }
        self.limit(start).map_err(at(Step::Limits))?;
        if let Some(nice) = start.nice {
            child::set_nice(nice).map_err(at(Step::Nice))?;
        }
        if let Some(user) = &start.user {
            child::become_user(user.uid, user.gid, &user.groups).map_err(at(Step::User))?;
        }
        child::enter_directory(&start.directory).map_err(at(Step::Directory))
    }

    /// What was given for a stream. One that was lost on the way is an error, not the null device.
    fn stream<'a>(&'a self, place: u8, descriptors: &'a [OwnedFd]) -> io::Result<BorrowedFd<'a>> {
        if place == NO_STREAM {
            return Ok(self.null.as_fd());
        }
        let given = descriptors.get(usize::from(place)).map(AsFd::as_fd);
        given.ok_or_else(|| io::Error::from_raw_os_error(TOO_MANY_DESCRIPTORS))
    }

    /// Refuses a start that would leave too few descriptors for the next requests and for the ends
    /// of the trees that run: those must not be missed.
    pub(crate) fn check_room(&self) -> Result<(), Failure> {
        if child::has_room(self.null.as_fd(), RESERVE) {
            Ok(())
        } else {
            let error = io::Error::from_raw_os_error(TOO_MANY_DESCRIPTORS);
            Err((Step::Fork, error))
        }
    }

    fn limit(&self, start: &Start) -> io::Result<()> {
        let (soft, hard) = self.descriptor_limits;
        child::set_limit(child::Resource::Nofile, soft, hard)?;
        for limit in &start.limits {
            let resource = child::resource(limit.resource).ok_or(io::ErrorKind::InvalidInput)?;
            child::set_limit(resource, limit.soft, limit.hard)?;
        }
        Ok(())
    }
}

fn execute(start: &Start) -> io::Error {
    child::become_image(&Image {
        program: start.program.clone(),
        arguments: start.arguments.clone(),
        environment: start.environment.clone(),
    })
}

/// Reads what a launched child reported: nothing is success.
pub(crate) fn read_outcome(outcome: OwnedFd) -> Result<(), Failure> {
    let mut words = Vec::with_capacity(8);
    // A pipe within one machine does not fail to be read; a short report is a child that was
    // killed on its way, which its exit status tells.
    let _ = File::from(outcome).read_to_end(&mut words);
    match words.as_slice() {
        [step, errno @ ..] if errno.len() == 4 => {
            let errno = errno.try_into().map_or(0, i32::from_le_bytes);
            Err((Step::from_byte(*step), io::Error::from_raw_os_error(errno)))
        }
        _ => Ok(()),
    }
}
