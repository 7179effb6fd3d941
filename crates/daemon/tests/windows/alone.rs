//! A daemon in a process of its own, which a client starts.

use crate::puppet::{ARGUMENTS, SCRIPT};
use crate::stage::{Alone, Held, Witness, daemon, said as said_by, start, user};
use handfast::config::Output;
use handfast::{ProcessConfig, ProcessManager};
use handfast_daemon::Place;
use handfast_daemon::client::{Launch, connect_or_start};
use handfast_daemon::connect::{ConnectError, Tie, connect};
use handfast_daemon::wire::*;
use std::process::Command;
use tokio::io::{AsyncBufReadExt, BufReader};

/// A folder for a daemon, and the way to it.
fn place() -> (tempfile::TempDir, Place) {
    let above = tempfile::tempdir().unwrap();
    let place = Place::at(above.path().join("daemon"));
    (above, place)
}

fn launch() -> Launch {
    let mut launch = Launch::new(daemon(), "test");
    launch.tied = Some(|tie| panic!("nothing holds the test: {tie}"));
    launch
}

/// Waits until nobody is the daemon of a place any more: its seat is free.
async fn until_gone(place: &Place) {
    let place = place.clone();
    let wait = move || {
        let lock = place.path().join("lock");
        let lock = std::fs::File::options().write(true).open(lock).unwrap();
        lock.lock().unwrap();
        let nobody = connect(&place).unwrap_err();
        assert!(matches!(nobody, ConnectError::NoDaemon { .. }), "{nobody}");
    };
    tokio::task::spawn_blocking(wait).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_is_started_once_outlives_its_starter_and_leaves_when_it_is_told() {
    let (_above, place) = place();
    let folder = place.path().to_str().unwrap().to_owned();
    let work = move || {
        let mut first = Alone::playing(&format!("launch {folder}"));
        let said = first.next();
        // Nothing but the daemon could hold its output, and it has none of it.
        assert_eq!(first.next(), None);
        said
    };
    let said = tokio::task::spawn_blocking(work).await.unwrap().unwrap();
    let (client, _notes) = connect_or_start(&place, &launch()).await.unwrap();
    let status = client.call(&DaemonStatus {}).await.unwrap();
    assert_eq!(said, format!("daemon {}", status.pid));
    client.call(&start("p", "say up park")).await.unwrap();
    said_by(&client, "p", "@up").await;
    let stop = DaemonStop {
        leave_survivors: false,
    };
    let receipts = client.call(&stop).await.unwrap().receipts;
    assert_eq!((receipts.len(), receipts[0].survivors.len()), (1, 0));
    until_gone(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_is_terminated_takes_everything_along() {
    let (_above, place) = place();
    let (client, _notes) = connect_or_start(&place, &launch()).await.unwrap();
    let status = client.call(&DaemonStatus {}).await.unwrap();
    let witness = Witness::new();
    let port = witness.port();
    let script = format!("spawn [ hold {port} park ] hold {port} say up park");
    let mut leased = start("leased", &script);
    leased.lifetime = Some(LifetimeName::Lease { ms: 600_000 });
    client.call(&leased).await.unwrap();
    said_by(&client, "leased", "@up").await;
    let work = move || {
        let members = witness.held::<2>();
        assert!(members.iter().all(Held::lives));
        let mut kill = Command::new("taskkill");
        kill.args(["/F", "/PID", &status.pid.to_string()]);
        assert!(kill.output().unwrap().status.success());
        members.into_iter().for_each(Held::ended);
    };
    tokio::task::spawn_blocking(work).await.unwrap();
    until_gone(&place).await;
    // The next one finds nothing in its way.
    let (client, _notes) = connect_or_start(&place, &launch()).await.unwrap();
    let listed = client.call(&List::default()).await.unwrap();
    assert_eq!(listed.processes.len(), 0);
    let stop = DaemonStop::default();
    client.call(&stop).await.unwrap();
    until_gone(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_a_job_does_not_let_go_says_so_and_ends_with_it() {
    let (_above, place) = place();
    let manager = ProcessManager::builder().reaper(daemon()).build().unwrap();
    let own = std::env::current_exe().unwrap();
    let root = handfast_sys::child::system_root().unwrap();
    let script = format!("launch {} park", place.path().display());
    let config = ProcessConfig::builder(own)
        .args(ARGUMENTS)
        .env(SCRIPT, script)
        .env("SystemRoot", root)
        .stdout(Output::Pipe)
        .build();
    let handle = manager.start_process(config).await.unwrap();
    let output = manager.take_stdio(handle).unwrap().stdout.unwrap();
    let mut lines = BufReader::new(output).lines();
    let mut said = Vec::new();
    while said.len() < 2 {
        let line = lines.next_line().await.unwrap().unwrap();
        said.extend(line.strip_prefix('@').map(str::to_owned));
    }
    // Which job it is Wine does not tell.
    let ties = [Tie::Job, Tie::UnknownJob].map(|tie| format!("tied: {tie}"));
    assert!(ties.contains(&said[0]), "{said:?}");
    let (client, _notes) = user(&place).await;
    let status = client.call(&DaemonStatus {}).await.unwrap();
    assert_eq!(said[1], format!("daemon {}", status.pid));
    let members = manager.members(handle).unwrap();
    assert!(members.contains(&status.pid), "{members:?}");
    manager.stop_process(handle).await.unwrap();
    until_gone(&place).await;
}
