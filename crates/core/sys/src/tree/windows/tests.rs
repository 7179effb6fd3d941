//! The trees that try to get away on Windows, and that none does.
//!
//! The witness of each tree is its error output, which every member holds; its end-of-file is the
//! end of the last one. What has no witness is shown by its negative control to be seen.

use super::{Event, Job, Limits, Port};
use crate::child::stage::Puppet;
use crate::wine;
use std::collections::HashSet;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::JobObjects::{
    JOB_OBJECT_LIMIT_BREAKAWAY_OK, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
};
use windows_sys::Win32::System::Threading::{
    OpenProcess, OpenThread, PROCESS_TERMINATE, SuspendThread, THREAD_SUSPEND_RESUME,
    TerminateProcess,
};

fn job() -> Job {
    Job::new(&Limits::default()).unwrap()
}

/// The exit code of trees that a test kills.
const KILLED: u32 = 0xdead_0009;

/// Kills a tree whose members have said that they are there.
fn kill(puppet: Puppet, job: &Job) {
    job.kill(KILLED).unwrap();
    puppet.witness.until_all_are_gone();
    assert_eq!(puppet.started.process.wait(None).unwrap(), Some(KILLED));
}

#[test]
fn killing_a_job_ends_children_and_grandchildren() {
    let job = job();
    let mut puppet = Puppet::of(
        "spawn [ spawn [ say-pid park ] say-pid park ] say-pid park",
        &job,
    );
    let said: HashSet<u32> = puppet
        .said_all(3)
        .iter()
        .map(|pid| pid.parse().unwrap())
        .collect();
    let members: HashSet<u32> = job.members().unwrap().into_iter().collect();
    assert_eq!(members, said);
    kill(puppet, &job);
}

#[test]
fn detached_children_and_orphans_are_members() {
    let job = job();
    let script = "detached [ spawn [ say orphan park ] exit 0 ] say up park";
    let mut puppet = Puppet::of(script, &job);
    assert_eq!(puppet.said_all(2), ["orphan", "up"]);
    kill(puppet, &job);
}

#[test]
fn the_tree_outlives_its_leader_and_is_then_killed() {
    let job = job();
    let mut puppet = Puppet::of("spawn [ say child park ] exit 5", &job);
    puppet.said();
    assert_eq!(puppet.started.process.wait(None).unwrap(), Some(5));
    assert!(!job.is_empty().unwrap());
    assert!(puppet.witness.is_held());
    job.kill(KILLED).unwrap();
    puppet.witness.until_all_are_gone();
}

#[test]
fn nobody_breaks_away() {
    let job = job();
    let mut puppet = Puppet::of("breakaway [ say away park ] say up park", &job);
    // Access is denied.
    assert_eq!(puppet.said_all(2), ["refused-5", "up"]);
    kill(puppet, &job);
}

/// The negative control of [`nobody_breaks_away`].
#[test]
fn a_job_that_allows_it_is_broken_away_from() {
    let flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK;
    let job = Job::with_flags(flags).unwrap();
    let mut puppet = Puppet::of("breakaway [ say-pid park ] say up park", &job);
    let said = puppet.said_all(2);
    let away: u32 = said[0].parse().unwrap();
    job.kill(KILLED).unwrap();
    puppet.started.process.wait(None).unwrap();
    assert!(puppet.witness.is_held(), "the escaped one is alive");
    end(away);
    puppet.witness.until_all_are_gone();
}

#[test]
fn suspended_members_are_killed() {
    let job = job();
    let mut puppet = Puppet::of("spawn [ say child park ] say up park", &job);
    puppet.said_all(2);
    for pid in job.members().unwrap() {
        suspend(pid);
    }
    kill(puppet, &job);
}

#[test]
fn heavy_three_hundred_members_are_killed() {
    let job = job();
    let mut puppet = Puppet::of("spawn-many 299 [ say child park ] say up park", &job);
    puppet.said_all(300);
    assert_eq!(job.members().unwrap().len(), 300);
    kill(puppet, &job);
    assert_eq!(job.usage().unwrap().total, 300);
}

#[test]
fn dropping_a_job_ends_its_tree() {
    let job = job();
    let mut puppet = Puppet::of("spawn [ say child park ] say up park", &job);
    puppet.said_all(2);
    drop(job);
    puppet.witness.until_all_are_gone();
}

/// The negative control of [`dropping_a_job_ends_its_tree`].
#[test]
fn a_job_without_the_limit_lets_its_tree_live() {
    let job = Job::with_flags(0).unwrap();
    let mut puppet = Puppet::of("say up gate exit 3", &job);
    puppet.said();
    drop(job);
    // It still answers to its gate: it was not ended.
    puppet.input = None;
    assert_eq!(puppet.started.process.wait(None).unwrap(), Some(3));
}

#[test]
fn an_owner_that_is_terminated_takes_its_tree_along() {
    let (mut owner, pid) = owner("own [ spawn [ say child park ] say leader park ]");
    assert_eq!(owner.said_all(2), ["child", "leader"]);
    end(pid);
    owner.witness.until_all_are_gone();
}

/// The negative control of [`an_owner_that_is_terminated_takes_its_tree_along`].
#[test]
fn an_owner_whose_job_lets_go_leaves_its_tree() {
    let (mut owner, pid) = owner("own-loosely [ spawn [ say-pid park ] say-pid park ]");
    let said = owner.said_all(2);
    end(pid);
    assert!(owner.witness.is_held());
    said.iter().for_each(|pid| end(pid.parse().unwrap()));
    owner.witness.until_all_are_gone();
}

/// Starts an owner that no job of ours ends, with the number of its process.
fn owner(script: &str) -> (Puppet, u32) {
    let owner = Puppet::of(script, &Job::with_flags(0).unwrap());
    let pid = owner.started.process.pid();
    (owner, pid)
}

#[test]
fn jobs_nest() {
    let outer = job();
    let mut owner = Puppet::of("own [ spawn [ say child park ] say leader park ]", &outer);
    assert_eq!(owner.said_all(2), ["child", "leader"]);
    assert_eq!(outer.members().unwrap().len(), 3);
    kill(owner, &outer);
}

#[test]
fn a_job_says_what_its_tree_has_used() {
    let job = job();
    let mut puppet = Puppet::of("spawn [ exit 0 ] spawn [ say up park ] park", &job);
    puppet.said();
    let usage = job.usage().unwrap();
    assert_eq!(usage.total, 3);
    assert_eq!(usage.over_limit, 0);
    kill(puppet, &job);
    assert_eq!(job.usage().unwrap().active, 0);
}

#[test]
fn a_port_tells_who_comes_and_goes_and_that_nobody_is_left() {
    let (job, port) = (job(), Port::new().unwrap());
    job.tell(&port, 7).unwrap();
    let puppet = Puppet::of("exit 0", &job);
    let pid = puppet.started.process.pid();
    let mut told = Vec::new();
    while told.last() != Some(&Event::Empty) {
        let message = port.next(None).unwrap().unwrap();
        assert_eq!(message.number, 7);
        told.push(message.event);
    }
    assert_eq!(told, [Event::Joined(pid), Event::Left(pid), Event::Empty]);
    assert!(job.is_empty().unwrap());
    port.nudge(9).unwrap();
    let message = port.next(None).unwrap().unwrap();
    assert_eq!((message.number, message.event), (9, Event::Nudged));
    assert_eq!(port.next(Some(Duration::ZERO)).unwrap(), None);
}

#[test]
fn emptiness_is_seen_by_the_port_and_without_it() {
    for told in [true, false] {
        let (job, port) = (job(), Port::new().unwrap());
        if told {
            job.tell(&port, 1).unwrap();
        }
        let mut puppet = Puppet::of("spawn [ say child park ] say up park", &job);
        puppet.said_all(2);
        assert!(!port.until_empty(&job, Some(Duration::ZERO)).unwrap());
        job.kill(KILLED).unwrap();
        assert!(port.until_empty(&job, None).unwrap());
        puppet.witness.until_all_are_gone();
    }
}

#[test]
fn a_handed_job_lives_as_long_as_its_keeper() {
    let keepers = job();
    let mut keeper = Puppet::of("say up park", &keepers);
    keeper.said();
    let handed = job();
    let mut puppet = Puppet::of("spawn [ say child park ] say up gate park", &handed);
    puppet.said_all(2);
    handed.hand_to(keeper.started.process.as_handle()).unwrap();
    drop(handed);
    // The keeper's handle is the last one, and the tree is alive.
    assert!(puppet.witness.is_held());
    assert_eq!(puppet.started.process.exit_code().unwrap(), None);
    keepers.kill(KILLED).unwrap();
    puppet.witness.until_all_are_gone();
}

#[test]
fn a_handle_that_was_handed_is_the_job() {
    let job = job();
    let handed = job.hand_to(own_process()).unwrap();
    let raw = std::ptr::without_provenance_mut(usize::try_from(handed.0).unwrap());
    // SAFETY: the system has made this handle for this process, and nobody else has it.
    let again = Job::from_handle(unsafe { OwnedHandle::from_raw_handle(raw) });
    let mut puppet = Puppet::of("say up park", &job);
    puppet.said();
    assert_eq!(again.members().unwrap(), [puppet.started.process.pid()]);
    kill(puppet, &again);
}

#[test]
fn memory_above_the_limit_is_refused() {
    if wine::cannot("memory_above_the_limit_is_refused") {
        return;
    }
    let limits = Limits {
        memory: Some(256 << 20),
        ..Limits::default()
    };
    let job = Job::new(&limits).unwrap();
    let mut puppet = Puppet::of("allocate 1073741824 park", &job);
    assert_eq!(puppet.said(), "refused");
    kill(puppet, &job);
    let free = self::job();
    let mut puppet = Puppet::of("allocate 1073741824 park", &free);
    assert_eq!(puppet.said(), "given");
    kill(puppet, &free);
}

#[test]
fn one_process_more_than_allowed_does_not_live() {
    if wine::cannot("one_process_more_than_allowed_does_not_live") {
        return;
    }
    let limits = Limits {
        processes: Some(1),
        ..Limits::default()
    };
    let job = Job::new(&limits).unwrap();
    let mut puppet = Puppet::of("spawn [ say child park ] say up park", &job);
    assert!(puppet.said_all(2)[0].starts_with("refused-"));
    kill(puppet, &job);
}

#[test]
fn a_tree_whose_time_is_over_is_ended() {
    if wine::cannot("a_tree_whose_time_is_over_is_ended") {
        return;
    }
    let limits = Limits {
        cpu_time: Some(Duration::from_millis(50)),
        ..Limits::default()
    };
    let job = Job::new(&limits).unwrap();
    let puppet = Puppet::of("spin", &job);
    puppet.witness.until_all_are_gone();
}

#[test]
fn a_share_of_the_processors_is_taken_or_refused_by_its_number() {
    let with = |share| {
        let cpu_share = Some(share);
        Job::new(&Limits {
            cpu_share,
            ..Limits::default()
        })
    };
    for refused in [0, super::ALL_PROCESSORS + 1] {
        assert_eq!(
            with(refused).unwrap_err().kind(),
            std::io::ErrorKind::InvalidInput
        );
    }
    if !wine::cannot("a_share_of_the_processors_is_taken_or_refused_by_its_number") {
        let job = with(2_500).unwrap();
        let mut puppet = Puppet::of("say up park", &job);
        puppet.said();
        kill(puppet, &job);
    }
}

fn own_process() -> BorrowedHandle<'static> {
    // SAFETY: the pseudo handle of the process itself is good for as long as it lives.
    unsafe {
        BorrowedHandle::borrow_raw(windows_sys::Win32::System::Threading::GetCurrentProcess())
    }
}

/// Ends a process that one of our puppets has started, by its number.
fn end(pid: u32) {
    // SAFETY: calls with numbers; the handle is checked and closed.
    unsafe {
        let handle = OpenProcess(PROCESS_TERMINATE, 0, pid);
        assert!(!handle.is_null());
        let handle = OwnedHandle::from_raw_handle(handle);
        assert_ne!(TerminateProcess(handle.as_raw_handle(), 1), 0);
    }
}

/// Suspends all threads of a member.
fn suspend(pid: u32) {
    let mut suspended = 0;
    for thread in threads(pid) {
        // SAFETY: calls with numbers; the handle is checked and closed.
        unsafe {
            let handle = OpenThread(THREAD_SUSPEND_RESUME, 0, thread);
            assert!(!handle.is_null());
            let handle = OwnedHandle::from_raw_handle(handle);
            assert_ne!(SuspendThread(handle.as_raw_handle()), u32::MAX);
        }
        suspended += 1;
    }
    assert_ne!(suspended, 0);
}

/// The threads of a process.
fn threads(pid: u32) -> Vec<u32> {
    let mut entry = THREADENTRY32 {
        dwSize: u32::try_from(size_of::<THREADENTRY32>()).unwrap(),
        ..THREADENTRY32::default()
    };
    let mut threads = Vec::new();
    // SAFETY: the handle is checked and closed; the structure says how large it is.
    unsafe {
        let list = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
        assert_ne!(list, INVALID_HANDLE_VALUE);
        let list = OwnedHandle::from_raw_handle(list);
        let mut more = Thread32First(list.as_raw_handle(), &raw mut entry);
        while more != 0 {
            if entry.th32OwnerProcessID == pid {
                threads.push(entry.th32ThreadID);
            }
            more = Thread32Next(list.as_raw_handle(), &raw mut entry);
        }
    }
    threads
}
