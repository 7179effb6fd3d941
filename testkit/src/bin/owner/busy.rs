//! A host whose runtime never gets to run: one thread, which is blocked once the tree is up.

use std::thread;

use handfast::config::Output;
use handfast::{ProcessConfig, ProcessManager, ProcessStatus};

use crate::orders::Orders;
use crate::words::{Failed, say};

/// Starts the tree, listens to signals, and blocks the runtime for ever.
pub(crate) fn run(orders: &Orders) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(start_and_block(orders))
}

async fn start_and_block(orders: &Orders) -> Result<(), Failed> {
    let rung = orders.rung.ok_or("a busy host needs a rung")?;
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let manager = builder.force(rung).build()?;
    manager.shutdown_on_signals()?;
    let config = ProcessConfig::builder(&orders.program[0])
        .args(orders.program[1..].iter().cloned())
        .stdout(Output::Null)
        .stderr(Output::Null)
        .grace(orders.grace)
        .build();
    let handle = manager.start_process(config).await?;
    let leader = match manager.query_status(handle)? {
        ProcessStatus::Running { pid } => pid,
        _ => 0,
    };
    let reaper = manager.reaper_pids().first().map_or(0, |(_, pid)| *pid);
    say(&format!("up leader={leader} reaper={reaper}"))?;
    loop {
        thread::park();
    }
}
