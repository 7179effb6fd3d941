//! How an owner's processes end, and that it is known.

use crate::stage::{LONG, agent, expect, manager, member, puppet, said, sh};
use handfast::output::{Condition, Outcome};
use handfast::owner::Limits;
use handfast::{Cause, ProcessStatus};
use handfast_sys::proc::Stat;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use testkit::{Oracle, PATIENCE};

const SHORT: Duration = Duration::from_millis(100);

/// The pids of our reapers' children that are dead and not reaped.
fn zombies(manager: &handfast::ProcessManager) -> Vec<i32> {
    let reapers: Vec<i32> = manager
        .reaper_pids()
        .iter()
        .map(|(_, pid)| pid.cast_signed())
        .collect();
    let all = handfast_sys::proc::all().unwrap();
    let dead = all
        .iter()
        .filter(|stat: &&Stat| reapers.contains(&stat.parent) && stat.state == b'Z');
    dead.map(|stat| stat.pid).collect()
}

#[tokio::test]
async fn d02_an_exit_is_known_without_being_asked_for_and_leaves_no_zombie() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let mut changes = manager.subscribe();
    for _ in 0..10 {
        let handle = agent.start(puppet("exit 0").build()).await.unwrap();
        // Nobody asks: the end is told.
        loop {
            let change = changes.next().await.unwrap().unwrap();
            if (change.handle, change.word) == (handle, "exited") {
                break;
            }
        }
        let listed = &agent.list().unwrap()[0];
        let exited = matches!(
            listed.info.status,
            ProcessStatus::Exited { exit_code: 0, .. }
        );
        assert!(exited, "{listed:?}");
    }
    while !zombies(&manager).is_empty() {
        tokio::task::yield_now().await;
    }
    // The control: one that runs is not told to be over.
    let handle = agent.start(puppet("park").build()).await.unwrap();
    assert!(!agent.list().unwrap()[0].info.status.is_over());
    agent.kill(handle).await.unwrap();
}

#[tokio::test]
async fn d14_each_leads_a_group_and_its_grandchildren_are_asked_and_gone() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    let leads = r#"read -r line </proc/$$/stat; set -- $line; test "$1" = "$5" && echo leads"#;
    let deaf = "(trap '' TERM; echo deaf; exec sleep 1000) &";
    let script =
        format!("{leads}; trap 'echo asked' TERM; {deaf} echo up; while :; do read a; done");
    let config = sh(&script).grace(SHORT).build();
    let handle = agent.start(config).await.unwrap();
    expect(&agent, handle, "leads\n").await;
    expect(&agent, handle, "deaf\n").await;
    expect(&agent, handle, "up\n").await;
    let receipt = agent.stop(handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (2, 0));
    assert!(receipt.killed >= 1, "the grandchild is deaf");
    // Its output ends with the last who held it: the grandchild.
    let text = String::from_utf8(said(&agent, handle).await).unwrap();
    assert!(text.contains("asked"), "{text}");
}

#[tokio::test]
async fn d16_a_kill_of_what_is_over_waits_for_nothing() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    // An hour of grace: whoever waited for it would not be back in the time of a test.
    let config = puppet("exit 0").grace(Duration::from_secs(3600)).build();
    let handle = agent.start(config).await.unwrap();
    agent.wait_tree(handle).await.unwrap();
    for receipt in [
        agent.kill(handle).await.unwrap(),
        agent.stop(handle).await.unwrap(),
    ] {
        assert_eq!((receipt.members_before, receipt.killed), (0, 0));
        assert!(receipt.status.is_over());
    }
    // One that ends when asked takes no grace either; one that is deaf takes all of it.
    let config = puppet("say ready park")
        .grace(Duration::from_secs(3600))
        .build();
    let handle = agent.start(config).await.unwrap();
    agent.stop(handle).await.unwrap();
    let deaf = sh("trap '' TERM; echo up; while :; do read a; done")
        .grace(SHORT)
        .build();
    let handle = agent.start(deaf).await.unwrap();
    expect(&agent, handle, "up").await;
    assert!(agent.stop(handle).await.unwrap().took >= SHORT);
}

#[tokio::test]
async fn d17_a_zombie_is_not_alive_and_a_kill_is_verified() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    // A child that ends when its parent is a program that reaps nothing: a shell might have reaped it.
    let script = "while read -r name </proc/$$/comm && [ $name != sleep ]; do :; done & echo $!; exec sleep 1000";
    let config = sh(script).grace(Duration::from_secs(3600)).build();
    let handle = agent.start(config).await.unwrap();
    expect(&agent, handle, "[0-9]+\n").await;
    let leader = match agent.status(handle).unwrap() {
        ProcessStatus::Running { pid } => pid.cast_signed(),
        other => panic!("{other:?}"),
    };
    let is_dead_child = |stat: &Stat| stat.parent == leader && stat.state == b'Z';
    while !handfast_sys::proc::all().unwrap().iter().any(is_dead_child) {
        tokio::task::yield_now().await;
    }
    let receipt = agent.stop(handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
    assert!(receipt.status.is_over());
    assert!(
        !agent
            .members(handle)
            .unwrap()
            .contains(&leader.cast_unsigned())
    );
}

#[tokio::test]
async fn d18_what_is_not_ended_yet_stays_under_control() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent().processes(1));
    let deaf = sh("trap 'echo heard' TERM; echo up; while :; do read a; done")
        .grace(LONG)
        .build();
    let handle = agent.start(deaf).await.unwrap();
    expect(&agent, handle, "up").await;
    {
        let mut stop = pin!(agent.stop(handle));
        let mut context = Context::from_waker(Waker::noop());
        assert!(stop.as_mut().poll(&mut context).is_pending());
    }
    expect(&agent, handle, "heard").await;
    // It survives being asked: it is listed, counted, talked to, and can be killed.
    assert!(!agent.list().unwrap()[0].info.status.is_over());
    assert_eq!(agent.count().unwrap(), 1);
    agent.start(puppet("exit 0").build()).await.unwrap_err();
    assert_eq!(agent.members(handle).unwrap().len(), 1);
    let receipt = agent.kill(handle).await.unwrap();
    assert!(receipt.survivors.is_empty() && receipt.status.is_over());
    // And it answers after that too.
    assert_eq!(agent.wait(handle).await.unwrap().cause, Cause::Stop);
}

#[tokio::test]
async fn d22_time_runs_out_while_nothing_is_said() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent());
    // Silent for ever: without its deadline the wait below would never end.
    let config = puppet("park").deadline(SHORT).build();
    let handle = agent.start(config).await.unwrap();
    assert_eq!(agent.wait(handle).await.unwrap().cause, Cause::Deadline);
    // Silence is told apart from the end, and from the time of the wait.
    let handle = agent
        .start(sh("echo up; exec sleep 1000").build())
        .await
        .unwrap();
    expect(&agent, handle, "up").await;
    let both = [Condition::Exit, Condition::Quiet { time: SHORT }];
    let waited = agent.wait_for(handle, &both, LONG).await.unwrap();
    assert!(
        matches!(waited.outcome, Outcome::Quiet { .. }),
        "{waited:?}"
    );
    let waited = agent.wait_for(handle, &both[..1], SHORT).await.unwrap();
    assert_eq!(waited.outcome, Outcome::TimedOut);
    assert!(
        !agent.status(handle).unwrap().is_over(),
        "a wait ends nobody"
    );
    agent.kill(handle).await.unwrap();
}

// The oracle blocks the thread that asks.
#[tokio::test(flavor = "multi_thread")]
async fn d24_what_nobody_waits_for_any_more_leaks_nothing() {
    let Some(manager) = manager() else { return };
    let agent = agent(&manager, "agent", Limits::agent().processes(1));
    let oracle = Oracle::new();
    // A rung is found first, so that the start below gets far enough.
    let first = agent.start(puppet("exit 0").build()).await.unwrap();
    agent.wait_tree(first).await.unwrap();
    for _ in 0..20 {
        let answer = {
            let mut start = pin!(agent.start(member(&oracle)));
            let mut context = Context::from_waker(Waker::noop());
            // However far it got: asked for or not.
            start.as_mut().poll(&mut context)
        };
        if let Poll::Ready(started) = answer {
            // It was faster than this; then it is somebody's.
            agent.kill(started.unwrap()).await.unwrap();
        }
        while agent.count().unwrap() > 0 {
            tokio::task::yield_now().await;
        }
    }
    assert!(oracle.wait_empty(PATIENCE));
    // A wait that is dropped changes nothing; a deadline ends the whole tree.
    let script = format!(
        "spawn [ join {0} park ] join {0} park",
        oracle.dir().display()
    );
    let before = oracle.joined();
    let config = puppet(&script).deadline(Duration::from_millis(500)).build();
    let handle = agent.start(config).await.unwrap();
    {
        let mut wait = pin!(agent.wait(handle));
        let mut context = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut context).is_pending());
    }
    assert!(!agent.status(handle).unwrap().is_over());
    assert!(oracle.wait_joined(before + 2, PATIENCE));
    agent.wait_tree(handle).await.unwrap();
    assert!(oracle.wait_empty(PATIENCE));
}

/// What a test of this binary becomes when it runs apart: with a `kill` in its PATH that tells.
const APART: &str = "HANDFAST_TEST_KILL_TRAP";

#[tokio::test(flavor = "multi_thread")]
async fn d15_no_program_is_run_to_kill_and_nobody_else_is_hit() {
    let Some(trap) = std::env::var_os(APART) else {
        return run_with_trap();
    };
    let Some(manager) = manager() else { return };
    let told = std::path::Path::new(&trap).join("told");
    let bystanders = Oracle::new();
    let mut bystander = std::process::Command::new(testkit::puppet())
        .args(testkit::script(&format!(
            "join {} park",
            bystanders.dir().display()
        )))
        .spawn()
        .unwrap();
    assert!(bystanders.wait_joined(1, PATIENCE));
    let agent = agent(&manager, "agent", Limits::agent());
    for _ in 0..3 {
        let deaf = puppet("ignore TERM say ready park")
            .grace(Duration::from_millis(20))
            .build();
        let handle = agent.start(deaf).await.unwrap();
        agent.stop(handle).await.unwrap();
        let handle = agent.start(puppet("park").build()).await.unwrap();
        agent.kill(handle).await.unwrap();
    }
    agent.end().await.unwrap();
    assert_eq!(bystanders.alive(), 1);
    assert!(!told.exists(), "a program was run to kill");
    // The control: whoever runs `kill` here is told of.
    let status = std::process::Command::new("kill").arg("-0").status();
    assert!(status.unwrap().success() && told.exists());
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

fn run_with_trap() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    for name in ["kill", "pkill", "killall", "taskkill", "ps"] {
        let path = place.path().join(name);
        let told = place.path().join("told");
        std::fs::write(
            &path,
            format!("#!/bin/sh\necho {name} >>{}\n", told.display()),
        )
        .unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
    let name = "ending::d15_no_program_is_run_to_kill_and_nobody_else_is_hit";
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env("PATH", place.path())
        .env(APART, place.path())
        .status();
    assert!(status.unwrap().success());
}
