//! A folder and the hosts that have it one after the other, in a cage.

use handfast::Rung;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use testkit::{ABSENCE, Cage, Keeper, PATIENCE, Who, can_have};

/// Where a test's hosts are.
pub(crate) struct Stage {
    pub(crate) cage: Cage,
    pub(crate) rung: Rung,
    place: TempDir,
}

impl Stage {
    /// `None` where this user cannot have the rung here.
    pub(crate) fn on(rung: Rung) -> Option<Stage> {
        if !can_have(rung, Who::Us) {
            eprintln!("skipped: this user cannot have the rung {rung} here");
            return None;
        }
        Some(Stage {
            cage: Cage::new(),
            rung,
            place: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.place.path().join("kept")
    }

    /// Where something of a process is kept.
    pub(crate) fn kept(&self, handle: &str) -> PathBuf {
        self.folder().join(handle)
    }

    /// The next host.
    pub(crate) fn host(&self) -> Keeper {
        self.host_with(&[])
    }

    pub(crate) fn host_with(&self, more: &[&str]) -> Keeper {
        Keeper::start(&self.cage, &self.folder(), self.rung.word(), more)
    }

    /// The next host, which finds this.
    pub(crate) fn finds(&self, what: &str) -> Keeper {
        let host = self.host();
        assert_eq!(host.up(), format!("up {what}"));
        host
    }

    /// The last host has nothing left and ends: nothing of it may be left.
    pub(crate) fn close(self, host: Keeper) {
        host.end("drop\nexit");
        let empty = self.cage.wait_empty(PATIENCE);
        assert!(empty, "left behind: {:?}", self.cage.members());
    }

    /// A witness of this name.
    pub(crate) fn witness(&self, name: &str) -> Witness {
        let path = self.place.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = rustix::fs::open(&path, flags, Mode::empty()).unwrap();
        Witness { path, reader }
    }

    /// A gate of this name, which whoever reads it waits at.
    pub(crate) fn gate(&self, name: &str) -> PathBuf {
        let path = self.place.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        path
    }
}

/// Opens a gate for one who waits at it, or will.
pub(crate) fn open(gate: &Path) {
    drop(File::options().write(true).open(gate).unwrap());
}

/// A pipe that a process holds until it has ended.
pub(crate) struct Witness {
    path: PathBuf,
    reader: OwnedFd,
}

impl Witness {
    /// What a script begins with to hold it; it says `.` to it.
    pub(crate) fn held(&self) -> String {
        format!("exec 9>{}; echo . >&9; ", self.path.display())
    }

    /// Waits until somebody holds it.
    pub(crate) fn joined(&self) {
        assert!(self.waits(PollFlags::IN, PATIENCE), "nobody came");
        let mut said = [0; 2];
        rustix::io::read(&self.reader, &mut said).unwrap();
    }

    /// Waits until nobody does any more.
    pub(crate) fn ended(&self) {
        assert!(self.waits(PollFlags::HUP, PATIENCE), "somebody lives");
    }

    /// Nobody has let go of it.
    pub(crate) fn lives(&self) {
        // ABSENCE: that nobody ended has no event.
        assert!(!self.waits(PollFlags::HUP, ABSENCE), "everybody ended");
    }

    fn waits(&self, wanted: PollFlags, within: std::time::Duration) -> bool {
        let within = Timespec::try_from(within).unwrap();
        let mut polled = [PollFd::new(&self.reader, wanted)];
        poll(&mut polled, Some(&within)).unwrap();
        polled[0].revents().contains(wanted)
    }
}

/// A script that writes known bytes to both outputs for ever.
pub(crate) const FLOOD: &str = "i=0; while :; do printf '%015d\\n' $((i*16)); printf '%015d\\n' $((i*16)) >&2; i=$((i+1)); done";

/// The same on a terminal.
pub(crate) const FLOOD_TERMINAL: &str =
    "stty raw -echo; i=0; while :; do printf '%015d\\n' $((i*16)); i=$((i+1)); done";

/// A script that answers each line that it reads, and returns 5 at their end.
pub(crate) const ECHO: &str = "while read l; do echo got:$l; done; exit 5";

/// The number after a word in an answer.
pub(crate) fn number(answer: &str, word: &str) -> u64 {
    let found = answer.split(' ').find_map(|part| {
        let (name, number) = part.split_once('=')?;
        (name == word).then(|| number.parse().unwrap())
    });
    found.unwrap_or_else(|| panic!("no {word} in {answer:?}"))
}
