//! How the reaper's program is executed: directly, or in a scope of the user's systemd.
//!
//! An ordinary user's session usually sits in a cgroup that root owns. `systemd-run --scope` with
//! `Delegate=yes` executes a program in place (same pid, same descriptors) in one that the user may
//! divide (`systemd.resource-control(5)`, "Delegate").

use std::path::Path;
use std::process::Command;

/// What `systemd-run` needs to find the user's systemd. The reaper passes nothing of it on.
const BUS: [&str; 2] = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/// The program itself, with an empty environment.
pub(super) fn direct(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// The program in a scope; `None` where there is no user's systemd to ask.
pub(super) fn command(program: &Path) -> Option<Command> {
    let runtime = std::env::var_os(BUS[0])?;
    if !Path::new(&runtime).join("systemd").is_dir() {
        return None;
    }
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    let run = folders
        .map(|folder| folder.join("systemd-run"))
        .find(|run| run.is_file())?;
    let mut command = Command::new(run);
    command
        .env_clear()
        .envs(
            BUS.iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .args([
            "--user",
            "--scope",
            "--quiet",
            "--collect",
            "-p",
            "Delegate=yes",
            "--",
        ])
        .arg(program);
    Some(command)
}
