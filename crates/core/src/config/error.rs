//! Every way a config can be wrong, found before anything starts.
//!
//! One variant for each way, with the key, path or number that is at fault and no values of
//! variables, which may be secrets. The code of each is in `code.rs`, the advice in `hint.rs`; both
//! matches are exhaustive, so that a new variant needs them to compile.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use handfast_sys::tree::{Grade, Rung};

use super::limits::{Limit, Resource};
use super::stdio::Stream;

/// Why a config cannot be started. Nothing was started and nothing was created.
///
/// Messages are fragments that read after "failed to start: ". What can be done about it is in
/// [`ConfigError::hint`], the cause in [`source`](std::error::Error::source).
///
/// ```
/// use handfast::config::ProcessConfig;
///
/// let error = ProcessConfig::builder("npm").build().check().unwrap_err();
/// assert_eq!(error.code(), "config.program-needs-path");
/// assert_eq!(error.to_string(), "`npm` has no directory and the config has no PATH");
/// ```
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The purpose is too long.
    #[error(
        "the purpose has {bytes} bytes, {} are allowed",
        super::ProcessConfig::LONGEST_PURPOSE
    )]
    PurposeTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The program is the empty string.
    #[error("no program is named")]
    EmptyProgram,
    /// The program has a `/` and does not begin with one.
    #[error("the program `{}` is relative, an absolute path is needed", program.display())]
    ProgramRelative {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// A bare name, and the config sets no `PATH`.
    #[error("`{}` has no directory and the config has no PATH", program.display())]
    ProgramNeedsPath {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// A bare name that is in no directory of the config's `PATH`.
    #[error("no program `{}` in the given PATH", program.display())]
    ProgramNotFound {
        /// The name.
        program: PathBuf,
        /// The directories that were searched: the absolute entries of that `PATH`.
        searched: Vec<PathBuf>,
    },
    /// There is nothing at this path.
    #[error("there is no file `{}`", program.display())]
    ProgramMissing {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// The path cannot be followed to its end.
    #[error("cannot reach the program `{}`", program.display())]
    ProgramUnreachable {
        /// The program, as far as it was resolved.
        program: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A directory.
    #[error("the program `{}` is a directory", program.display())]
    ProgramIsDirectory {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// A device, a socket or a named pipe.
    #[error("the program `{}` is not a regular file", program.display())]
    ProgramNotAFile {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// The mode does not let the child's user execute it.
    #[error("the program `{}` is not executable", program.display())]
    NotExecutable {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// Not a format that the system can execute.
    #[error("`{}` is not in a format that the system can execute", program.display())]
    NotAProgram {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// The program is there; what it must be run with cannot be used.
    #[error("`{}` must be run by `{}`, which cannot be used", program.display(), interpreter.display())]
    BadInterpreter {
        /// The script or dynamic program that names it.
        program: PathBuf,
        /// The name as it stands there.
        interpreter: PathBuf,
        /// What is wrong with the interpreter.
        source: Box<ConfigError>,
    },
    /// Scripts run by scripts, too many for the system or in a circle.
    #[error("the interpreters of `{}` are scripts themselves, too many in a row", program.display())]
    TooManyInterpreters {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// The file is open for writing somewhere.
    #[error("the program `{}` is being written to", program.display())]
    ProgramBusy {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// The system refused although nothing wrong can be seen.
    #[error("the system refused to execute `{}`", program.display())]
    ExecRefused {
        /// The program, as far as it was resolved.
        program: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A NUL byte in the program.
    #[error("the program {program:?} has a NUL byte in it")]
    NulInProgram {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// A NUL byte in an argument.
    #[error("argument {index} has a NUL byte in it")]
    NulInArgument {
        /// Counted from 1; 0 would be the program.
        index: usize,
    },
    /// A NUL byte in the key of a variable.
    #[error("the environment key {key:?} has a NUL byte in it")]
    NulInKey {
        /// The key.
        key: OsString,
    },
    /// A NUL byte in the value of a variable.
    #[error("the value of the environment key {key:?} has a NUL byte in it")]
    NulInValue {
        /// The key.
        key: OsString,
    },
    /// A variable without a name.
    #[error("an environment key is empty")]
    EmptyKey,
    /// A key with `=`, which would end it early.
    #[error("the environment key {key:?} has a `=` in it")]
    EqualsInKey {
        /// The key.
        key: OsString,
    },
    /// One argument is longer than the system passes on.
    #[error("argument {index} has {bytes} bytes, the system takes {limit}")]
    ArgumentTooLong {
        /// Counted from 1; 0 is the program.
        index: usize,
        /// Its length with the closing NUL.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// One variable is longer than the system passes on.
    #[error("the environment variable {key:?} has {bytes} bytes, the system takes {limit}")]
    VariableTooLong {
        /// Its key.
        key: OsString,
        /// The length of `KEY=VALUE` with the closing NUL.
        bytes: u64,
        /// The most that is taken.
        limit: u64,
    },
    /// Arguments and environment are too large together.
    #[error("arguments and environment have {bytes} bytes, the system takes {limit}")]
    TooLarge {
        /// Strings with their NULs, and a pointer for each.
        bytes: u64,
        /// The most that is taken with the child's stack limit.
        limit: u64,
    },
    /// The system found arguments and environment too large when it came to it.
    #[error("arguments and environment are too large for the system to execute `{}`", program.display())]
    TooLargeForSystem {
        /// The program, as far as it was resolved.
        program: PathBuf,
    },
    /// A NUL byte in the working directory.
    #[error("the working directory {directory:?} has a NUL byte in it")]
    NulInDirectory {
        /// The working directory as it was given.
        directory: PathBuf,
    },
    /// A working directory that does not begin with `/`.
    #[error("the working directory `{}` is relative, an absolute path is needed", directory.display())]
    DirectoryRelative {
        /// The working directory as it was given.
        directory: PathBuf,
    },
    /// There is no such directory.
    #[error("the working directory `{}` does not exist", directory.display())]
    DirectoryMissing {
        /// The working directory as it was given.
        directory: PathBuf,
    },
    /// Something else than a directory.
    #[error("the working directory `{}` is not a directory", directory.display())]
    NotADirectory {
        /// The working directory as it was given.
        directory: PathBuf,
    },
    /// The host's user may not enter it, and the child keeps that user.
    #[error("cannot enter the working directory `{}`", directory.display())]
    DirectoryNotEnterable {
        /// The working directory as it was given.
        directory: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A NUL byte in a log path.
    #[error("the log file {log:?} has a NUL byte in it")]
    NulInLog {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// A log path that does not begin with `/`.
    #[error("the log file `{}` is relative, an absolute path is needed", log.display())]
    LogRelative {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// The directory of the log is not there.
    #[error("the directory of the log file `{}` does not exist", log.display())]
    LogParentMissing {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// What should be the directory of the log is something else.
    #[error("the log file `{}` is not below a directory", log.display())]
    LogParentNotADirectory {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// The log path is a directory.
    #[error("the log file `{}` is a directory", log.display())]
    LogIsDirectory {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// A socket or a named pipe: opening it would fail or wait for a reader.
    #[error("the log file `{}` is nothing that can be appended to", log.display())]
    LogNotAFile {
        /// The log path as it was given.
        log: PathBuf,
    },
    /// The log path cannot be followed to its end.
    #[error("cannot reach the log file `{}`", log.display())]
    LogUnreachable {
        /// The log path as it was given.
        log: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// One log for both streams, and one of the streams is sent elsewhere.
    #[error("both streams go to the log file `{}`, and {stream} is set as well", log.display())]
    LogConflict {
        /// The log path as it was given.
        log: PathBuf,
        /// The stream that is set.
        stream: Stream,
    },
    /// A terminal is made for all streams, and one of them is set as well.
    #[error("its streams are a terminal of its own, and {setting} is set as well")]
    TerminalConflict {
        /// What is set: "stdin", "stdout", "stderr", "the log file" or "the controlling terminal".
        setting: &'static str,
    },
    /// No side of a terminal is 0 or above [`SCREEN_SIDE`](crate::session::SCREEN_SIDE).
    #[error("a terminal cannot have {rows} rows and {columns} columns")]
    BadTerminalSize {
        /// The rows as they were given.
        rows: u16,
        /// The columns as they were given.
        columns: u16,
    },
    /// A soft limit above its hard limit.
    #[error("the soft limit {soft} of {resource} is above the hard limit {hard}")]
    SoftAboveHard {
        /// Whose limit.
        resource: Resource,
        /// The soft limit.
        soft: Limit,
        /// The hard limit.
        hard: Limit,
    },
    /// A umask above 0o777.
    #[error("the umask {umask:#o} is above 0o777")]
    BadUmask {
        /// The umask as it was given.
        umask: u32,
    },
    /// A nice value outside -20..=19.
    #[error("the nice value {nice} is not from -20 to 19")]
    BadNice {
        /// The nice value as it was given.
        nice: i32,
    },
    /// An id that means "no change" to the system.
    #[error("{id} is no {kind}")]
    BadId {
        /// "user id" or "group id".
        kind: &'static str,
        /// The number.
        id: u32,
    },
    /// The rung that is asked for can never give the grade that is asked for.
    #[error("the rung `{rung}` gives the grade `{}`, at least `{least}` is asked for", rung.grade())]
    GradeOutOfReach {
        /// The rung that is asked for.
        rung: Rung,
        /// The grade that is asked for.
        least: Grade,
    },
}
