//! Putting a config together, step by step.
//!
//! Building never fails: a config is data, and all checks are in one place
//! ([`ProcessConfig::check`]), so that a config that was changed later is checked the same way.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{
    Credentials, Environment, Lifetime, Limit, Output, ProcessConfig, Resource, ResourceLimits,
    Stdin, Terminal,
};
use crate::output::Capture;
use crate::tree::{Containment, Grade};

/// Makes a [`ProcessConfig`]. Begun by [`ProcessConfig::builder`]; what is not set keeps the
/// default that is said at the getter of the same name.
///
/// ```
/// use handfast::config::{Output, ProcessConfig, Resource};
///
/// let config = ProcessConfig::builder("make")
///     .arg("check")
///     .env("PATH", "/usr/bin:/bin")
///     .working_directory("/tmp")
///     .stdout(Output::Pipe)
///     .limit(Resource::NoFile, 256.into(), 1024.into())
///     .build();
/// assert_eq!(config.args(), ["check"]);
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct ProcessConfigBuilder {
    config: ProcessConfig,
}

impl From<ProcessConfig> for ProcessConfigBuilder {
    fn from(config: ProcessConfig) -> Self {
        Self { config }
    }
}

impl ProcessConfigBuilder {
    pub(super) fn new(program: PathBuf) -> Self {
        let config = ProcessConfig {
            name: None,
            purpose: None,
            program,
            args: Vec::new(),
            working_directory: None,
            environment: Environment::new(),
            stdin: Stdin::Null,
            stdout: None,
            stderr: None,
            together: false,
            log_file: None,
            capture: Capture::default(),
            terminal: None,
            controlling_terminal: None,
            limits: ResourceLimits::new(),
            umask: Some(ProcessConfig::DEFAULT_UMASK),
            nice: None,
            user: None,
            grace: ProcessConfig::DEFAULT_GRACE,
            deadline: None,
            unresponsive_after: ProcessConfig::DEFAULT_UNRESPONSIVE_AFTER,
            containment: Containment::Auto,
            least_grade: None,
            lifetime: Lifetime::Session,
        };
        Self { config }
    }

    /// The config as it is now. Nothing is checked yet.
    #[must_use]
    pub fn build(self) -> ProcessConfig {
        self.config
    }

    /// Sets the label for people.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.config.name = Some(name.into());
        self
    }

    /// Sets what it is for, in a few words that are shown wherever processes are listed.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.config.purpose = Some(purpose.into());
        self
    }

    /// Replaces the program.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.config.program = program.into();
        self
    }

    /// Adds one argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.config.args.push(argument.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.config
            .args
            .extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Removes all arguments.
    pub fn clear_args(mut self) -> Self {
        self.config.args.clear();
        self
    }

    /// Sets where the child starts; must be absolute.
    pub fn working_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.config.working_directory = Some(directory.into());
        self
    }

    /// Sets one variable; the last value of a key wins.
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.config.environment.set(key, value);
        self
    }

    /// Sets variables; the last value of a key wins.
    pub fn envs<K, V>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        self.config.environment.extend(variables);
        self
    }

    /// Removes one variable that was set before.
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.config.environment.remove(key);
        self
    }

    /// Removes all variables that were set before.
    pub fn env_clear(mut self) -> Self {
        self.config.environment.clear();
        self
    }

    /// Sets where standard input comes from.
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.config.stdin = stdin;
        self
    }

    /// Sets where standard output goes. Excludes [`log_file`](Self::log_file).
    pub fn stdout(mut self, stdout: Output) -> Self {
        self.config.stdout = Some(stdout);
        self
    }

    /// Sets where standard error goes. Excludes [`log_file`](Self::log_file).
    pub fn stderr(mut self, stderr: Output) -> Self {
        self.config.stderr = Some(stderr);
        self.config.together = false;
        self
    }

    /// Sends standard output and standard error to one place through one descriptor, as `2>&1` does:
    /// the order in which the process wrote is kept exactly, and who wrote to which of them is not
    /// known. With two pipes it is the other way round. Excludes [`log_file`](Self::log_file); a later
    /// [`stderr`](Self::stderr) takes the streams apart again.
    ///
    /// ```
    /// use handfast::ProcessConfig;
    /// use handfast::config::Output;
    ///
    /// let config = ProcessConfig::builder("make").output(Output::Captured).build();
    /// assert!(config.is_output_together());
    /// ```
    pub fn output(mut self, both: Output) -> Self {
        self.config.stdout = Some(both);
        self.config.stderr = None;
        self.config.together = true;
        self
    }

    /// Sends both output streams to one file, which is opened once, for appending, so that the
    /// order of what was written is kept. Created with mode 0600; must be absolute. Excludes
    /// [`stdout`](Self::stdout) and [`stderr`](Self::stderr), whatever they are set to.
    pub fn log_file(mut self, log: impl Into<PathBuf>) -> Self {
        self.config.log_file = Some(log.into());
        self
    }

    /// Sets how what goes to [`Output::Captured`] is kept.
    pub fn capture(mut self, capture: Capture) -> Self {
        self.config.capture = capture;
        self
    }

    /// Makes a terminal for it, which is all three streams and controls its session. Excludes every
    /// other setting of streams, [`controlling_terminal`](Self::controlling_terminal) included.
    pub fn terminal(mut self, terminal: impl Into<Terminal>) -> Self {
        self.config.terminal = Some(terminal.into());
        self
    }

    /// Makes this terminal the controlling one of the child's session. It is not connected to any
    /// stream by that.
    pub fn controlling_terminal(mut self, terminal: Arc<crate::Descriptor>) -> Self {
        self.config.controlling_terminal = Some(terminal);
        self
    }

    /// Sets the soft and the hard limit of one resource; the last call for a resource wins.
    pub fn limit(mut self, resource: Resource, soft: Limit, hard: Limit) -> Self {
        self.config.limits.set(resource, soft, hard);
        self
    }

    /// Replaces all resource limits.
    pub fn limits(mut self, limits: ResourceLimits) -> Self {
        self.config.limits = limits;
        self
    }

    /// Sets the umask, at most 0o777; `None` is the host's own.
    pub fn umask(mut self, umask: impl Into<Option<u32>>) -> Self {
        self.config.umask = umask.into();
        self
    }

    /// Sets the nice value, -20 to 19. Less than the host's own needs privileges.
    pub fn nice(mut self, nice: i32) -> Self {
        self.config.nice = Some(nice);
        self
    }

    /// Sets the user to run as, which needs privileges.
    pub fn user(mut self, user: Credentials) -> Self {
        self.config.user = Some(user);
        self
    }

    /// Sets how long it may take to end when asked to. Zero kills it at once.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.config.grace = grace;
        self
    }

    /// Sets how long it may run by the wall clock, from its start; `None` is for ever.
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.config.deadline = deadline.into();
        self
    }

    /// Sets after how long without a reaction it is reported as unresponsive.
    pub fn unresponsive_after(mut self, after: Duration) -> Self {
        self.config.unresponsive_after = after;
        self
    }

    /// Sets how its tree is to be held.
    pub fn containment(mut self, containment: Containment) -> Self {
        self.config.containment = containment;
        self
    }

    /// Sets the least certainty with which its tree must be held.
    pub fn least_grade(mut self, grade: Grade) -> Self {
        self.config.least_grade = Some(grade);
        self
    }

    /// Sets until when it may live.
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.config.lifetime = lifetime;
        self
    }
}
