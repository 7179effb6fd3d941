//! Everything below one process, by the parent links that the kernel keeps.
//!
//! Complete only below a subreaper or a namespace's init, to which orphans return. The set can be
//! old by the time it is read, so whoever kills by it must look again until nothing is found.

use crate::child::{Pid, signal_process};
use crate::proc::{self, Stat};
use std::fs;
use std::io;

/// The direct children of a process, zombies included.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn children(pid: i32) -> io::Result<Vec<i32>> {
    listed_children(pid).or_else(|_| {
        let all = proc::all()?.into_iter();
        Ok(all
            .filter(|stat| stat.parent == pid)
            .map(|stat| stat.pid)
            .collect())
    })
}

/// As the kernel lists them for each thread.
fn listed_children(pid: i32) -> io::Result<Vec<i32>> {
    let mut found = Vec::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("children"))?;
        found.extend(
            text.split_ascii_whitespace()
                .filter_map(|word| word.parse::<i32>().ok()),
        );
    }
    Ok(found)
}

/// All descendants of a process that are alive, parents before their children.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn below(ancestor: i32) -> io::Result<Vec<i32>> {
    match listed_children(ancestor) {
        Ok(children) => Ok(walk(children)),
        // A kernel without CONFIG_PROC_CHILDREN.
        Err(_) => scan(ancestor),
    }
}

fn walk(mut found: Vec<i32>) -> Vec<i32> {
    let mut next = 0;
    while next < found.len() {
        found.extend(listed_children(found[next]).unwrap_or_default());
        next += 1;
    }
    found.retain(|pid| Stat::read(*pid).is_ok_and(|stat| stat.is_alive()));
    found
}

fn scan(ancestor: i32) -> io::Result<Vec<i32>> {
    let all = proc::all()?;
    let mut found = vec![ancestor];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(
            all.iter()
                .filter(|stat| stat.parent == parent)
                .map(|stat| stat.pid),
        );
        next += 1;
    }
    let alive = |pid: &i32| all.iter().any(|stat| stat.pid == *pid && stat.is_alive());
    Ok(found.into_iter().skip(1).filter(alive).collect())
}

/// One round of stopping: SIGSTOP to every descendant that runs. Answers how many were not yet
/// stopped; when that is 0 the set is stable and can be killed without anything slipping away.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn stop_round(ancestor: i32) -> io::Result<usize> {
    let mut fresh = 0;
    for pid in below(ancestor)? {
        let stopped = Stat::read(pid).is_ok_and(|stat| matches!(stat.state, b'T' | b't'));
        if !stopped {
            fresh += usize::from(signal(pid, 19).is_ok());
        }
    }
    Ok(fresh)
}

/// One round of killing: SIGKILL to every descendant. Answers how many were signalled.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn kill_round(ancestor: i32) -> io::Result<usize> {
    Ok(below(ancestor)?
        .into_iter()
        .filter(|pid| signal(*pid, 9).is_ok())
        .count())
}

fn signal(pid: i32, number: i32) -> io::Result<()> {
    let pid = Pid::new(pid).ok_or(io::ErrorKind::InvalidInput)?;
    signal_process(pid, number)
}

/// All live processes of a session, its leader excepted.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn in_session(leader: i32) -> io::Result<Vec<i32>> {
    in_sessions(&[leader])
}

/// All live processes of these sessions, their leaders excepted; reads `/proc` once for all.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn in_sessions(leaders: &[i32]) -> io::Result<Vec<i32>> {
    // Session 0 is the kernel's own threads, 1 is init's.
    if leaders.iter().all(|leader| *leader <= 1) {
        return Ok(Vec::new());
    }
    let sessions: Vec<i32> = leaders
        .iter()
        .copied()
        .filter(|leader| *leader > 1)
        .collect();
    let candidates = proc::pids()?.into_iter();
    let candidates = candidates.filter(|pid| may_be_in_session(*pid, &sessions));
    let is_member = |stat: &Stat| {
        stat.pid != stat.session && sessions.contains(&stat.session) && stat.is_alive()
    };
    Ok(candidates
        .filter(|pid| Stat::read(*pid).is_ok_and(|stat| is_member(&stat)))
        .collect())
}

/// Asks for the session alone: a `stat` file costs twenty times as much, and of most processes
/// this is all that must be known.
fn may_be_in_session(pid: i32, sessions: &[i32]) -> bool {
    const NO_SUCH_PROCESS: i32 = 3;
    // SAFETY: a system call with one number.
    match unsafe { libc::getsid(pid) } {
        // A security policy may refuse to say it; the file may still.
        -1 => io::Error::last_os_error().raw_os_error() != Some(NO_SUCH_PROCESS),
        session => session != pid && sessions.contains(&session),
    }
}

/// All live processes of a process group.
///
/// # Errors
///
/// Where `/proc` cannot be read.
pub fn in_group(leader: i32) -> io::Result<Vec<i32>> {
    if leader <= 1 {
        return Ok(Vec::new());
    }
    let members = proc::all()?.into_iter();
    let members = members.filter(|stat| stat.group == leader && stat.is_alive());
    Ok(members.map(|stat| stat.pid).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_children_are_found_both_ways() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "exec 3<&0; sh -c 'echo up; read x' <&3 & wait"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 3];
        io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let us = i32::try_from(std::process::id()).unwrap();
        let shell = i32::try_from(child.id()).unwrap();
        for found in [below(us).unwrap(), scan(us).unwrap()] {
            assert!(
                found.contains(&shell),
                "{found:?} {shell} {:?}",
                Stat::read(shell)
            );
            let grandchild = |pid: &i32| Stat::read(*pid).is_ok_and(|stat| stat.parent == shell);
            assert!(found.iter().any(grandchild));
        }
        kill_round(shell).unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn members_of_a_session_are_found_without_their_leader() {
        let mut child = std::process::Command::new("setsid")
            .args(["sh", "-c", "exec 3<&0; (echo up; read x <&3) & wait"])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 3];
        io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
        let leader = i32::try_from(child.id()).unwrap();
        let members = in_session(leader).unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!(Stat::read(members[0]).unwrap().parent, leader);
        // The negative control: a process that leads no session has no members.
        assert_eq!(in_session(members[0]).unwrap(), []);
        kill_round(leader).unwrap();
        signal(leader, 9).unwrap();
        child.wait().unwrap();
        // A killed process is a member until it has ended.
        while !in_session(leader).unwrap().is_empty() {
            std::thread::yield_now();
        }
    }
}
