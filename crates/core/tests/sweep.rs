//! What an owner and its reaper, killed together, leave on the rung `cgroup`: the next start ends it.
//!
//! What must stay true: only what nobody holds is swept. A group is told by its name (boot, pid and
//! start time of owner and reaper), its user and its lock, and by all three: each test here changes one
//! of them. A sweep is over when the start that made it answers, so what is left then was spared.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use handfast_sys::proc::Identity;
use handfast_sys::tree::linux::cgroup::Cgroup;
use testkit::endings::{Ending, Held};
use testkit::{Cage, Gate, Oracle, Owner, PATIENCE, Setup, Who, zoo};

const NOBODY: u32 = 65534;

/// No process has this number: it is above what the kernel gives.
const NO_PID: i32 = i32::MAX;

/// A cage to be swept in, where this user can have one.
fn cage() -> Option<Cage> {
    let cage = Cage::strong();
    if cage.is_none() {
        eprintln!("skipped: this user cannot make a cgroup here");
    }
    cage
}

/// The name of the group of these two, each by pid and start time.
fn name(owner: (i32, u64), reaper: (i32, u64)) -> String {
    let boot = handfast_sys::proc::boot_id().unwrap();
    let ((owner, since), (reaper, begun)) = (owner, reaper);
    format!("handfast.{boot:016x}.{owner}.{since}.{reaper}.{begun}")
}

/// The name of a group whose owner and reaper are dead.
fn dead() -> String {
    name((NO_PID, 1), (NO_PID, 2))
}

/// A group with one living member.
struct Left {
    group: PathBuf,
    oracle: Oracle,
    child: std::process::Child,
}

impl Left {
    fn make(below: &Path, name: &str) -> Self {
        let (group, oracle) = (below.join(name), Oracle::new());
        fs::create_dir(&group).unwrap();
        let child = Command::new(testkit::puppet())
            .arg("enter-cgroup")
            .arg(&group)
            .arg("join")
            .arg(oracle.dir())
            .arg("park")
            .spawn()
            .unwrap();
        assert!(oracle.wait_joined(1, PATIENCE));
        Self {
            group,
            oracle,
            child,
        }
    }

    /// Whether it is as it was.
    fn is_spared(&self) -> bool {
        self.oracle.alive() == 1 && self.group.is_dir()
    }

    /// Whether nothing of it is there.
    fn is_swept(&self) -> bool {
        self.oracle.wait_empty(PATIENCE) && !self.group.exists()
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        // One that was swept has ended.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// Starts another owner below this cage: that is what sweeps.
fn next(cage: &Cage, who: Who) -> Owner {
    let setup = Setup::new("cgroup").as_user(who);
    Owner::start(cage, &setup, &testkit::script("park")).expect("the next owner starts")
}

/// The groups of managers in a cage.
fn groups(cage: &Cage) -> usize {
    let all = fs::read_dir(cage.path().unwrap()).unwrap().flatten();
    let ours = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("handfast.");
    all.filter(ours).count()
}

#[test]
fn every_escape_that_survived_both_kills_is_swept_by_the_next_start() {
    let Some(mut cage) = cage() else { return };
    for escape in zoo::all().iter().filter(|one| one.can_run_here()) {
        let mut held = Held::start_in(cage, &Setup::new("cgroup"), escape).unwrap();
        let outcome = held.end(Ending::Both, true);
        assert!(outcome.survivors > 0, "{}: {outcome:?}", escape.name);
        let next = next(&held.cage, Who::Us);
        assert!(held.oracle.wait_empty(PATIENCE), "{}", escape.name);
        assert_eq!(groups(&held.cage), 1, "{}: that of the next", escape.name);
        drop(next);
        assert!(held.cage.wait_empty(PATIENCE), "{}", escape.name);
        cage = held.cage;
    }
}

#[test]
fn what_is_left_of_an_ordinary_user_is_swept_by_its_next_start() {
    if !Who::Delegated.can_start_here() {
        return eprintln!("skipped: only root can give a cgroup away");
    }
    let Some(cage) = cage() else { return };
    let escape = zoo::all()[0];
    let setup = Setup::new("cgroup").as_user(Who::Delegated);
    let mut held = Held::start_in(cage, &setup, &escape).unwrap();
    assert!(held.end(Ending::Both, true).survivors > 0);
    let _next = next(&held.cage, Who::Delegated);
    assert!(held.oracle.wait_empty(PATIENCE));
}

#[test]
fn a_living_owner_is_not_swept_and_neither_is_what_it_holds() {
    let Some(cage) = cage() else { return };
    let mut held = Held::start_in(cage, &Setup::new("cgroup"), &zoo::all()[0]).unwrap();
    let _next = next(&held.cage, Who::Us);
    assert_eq!(held.oracle.alive(), held.oracle.joined());
    assert_eq!(groups(&held.cage), 2);
    assert!(held.owner.ask("stop").starts_with("stopped survivors=0"));
}

#[test]
fn a_group_with_a_living_owner_or_reaper_is_spared() {
    let Some(cage) = cage() else { return };
    let us = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
    let us = (us.pid, us.started);
    for name in [name(us, (NO_PID, 2)), name((NO_PID, 1), us)] {
        let left = Left::make(cage.path().unwrap(), &name);
        drop(next(&cage, Who::Us));
        assert!(left.is_spared(), "{name}");
    }
}

#[test]
fn a_group_whose_pids_were_given_to_others_is_swept() {
    let Some(cage) = cage() else { return };
    let us = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
    let recycled = name((us.pid, us.started + 1), (us.pid, us.started - 1));
    let left = Left::make(cage.path().unwrap(), &recycled);
    drop(next(&cage, Who::Us));
    assert!(left.is_swept());
}

#[test]
fn a_group_with_another_name_is_spared() {
    let Some(cage) = cage() else { return };
    let dead = dead();
    let (short, long) = (&dead[..dead.len() - 2], format!("{dead}.1"));
    let other = format!("x{dead}");
    for name in ["handfast", "handfast.", short, &long, &other] {
        let left = Left::make(cage.path().unwrap(), name);
        drop(next(&cage, Who::Us));
        assert!(left.is_spared(), "{name}");
    }
}

#[test]
fn a_group_of_another_user_is_spared() {
    let Some(cage) = cage() else { return };
    if !Who::Delegated.can_start_here() {
        return eprintln!("skipped: only root can give a cgroup away");
    }
    let theirs = Left::make(cage.path().unwrap(), &dead());
    chown(&theirs.group, Some(NOBODY), Some(NOBODY)).unwrap();
    drop(next(&cage, Who::Us));
    assert!(theirs.is_spared(), "root sweeps what is root's");
    chown(&theirs.group, Some(0), Some(0)).unwrap();
    drop(next(&cage, Who::Us));
    assert!(theirs.is_swept(), "as root's it would have been swept");
    // The other way round: in a group that was given away, root's is not the user's.
    drop(next(&cage, Who::Delegated));
    let roots = Left::make(&cage.path().unwrap().join("delegated"), &dead());
    drop(next(&cage, Who::Delegated));
    assert!(roots.is_spared());
}

/// The negative control of the lock: the very same group without it is swept.
#[test]
fn a_group_that_somebody_holds_is_spared_until_it_is_let_go() {
    let Some(cage) = cage() else { return };
    let left = Left::make(cage.path().unwrap(), &dead());
    let held = Cgroup::open(&left.group).unwrap();
    held.hold().unwrap();
    drop(next(&cage, Who::Us));
    assert!(left.is_spared());
    drop(held);
    drop(next(&cage, Who::Us));
    assert!(left.is_swept());
}

/// Across PID namespaces pids say nothing, and while a reaper is replaced only the manager is there.
#[test]
fn an_owner_in_another_pid_namespace_is_spared_while_it_has_no_reaper() {
    if !rustix::process::geteuid().is_root() {
        return eprintln!("skipped: only root can make a PID namespace with this cgroup");
    }
    let Some(cage) = cage() else { return };
    let (gate, oracle) = (Gate::new(), Oracle::new());
    let mut owner = cage
        .command(Path::new("unshare"))
        .args(["--pid", "--fork", "--mount-proc", "--kill-child"])
        .arg(testkit::owner())
        .args(["--rung", "cgroup", "--reaper"])
        .arg(gate.program())
        .arg("--")
        .arg(testkit::puppet())
        .arg("join")
        .arg(oracle.dir())
        .arg("park")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = owner.stdin.take().unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let mut line = || lines.next().unwrap().unwrap();
    assert!(line().starts_with("up "));
    assert!(oracle.wait_joined(1, PATIENCE));
    writeln!(words, "lose").unwrap();
    assert_eq!(line(), "lost");
    drop(next(&cage, Who::Us));
    assert_eq!(oracle.alive(), 1, "it was swept while its owner lives");
    gate.open();
    writeln!(words, "stop").unwrap();
    assert!(line().starts_with("stopped survivors=0"));
    drop(words);
    owner.kill().unwrap();
    owner.wait().unwrap();
}

/// The owner ends while its reaper is being replaced: nobody holds the tree until the next start.
#[test]
fn what_an_owner_left_that_was_killed_in_the_gap_is_swept() {
    let Some(cage) = cage() else { return };
    let (gate, oracle) = (Gate::new(), Oracle::new());
    let setup = Setup::new("cgroup").reaper(gate.program());
    let words = format!(
        "join {} fork-daemon [ join-same park ] park",
        oracle.dir().display()
    );
    let mut owner = Owner::start(&cage, &setup, &testkit::script(&words)).unwrap();
    assert!(oracle.wait_joined(2, PATIENCE));
    assert_eq!(owner.ask("lose"), "lost");
    owner.signal(rustix::process::Signal::KILL);
    owner.wait();
    assert_eq!(oracle.alive(), 2);
    drop(next(&cage, Who::Us));
    assert!(oracle.wait_empty(PATIENCE));
}
