//! Finding the program in the *given* `PATH`.
//!
//! The host's own `PATH` and directory are never looked at: a config means the same wherever it is
//! used. Apart from that the search is that of `execvp(3)`; on Windows
//! the endings of the given PATHEXT are tried in each folder.

use handfast_sys::files;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::credentials::Leave;
use super::environment::Environment;
use super::error::ConfigError;
use super::executable::{self, Circumstances};

/// The absolute path of a program, together with the promise that it can be executed as far as
/// that can be known.
///
/// The first candidate that may be executed is taken, as shells do, even if its interpreter is
/// missing: then that is the error, and no other file of the same name is run instead.
pub(super) fn resolve(
    program: &Path,
    environment: &Environment,
    under: Circumstances<'_>,
) -> Result<PathBuf, ConfigError> {
    let name = program.as_os_str();
    if name.is_empty() {
        return Err(ConfigError::EmptyProgram);
    }
    let found = if program.is_absolute() {
        files::program_at(program, environment.iter())
    } else if files::names_folder(name) {
        return Err(ConfigError::ProgramRelative {
            program: program.to_path_buf(),
        });
    } else if let Some(path) = files::variable("PATH", environment.iter()) {
        search((program, environment), path, under)?
    } else {
        return Err(ConfigError::ProgramNeedsPath {
            program: program.to_path_buf(),
        });
    };
    executable::examine(&found, under)?;
    Ok(found)
}

fn search(
    (program, environment): (&Path, &Environment),
    path: &OsStr,
    under: Circumstances<'_>,
) -> Result<PathBuf, ConfigError> {
    let searched: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .collect();
    let mut unclear = None;
    let mut refused = None;
    let names = files::names_of_program(program.as_os_str(), environment.iter());
    let candidates = searched
        .iter()
        .flat_map(|directory| names.iter().map(|name| directory.join(name)));
    for candidate in candidates {
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
