//! From the wish for `/bin/true` to the news of its end.

use crate::Outcome;
use crate::figures::compare;
use crate::served::{Served, manager};
use handfast::config::Output;
use handfast::{ProcessConfig, ProcessManager};
use handfast_daemon::connect::{Client, Notes};
use handfast_daemon::wire::{ExitedNote, Start, Word};
use std::process::Command;
use std::time::{Duration, Instant};

const ROUNDS: usize = 300;
const WARM: usize = 20;

/// Starts it, and waits until the client is told of its end, as clients of exec servers do.
async fn by_daemon(client: &Client, notes: &mut Notes) -> Outcome<Duration> {
    let begun = Instant::now();
    let start = Start {
        argv: vec![Word::from("/bin/true")],
        ..Start::default()
    };
    let started = client.call(&start).await?;
    loop {
        let told = notes.next().await.ok_or("the daemon is gone")?;
        let exited: Option<ExitedNote> = told.read();
        if exited.is_some_and(|exited| exited.process_id == started.process_id) {
            return Ok(begun.elapsed());
        }
    }
}

/// The same config that the daemon makes of it.
async fn by_library(manager: &ProcessManager) -> Outcome<Duration> {
    let begun = Instant::now();
    let config = ProcessConfig::builder("/bin/true");
    let config = config.stdout(Output::Captured).stderr(Output::Captured);
    let handle = manager.start_process(config.build()).await?;
    manager.wait(handle).await?;
    Ok(begun.elapsed())
}

fn raw() -> Outcome<Duration> {
    let begun = Instant::now();
    Command::new("/bin/true").env_clear().spawn()?.wait()?;
    Ok(begun.elapsed())
}

pub(crate) async fn run(served: &Served) -> Outcome {
    let (client, mut notes) = served.client().await?;
    let manager = manager()?;
    let (mut daemon, mut library, mut spawned) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM + ROUNDS {
        let times = (
            by_daemon(&client, &mut notes).await?,
            by_library(&manager).await?,
            raw()?,
        );
        if round >= WARM {
            daemon.push(times.0);
            library.push(times.1);
            spawned.push(times.2);
        }
    }
    let name = "start to exit of /bin/true, daemon over";
    compare(
        &format!("{name} library"),
        &mut daemon,
        &mut library,
        "target 1.5",
    );
    compare(
        &format!("{name} raw spawn"),
        &mut daemon,
        &mut spawned,
        "target 3",
    );
    manager.shutdown().await;
    Ok(())
}
