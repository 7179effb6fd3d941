//! Sessions one after another, thousands of them: nothing is left of any.
//!
//! `HANDFAST_SESSIONS` says how many (10000 for the figure of the benchmarks); the suite takes 500.

use crate::stage::{Talk, manager, on_terminal, sh};
use handfast::ProcessManager;
use handfast_sys::proc::Stat;
use std::fs;
use std::io::Write;

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holds {
    /// `None` where they may not be counted: the reaper's are private to root.
    descriptors: Option<usize>,
    zombies: usize,
}

fn holds(pid: i32) -> Holds {
    let all = handfast_sys::proc::all().unwrap();
    let is_zombie = |stat: &&Stat| stat.parent == pid && !stat.is_alive();
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
    Holds {
        descriptors: descriptors.ok().map(Iterator::count),
        zombies: all.iter().filter(is_zombie).count(),
    }
}

fn reaper() -> i32 {
    let own = std::process::id().cast_signed();
    let all = handfast_sys::proc::all().unwrap();
    let children = all.iter().filter(|stat| stat.parent == own);
    let alive: Vec<i32> = children
        .filter(|stat| stat.is_alive())
        .map(|stat| stat.pid)
        .collect();
    assert_eq!(alive.len(), 1, "one reaper, and no child else");
    alive[0]
}

/// What both hold as soon as they hold the same twice: a reaper makes ready for the next start behind
/// the answer to the last one.
async fn settled(reaper: i32) -> [Holds; 2] {
    let both = || [holds(std::process::id().cast_signed()), holds(reaper)];
    let mut last = both();
    loop {
        // ABSENCE: nothing changes any more.
        tokio::time::sleep(testkit::ABSENCE / 3).await;
        let now = both();
        if now == last {
            return now;
        }
        last = now;
    }
}

/// One session to its end, in one of the ways in which sessions end.
async fn once(manager: &ProcessManager, number: usize) {
    if number % 8 == 7 {
        // One that never begins.
        let config = on_terminal("/nonexistent/program").build();
        assert!(manager.start_process(config).await.is_err());
        return;
    }
    let mut talk = Talk::with(manager, sh("read a; echo got $a; read a; exit 0")).await;
    talk.write("word\n").await;
    talk.expect("got word").await;
    match number % 4 {
        0 => talk.manager.close_stdin(talk.handle).await.unwrap(),
        1 => drop(talk.manager.interrupt(talk.handle).await.unwrap()),
        2 => drop(talk.manager.kill(talk.handle).await.unwrap()),
        _ => drop(talk.manager.stop_process(talk.handle).await.unwrap()),
    }
    talk.output.wait_for_output(u64::MAX).await;
    talk.manager.wait_tree(talk.handle).await.unwrap();
}

fn note(text: &str) {
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{text}").unwrap();
}

#[tokio::test]
async fn heavy_sessions_opened_and_closed_leave_everything_as_it_was() {
    let wanted = std::env::var("HANDFAST_SESSIONS").ok();
    let count = wanted.map_or(500, |count| count.parse().expect("a number of sessions"));
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let manager = builder.tombstones(16).build().unwrap();
    for number in 0..32 {
        once(&manager, number).await;
    }
    let reaper = reaper();
    let before = settled(reaper).await;
    for number in 0..count {
        once(&manager, number).await;
    }
    let after = settled(reaper).await;
    note(&format!(
        "{count} sessions one after another: host and reaper before {before:?}, after {after:?}"
    ));
    assert_eq!(after, before);
    assert_eq!(after.map(|holds| holds.zombies), [0, 0]);
    assert!(manager.list_processes().is_empty());
}

/// The negative control of the counting: a session that is open is seen by it.
#[tokio::test]
async fn a_session_that_is_open_is_counted() {
    let manager = manager();
    once(&manager, 0).await;
    let reaper = reaper();
    let before = settled(reaper).await[0].descriptors.unwrap();
    let talk = Talk::with(&manager, on_terminal("/bin/cat")).await;
    let during = settled(reaper).await[0].descriptors.unwrap();
    assert!(during > before, "{during} {before}");
    // And a process that nobody waits for is a zombie.
    let mut child = std::process::Command::new("/bin/true").spawn().unwrap();
    while holds(std::process::id().cast_signed()).zombies == 0 {
        tokio::task::yield_now().await;
    }
    child.wait().unwrap();
    talk.end().await;
}
