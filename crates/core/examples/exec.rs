//! What an agent does with a Python: starts it, types, interrupts it, asks what runs, and leaves.

#![expect(clippy::print_stdout, reason = "an example shows what it sees")]

use handfast::ProcessManager;
use handfast::exec::{ExecCommand, ExecProfile, WriteStdin};

type Failure = Box<dyn std::error::Error>;

/// Types, and waits for the next prompt.
fn typed(session_id: i32, chars: &str) -> Result<WriteStdin, Failure> {
    let mut write = WriteStdin::new(session_id, chars);
    write.yield_time_ms = Some(20_000);
    write.until = Some(">>> $".parse()?);
    Ok(write)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    handfast::reaper::run_if_asked();
    let profile = ExecProfile::new().allow_login_shell(false);
    let manager = ProcessManager::builder().exec_profile(profile).build()?;

    let short = manager
        .exec_command(ExecCommand::new("ls / | wc -l; exit 3"))
        .await?;
    println!("{}\n", short.text());

    let mut command = ExecCommand::new("exec python3 -q -i");
    command.tty = true;
    command.purpose = Some("to compute".into());
    command.until = Some(">>> $".parse()?);
    let started = manager.exec_command(command).await?;
    let Some(id) = started.session_id else {
        return Err(format!("there is no python3:\n{}", started.text()).into());
    };
    for line in ["6 * 7\n", "import sys; sys.stdin.isatty()\n"] {
        let answer = manager.write_stdin(typed(id, line)?).await?;
        println!("{}\n", answer.text());
    }
    for session in manager.list_sessions() {
        println!(
            "{}: {} ({:?})",
            session.session_id, session.command, session.purpose
        );
    }
    let receipt = manager.stop_session(id).await?;
    println!("was running: {}", receipt.was_running);
    let late = manager.write_stdin(WriteStdin::poll(id)).await?;
    println!("{}", late.text_with_facts());
    Ok(())
}
