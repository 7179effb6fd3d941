//! What catches the members that a rung lets go, and doctor's own end.
//!
//! Doctor is a subreaper, so that every orphan of its hosts comes to it, and it kills whatever it
//! still has below it before it goes on. Requests to end are answered by doing the same first.

use super::owner;
use handfast_sys::asked::Listener;
use handfast_sys::child::{self, Pid};
use handfast_sys::proc::Stat;
use handfast_sys::tree::linux::descendants::{below, kill_round};
use handfast_sys::tree::linux::namespace::become_subreaper;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long hosts and reapers may take to leave by themselves, which also removes their groups.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often that is looked at.
const GLANCE: Duration = Duration::from_millis(2);

/// Holds everything that doctor starts. Dropping it ends all of that.
#[derive(Debug)]
pub(super) struct Net {
    us: i32,
    /// Held while something is started, and for good once doctor is asked to end.
    starting: Arc<Mutex<()>>,
}

impl Net {
    pub(super) fn spread() -> io::Result<Net> {
        become_subreaper().map_err(|failed| failed.error)?;
        let us = i32::try_from(std::process::id()).map_err(io::Error::other)?;
        let starting = Arc::new(Mutex::new(()));
        let listener = Listener::new()?;
        let asked = Arc::clone(&starting);
        std::thread::Builder::new().spawn(move || answer(&listener, &asked, us))?;
        Ok(Net { us, starting })
    }

    /// Nothing may be started without it.
    pub(super) fn may_start(&self) -> MutexGuard<'_, ()> {
        self.starting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The processes below us that were started as `verb`, each with what names it.
    pub(super) fn named(&self, verb: &str, roles: &[&'static str]) -> Vec<(&'static str, OwnedFd)> {
        let found = below(self.us).unwrap_or_default().into_iter();
        found
            .filter_map(|pid| {
                let role = role(pid, verb, roles)?;
                let pidfd = child::open_pidfd(Pid::new(pid)?).ok()?;
                // Still so: then the pidfd is of that very one.
                (role == self::role(pid, verb, roles)?).then_some((role, pidfd))
            })
            .collect()
    }

    /// Waits until nothing is left below us, and kills what stays.
    pub(super) fn empty(&self) {
        empty(self.us);
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        self.empty();
    }
}

/// Waits to be asked to end, empties the net and ends.
fn answer(listener: &Listener, starting: &Mutex<()>, us: i32) {
    loop {
        match listener.next(None) {
            Ok(Some(by)) => {
                let _nothing_new = starting.lock().unwrap_or_else(PoisonError::into_inner);
                empty(us);
                by.die();
            }
            Ok(None) => {}
            // Nobody can be heard any more; the members still end with this process.
            Err(_) => return,
        }
    }
}

/// What a process was started as, if it is one of these.
fn role(pid: i32, verb: &str, roles: &[&'static str]) -> Option<&'static str> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let mut words = line.split(|byte| *byte == 0).skip(1);
    let (first, second) = (words.next()?, words.next()?);
    let mut known = roles.iter().filter(|role| role.as_bytes() == second);
    known.next().filter(|_| first == verb.as_bytes()).copied()
}

fn empty(us: i32) {
    kill_hosts(us);
    let end = Instant::now() + PATIENCE;
    while something_left(us) && Instant::now() < end {
        std::thread::sleep(GLANCE);
    }
    while something_left(us) {
        let _ = kill_round(us);
        std::thread::sleep(GLANCE);
    }
}

/// Their reapers then end the trees.
fn kill_hosts(us: i32) {
    let rungs = handfast::Rung::LADDER.map(handfast::Rung::word);
    for pid in below(us).unwrap_or_default() {
        let ours = Stat::read(pid).is_ok_and(|stat| stat.parent == us);
        if let (true, Some(_), Some(pid)) = (ours, role(pid, owner::VERB, &rungs), Pid::new(pid)) {
            // A child of ours, which is waited for only below.
            let _ = child::signal_process(pid, 9);
        }
    }
}

/// Reaps who has ended, and says whether anybody has not.
fn something_left(us: i32) -> bool {
    while let Ok(Some(_)) = child::reap_any() {}
    below(us).is_ok_and(|left| !left.is_empty())
}
