//! A manager whose commands are short, and calls that wait for facts.

use handfast::ProcessManager;
use handfast::exec::{ExecCommand, ExecError, ExecProfile, ExecResponse, WriteStdin};
use std::time::Duration;

/// The longest wait of one call; only a failing test comes to it.
pub(crate) const LONG_MS: u64 = 30_000;

pub(crate) fn profile() -> ExecProfile {
    ExecProfile::new()
        .allow_login_shell(false)
        .deterministic_ids()
        .grace(Duration::ZERO)
}

pub(crate) fn manager() -> ProcessManager {
    with(profile())
}

pub(crate) fn with(profile: ExecProfile) -> ProcessManager {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    builder.exec_profile(profile).build().unwrap()
}

/// A command that is waited for as long as may be.
pub(crate) fn long(cmd: &str) -> ExecCommand {
    let mut command = ExecCommand::new(cmd);
    command.yield_time_ms = Some(LONG_MS);
    command
}

/// A command that is waited for until it says something.
pub(crate) fn until(cmd: &str, pattern: &str) -> ExecCommand {
    let mut command = long(cmd);
    command.until = Some(pattern.parse().unwrap());
    command
}

pub(crate) fn tty(mut command: ExecCommand) -> ExecCommand {
    command.tty = true;
    command
}

/// Starts a command that says `ready` and goes on.
pub(crate) async fn ready(manager: &ProcessManager, command: ExecCommand) -> i32 {
    let answer = manager.exec_command(command).await.unwrap();
    assert!(answer.matched, "{}", answer.text());
    answer.session_id.unwrap()
}

pub(crate) fn says(session_id: i32, chars: &str, pattern: &str) -> WriteStdin {
    let mut write = WriteStdin::new(session_id, chars);
    write.yield_time_ms = Some(LONG_MS);
    write.until = Some(pattern.parse().unwrap());
    write
}

/// Writes, and waits until it has ended.
pub(crate) async fn finish(manager: &ProcessManager, session_id: i32, chars: &str) -> ExecResponse {
    let mut write = WriteStdin::new(session_id, chars);
    write.yield_time_ms = Some(LONG_MS);
    let answer = manager.write_stdin(write).await.unwrap();
    assert_eq!(answer.session_id, None, "{}", answer.text());
    answer
}

pub(crate) fn code(result: Result<ExecResponse, ExecError>) -> &'static str {
    match result {
        Ok(answer) => panic!("{}", answer.text()),
        Err(error) => error.code(),
    }
}
