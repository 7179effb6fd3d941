//! What the system would say about executing a file, found out before anything starts.
//!
//! Follows `execve(2)` on Linux: the file, then the interpreter it names, then the interpreter of
//! that. Whatever cannot be known from outside (a mount without execution, a security policy, a
//! format) is let through, and [`explain_exec_failure`] names it when the exec has failed.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::credentials::{self, Credentials, Leave};
use super::error::ConfigError;
use super::interpreter::{self, Wanted};
use handfast_sys::child::NOT_A_PROGRAM;
use handfast_sys::files::{self, AtPlace};

/// Scripts that may be run by scripts before a real program must come. Linux 6.18 runs a chain of
/// five and refuses the sixth with `ELOOP`.
const MOST_SCRIPTS: usize = 5;

/// Under which circumstances a program would be executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Circumstances<'a> {
    /// Where relative interpreters are looked for; `None` leaves them unchecked.
    pub(super) directory: Option<&'a Path>,
    /// As whom; `None` is the host's own user.
    pub(super) user: Option<&'a Credentials>,
}

/// Whether this file and every interpreter that it needs can be executed.
pub(super) fn examine(program: &Path, under: Circumstances<'_>) -> Result<(), ConfigError> {
    standing(program, under)?;
    let mut current = program.to_path_buf();
    for _ in 0..=MOST_SCRIPTS {
        let bad = |interpreter: &Path, source| ConfigError::BadInterpreter {
            program: current.clone(),
            interpreter: interpreter.to_path_buf(),
            source: Box::new(source),
        };
        match asked_by(&current) {
            Wanted::Nothing => return Ok(()),
            Wanted::BrokenScript => return Err(ConfigError::NotAProgram { program: current }),
            Wanted::Linker(linker) => {
                let found = standing(&linker, under).map(drop);
                return found.map_err(|source| bad(&linker, source));
            }
            Wanted::Script(named) => {
                let Some(next) = place(&named, under) else {
                    return Ok(());
                };
                standing(&next, under).map_err(|source| bad(&named, source))?;
                current = next;
            }
        }
    }
    Err(ConfigError::TooManyInterpreters {
        program: program.to_path_buf(),
    })
}

/// Whether this is a file that may be executed, as far as its own entry tells.
pub(super) fn standing(program: &Path, under: Circumstances<'_>) -> Result<Leave, ConfigError> {
    let program = program.to_path_buf();
    let file = match fs::metadata(&program) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(ConfigError::ProgramMissing { program });
        }
        Err(error) => {
            return Err(ConfigError::ProgramUnreachable {
                program,
                source: Arc::new(error),
            });
        }
    };
    if file.is_dir() {
        return Err(ConfigError::ProgramIsDirectory { program });
    }
    if !file.is_file() {
        return Err(ConfigError::ProgramNotAFile { program });
    }
    if files::is_batch(&program) {
        return Err(ConfigError::NotAProgram { program });
    }
    match credentials::may_execute(&file, under.user) {
        Leave::Refused => Err(ConfigError::NotExecutable { program }),
        leave => Ok(leave),
    }
}

/// What a file asks to be run with. A file may be executable and unreadable: then nobody knows.
fn asked_by(program: &Path) -> Wanted {
    let Ok(file) = File::open(program) else {
        return Wanted::Nothing;
    };
    interpreter::wanted(&|offset, length| read_at(&file, offset, length).ok())
}

fn read_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.saturating_add(filled as u64))? {
            0 => break,
            more => filled += more,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// The kernel looks for a relative interpreter in the child's working directory.
fn place(interpreter: &Path, under: Circumstances<'_>) -> Option<PathBuf> {
    if interpreter.is_absolute() {
        return Some(interpreter.to_path_buf());
    }
    under.directory.map(|directory| directory.join(interpreter))
}

/// Why an exec failed although the config had passed its check, as exactly as can be told now.
///
/// The program is looked at once more, since it may have changed in between. `errno` is what the
/// exec gave.
pub(crate) fn explain_exec_failure(program: &Path, errno: i32) -> ConfigError {
    let cause = io::Error::from_raw_os_error(errno);
    let program = program.to_path_buf();
    if errno == NOT_A_PROGRAM {
        return ConfigError::NotAProgram { program };
    }
    match cause.kind() {
        ErrorKind::ArgumentListTooLong => return ConfigError::TooLargeForSystem { program },
        ErrorKind::ExecutableFileBusy => return ConfigError::ProgramBusy { program },
        _ => {}
    }
    let under = Circumstances {
        directory: None,
        user: None,
    };
    match examine(&program, under) {
        Err(seen) => seen,
        Ok(()) => ConfigError::ExecRefused {
            program,
            source: Arc::new(cause),
        },
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn an_exec_that_failed_is_explained_by_what_the_program_is_now() {
        let explain = |path: &str, errno| explain_exec_failure(Path::new(path), errno).code();
        assert_eq!(explain("/nowhere/at/all", 2), "config.program-missing");
        assert_eq!(explain("/tmp", 13), "config.program-is-directory");
        assert_eq!(explain("/bin/sh", 8), "config.not-a-program");
        assert_eq!(explain("/bin/sh", 7), "config.too-large-for-system");
        assert_eq!(explain("/bin/sh", 26), "config.program-busy");
        assert_eq!(explain("/bin/sh", 13), "config.exec-refused");
        assert_eq!(explain("/etc/passwd/x", 20), "config.program-unreachable");
        assert_eq!(explain("/etc/passwd", 13), "config.not-executable");
    }

    #[test]
    fn the_cause_that_the_system_gave_is_kept() {
        let refused = explain_exec_failure(Path::new("/bin/sh"), 5);
        let ConfigError::ExecRefused { program, source } = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(
            (program, source.raw_os_error()),
            (PathBuf::from("/bin/sh"), Some(5))
        );
    }
}
