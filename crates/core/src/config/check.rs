//! From a config to what the system is told, with everything that can be wrong found on the way.
//!
//! Two things must stay true: a [`Checked`] exists only if every check passed, and what it holds is
//! what the child gets, byte for byte. Checks that need no file system come first.

use std::ffi::{CStr, OsStr, OsString};
use std::fmt;
use std::path::Path;

use super::ProcessConfig;
use super::credentials::Credentials;
use super::directory;
use super::error::ConfigError;
use super::executable::{Circumstances, explain_exec_failure};
use super::limits::Resource;
use super::program;
use super::size::{self, Load};
use super::stdio::{Output, Stdin, Stream};
use crate::session::ScreenSize;
use crate::tree::Containment;
use handfast_sys::files;
use handfast_sys::text::Word;

/// A config that was found good, with its program resolved. Made by [`ProcessConfig::check`].
///
/// It says what would be started. Files can change afterwards, so a start may still fail; then the
/// error is as exact as one found here. `Debug` prints no value of the environment.
///
/// ```
/// use handfast::config::ProcessConfig;
///
/// let config = ProcessConfig::builder("sh").env("PATH", "not/absolute:/bin").build();
/// let checked = config.check()?;
/// assert_eq!(checked.program(), "/bin/sh");
/// assert_eq!(checked.argv0(), "sh");
/// assert_eq!(checked.working_directory(), "/");
/// # Ok::<(), handfast::config::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Checked {
    program: Word,
    argv: Vec<Word>,
    envp: Vec<Word>,
    directory: Word,
}

impl Checked {
    /// The absolute path that will be executed.
    #[must_use]
    pub fn program(&self) -> &Path {
        Path::new(self.program.text())
    }

    /// What the program is told as its own name: the program as the config names it.
    #[must_use]
    pub fn argv0(&self) -> &OsStr {
        self.argv.first().map_or(OsStr::new(""), Word::text)
    }

    /// The arguments after the program's own name.
    pub fn args(&self) -> impl Iterator<Item = &OsStr> {
        self.argv.iter().skip(1).map(Word::text)
    }

    /// The directory that the child starts in: the config's, or the system root `/`.
    #[must_use]
    pub fn working_directory(&self) -> &Path {
        Path::new(self.directory.text())
    }

    /// Why executing it failed with this error number of the system, as exactly as can be told now.
    ///
    /// For those who execute the program themselves; [`ProcessManager`](crate::ProcessManager)
    /// answers so by itself.
    ///
    /// ```
    /// use handfast::config::ProcessConfig;
    ///
    /// let checked = ProcessConfig::builder("/bin/sh").build().check()?;
    /// assert_eq!(checked.explain(26).code(), "config.program-busy");
    /// # Ok::<(), handfast::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn explain(&self, errno: i32) -> ConfigError {
        explain_exec_failure(self.program(), errno)
    }

    /// All variables that the child gets, as key and value, in order.
    pub fn environment(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.envp.iter().map(Word::parts)
    }
}

impl Checked {
    /// The absolute path that is executed.
    pub(crate) fn program_c(&self) -> &CStr {
        self.program.zero_ended()
    }

    /// All arguments, the program's own name first.
    pub(crate) fn argv(&self) -> impl Iterator<Item = &CStr> {
        self.argv.iter().map(Word::zero_ended)
    }

    /// All variables as `KEY=VALUE`.
    pub(crate) fn envp(&self) -> impl Iterator<Item = &CStr> {
        self.envp.iter().map(Word::zero_ended)
    }

    /// The directory to start in.
    pub(crate) fn directory_c(&self) -> &CStr {
        self.directory.zero_ended()
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked")
            .field("program", &self.program)
            .field("argv", &self.argv)
            .field(
                "environment",
                &self
                    .envp
                    .iter()
                    .map(|variable| variable.parts().0)
                    .collect::<Vec<_>>(),
            )
            .field("directory", &self.directory)
            .finish()
    }
}

impl ProcessConfig {
    /// Checks everything that can be checked before a start, and resolves the program.
    ///
    /// Nothing is started, created or changed. The program is looked for as follows:
    ///
    /// - an absolute path is taken as it is;
    /// - a bare name is searched for in the config's *own* `PATH`, whose relative and empty entries
    ///   are ignored. The first file that may be executed is taken;
    /// - a relative path with a `/` is refused.
    ///
    /// Interpreters (`#!` lines, the linker of a dynamic program) must be there as well.
    ///
    /// Arguments and environment are limited by the system: one string to 128 KiB, all together to
    /// a quarter of the child's stack limit and 6 MiB at most. With the usual stack limit of 8 MiB,
    /// which is also assumed where the host's cannot be read, that is 2 MiB.
    ///
    /// # Errors
    ///
    /// The first thing found wrong; see [`ConfigError`].
    ///
    /// # Platforms
    ///
    /// Linux: as described. Elsewhere a file that has an x bit for anybody counts as executable.
    pub fn check(&self) -> Result<Checked, ConfigError> {
        self.check_numbers()?;
        self.check_streams()?;
        let argv = self.checked_argv()?;
        let envp = self.checked_envp()?;
        let directory = self.checked_directory()?;
        let under = Circumstances {
            directory: Some(Path::new(directory.text())),
            user: self.user(),
        };
        let found = program::resolve(self.program(), self.environment(), under)?;
        let program =
            Word::new(found.as_os_str()).ok_or(ConfigError::NulInProgram { program: found })?;
        let load = Load {
            program: &program,
            argv: &argv,
            envp: &envp,
        };
        size::check(
            load,
            self.limits().get(Resource::Stack).map(|(soft, _)| soft),
        )?;
        for log in self.logs() {
            directory::check_log(log)?;
        }
        Ok(Checked {
            program,
            argv,
            envp,
            directory,
        })
    }

    fn check_numbers(&self) -> Result<(), ConfigError> {
        for (resource, soft, hard) in self.limits().iter() {
            if soft > hard {
                return Err(ConfigError::SoftAboveHard {
                    resource,
                    soft,
                    hard,
                });
            }
        }
        let purpose = self.purpose().unwrap_or_default().len();
        if purpose > ProcessConfig::LONGEST_PURPOSE {
            return Err(ConfigError::PurposeTooLong { bytes: purpose });
        }
        if let Some(umask) = self.umask().filter(|umask| *umask > 0o777) {
            return Err(ConfigError::BadUmask { umask });
        }
        if let Some(nice) = self.nice().filter(|nice| !(-20..=19).contains(nice)) {
            return Err(ConfigError::BadNice { nice });
        }
        if let (Containment::Rung(rung), Some(least)) = (self.containment(), self.least_grade())
            && rung.grade() < least
        {
            return Err(ConfigError::GradeOutOfReach { rung, least });
        }
        self.user().map_or(Ok(()), check_ids)
    }

    fn check_terminal(&self) -> Result<(), ConfigError> {
        let Some(terminal) = self.terminal() else {
            return Ok(());
        };
        let size = terminal.size();
        if size != size.clamped() {
            let ScreenSize { rows, columns } = size;
            return Err(ConfigError::BadTerminalSize { rows, columns });
        }
        let settings = [
            ("stdin", !matches!(self.stdin(), Stdin::Null)),
            ("stdout", self.stdout.is_some()),
            ("stderr", self.stderr.is_some()),
            ("the log file", self.log_file.is_some()),
            (
                "the controlling terminal",
                self.controlling_terminal.is_some(),
            ),
        ];
        match settings.into_iter().find(|(_, is_set)| *is_set) {
            Some((setting, _)) => Err(ConfigError::TerminalConflict { setting }),
            None => Ok(()),
        }
    }

    fn check_streams(&self) -> Result<(), ConfigError> {
        self.check_terminal()?;
        let Some(log) = self.log_file() else {
            return Ok(());
        };
        let set = [
            (Stream::Stdout, self.stdout.is_some()),
            (Stream::Stderr, self.stderr.is_some()),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((stream, _)) => Err(ConfigError::LogConflict {
                log: log.to_path_buf(),
                stream,
            }),
            None => Ok(()),
        }
    }

    fn checked_argv(&self) -> Result<Vec<Word>, ConfigError> {
        let program = self.program();
        let name = Word::new(program.as_os_str()).ok_or_else(|| ConfigError::NulInProgram {
            program: program.to_path_buf(),
        })?;
        let mut argv = vec![name];
        for (index, argument) in self.args().iter().enumerate() {
            let index = index + 1;
            argv.push(Word::new(argument).ok_or(ConfigError::NulInArgument { index })?);
        }
        Ok(argv)
    }

    fn checked_envp(&self) -> Result<Vec<Word>, ConfigError> {
        self.environment()
            .iter()
            .map(|(key, value)| variable(key, value))
            .collect()
    }

    fn checked_directory(&self) -> Result<Word, ConfigError> {
        let root = files::root();
        let directory = self.working_directory().unwrap_or(&root);
        let checked =
            Word::new(directory.as_os_str()).ok_or_else(|| ConfigError::NulInDirectory {
                directory: directory.to_path_buf(),
            })?;
        directory::check_working(directory, self.user().is_none())?;
        Ok(checked)
    }

    /// Every file that output is appended to.
    fn logs(&self) -> impl Iterator<Item = &Path> {
        let files = [self.stdout(), self.stderr()]
            .into_iter()
            .filter_map(|output| match output {
                Output::File(path) => Some(path.as_path()),
                _ => None,
            });
        self.log_file().into_iter().chain(files)
    }
}

fn variable(key: &OsStr, value: &OsStr) -> Result<Word, ConfigError> {
    let named = || key.to_os_string();
    if key.is_empty() {
        return Err(ConfigError::EmptyKey);
    }
    if key.as_encoded_bytes().contains(&0) {
        return Err(ConfigError::NulInKey { key: named() });
    }
    if key.as_encoded_bytes().contains(&b'=') {
        return Err(ConfigError::EqualsInKey { key: named() });
    }
    let mut whole = OsString::with_capacity(key.len() + value.len() + 2);
    whole.push(key);
    whole.push("=");
    whole.push(value);
    Word::new(&whole).ok_or_else(|| ConfigError::NulInValue { key: named() })
}

/// `u32::MAX` is -1 to `setresuid(2)`, which then keeps the id that was to be given up.
fn check_ids(user: &Credentials) -> Result<(), ConfigError> {
    let id = u32::MAX;
    if user.uid == id {
        return Err(ConfigError::BadId {
            kind: "user id",
            id,
        });
    }
    if user.gid == id || user.groups.contains(&id) {
        return Err(ConfigError::BadId {
            kind: "group id",
            id,
        });
    }
    Ok(())
}
