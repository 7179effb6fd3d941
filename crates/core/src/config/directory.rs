//! The directories that a config names: where the child starts, and where its logs go.
//!
//! Checks look and never create: a config that is refused must leave no trace.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::ConfigError;
use handfast_sys::files;

/// Whether the child can start in this directory.
///
/// `keeps_user`: the child runs as the host's user. As another one it may be able to enter what
/// the host cannot, and only the start will tell.
pub(super) fn check_working(directory: &Path, keeps_user: bool) -> Result<(), ConfigError> {
    let named = || directory.to_path_buf();
    if !directory.is_absolute() {
        return Err(ConfigError::DirectoryRelative { directory: named() });
    }
    // Looking up `.` asks for the very permission that entering needs, access lists and all.
    match fs::metadata(directory).and_then(|found| {
        if found.is_dir() {
            fs::metadata(directory.join(".")).map(drop)
        } else {
            Err(no_directory())
        }
    }) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(ConfigError::DirectoryMissing { directory: named() })
        }
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(ConfigError::NotADirectory { directory: named() })
        }
        Err(error) if keeps_user || error.kind() != ErrorKind::PermissionDenied => {
            Err(ConfigError::DirectoryNotEnterable {
                directory: named(),
                source: Arc::new(error),
            })
        }
        Err(_) => Ok(()),
    }
}

fn no_directory() -> io::Error {
    io::Error::from(ErrorKind::NotADirectory)
}

/// Whether a log can be appended to, or created, at this path.
///
/// Whether it may be *written* is left to the one who opens it, who has to handle that anyway.
pub(super) fn check_log(log: &Path) -> Result<(), ConfigError> {
    let named = || log.to_path_buf();
    let bytes = log.as_os_str().as_encoded_bytes();
    if bytes.contains(&0) {
        return Err(ConfigError::NulInLog { log: named() });
    }
    if !log.is_absolute() {
        return Err(ConfigError::LogRelative { log: named() });
    }
    match fs::metadata(log) {
        Ok(found) if found.is_dir() => Err(ConfigError::LogIsDirectory { log: named() }),
        Ok(found) if found.is_file() || files::is_device(&found) => Ok(()),
        Ok(_) => Err(ConfigError::LogNotAFile { log: named() }),
        Err(error) if error.kind() == ErrorKind::NotFound => check_parent(log, bytes),
        Err(error) => Err(unreachable(log, error)),
    }
}

/// Whether a log that is not there yet can be created.
fn check_parent(log: &Path, bytes: &[u8]) -> Result<(), ConfigError> {
    let log_path: PathBuf = log.to_path_buf();
    // `Path` overlooks a closing slash, the system does not.
    if bytes.ends_with(b"/") {
        return Err(ConfigError::LogIsDirectory { log: log_path });
    }
    // A link to nothing: the file would be made where it points, which is not followed here.
    if fs::symlink_metadata(log).is_ok() {
        return Ok(());
    }
    match fs::metadata(log.parent().unwrap_or(log)) {
        Ok(parent) if parent.is_dir() => Ok(()),
        Ok(_) => Err(ConfigError::LogParentNotADirectory { log: log_path }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(ConfigError::LogParentMissing { log: log_path })
        }
        Err(error) => Err(unreachable(log, error)),
    }
}

fn unreachable(log: &Path, error: io::Error) -> ConfigError {
    let log = log.to_path_buf();
    if error.kind() == ErrorKind::NotADirectory {
        return ConfigError::LogParentNotADirectory { log };
    }
    ConfigError::LogUnreachable {
        log,
        source: Arc::new(error),
    }
}
