//! Negative controls: each mechanism that holds a tree is switched off, and then the tree gets away.
//!
//! Without these a guarantee could be kept by accident, by something else than what is said to keep it.
//! Nothing here is a switch of the product: the mechanism is left out by other means, and what gets away
//! gets into a cage. The control of the sweep's lock is in `sweep.rs`.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

use handfast::Rung;
use handfast_sys::proc::Stat;
use handfast_sys::tree::linux::descendants::{children, kill_round, stop_round};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, Signal, pidfd_getfd, pidfd_open};
use testkit::endings::{Ending, Held, cell};
use testkit::{ABSENCE, Cage, Oracle, PATIENCE, Setup, Who, can_have, zoo};

/// A cage that holds, where this user can have one: controls let processes survive on purpose.
fn cage() -> Option<Cage> {
    let cage = Cage::strong();
    if cage.is_none() {
        eprintln!("skipped: this user cannot make a cgroup here");
    }
    cage
}

fn escape(name: &str) -> zoo::Escape {
    let all = zoo::all().into_iter();
    let mut found = all.filter(|escape| escape.name == name);
    found.next().expect("the zoo has it")
}

/// A puppet in a cage, leader of a group of its own. It is killed with the cage.
fn puppet(cage: &Cage, words: &[String]) -> Child {
    cage.command(&testkit::puppet())
        .args(words)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a caged puppet starts")
}

fn number(child: &Child) -> i32 {
    Pid::from_child(child).as_raw_pid()
}

/// The same reaper with the same tree, killed with its owner: only the namespace differs.
#[test]
fn without_a_namespace_a_tree_survives_its_owner_and_its_reaper() {
    let Some(_) = cage() else { return };
    if !can_have(Rung::Namespace, Who::Us) {
        return eprintln!("skipped: this user cannot have a namespace here");
    }
    let tree = escape("double-fork");
    let held = cell(&Setup::new("namespace"), Ending::Both, &tree).unwrap();
    assert_eq!(held.survivors, 0);
    for rung in ["plain", "cgroup"] {
        let left = cell(&Setup::new(rung), Ending::Both, &tree).unwrap();
        assert_eq!(left.survivors, left.members, "{rung}");
    }
}

/// The same tree, killed as a process group and then as a cgroup.
#[test]
fn without_cgroup_kill_new_sessions_get_away() {
    let Some(cage) = cage() else { return };
    let (oracle, tree) = (Oracle::new(), escape("setsid-chain"));
    let mut leader = puppet(&cage, &tree.words(&oracle));
    assert!(tree.wait_up(&oracle, PATIENCE));
    // The leader is not reaped, so its group's number is its own.
    rustix::process::kill_process_group(Pid::from_child(&leader), Signal::KILL).unwrap();
    leader.wait().unwrap();
    // ABSENCE: that the others do not die has no event.
    assert!(!oracle.wait_empty(ABSENCE));
    assert_eq!(oracle.alive(), tree.members - 1);
    cage.kill();
    assert!(oracle.wait_empty(PATIENCE));
}

/// A chain that forks and exits below a subreaper: one pass of killing is too late for it.
///
/// The subreaper reaps, or the dead of the chain would fill the pid table within seconds.
#[test]
fn without_rounds_of_stopping_a_fork_chain_gets_away() {
    /// How often one pass may win by luck.
    const TRIES: usize = 200;
    /// How many rounds may be needed.
    const ROUNDS: usize = 10_000;
    let Some(cage) = cage() else { return };
    let survives = || {
        let oracle = Oracle::new();
        let words = format!(
            "subreaper join {} fork-daemon [ join-same chain 100 ] wait-all",
            oracle.dir().display()
        );
        let mut subreaper = puppet(&cage, &testkit::script(&words));
        assert!(oracle.wait_joined(2, PATIENCE));
        // Under way is the chain once its first links are gone.
        let first = children(number(&subreaper)).unwrap();
        while children(number(&subreaper)).unwrap() == first {}
        kill_round(number(&subreaper)).unwrap();
        // ABSENCE: that the chain goes on has no event; the subreaper ends with it.
        let survived = !oracle.wait_empty(ABSENCE);
        // With rounds, the same calls end it.
        let ended = (0..ROUNDS).any(|_| {
            stop_round(number(&subreaper)).unwrap();
            kill_round(number(&subreaper)).unwrap();
            subreaper.try_wait().unwrap().is_some()
        });
        assert!(ended, "rounds did not end it");
        assert!(oracle.wait_empty(PATIENCE));
        survived
    };
    assert!((0..TRIES).any(|_| survives()), "one pass always won");
}

/// An orphan below a subreaper comes back to it; below anybody else it does not.
#[test]
fn without_the_subreaper_flag_orphans_go_elsewhere() {
    let Some(cage) = cage() else { return };
    let orphan_returns = |flag: &str| {
        let words = format!("{flag} fork-daemon [ say-pid park ] park");
        let mut leader = puppet(&cage, &testkit::script(&words));
        let mut line = String::new();
        let stdout = leader.stdout.take().expect("its stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let orphan = line.trim().strip_prefix("pid ").expect("it says its pid");
        let orphan = orphan.parse().unwrap();
        // It said so while its parent may have been alive: until then that is a third process.
        let middle = |parent| Stat::read(parent).is_ok_and(|stat| stat.parent == number(&leader));
        let mut parent = Stat::read(orphan).unwrap().parent;
        while parent != number(&leader) && middle(parent) {
            parent = Stat::read(orphan).unwrap().parent;
        }
        let returned = parent == number(&leader);
        leader.kill().unwrap();
        leader.wait().unwrap();
        returned
    };
    assert!(orphan_returns("subreaper"));
    assert!(!orphan_returns(""));
}

/// Copies of all sockets of another process.
fn sockets_of(pid: u32) -> std::io::Result<Vec<OwnedFd>> {
    let process = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let process = pidfd_open(process.expect("a pid"), PidfdFlags::empty())?;
    let mut copies = Vec::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd"))?.flatten() {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        let number: Option<RawFd> = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(number) = number.filter(|_| target.to_string_lossy().starts_with("socket:")) {
            copies.push(pidfd_getfd(&process, number, PidfdGetfdFlags::empty())?);
        }
    }
    Ok(copies)
}

/// Only the end of the life line kills: held open by somebody else, the owner's death changes nothing.
fn the_life_line_kills(rung: Rung) {
    let Some(cage) = cage() else { return };
    if !can_have(rung, Who::Us) {
        return eprintln!("skipped: this user cannot have the rung {rung} here");
    }
    let tree = escape("grandchildren");
    let mut held = Held::start_in(cage, &Setup::new(rung.word()), &tree).unwrap();
    let line = match sockets_of(held.owner.pid()) {
        Ok(copies) => copies,
        Err(error) => return eprintln!("skipped: copying a descriptor is refused: {error}"),
    };
    assert!(!line.is_empty(), "there is a life line");
    held.owner.signal(Signal::KILL);
    held.owner.wait();
    // ABSENCE: that nobody is killed has no event.
    assert!(!held.oracle.wait_empty(ABSENCE));
    assert_eq!(held.oracle.alive(), tree.members);
    drop(line);
    assert!(held.oracle.wait_empty(PATIENCE));
    assert!(held.owner.wait_reaper_gone(PATIENCE));
}

#[test]
fn with_the_life_line_held_open_nobody_is_killed_on_namespace() {
    the_life_line_kills(Rung::Namespace);
}

#[test]
fn with_the_life_line_held_open_nobody_is_killed_on_cgroup() {
    the_life_line_kills(Rung::Cgroup);
}

#[test]
fn with_the_life_line_held_open_nobody_is_killed_on_subreaper() {
    the_life_line_kills(Rung::Subreaper);
}

#[test]
fn with_the_life_line_held_open_nobody_is_killed_on_group() {
    the_life_line_kills(Rung::Group);
}
