//! While nothing happens nothing runs: no system call of an idle reaper, none of an idle manager.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use handfast::config::ProcessConfig;

use crate::stage::{Stage, apart, note, puppet, succeed};

/// For how long it is watched.
const WATCHED: Duration = Duration::from_secs(5);

/// What a tracer disturbs by attaching: waits that are interrupted are begun again.
const SETTLED: Duration = Duration::from_millis(500);

/// Calls that a process began while it was watched; `None` where it cannot be.
async fn calls(pid: u32, place: &Path, watched: Duration) -> Option<Vec<String>> {
    let log = place.join(format!("strace-{pid}"));
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-ttt", "-o"])
        .arg(&log)
        .args(["-p", &pid.to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let begun = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let mut strace = strace.spawn().ok()?;
    // ABSENCE: no system call.
    tokio::time::sleep(watched).await;
    let attached = strace.try_wait().ok()?.is_none();
    strace.kill().ok()?;
    strace.wait().ok()?;
    let text = fs::read_to_string(&log).unwrap_or_default();
    let late = |line: &&str| {
        let at = line.split_whitespace().nth(1);
        let at = at.and_then(|at| at.parse().ok());
        at.is_some_and(|at: f64| at > (begun + SETTLED).as_secs_f64())
    };
    let late = text.lines().filter(late).map(str::to_owned).collect();
    attached.then_some(late)
}

/// Whether a process can be traced here, seen by one that makes calls: else silence proves nothing.
async fn can_trace(place: &Path) -> bool {
    let mut busy = Command::new("/bin/sh");
    busy.args(["-c", "while :; do sleep 0.1; done"])
        .env("PATH", "/usr/bin:/bin");
    let Ok(mut busy) = busy.spawn() else {
        return false;
    };
    let seen = calls(busy.id(), place, SETTLED * 3).await;
    busy.kill().expect("it is ours");
    busy.wait().expect("it is ours");
    seen.is_some_and(|calls| !calls.is_empty())
}

#[tokio::test]
async fn an_idle_reaper_makes_no_system_call_however_many_processes_it_holds() {
    let path = "idle::an_idle_reaper_makes_no_system_call_however_many_processes_it_holds";
    if let Some(again) = apart(path) {
        return succeed(again.command());
    }
    let place = tempfile::tempdir().unwrap();
    let Some(stage) = Stage::open().await else {
        return;
    };
    for _ in 0..20 {
        let sleep = ProcessConfig::builder("/bin/sleep").arg("100000");
        stage.start(sleep).await;
    }
    if !can_trace(place.path()).await {
        return note("no process can be traced here: idleness was not looked at");
    }
    let Some(calls) = calls(stage.reaper(), place.path(), WATCHED).await else {
        return note("the reaper cannot be traced here: its idleness was not looked at");
    };
    assert_eq!(calls, Vec::<String>::new());
}

#[tokio::test]
async fn an_idle_manager_makes_no_system_call() {
    let path = "idle::an_idle_manager_makes_no_system_call";
    let place = tempfile::tempdir().unwrap();
    if let Some(again) = apart(path) {
        if !can_trace(place.path()).await {
            return note("no process can be traced here: idleness was not looked at");
        }
        let mut command = again.command();
        let mut host = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = host.stdout.take().unwrap();
        let lines = tokio::task::spawn_blocking(move || {
            use std::io::BufRead;
            let lines = std::io::BufReader::new(said).lines();
            let said = lines
                .map_while(Result::ok)
                .find(|line| line.contains("idle now"));
            said.is_some()
        });
        let is_idle = lines.await.unwrap();
        let calls = calls(host.id(), place.path(), WATCHED).await;
        // A forced rung that cannot be had ends it before.
        let over = host.try_wait().unwrap();
        host.kill().unwrap();
        host.wait().unwrap();
        assert!(is_idle || over.is_some_and(|status| status.success()));
        assert_eq!(calls.unwrap_or_default(), Vec::<String>::new());
        return;
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    // The sampler looks for stopped leaders while there is any, and a last time after that.
    let brief = Duration::from_millis(10);
    let handle = stage.start(puppet("park").unresponsive_after(brief)).await;
    stage.manager.kill(handle).await.unwrap();
    // ABSENCE: the sampler does not run any more.
    tokio::time::sleep(testkit::ABSENCE).await;
    println!("idle now");
    std::future::pending().await
}
