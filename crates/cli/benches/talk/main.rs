//! What talking to processes costs, against a bare loop on a master and against others: in turns, in
//! one run.
//!
//! `cargo bench --bench talk`; words after `--` pick parts: `output`, `echo`, `exec`,
//! `idle`, `tmux`. With `one-processor` all of it runs on one: how fast a terminal is depends on which
//! processor wakes which, by a factor of two from run to run, and on one there is no such choice. Nothing here is asserted: the targets stand beside the figures.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what these programs are for"
)]

mod bare;
mod echo;
mod exec;
mod figures;
mod idle;
mod output;
mod tmux;

use handfast::{ManagerBuilder, ProcessManager, Rung};
use rustix::thread::{CpuSet, sched_setaffinity};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn builder() -> ManagerBuilder {
    let builder = ProcessManager::builder().reaper(env!("CARGO_BIN_EXE_handfast-reaper"));
    builder.force(Rung::Subreaper)
}

fn manager() -> Outcome<ProcessManager> {
    Ok(builder().build()?)
}

async fn parts() -> Outcome {
    let words = std::env::args().skip(1);
    let words = words.filter(|word| !word.starts_with('-') && word != "one-processor");
    let wanted: Vec<String> = words.collect();
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    if chosen("output") {
        output::run().await?;
    }
    if chosen("echo") {
        echo::run().await?;
    }
    if chosen("exec") {
        exec::run().await?;
    }
    if chosen("tmux") {
        tmux::run().await?;
    }
    if chosen("idle") {
        idle::run().await?;
    }
    Ok(())
}

fn one_processor() -> Outcome {
    let mut one = CpuSet::new();
    one.set(0);
    Ok(sched_setaffinity(None, &one)?)
}

fn main() -> Outcome {
    if std::env::args().any(|word| word == "one-processor") {
        one_processor()?;
    }
    // More descriptors than usual for a thousand sessions.
    let _ = handfast_sys::child::raise_descriptor_limit();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    // A task as those of a host are, and not the thread that only waits for them.
    runtime.block_on(async { tokio::spawn(parts()).await? })
}
