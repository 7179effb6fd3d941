//! `exec_command("true")`, from the call to its answer, over a bare start of the same shell with the
//! same words whose output is collected.

use crate::figures::Pair;
use crate::{Outcome, builder};
use handfast::ProcessManager;
use handfast::exec::{ExecCommand, ExecProfile};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 1000;
const WARM_UP: usize = 100;

fn bare(argv: &[String]) -> Outcome<Duration> {
    let begun = Instant::now();
    let (program, words) = argv.split_first().ok_or("no shell")?;
    let output = Command::new(program)
        .args(words)
        .env_clear()
        .stdin(Stdio::null())
        .output()?;
    let took = begun.elapsed();
    if output.status.success() {
        Ok(took)
    } else {
        Err(format!("{argv:?}: {output:?}").into())
    }
}

async fn with_tokio(argv: &[String]) -> Outcome<Duration> {
    let begun = Instant::now();
    let (program, words) = argv.split_first().ok_or("no shell")?;
    let mut command = tokio::process::Command::new(program);
    command.args(words).env_clear().stdin(Stdio::null());
    command.output().await?;
    Ok(begun.elapsed())
}

async fn ours(manager: &ProcessManager, tty: bool) -> Outcome<Duration> {
    let mut command = ExecCommand::new("true");
    command.tty = tty;
    let begun = Instant::now();
    let answer = manager.exec_command(command).await?;
    let took = begun.elapsed();
    if answer.exit_code == Some(0) {
        Ok(took)
    } else {
        Err(answer.text().into())
    }
}

pub(crate) async fn run() -> Outcome {
    let profile = ExecProfile::new().allow_login_shell(false);
    let argv = profile.argv(&ExecCommand::new("true"))?;
    let manager = builder().exec_profile(profile).build()?;
    let (mut std, mut tokio, mut terminal) = (Pair::default(), Pair::default(), Pair::default());
    for round in 0..WARM_UP + ROUNDS {
        let theirs = tokio::task::block_in_place(|| bare(&argv))?;
        let collected = with_tokio(&argv).await?;
        let took = ours(&manager, false).await?;
        let on_terminal = ours(&manager, true).await?;
        if round >= WARM_UP {
            std.theirs.push(theirs);
            std.ours.push(took);
            tokio.theirs.push(collected);
            tokio.ours.push(took);
            terminal.theirs.push(theirs);
            terminal.ours.push(on_terminal);
        }
    }
    let name = "exec_command(\"true\") over a bare start of the same shell";
    std.print_times(name, "target 2");
    terminal.print_times(&format!("{name}, ours on a terminal"), "no target");
    tokio.print_times("exec_command(\"true\") over tokio::process", "no target");
    manager.shutdown().await;
    Ok(())
}
