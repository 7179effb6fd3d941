//! How every verb reaches the daemon.

use crate::explain::Failure;
use handfast_daemon::connect::Launch;
use std::io::Write;

/// The daemon is this very program.
pub(crate) fn launch() -> Result<Launch, Failure> {
    let program = std::env::current_exe();
    let program = program.map_err(|error| Failure::new("daemon.spawn", "find myself", &error))?;
    let mut launch = Launch::new(program, "handfast");
    launch.hello.client_version = Some(env!("CARGO_PKG_VERSION").to_owned());
    launch.takes_long = Some(|| {
        // Where nobody can be told, nobody is.
        let _ = writeln!(std::io::stderr(), "handfast: starting the daemon …");
    });
    launch.tied = Some(|tie| {
        let _ = writeln!(
            std::io::stderr(),
            "handfast: the daemon was started, but {tie}"
        );
    });
    Ok(launch)
}

/// What a client needs.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new("cli.descriptors", "get ready", &error))
}
