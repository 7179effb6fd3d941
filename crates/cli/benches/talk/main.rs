//! What talking to processes costs, against a bare loop on a master and against others: in turns, in
//! one run.
//!
//! `cargo bench --bench talk`; words after `--` pick parts: `output`, `echo`, `exec`,
//! `idle`, `tmux`. Nothing here is asserted: the targets stand beside the figures.

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
    let wanted: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
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

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome {
    // More descriptors than usual for a thousand sessions.
    let _ = handfast_sys::child::raise_descriptor_limit();
    // A task as those of a host are, and not the thread that only waits for them.
    tokio::spawn(parts()).await?
}
