//! How commands of agents are run: everything that a call does not say itself.
//!
//! What must stay true: nothing of the host gets into a command that the host has not put in here, and
//! every default can be named and changed.

use super::approve::Approver;
use super::command::ExecCommand;
use super::environment::Forced;
use super::error::ExecError;
use super::ids::Draw;
use super::prune::{MAX_SESSIONS, PROTECTED};
use super::shell::{Shell, ShellKind, login};
use super::store::Bounds;
use super::tombstone::TOMBSTONES;
use super::waits::MAX_POLL;
use crate::config::{Environment, Lifetime, ProcessConfig, Terminal};
use crate::output::view::Policy;
use crate::tree::{Containment, Grade};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where programs are looked for unless the environment says so.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What happens where there are as many sessions as are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AtLimit {
    /// The least recently used one goes, those that have ended first. The answer of the call and an
    /// event say so.
    #[default]
    Prune,
    /// Nothing more is started while as many run as are kept.
    Refuse,
}

/// How commands are run, for all calls of one manager.
///
/// ```
/// use handfast::exec::{ExecProfile, Inherit, InheritPolicy};
///
/// let inherited = InheritPolicy::new(Inherit::Core).apply([("HOME", "/home/a"), ("X", "y")]);
/// let profile = ExecProfile::new().cwd("/work/tree").environment(inherited).sessions(16);
/// assert!(profile.argv(&handfast::exec::ExecCommand::new("ls")).is_ok());
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until a manager is made with it"]
pub struct ExecProfile {
    pub(super) cwd: PathBuf,
    shell: Shell,
    login: bool,
    environment: Environment,
    forced: Forced,
    pub(super) model: Policy,
    pub(super) max_poll: Duration,
    pub(super) bounds: Bounds,
    pub(super) draw: Draw,
    pub(super) approver: Option<Arc<dyn Approver>>,
    pub(super) late_denials: bool,
    terminal: Terminal,
    grace: Duration,
    containment: Containment,
    least_grade: Option<Grade>,
    lifetime: Lifetime,
}

impl Default for ExecProfile {
    fn default() -> Self {
        let environment = [("PATH", PATH)].into_iter().collect();
        ExecProfile {
            cwd: PathBuf::from("/"),
            shell: Shell::of_kind("/bin/sh", ShellKind::Sh),
            login: true,
            environment,
            forced: Forced::default(),
            model: Policy::default(),
            max_poll: MAX_POLL,
            bounds: Bounds {
                sessions: MAX_SESSIONS,
                protected: PROTECTED,
                tombstones: TOMBSTONES,
                tombstone_age: Duration::from_secs(24 * 60 * 60),
                refuse: false,
            },
            draw: Draw::default(),
            approver: None,
            late_denials: false,
            terminal: Terminal::default(),
            grace: ProcessConfig::DEFAULT_GRACE,
            containment: Containment::Auto,
            least_grade: None,
            lifetime: Lifetime::Session,
        }
    }
}

impl ExecProfile {
    /// The defaults that are said at each setter.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets where commands run that say nothing else; must be absolute. Default: `/`.
    pub fn cwd(mut self, directory: impl Into<PathBuf>) -> Self {
        self.cwd = directory.into();
        self
    }

    /// Sets the shell of commands that name none. Default: `/bin/sh`.
    pub fn shell(mut self, shell: Shell) -> Self {
        self.shell = shell;
        self
    }

    /// Sets whether shells may be login shells, which they then are by default. Default: they may.
    pub fn allow_login_shell(mut self, allow: bool) -> Self {
        self.login = allow;
        self
    }

    /// Sets all variables, instead of a `PATH` of the system's directories. To hand on some of the
    /// host's, make it with an [`InheritPolicy`](super::InheritPolicy).
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets which variables are forced over that. Default: all of [`Forced::Extended`].
    pub fn forced(mut self, forced: Forced) -> Self {
        self.forced = forced;
        self
    }

    /// Sets how much text the language model takes in one answer. Default: 10,000 tokens.
    pub fn model(mut self, model: Policy) -> Self {
        self.model = model;
        self
    }

    /// Sets the longest wait of a call that writes nothing. Default: 300 s, at least 5 s.
    pub fn max_poll(mut self, longest: Duration) -> Self {
        self.max_poll = longest;
        self
    }

    /// Sets how many sessions are kept. Default: 64.
    pub fn sessions(mut self, number: usize) -> Self {
        self.bounds.sessions = number;
        self
    }

    /// Sets how many of the most recently used never have to go. Default: 8.
    pub fn protected(mut self, number: usize) -> Self {
        self.bounds.protected = number;
        self
    }

    /// Sets what happens where there are as many as are kept. Default: [`AtLimit::Prune`].
    pub fn at_limit(mut self, at_limit: AtLimit) -> Self {
        self.bounds.refuse = at_limit == AtLimit::Refuse;
        self
    }

    /// Sets how many finished sessions go on answering. Default: 256, with at most 32 KiB each.
    pub fn tombstones(mut self, number: usize) -> Self {
        self.bounds.tombstones = number;
        self
    }

    /// Sets for how long they do. Default: a day.
    pub fn tombstone_age(mut self, age: Duration) -> Self {
        self.bounds.tombstone_age = age;
        self
    }

    /// Gives sessions the numbers from 1,000 on in order, and not random ones: for tests.
    pub fn deterministic_ids(mut self) -> Self {
        self.draw = Draw::Next;
        self
    }

    /// Sets who decides about commands and input. Default: nobody; all is allowed but
    /// `require_escalated`.
    pub fn approver(mut self, approver: impl Approver + 'static) -> Self {
        self.approver = Some(Arc::new(approver));
        self
    }

    /// Sets whether the end of a command waits up to 100 ms for a denial that comes late
    /// ([`deny_session`](crate::ProcessManager::deny_session)). Default: it does not.
    pub fn late_denials(mut self, expected: bool) -> Self {
        self.late_denials = expected;
        self
    }

    /// Sets what terminals of commands are like. Default: 24 rows of 80 columns.
    pub fn terminal(mut self, terminal: impl Into<Terminal>) -> Self {
        self.terminal = terminal.into();
        self
    }

    /// Sets how long a command may take to end when it is asked to. Default: 5 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Sets how the trees of commands are held. Default: [`Containment::Auto`].
    pub fn containment(mut self, containment: Containment) -> Self {
        self.containment = containment;
        self
    }

    /// Sets how surely they must be held, else a command is refused. Default: whatever there is.
    pub fn least_grade(mut self, grade: Grade) -> Self {
        self.least_grade = Some(grade);
        self
    }

    /// Sets until when commands may live. Default: [`Lifetime::Session`].
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// What would be executed for a command, the shell first.
    ///
    /// # Errors
    ///
    /// [`ExecError`] for a command without text, a shell that is not known, and a login shell where
    /// none is allowed.
    pub fn argv(&self, command: &ExecCommand) -> Result<Vec<String>, ExecError> {
        if command.cmd.trim().is_empty() {
            return Err(ExecError::MissingCommandLine);
        }
        let named = command.shell.as_deref();
        let named = named.filter(|shell| !shell.as_os_str().is_empty());
        let shell = match named {
            Some(shell) => &Shell::new(shell)?,
            None => &self.shell,
        };
        let login = login(command.login, self.login)?;
        let argv = shell.argv(&command.cmd, login).into_iter();
        Ok(argv
            .map(|word| word.to_string_lossy().into_owned())
            .collect())
    }

    /// Where a command runs.
    pub(super) fn directory(&self, command: &ExecCommand) -> PathBuf {
        let named = command.workdir.as_deref().unwrap_or(Path::new(""));
        if named.as_os_str().is_empty() {
            self.cwd.clone()
        } else {
            self.cwd.join(named)
        }
    }

    /// What to start for a command, but for its streams.
    pub(super) fn config(
        &self,
        command: &ExecCommand,
        argv: &[String],
    ) -> crate::config::ProcessConfigBuilder {
        let mut environment = self.environment.clone();
        self.forced.apply(&mut environment);
        let mut words = argv.iter();
        let program = words.next().map(String::as_str).unwrap_or_default();
        let mut config = ProcessConfig::builder(program)
            .args(words.map(String::as_str))
            .envs(environment.iter())
            .working_directory(self.directory(command))
            .grace(self.grace)
            .containment(self.containment)
            .lifetime(command.lifetime.unwrap_or(self.lifetime))
            .deadline(command.timeout_ms.map(Duration::from_millis));
        if let Some(grade) = self.least_grade {
            config = config.least_grade(grade);
        }
        if let Some(purpose) = &command.purpose {
            config = config.name(purpose);
        }
        if command.tty {
            config = config.terminal(self.terminal);
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(cmd: &str) -> ExecCommand {
        ExecCommand::new(cmd)
    }

    #[test]
    fn the_argv_is_that_of_the_shell() {
        let profile = ExecProfile::new();
        assert_eq!(
            profile.argv(&command("ls")).unwrap(),
            ["/bin/sh", "-lc", "ls"]
        );
        let none = ExecProfile::new().allow_login_shell(false);
        assert_eq!(none.argv(&command("ls")).unwrap(), ["/bin/sh", "-c", "ls"]);
        let mut login = command("ls");
        login.login = Some(true);
        assert_eq!(none.argv(&login).unwrap_err().code(), "exec.login-refused");
        let mut zsh = command("ls");
        zsh.shell = Some("/bin/zsh".into());
        zsh.login = Some(false);
        assert_eq!(profile.argv(&zsh).unwrap(), ["/bin/zsh", "-c", "ls"]);
        zsh.shell = Some("/bin/fish".into());
        assert_eq!(profile.argv(&zsh).unwrap_err().code(), "exec.unknown-shell");
        assert_eq!(
            profile.argv(&command(" \n")).unwrap_err().code(),
            "exec.missing-command-line"
        );
    }

    #[test]
    fn a_directory_is_relative_to_that_of_the_profile() {
        let profile = ExecProfile::new().cwd("/work");
        let of = |workdir: Option<&str>| {
            let mut command = command("ls");
            command.workdir = workdir.map(Into::into);
            profile.directory(&command)
        };
        assert_eq!(of(None), Path::new("/work"));
        assert_eq!(of(Some("")), Path::new("/work"));
        assert_eq!(of(Some("a/b")), Path::new("/work/a/b"));
        assert_eq!(of(Some("/tmp")), Path::new("/tmp"));
    }

    #[test]
    fn the_environment_is_what_was_given_and_what_is_forced() {
        let environment = [("PATH", "/bin"), ("TERM", "xterm")].into_iter().collect();
        let profile = ExecProfile::new().environment(environment);
        let config = profile.config(&command("ls"), &["/bin/sh".into()]).build();
        assert_eq!(config.environment().len(), 12);
        assert_eq!(config.environment().get("TERM"), Some("dumb".as_ref()));
    }
}
