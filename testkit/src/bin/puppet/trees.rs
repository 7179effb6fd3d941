//! Words that start other processes, and words that wait for them.
//!
//! `spawn [ s ]` | `fork-daemon [ s ]` (double fork, own session, in `/`) | `newns [ s ]` (user and PID
//! namespace) | `vfork-hang [ s ]` (this one is in state D until the child ends) | `members N` (done
//! when all are up) | `watchdogs` | `supervise N [ s ]` | `hop` | `chain PAUSE_MICROS` | `wait-child` |
//! `wait-all` | `await-child-stop` | `await-parent STATE`. The ones without a script join the open oracle.

use std::cell::Cell;
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::OwnedFd;
use std::{env, fs, process, thread};

use handfast_sys::puppetry::{self, Fork};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, WaitId, WaitIdOptions, WaitOptions, getpid, getppid, pidfd_open, setpgid,
    setsid, wait, waitid, waitpid,
};

use crate::script::{Fault, Script};
use crate::stage::{Known, Stage};

/// How often a parent's state is read before giving up: it may be in a `/proc` that is not ours.
const STATE_READS: usize = 200_000;

/// Does the word if it is one of these.
pub(crate) fn step(stage: &mut Stage, word: &str, script: &mut Script<'_>) -> Known {
    match word {
        "spawn" => {
            let mut then = script.bracket(word)?;
            spawn(stage, |child| child.play(&mut then))?;
        }
        "fork-daemon" => {
            let mut then = script.bracket(word)?;
            daemon(stage, |child| child.play(&mut then))?;
        }
        "newns" => {
            let mut then = script.bracket(word)?;
            puppetry::enter_new_namespaces().map_err(Fault::tried(word))?;
            spawn(stage, |child| child.play(&mut then))?;
        }
        "vfork-hang" => {
            let mut then = script.bracket(word)?;
            let side = puppetry::fork_and_hang();
            forked(stage, side, |child| child.play(&mut then))?;
        }
        "members" => members(stage, script.parsed(word)?)?,
        "watchdogs" => watchdogs(stage)?,
        "supervise" => supervise(stage, script.parsed(word)?, script.bracket(word)?)?,
        "hop" => hop(stage)?,
        "chain" => puppetry::fork_chain(script.parsed(word)?),
        "wait-child" => wait_child(stage)?,
        "wait-all" => while wait(WaitOptions::empty()).is_ok() {},
        "await-child-stop" => await_child_stop(stage)?,
        "await-parent" => await_parent(script.parsed(word)?)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Forks; the child does `role` and ends.
fn spawn(
    stage: &mut Stage,
    role: impl FnOnce(&mut Stage) -> Result<(), Fault>,
) -> Result<Pid, Fault> {
    forked(stage, puppetry::fork(), role)
}

fn forked(
    stage: &mut Stage,
    side: std::io::Result<Fork>,
    role: impl FnOnce(&mut Stage) -> Result<(), Fault>,
) -> Result<Pid, Fault> {
    match side.map_err(Fault::tried("fork"))? {
        Fork::Parent(child) => {
            stage.last_child = Some(child);
            Ok(child)
        }
        Fork::Child => {
            stage.last_child = None;
            process::exit(Fault::code(role(stage)))
        }
    }
}

/// Starts a daemon the old way, and takes back the process in the middle.
///
/// The daemon plays its role only when that one is gone, so that who hears of it sees no third.
fn daemon(
    stage: &mut Stage,
    role: impl FnOnce(&mut Stage) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (mut go, held) = pipe().map_err(Fault::tried("pipe"))?;
    let held = Cell::new(Some(held));
    let middle = spawn(stage, |middle| {
        setsid().map_err(Fault::tried("setsid"))?;
        spawn(middle, |daemon| {
            env::set_current_dir("/").map_err(Fault::tried("chdir /"))?;
            drop(held.take());
            go.read(&mut [0])
                .map_err(Fault::tried("wait for the middle of a double fork"))?;
            drop(go);
            role(daemon)
        })?;
        Ok(())
    })?;
    // Dropped when the middle has been taken back, whatever that said.
    let _held = held.take();
    match waitpid(Some(middle), WaitOptions::empty()) {
        // Who ignores SIGCHLD waits as long, but is told that there is nobody left to wait for.
        Ok(_) | Err(Errno::CHILD) => Ok(()),
        Err(error) => Err(Fault::tried("wait for the middle of a double fork")(error)),
    }
}

/// Starts `count` members, every second one a daemon, and waits until all are up.
fn members(stage: &mut Stage, count: usize) -> Result<(), Fault> {
    let (mut up, said) = pipe().map_err(Fault::tried("pipe"))?;
    for number in 0..count {
        let role = |member: &mut Stage| member_role(member, &said);
        if number % 2 == 0 {
            spawn(stage, role)?;
        } else {
            daemon(stage, role)?;
        }
    }
    for _ in 0..count {
        up.read_exact(&mut [0])
            .map_err(Fault::tried("hear from all members"))?;
    }
    drop::<(PipeReader, PipeWriter)>((up, said));
    Ok(())
}

fn member_role(member: &mut Stage, said: &PipeWriter) -> Result<(), Fault> {
    member.join_if_open()?;
    let mut said: &PipeWriter = said;
    said.write_all(b".")
        .map_err(Fault::tried("say that a member is up"))?;
    member.park()
}

/// Becomes one of two processes that start each other again, whichever is killed.
fn watchdogs(stage: &mut Stage) -> Result<(), Fault> {
    stage.join_if_open()?;
    keep_partner(stage)
}

fn keep_partner(stage: &mut Stage) -> Result<(), Fault> {
    loop {
        let own = watch(getpid())?;
        let partner = spawn(stage, move |partner| {
            partner.join_if_open()?;
            gone(&own)?;
            drop(own);
            // It is the one left over now, and starts a partner of its own.
            keep_partner(partner)
        })?;
        gone(&watch(partner)?)?;
        waitpid(Some(partner), WaitOptions::empty()).map_err(Fault::tried("reap a watchdog"))?;
    }
}

fn watch(process: Pid) -> Result<OwnedFd, Fault> {
    pidfd_open(process, PidfdFlags::empty()).map_err(Fault::tried("pidfd_open"))
}

/// Waits until the process is dead, reaped or not.
fn gone(process: &OwnedFd) -> Result<(), Fault> {
    poll(&mut [PollFd::new(process, PollFlags::IN)], None).map_err(Fault::tried("poll a pidfd"))?;
    Ok(())
}

/// Keeps `count` children running the script, for ever.
fn supervise(stage: &mut Stage, count: usize, script: Script<'_>) -> Result<(), Fault> {
    for _ in 0..count {
        let mut then = script;
        spawn(stage, |child| child.play(&mut then))?;
    }
    loop {
        wait(WaitOptions::empty()).map_err(Fault::tried("wait for a supervised child"))?;
        let mut then = script;
        spawn(stage, |child| child.play(&mut then))?;
    }
}

/// Makes two process groups and a third process that moves between them for ever.
fn hop(stage: &mut Stage) -> Result<(), Fault> {
    let home = getpid();
    let failed = || Fault::tried("setpgid");
    stage.join_if_open()?;
    setpgid(None, None).map_err(failed())?;
    let away = spawn(stage, |partner| {
        partner.join_if_open()?;
        partner.park()
    })?;
    setpgid(Some(away), Some(away)).map_err(failed())?;
    spawn(stage, |hopper| {
        hopper.join_if_open()?;
        // A pause, not a wait: without it the hopper takes a whole processor.
        let pause = Timespec {
            tv_sec: 0,
            tv_nsec: 500_000,
        };
        for group in [away, home].into_iter().cycle() {
            setpgid(None, Some(group)).map_err(failed())?;
            poll(&mut [], Some(&pause)).map_err(Fault::tried("pause"))?;
        }
        Ok(())
    })?;
    stage.park()
}

fn wait_child(stage: &Stage) -> Result<(), Fault> {
    waitpid(stage.last_child, WaitOptions::empty())
        .map(|_status| ())
        .map_err(Fault::tried("wait-child"))
}

fn await_child_stop(stage: &Stage) -> Result<(), Fault> {
    let child = stage
        .last_child
        .ok_or_else(|| Fault::new("await-child-stop comes after a spawn"))?;
    let options = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(child), options)
        .map(drop)
        .map_err(Fault::tried("await-child-stop"))
}

/// Reads the parent's state until it is `state`: the kernel has no event for that.
pub(crate) fn await_parent(state: char) -> Result<(), Fault> {
    let parent = getppid().ok_or_else(|| Fault::new("there is no parent to wait for"))?;
    let stat = format!("/proc/{}/stat", parent.as_raw_pid());
    for _ in 0..STATE_READS {
        let text = fs::read_to_string(&stat).map_err(Fault::tried(&stat))?;
        let found = text
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.chars().next());
        if found == Some(state) {
            return Ok(());
        }
        thread::yield_now();
    }
    Err(Fault::new(format!(
        "the parent never came to be in state {state}"
    )))
}
