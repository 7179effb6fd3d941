//! What can be done about each error.
//!
//! Apart from the errors because it changes freely: advice is for people, and nothing may match on
//! it. It names no command line options, which belong to the command line.

use std::path::Path;

use super::error::ConfigError;

const EXPLICIT: &str = "the environment is explicit: pass PATH=... or give a full path";

impl ConfigError {
    /// What can be done about it, in one sentence, if there is something useful to say.
    ///
    /// For people; it may change at any time. Match on [`ConfigError::code`].
    ///
    /// ```
    /// use handfast::config::ProcessConfig;
    ///
    /// let error = ProcessConfig::builder("npm").build().check().unwrap_err();
    /// assert!(error.hint().unwrap().contains("PATH=..."));
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::ProgramNotFound { program, searched } => Some(not_found(program, searched)),
            Self::BadInterpreter { interpreter, .. } => Some(bad_interpreter(interpreter)),
            Self::LogParentMissing { log } => log
                .parent()
                .map(|parent| format!("create `{}` first", parent.display())),
            other => other.fixed_hint().map(str::to_owned),
        }
    }

    fn fixed_hint(&self) -> Option<&'static str> {
        match self {
            Self::ProgramNeedsPath { .. } => Some(EXPLICIT),
            Self::ProgramRelative { .. } => Some(
                "give an absolute path: which directory a relative one starts from would be implicit",
            ),
            Self::DirectoryRelative { .. } | Self::LogRelative { .. } => {
                Some("give an absolute path: the host's own directory is never used")
            }
            Self::NotExecutable { .. } => Some("make it executable with `chmod +x`"),
            Self::NotAProgram { .. } => Some(
                "give it a `#!` line, or start its interpreter (`cmd.exe` for a batch file) with it as an argument",
            ),
            Self::TooManyInterpreters { .. } => Some("start the last interpreter itself"),
            Self::ProgramBusy { .. } => Some("close it everywhere, then start it"),
            Self::ExecRefused { .. } => Some(
                "it may be mounted noexec, out of reach of its user, or forbidden by a security policy",
            ),
            Self::EqualsInKey { .. } => Some("give key and value apart from each other"),
            Self::ArgumentTooLong { .. }
            | Self::VariableTooLong { .. }
            | Self::TooLarge { .. }
            | Self::TooLargeForSystem { .. } => {
                Some("pass large data through a file or the standard input")
            }
            Self::LogNotAFile { .. } => Some("give a regular file or a character device"),
            Self::LogConflict { .. } => Some("set the log file or the streams, not both"),
            Self::TerminalConflict { .. } => {
                Some("leave the streams alone: the terminal is all of them")
            }
            Self::BadTerminalSize { .. } => Some("give each side from 1 to 1000"),
            Self::PurposeTooLong { .. } => Some("say it in a sentence"),
            Self::BadId { .. } => Some("the highest number means \"no change\" to the system"),
            Self::GradeOutOfReach { .. } => {
                Some("leave the rung to be chosen, or ask for a lower grade")
            }
            Self::EmptyProgram
            | Self::ProgramNotFound { .. }
            | Self::ProgramMissing { .. }
            | Self::ProgramUnreachable { .. }
            | Self::ProgramIsDirectory { .. }
            | Self::ProgramNotAFile { .. }
            | Self::BadInterpreter { .. }
            | Self::NulInProgram { .. }
            | Self::NulInArgument { .. }
            | Self::NulInKey { .. }
            | Self::NulInValue { .. }
            | Self::EmptyKey
            | Self::NulInDirectory { .. }
            | Self::DirectoryMissing { .. }
            | Self::NotADirectory { .. }
            | Self::DirectoryNotEnterable { .. }
            | Self::NulInLog { .. }
            | Self::LogParentMissing { .. }
            | Self::LogParentNotADirectory { .. }
            | Self::LogIsDirectory { .. }
            | Self::LogUnreachable { .. }
            | Self::SoftAboveHard { .. }
            | Self::BadUmask { .. }
            | Self::BadNice { .. } => None,
        }
    }
}

fn not_found(program: &Path, searched: &[impl AsRef<Path>]) -> String {
    if searched.is_empty() {
        return "the given PATH has no absolute directory, and others are not searched".to_owned();
    }
    let shown: Vec<_> = searched
        .iter()
        .map(|d| d.as_ref().display().to_string())
        .collect();
    format!(
        "looked for `{}` in {}; {EXPLICIT}",
        program.display(),
        shown.join(", ")
    )
}

fn bad_interpreter(interpreter: &Path) -> String {
    if interpreter.as_os_str().as_encoded_bytes().ends_with(b"\r") {
        return "the `#!` line ends with a carriage return: save the file with Unix line ends"
            .to_owned();
    }
    format!(
        "install `{}`, or start the program with another one",
        interpreter.display()
    )
}
