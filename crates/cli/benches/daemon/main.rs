//! What the daemon costs against the library and against raw spawning: in turns, in one run.
//!
//! `cargo bench --bench daemon`; words after `--` pick parts: `start`, `echo`, `output`, `clients`, `idle`.
//! Nothing here is asserted: the targets stand beside the figures.

#![expect(
    clippy::print_stdout,
    reason = "printing figures is what these programs are for"
)]

mod clients;
mod figures;
mod served;
mod start;
mod talk;

use served::Served;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn parts() -> Outcome {
    let words = std::env::args().skip(1);
    let wanted: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    let chosen = |name: &str| wanted.is_empty() || wanted.iter().any(|word| word == name);
    let served = Served::begin()?;
    if chosen("idle") {
        clients::idle(&served).await?;
    }
    if chosen("start") {
        start::run(&served).await?;
    }
    if chosen("echo") {
        talk::echo(&served).await?;
    }
    if chosen("output") {
        talk::output(&served).await?;
    }
    if chosen("clients") {
        clients::many(&served).await?;
    }
    Ok(())
}

fn main() -> Outcome {
    // More descriptors than usual for a thousand clients.
    let _ = handfast_sys::child::raise_descriptor_limit();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build()?;
    // A task as those of a host are, and not the thread that only waits for them.
    runtime.block_on(async { tokio::spawn(parts()).await? })
}
