//! How much an owner may have at once.

use crate::stage::{LONG, agent, below, builder, expect, manager, member, puppet, sh};
use handfast::config::Output;
use handfast::output::{Capture, Quota, Spill, SpillStatus};
use handfast::owner::{LimitKind, Limits, Owner, OwnerError, OwnerId};
use handfast::{Cause, ProcessHandle, ProcessManager, Rung, StartError};
use std::time::Duration;
use testkit::{Oracle, PATIENCE, Who, can_have};
use tokio::task::JoinSet;

const KIB: u64 = 1024;

#[tokio::test]
async fn d03_what_has_exited_uses_no_limit() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent().processes(2));
    for _ in 0..20 {
        let handle = agent.start(puppet("exit 0").build()).await.unwrap();
        agent.wait_tree(handle).await.unwrap();
        assert_eq!(agent.count().unwrap(), 0);
    }
    assert_eq!(agent.list().unwrap().len(), 20);
    // The control: what has not exited does.
    for _ in 0..2 {
        agent.start(puppet("park").build()).await.unwrap();
    }
    let refused = agent.start(puppet("exit 0").build()).await.unwrap_err();
    assert_eq!(refused.code(), "owner.limit-reached");
    let one = agent.list().unwrap()[0].info.handle;
    agent.kill(one).await.unwrap();
    agent.start(puppet("exit 0").build()).await.unwrap();
    agent.end().await.unwrap();
}

/// Starts 64 at once; answers how many were started and how many refused.
async fn storm(manager: &ProcessManager, limits: Limits) -> (usize, usize) {
    let owner = agent(manager, "storm", limits);
    let oracle = Oracle::new();
    let mut starts = JoinSet::new();
    for _ in 0..64 {
        let (owner, config) = (owner.clone(), member(&oracle));
        starts.spawn(async move { owner.start(config).await });
    }
    let started = starts.join_all().await;
    let is_limit = |refused: &StartError| refused.code() == "owner.limit-reached";
    let refused = started.iter().filter_map(|started| started.as_ref().err());
    let refused: Vec<_> = refused.collect();
    assert!(
        refused.iter().all(|refused| is_limit(refused)),
        "{refused:?}"
    );
    let running = started.len() - refused.len();
    assert!(oracle.wait_joined(running, PATIENCE));
    assert_eq!((oracle.joined(), oracle.alive()), (running, running));
    assert_eq!(owner.count().unwrap(), running as u64);
    assert_eq!(manager.list_processes().len(), running);
    owner.end().await.unwrap();
    assert!(oracle.wait_empty(PATIENCE));
    (running, refused.len())
}

fn storm_on(rung: Rung) {
    if !can_have(rung, Who::Us) {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let manager = builder().force(rung).build().unwrap();
        assert_eq!(storm(&manager, Limits::agent()).await, (5, 59));
        // The control: it is the limit that refuses.
        let none = Limits::unlimited();
        assert_eq!(storm(&manager, none).await, (64, 0));
    });
}

#[test]
fn d04_sixty_four_starts_against_five_give_exactly_five() {
    Rung::LADDER.into_iter().for_each(storm_on);
}

#[tokio::test]
async fn a_start_that_fails_gives_its_place_back() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent().processes(1));
    let gone = handfast::ProcessConfig::builder("/no/such/program").build();
    for _ in 0..3 {
        let refused = agent.start(gone.clone()).await.unwrap_err();
        assert_eq!(refused.code(), "config.program-missing");
    }
    // This one is refused by the kernel, after its place was taken.
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text");
    std::fs::write(&text, "\x7fELF").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&text, mode).unwrap();
    let text = handfast::ProcessConfig::builder(&text).build();
    for _ in 0..3 {
        agent.start(text.clone()).await.unwrap_err();
        assert_eq!(agent.count().unwrap(), 0);
    }
    agent.start(puppet("exit 0").build()).await.unwrap();
}

#[tokio::test]
async fn a_tree_without_its_leader_uses_its_place() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent().processes(1));
    let leader_gone = puppet("spawn [ park ] exit 0").build();
    let handle = agent.start(leader_gone).await.unwrap();
    assert!(agent.wait(handle).await.unwrap().success());
    agent.start(puppet("park").build()).await.unwrap_err();
    agent.kill(handle).await.unwrap();
    agent.start(puppet("exit 0").build()).await.unwrap();
}

#[tokio::test]
async fn owners_below_are_no_way_around_a_limit_and_the_error_says_who_uses_it() {
    let Some(manager) = manager() else { return };
    let parent = agent(&manager, "parent", Limits::agent().processes(2));
    let child = below(&parent, "parent/child", Limits::agent());
    let other = below(&child, "parent/child/other", Limits::agent());
    child.start(puppet("park").build()).await.unwrap();
    other.start(puppet("park").build()).await.unwrap();
    let refused = other.start(puppet("park").build()).await.unwrap_err();
    let StartError::Owner(OwnerError::Limit(reached)) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(reached.limit, LimitKind::Processes);
    assert_eq!((&reached.limited, reached.most), (parent.id(), 2));
    let users: Vec<_> = reached.used_by.iter().map(|(user, _)| user).collect();
    assert_eq!(users, [child.id(), other.id()]);
    assert!(
        refused
            .to_string()
            .contains("`parent` may have 2 processes")
    );
    assert!(refused.hint().unwrap().contains("stop a process"));
    let usage = parent.usage().unwrap();
    assert_eq!((usage.own.processes, usage.all.processes), (0, 2));
    parent.end().await.unwrap();
}

#[tokio::test]
async fn memory_for_output_is_limited_before_the_start() {
    let Some(manager) = manager() else { return };
    let limits = Limits::unlimited().output_bytes(100 * KIB);
    let agent = agent(&manager, "agent", limits);
    let keep = |kib: u64| Capture::default().keep((kib * KIB) as usize);
    let first = agent.start(sh("read a").capture(keep(60)).build()).await;
    let first = first.unwrap();
    let refused = agent.start(sh("read a").capture(keep(60)).build()).await;
    let Err(StartError::Owner(OwnerError::Limit(reached))) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(reached.limit, LimitKind::OutputBytes);
    assert_eq!((reached.most, reached.wanted), (100 * KIB, 60 * KIB));
    // What keeps nothing needs nothing, and what fits may be.
    let silent = agent.start(puppet("exit 0").build()).await.unwrap();
    agent.wait_tree(silent).await.unwrap();
    agent
        .start(sh("read a").capture(keep(40)).build())
        .await
        .unwrap();
    assert_eq!(agent.usage().unwrap().own.output_bytes, 100 * KIB);
    agent.kill(first).await.unwrap();
    agent
        .start(sh("read a").capture(keep(60)).build())
        .await
        .unwrap();
    agent.end().await.unwrap();
}

/// Writes so many KiB, keeps them, and ends.
async fn wrote(owner: &Owner, kib: u64) -> ProcessHandle {
    let bytes = (kib * KIB) as usize;
    let script = format!("head -c {bytes} /dev/zero");
    let config = sh(&script).capture(Capture::default().keep(bytes)).build();
    let handle = owner.start(config).await.unwrap();
    owner.wait_tree(handle).await.unwrap();
    let output = owner.manager().output(handle).unwrap().unwrap();
    assert_eq!(output.wait_for_output(u64::MAX).await.sum(), kib * KIB);
    handle
}

#[tokio::test]
async fn what_has_ended_counts_and_gives_its_output_up_for_a_start_the_first_to_end_first() {
    let Some(manager) = manager() else { return };
    let limits = Limits::unlimited().output_bytes(100 * KIB);
    let parent = agent(&manager, "parent", limits);
    let agent = below(&parent, "agent", Limits::unlimited());
    let keep = |kib: u64| Capture::default().keep((kib * KIB) as usize);
    // It runs on, and so is not asked though it is the oldest.
    let runs = agent.start(sh("echo runs; read a").capture(keep(10)).build());
    let runs = runs.await.unwrap();
    expect(&agent, runs, "runs").await;
    let (first, second) = (wrote(&agent, 30).await, wrote(&agent, 20).await);
    let used = |owner: &Owner| owner.usage().unwrap().all.output_bytes / KIB;
    assert_eq!((used(&agent), used(&parent)), (60, 60));
    let omitted = |handle| {
        let status = agent.output_status(handle).unwrap().unwrap();
        (status.given_up, status.omitted.sum())
    };
    // Room for it there is, without anybody having to go.
    let fits = agent.start(sh("read a").capture(keep(40)).build());
    let fits = fits.await.unwrap();
    assert_eq!((omitted(first), omitted(second)), ((false, 0), (false, 0)));
    let third = parent.start(sh("read a").capture(keep(20)).build()).await;
    third.unwrap();
    assert_eq!(omitted(first), (true, 30 * KIB));
    let chunk = agent.read(first, 0, 100).await.unwrap().unwrap();
    assert_eq!((chunk.omitted_before, chunk.ended), (30 * KIB, true));
    // The controls: no other lost anything, and what still has its output can be read.
    assert_eq!((omitted(second), omitted(runs)), ((false, 0), (false, 0)));
    assert_eq!(used(&parent), 90);
    let chunk = agent.read(second, 0, usize::MAX).await.unwrap().unwrap();
    assert_eq!(
        (chunk.omitted_before, chunk.bytes),
        (0, vec![0; 20 * KIB as usize])
    );
    // What would not be enough is not given up in vain.
    let refused = agent.start(sh("read a").capture(keep(31)).build()).await;
    assert_eq!(refused.unwrap_err().code(), "owner.limit-reached");
    assert_eq!(omitted(second), (false, 0));
    agent.kill(fits).await.unwrap();
    agent
        .start(sh("read a").capture(keep(50)).build())
        .await
        .unwrap();
    assert_eq!((omitted(second), used(&parent)), ((false, 0), 100));
    parent.end().await.unwrap();
}

/// A hundred that have ended stand in nobody's way, and what they hold has a bound.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_has_ended_never_blocks_a_start_and_never_holds_more_than_the_limit() {
    let Some(manager) = manager() else { return };
    let limits = Limits::unlimited().output_bytes(100 * KIB);
    let agent = agent(&manager, "agent", limits);
    let mut places = JoinSet::new();
    for _ in 0..4 {
        let agent = agent.clone();
        places.spawn(async move {
            let mut handles = Vec::new();
            for _ in 0..10 {
                handles.push(wrote(&agent, 25).await);
                let used = agent.usage().unwrap().own.output_bytes;
                assert!(used <= 100 * KIB, "{used}");
            }
            handles
        });
    }
    let handles = places.join_all().await.concat();
    let (mut kept, mut given_up) = (0, 0);
    for handle in handles {
        let status = agent.output_status(handle).unwrap().unwrap();
        assert_eq!(status.totals.sum(), 25 * KIB);
        kept += status.totals.sum() - status.omitted.sum();
        given_up += usize::from(status.given_up);
    }
    assert_eq!((kept, given_up), (100 * KIB, 36));
    // The control: without a limit all of it is kept.
    let free = below(&agent, "free", Limits::unlimited());
    manager
        .transfer(wrote(&free, 25).await, &OwnerId::host())
        .unwrap();
    let host = manager.owner(&OwnerId::host()).unwrap();
    for _ in 0..5 {
        let handle = wrote(&host, 25).await;
        assert!(!host.output_status(handle).unwrap().unwrap().given_up);
    }
}

#[tokio::test]
async fn time_by_the_wall_clock_is_limited() {
    let Some(manager) = manager() else { return };
    let short = Limits::agent().wall_time(Duration::from_millis(200));
    let parent = agent(&manager, "parent", short);
    let child = below(&parent, "child", Limits::agent().wall_time(LONG));
    // Its own deadline, its owner's and the parent's: the earliest holds.
    let config = puppet("park").deadline(LONG).build();
    let handle = child.start(config).await.unwrap();
    assert_eq!(child.wait(handle).await.unwrap().cause, Cause::Deadline);
    let config = puppet("park").deadline(Duration::from_millis(1)).build();
    let handle = child.start(config).await.unwrap();
    assert_eq!(child.wait(handle).await.unwrap().cause, Cause::Deadline);
    // The control: without a limit it goes on, longer than the limit above.
    let free = agent(&manager, "free", Limits::unlimited());
    let handle = free
        .start(sh("sleep 0.4; echo done").build())
        .await
        .unwrap();
    expect(&free, handle, "done").await;
    assert_eq!(free.wait(handle).await.unwrap().cause, Cause::Itself);
}

/// Bytes in files below a directory.
fn on_disk(place: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(place).unwrap().flatten();
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(known) if known.is_dir() => on_disk(&entry.path()),
        Ok(known) => known.len(),
        // It made room meanwhile.
        Err(_) => 0,
    };
    entries.map(size).sum()
}

#[tokio::test]
async fn disk_for_output_is_limited_for_all_together_and_nobody_ends_for_it() {
    let Some(manager) = manager() else { return };
    let place = tempfile::tempdir().unwrap();
    // The control is the host, which has no limit but that of its config.
    let host = manager.owner(&handfast::owner::OwnerId::host()).unwrap();
    let parent = agent(&manager, "parent", Limits::agent().spill_bytes(1024 * KIB));
    let child = below(&parent, "child", Limits::agent().spill_bytes(700 * KIB));
    for (owners, most) in [
        (vec![&parent, &child, &parent], 1024 * KIB),
        (vec![&host; 3], u64::MAX),
    ] {
        let quota = Quota::new(1 << 30);
        let mut handles = Vec::new();
        for owner in &owners {
            let spill = Spill::into(place.path(), &quota).segment(64 * KIB);
            let capture = Capture::default().keep(4096).spill(spill);
            let flood = puppet("flood 1000000")
                .stdout(Output::Captured)
                .capture(capture);
            handles.push((owner, owner.start(flood.build()).await.unwrap()));
        }
        for (owner, handle) in &handles {
            assert_eq!(owner.wait(*handle).await.unwrap().exit_code, Some(0));
            let output = manager.output(*handle).unwrap().unwrap();
            output.wait_for_output(u64::MAX).await;
            // The last piece is on disk when what is there and what is not add up.
            while !is_whole(&spilled(&manager, *handle)) {
                tokio::task::yield_now().await;
            }
        }
        let each = handles
            .iter()
            .map(|(_, handle)| spilled(&manager, *handle).on_disk);
        let kept: u64 = each.sum();
        assert!(kept <= most && on_disk(place.path()) <= most, "{kept}");
        assert!(most != u64::MAX || kept == 3 * FLOOD, "{kept}");
    }
}

const FLOOD: u64 = 1_000_000;

fn spilled(manager: &ProcessManager, handle: ProcessHandle) -> SpillStatus {
    let output = manager.output(handle).unwrap().unwrap();
    output.status().spill.unwrap()
}

fn is_whole(spill: &SpillStatus) -> bool {
    spill.on_disk + spill.dropped + spill.missed == FLOOD
}
