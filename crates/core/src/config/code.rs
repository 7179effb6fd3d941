//! The stable name of each error.
//!
//! Scripts, agents and the wire match on these, so a code never changes once it was released, and
//! no two errors share one.

use super::error::ConfigError;

impl ConfigError {
    /// The name of this error for scripts and the wire. It never changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PurposeTooLong { .. } => "config.purpose-too-long",
            Self::EmptyProgram => "config.empty-program",
            Self::ProgramRelative { .. } => "config.program-relative",
            Self::ProgramNeedsPath { .. } => "config.program-needs-path",
            Self::ProgramNotFound { .. } => "config.program-not-found",
            Self::ProgramMissing { .. } => "config.program-missing",
            Self::ProgramUnreachable { .. } => "config.program-unreachable",
            Self::ProgramIsDirectory { .. } => "config.program-is-directory",
            Self::ProgramNotAFile { .. } => "config.program-not-a-file",
            Self::NotExecutable { .. } => "config.not-executable",
            Self::NotAProgram { .. } => "config.not-a-program",
            Self::BadInterpreter { .. } => "config.bad-interpreter",
            Self::TooManyInterpreters { .. } => "config.too-many-interpreters",
            Self::ProgramBusy { .. } => "config.program-busy",
            Self::ExecRefused { .. } => "config.exec-refused",
            Self::NulInProgram { .. } => "config.nul-in-program",
            Self::NulInArgument { .. } => "config.nul-in-argument",
            Self::NulInKey { .. } => "config.nul-in-key",
            Self::NulInValue { .. } => "config.nul-in-value",
            Self::EmptyKey => "config.empty-key",
            Self::EqualsInKey { .. } => "config.equals-in-key",
            Self::ArgumentTooLong { .. } => "config.argument-too-long",
            Self::VariableTooLong { .. } => "config.variable-too-long",
            Self::TooLarge { .. } => "config.too-large",
            Self::TooLargeForSystem { .. } => "config.too-large-for-system",
            Self::NulInDirectory { .. } => "config.nul-in-directory",
            Self::DirectoryRelative { .. } => "config.directory-relative",
            Self::DirectoryMissing { .. } => "config.directory-missing",
            Self::NotADirectory { .. } => "config.not-a-directory",
            Self::DirectoryNotEnterable { .. } => "config.directory-not-enterable",
            Self::NulInLog { .. } => "config.nul-in-log",
            Self::LogRelative { .. } => "config.log-relative",
            Self::LogParentMissing { .. } => "config.log-parent-missing",
            Self::LogParentNotADirectory { .. } => "config.log-parent-not-a-directory",
            Self::LogIsDirectory { .. } => "config.log-is-directory",
            Self::LogNotAFile { .. } => "config.log-not-a-file",
            Self::LogUnreachable { .. } => "config.log-unreachable",
            Self::LogConflict { .. } => "config.log-conflict",
            Self::TerminalConflict { .. } => "config.terminal-conflict",
            Self::BadTerminalSize { .. } => "config.bad-terminal-size",
            Self::SoftAboveHard { .. } => "config.soft-above-hard",
            Self::BadUmask { .. } => "config.bad-umask",
            Self::BadNice { .. } => "config.bad-nice",
            Self::BadId { .. } => "config.bad-id",
            Self::GradeOutOfReach { .. } => "config.grade-out-of-reach",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_errors_share_a_code() {
        let all = include_str!("code.rs")
            .split('"')
            .filter(|text| text.starts_with("config."));
        // The word of the filter above is in this file too.
        let all: Vec<_> = all.filter(|code| *code != "config.").collect();
        assert!(all.len() > 40, "{}", all.len());
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }
}
