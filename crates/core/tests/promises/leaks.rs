//! Nothing is left behind and nothing grows: processes, descriptors, groups, memory, wake-ups.
//!
//! Each runs in a process of its own ([`apart`]), so that what others do does not count; those named
//! `heavy_` also run alone (`.config/nextest.toml`). Figures are printed by each.

use std::fs;
use std::path::{Path, PathBuf};

use handfast::config::ProcessConfig;
use handfast_sys::proc::Stat;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;

use crate::stage::{Named, Stage, apart, builder, is_root, note, puppet, sh, succeed};

/// How much more memory may be resident after 1,000 processes than after 200. Allocators keep pages
/// that they may use again; a leak of a single page for each process would be 3,200 KiB.
const SLACK_KIB: u64 = 512;

/// The most that a reaper of 1,000 live processes may have resident.
const MOST_KIB: u64 = 4096;

const TREES: usize = 1000;

/// What one process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holds {
    kib: u64,
    /// `None` where they may not be counted: the reaper's are private to root.
    descriptors: Option<usize>,
    zombies: usize,
}

fn resident_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|kib| kib.parse().ok())
        .expect("it has memory")
}

fn holds(pid: u32) -> Holds {
    let all = handfast_sys::proc::all().expect("processes can be listed");
    let is_zombie = |stat: &&Stat| stat.parent == pid.cast_signed() && !stat.is_alive();
    Holds {
        kib: resident_kib(pid),
        descriptors: fs::read_dir(format!("/proc/{pid}/fd"))
            .ok()
            .map(Iterator::count),
        zombies: all.iter().filter(is_zombie).count(),
    }
}

/// Where cgroups are, if they are anywhere.
fn hierarchy() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let line = mounts.lines().find(|line| line.contains(" - cgroup2 "))?;
    line.split(' ').nth(4).map(PathBuf::from)
}

/// The cgroups of the managers of this process, and those below them.
fn groups() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(top) = hierarchy() {
        collect(
            &top,
            &format!(".{}.", std::process::id()),
            false,
            &mut found,
        );
    }
    found
}

fn collect(group: &Path, mark: &str, is_ours: bool, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = is_ours || name.starts_with("handfast.") && name.contains(mark);
        if is_ours {
            found.push(entry.path());
        }
        collect(&entry.path(), mark, is_ours, found);
    }
}

/// As many processes one after the other, eight at a time; every second one is stopped with a member.
async fn cycles(stage: &Stage, count: usize) {
    let mut running = JoinSet::new();
    for number in 0..count {
        if running.len() >= 8 {
            running
                .join_next()
                .await
                .expect("some run")
                .expect("a cycle does not panic");
        }
        let manager = stage.manager.clone();
        running.spawn(async move {
            let ends = number % 2 == 0;
            let config = if ends {
                sh("exit 0")
            } else {
                puppet("spawn [ park ] park")
            };
            let started = manager.start_process(config.build()).await;
            let handle = started.expect("it starts");
            if ends {
                manager.wait_tree(handle).await.expect("it has a record");
            } else {
                let receipt = manager.stop_process(handle).await.expect("it has a record");
                assert!(receipt.survivors.is_empty());
            }
        });
    }
    running.join_all().await;
}

#[tokio::test]
async fn a_thousand_processes_leave_no_zombie_no_descriptor_no_group_and_no_memory() {
    let path = "leaks::a_thousand_processes_leave_no_zombie_no_descriptor_no_group_and_no_memory";
    if let Some(again) = apart(path) {
        return succeed(again.command());
    }
    let Some(stage) = Stage::open_with(builder().tombstones(100)).await else {
        return;
    };
    let (own, reaper) = (std::process::id(), stage.reaper());
    cycles(&stage, 200).await;
    let before = (settled(own).await, settled(reaper).await, groups().len());
    cycles(&stage, 800).await;
    let after = (settled(own).await, settled(reaper).await, groups().len());
    note(&format!(
        "{}: after 200 {before:?}, after 1,000 {after:?}",
        stage.rung
    ));
    assert!(stage.manager.list_processes().is_empty());
    for (before, after) in [(before.0, after.0), (before.1, after.1)] {
        assert_eq!(after.zombies, 0);
        assert_eq!(after.descriptors, before.descriptors);
        assert!(after.kib <= before.kib + SLACK_KIB, "{before:?} {after:?}");
    }
    assert!(after.1.descriptors.is_some() || !is_root());
    assert_eq!(after.2, before.2, "{:?}", groups());
    let reaper = Named::open(reaper);
    drop(stage);
    assert!(reaper.wait_end(testkit::PATIENCE).await);
    assert_eq!(groups(), Vec::<PathBuf>::new());
}

/// What a process holds as soon as it holds the same twice: the reaper makes ready for the next start
/// behind the answer to the last one.
async fn settled(pid: u32) -> Holds {
    let mut last = holds(pid);
    loop {
        // ABSENCE: nothing changes any more.
        tokio::time::sleep(testkit::ABSENCE / 5).await;
        let now = holds(pid);
        if now == last {
            return now;
        }
        last = now;
    }
}

/// The negative control of counting groups: while something runs there is one more.
#[tokio::test]
async fn a_group_that_is_in_use_is_counted() {
    let path = "leaks::a_group_that_is_in_use_is_counted";
    if let Some(again) = apart(path) {
        return succeed(again.command());
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    stage.end_of(sh("exit 0")).await;
    settled(stage.reaper()).await;
    let before = groups().len();
    let handle = stage.start(puppet("park")).await;
    settled(stage.reaper()).await;
    let during = groups().len();
    assert_eq!(during > before, before > 0, "{before} {during}");
    stage.manager.kill(handle).await.unwrap();
}

/// Descriptors for a thousand processes: a soft limit of 1,024 is usual.
fn raise_descriptors() {
    let most = getrlimit(Resource::Nofile).maximum;
    let limit = Rlimit {
        current: most,
        maximum: most,
    };
    setrlimit(Resource::Nofile, limit).expect("the soft limit may be raised to the hard one");
}

#[tokio::test]
async fn heavy_a_reaper_of_a_thousand_live_processes_is_small() {
    let path = "leaks::heavy_a_reaper_of_a_thousand_live_processes_is_small";
    if let Some(again) = apart(path) {
        return succeed(again.command());
    }
    raise_descriptors();
    let Some(stage) = Stage::open().await else {
        return;
    };
    let idle = resident_kib(stage.reaper());
    let mut starts = JoinSet::new();
    for _ in 0..TREES {
        let manager = stage.manager.clone();
        let config = ProcessConfig::builder("/bin/sleep").arg("100000").build();
        starts.spawn(async move { manager.start_process(config).await.expect("it starts") });
        if starts.len() >= 16 {
            starts
                .join_next()
                .await
                .expect("some start")
                .expect("no panic");
        }
    }
    starts.join_all().await;
    assert_eq!(stage.manager.list_processes().len(), TREES);
    let loaded = resident_kib(stage.reaper());
    let build = if cfg!(debug_assertions) {
        "dev"
    } else {
        "release"
    };
    note(&format!(
        "{} ({build} build): the reaper has {idle} KiB idle, {loaded} KiB with {TREES} processes",
        stage.rung
    ));
    assert!(loaded <= MOST_KIB, "{loaded} KiB");
    let now = std::time::Duration::ZERO;
    let receipts = stage.manager.shutdown_within(now).await;
    assert_eq!(receipts.len(), TREES);
    for receipt in receipts {
        // A stop waits five seconds for a kill; a thousand at once may take longer where the machine
        // is busy. Over they are all the same.
        let status = stage.manager.wait_tree(receipt.handle).await.unwrap();
        assert!(status.is_over());
    }
}
