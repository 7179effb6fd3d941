//! Starts one tree, looks at it, stops it, and says what that did.

#![expect(clippy::print_stdout, reason = "an example shows what it sees")]

use handfast::{ProcessConfig, ProcessManager};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    handfast::reaper::run_if_asked();
    let manager = ProcessManager::new()?;
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", "setsid sleep 1000 & sleep 1000"])
        .env("PATH", "/usr/bin:/bin")
        .build();
    let handle = manager.start_process(config).await?;
    let info = manager.info(handle)?;
    println!(
        "{handle}: {:?} on {} ({})",
        info.status, info.rung, info.grade
    );
    println!("members: {:?}", manager.members(handle)?);
    println!("{:?}", manager.stop_process(handle).await?);
    Ok(())
}
