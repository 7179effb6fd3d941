//! Finding the program in the *given* `PATH`.
//!
//! The host's own `PATH` and directory are never looked at: a config means the same wherever it is
//! used. Apart from that the search is that of `execvp(3)`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::credentials::Leave;
use super::error::ConfigError;
use super::executable::{self, Circumstances};

/// The absolute path of a program, together with the promise that it can be executed as far as
/// that can be known.
///
/// The first candidate that may be executed is taken, as shells do, even if its interpreter is
/// missing: then that is the error, and no other file of the same name is run instead.
pub(super) fn resolve(
    program: &Path,
    path: Option<&OsStr>,
    under: Circumstances<'_>,
) -> Result<PathBuf, ConfigError> {
    let name = program.as_os_str();
    if name.is_empty() {
        return Err(ConfigError::EmptyProgram);
    }
    let found = if program.is_absolute() {
        program.to_path_buf()
    } else if name.as_bytes().contains(&b'/') {
        return Err(ConfigError::ProgramRelative {
            program: program.to_path_buf(),
        });
    } else if let Some(path) = path {
        search(program, path, under)?
    } else {
        return Err(ConfigError::ProgramNeedsPath {
            program: program.to_path_buf(),
        });
    };
    executable::examine(&found, under)?;
    Ok(found)
}

fn search(program: &Path, path: &OsStr, under: Circumstances<'_>) -> Result<PathBuf, ConfigError> {
    let searched: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .collect();
    let mut unclear = None;
    let mut refused = None;
    for directory in &searched {
        let candidate = directory.join(program);
        match executable::standing(&candidate, under) {
            Ok(Leave::Granted) => return Ok(candidate),
            Ok(_) => unclear = unclear.or(Some(candidate)),
            // An entry that is missing, or is no directory at all, says nothing about the program.
            Err(ConfigError::ProgramMissing { .. }) => {}
            Err(ConfigError::ProgramUnreachable { source, .. })
                if source.kind() != std::io::ErrorKind::PermissionDenied => {}
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    if let Some(candidate) = unclear {
        return Ok(candidate);
    }
    let program = program.to_path_buf();
    Err(refused.unwrap_or(ConfigError::ProgramNotFound { program, searched }))
}
