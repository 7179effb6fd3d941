//! What to run: everything that a child gets, said in one place.
//!
//! A child inherits nothing that is not named here: no variable, no directory, no descriptor, no
//! user. A [`ProcessConfig`] is plain data and can be wrong; [`ProcessConfig::check`] finds out
//! everything that can be found out before anything starts, and gives a [`Checked`]. There is no
//! code here that reads the host's environment or directory, and there must never be.

mod builder;
mod check;
mod code;
mod credentials;
mod directory;
mod environment;
mod error;
mod executable;
mod hint;
mod interpreter;
mod lifetime;
mod limits;
mod program;
mod size;
mod stdio;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use builder::ProcessConfigBuilder;
pub use check::Checked;
pub use credentials::Credentials;
pub use environment::Environment;
pub use error::ConfigError;
pub(crate) use executable::explain_exec_failure;
pub use lifetime::Lifetime;
pub use limits::{Limit, Resource, ResourceLimits};
pub use stdio::{Output, Stdin, Stream, Terminal};

use crate::output::{Capture, Quota};
use crate::tree::{Containment, Grade};

/// What to run, with what, and for how long.
///
/// Made by [`ProcessConfig::builder`]; whatever is not set has the default said at its getter.
/// Strings and paths are kept byte for byte, UTF-8 or not. `Debug` prints the keys of the
/// environment and none of its values.
///
/// ```
/// use handfast::config::ProcessConfig;
/// use std::time::Duration;
///
/// let config = ProcessConfig::builder("/bin/echo")
///     .args(["hello", "world"])
///     .env("LANG", "C.UTF-8")
///     .deadline(Duration::from_secs(10))
///     .build();
/// config.check()?;
/// # Ok::<(), handfast::config::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct ProcessConfig {
    name: Option<String>,
    purpose: Option<String>,
    program: PathBuf,
    args: Vec<OsString>,
    working_directory: Option<PathBuf>,
    environment: Environment,
    stdin: Stdin,
    /// `None`: never set, which is not the same as set to the null device when there is a log.
    stdout: Option<Output>,
    stderr: Option<Output>,
    /// Standard error is standard output.
    together: bool,
    log_file: Option<PathBuf>,
    capture: Capture,
    terminal: Option<Terminal>,
    controlling_terminal: Option<Arc<crate::Descriptor>>,
    limits: ResourceLimits,
    umask: Option<u32>,
    nice: Option<i32>,
    user: Option<Credentials>,
    grace: Duration,
    deadline: Option<Duration>,
    unresponsive_after: Duration,
    containment: Containment,
    least_grade: Option<Grade>,
    lifetime: Lifetime,
}

impl ProcessConfig {
    /// How long a process may take to end after it was asked to: 5 s, enough for a server to
    /// finish its requests and short enough for a person who waits.
    pub const DEFAULT_GRACE: Duration = Duration::from_secs(5);

    /// How long a process may be stopped or stuck in the kernel before it is reported as
    /// unresponsive: 10 s, more than a slow disk takes.
    pub const DEFAULT_UNRESPONSIVE_AFTER: Duration = Duration::from_secs(10);

    /// The umask of a child that asks for none: group and others may read, not write.
    pub const DEFAULT_UMASK: u32 = 0o022;

    /// How long the purpose may be, in bytes: some sentences.
    pub const LONGEST_PURPOSE: usize = 1024;

    /// Begins a config for a program: an absolute path, or a name to be found in the config's own
    /// `PATH`.
    pub fn builder(program: impl Into<PathBuf>) -> ProcessConfigBuilder {
        ProcessConfigBuilder::new(program.into())
    }

    /// A builder that starts from a copy of this config.
    ///
    /// ```
    /// use handfast::config::ProcessConfig;
    ///
    /// let config = ProcessConfig::builder("/bin/sh").arg("-c").build();
    /// let longer = config.to_builder().arg("true").build();
    /// assert_eq!(longer.args().len(), 2);
    /// ```
    pub fn to_builder(&self) -> ProcessConfigBuilder {
        ProcessConfigBuilder::from(self.clone())
    }

    /// A label for people. Default: none. It is no id and need not be unique.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What it is for, in the words of who starts it. Default: none. It is shown wherever processes
    /// are listed and has no other meaning; at most [`LONGEST_PURPOSE`](Self::LONGEST_PURPOSE) bytes.
    #[must_use]
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The program as it was named; [`Checked::program`] is what will be executed.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The arguments, without the program's own name. Default: none.
    #[must_use]
    pub fn args(&self) -> &[OsString] {
        &self.args
    }

    /// Where the child starts. Default: `None`, the system root `/`, never the host's directory.
    #[must_use]
    pub fn working_directory(&self) -> Option<&Path> {
        self.working_directory.as_deref()
    }

    /// All variables that the child gets. Default: none.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Where its standard input comes from. Default: [`Stdin::Null`].
    #[must_use]
    pub fn stdin(&self) -> &Stdin {
        &self.stdin
    }

    /// Where its standard output goes. Default: [`Output::Null`]. Without meaning if there is a
    /// [`log_file`](Self::log_file).
    #[must_use]
    pub fn stdout(&self) -> &Output {
        self.stdout.as_ref().unwrap_or(&Output::Null)
    }

    /// Where its standard error goes. Default: [`Output::Null`]. Without meaning if there is a
    /// [`log_file`](Self::log_file).
    #[must_use]
    pub fn stderr(&self) -> &Output {
        let stderr = match self.together {
            true => &self.stdout,
            false => &self.stderr,
        };
        stderr.as_ref().unwrap_or(&Output::Null)
    }

    /// Whether both output streams are one, so that their order is kept. Default: no.
    #[must_use]
    pub fn is_output_together(&self) -> bool {
        self.together
    }

    /// One file for both output streams. Default: none.
    #[must_use]
    pub fn log_file(&self) -> Option<&Path> {
        self.log_file.as_deref()
    }

    /// How what goes to [`Output::Captured`] is kept. Default: 1 MiB of it, in memory.
    pub fn capture(&self) -> &Capture {
        &self.capture
    }

    /// Keeps what is spilled of its output within this quota too.
    pub(crate) fn spill_within(&mut self, quota: &Quota) {
        self.capture.spill_within(quota);
    }

    /// How many bytes of its output may be kept in memory; none where none is captured.
    pub(crate) fn kept_output(&self) -> u64 {
        let captured = [self.stdout(), self.stderr()]
            .into_iter()
            .any(|output| matches!(output, Output::Captured));
        match captured || self.terminal.is_some() {
            true => (self.capture.kept() + self.capture.tap().unwrap_or_default()) as u64,
            false => 0,
        }
    }

    /// The terminal that is made for it. Default: none. It excludes all other settings of streams.
    #[must_use]
    pub fn terminal(&self) -> Option<&Terminal> {
        self.terminal.as_ref()
    }

    /// The terminal that becomes the controlling one of the child's session. Default: none.
    #[must_use]
    pub fn controlling_terminal(&self) -> Option<&Arc<crate::Descriptor>> {
        self.controlling_terminal.as_ref()
    }

    /// Its resource limits. Default: none of our own; those of the host stay.
    #[must_use]
    pub fn limits(&self) -> &ResourceLimits {
        &self.limits
    }

    /// Its umask. Default: [`DEFAULT_UMASK`](Self::DEFAULT_UMASK).
    ///
    /// `None`, the host's own, only if the builder was told so.
    #[must_use]
    pub fn umask(&self) -> Option<u32> {
        self.umask
    }

    /// Its nice value, -20 (favoured) to 19. Default: `None`, that of the host.
    #[must_use]
    pub fn nice(&self) -> Option<i32> {
        self.nice
    }

    /// The user it runs as. Default: `None`, the host's user and groups.
    #[must_use]
    pub fn user(&self) -> Option<&Credentials> {
        self.user.as_ref()
    }

    /// How long it may take to end when asked to, before it is killed. Default: 5 s.
    #[must_use]
    pub fn grace(&self) -> Duration {
        self.grace
    }

    /// How long it may run by the wall clock, from its start, before it is stopped. Default:
    /// `None`, for ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// How long it may be stopped, or wait in the kernel without a break, before it is reported as
    /// unresponsive. Default: 10 s. It is reported, never killed for it.
    #[must_use]
    pub fn unresponsive_after(&self) -> Duration {
        self.unresponsive_after
    }

    /// How its tree is to be held. Default: [`Containment::Auto`].
    #[must_use]
    pub fn containment(&self) -> Containment {
        self.containment
    }

    /// The least certainty with which its tree must be held, else the start is refused. Default:
    /// `None`, whatever this host can give.
    #[must_use]
    pub fn least_grade(&self) -> Option<Grade> {
        self.least_grade
    }

    /// Until when it may live. Default: [`Lifetime::Session`].
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        self.lifetime
    }
}

#[cfg(test)]
mod tests;
