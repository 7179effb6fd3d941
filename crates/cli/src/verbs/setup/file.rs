//! Settings on disk: read whole, written by rename, with what was there before kept beside.
//!
//! What must stay true: at every moment there is the old file or the new one, with the rights that the
//! old one had; a file that is a link stays one.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The largest file that is changed: 32 MiB.
const LARGEST: u64 = 32 * 1024 * 1024;

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(end);
    path.with_file_name(name)
}

/// Where what was there before is kept.
pub(super) fn backup(path: &Path) -> PathBuf {
    beside(path, ".before-handfast")
}

/// The text of a file; `None` where there is none.
pub(super) fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::metadata(path) {
        Ok(about) if about.len() > LARGEST => Err(io::Error::from(io::ErrorKind::FileTooLarge)),
        Ok(_) => fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes it anew, with what was there before put beside.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    // Behind a link, so that the link stays.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = beside(&path, ".new-of-handfast");
    let mut file = File::create(&new)?;
    let written = match fs::metadata(&path) {
        Ok(about) => {
            file.set_permissions(about.permissions())?;
            fs::copy(&path, backup(&path)).map(|_| ())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    };
    let written = written
        .and_then(|()| file.write_all(text.as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&new);
    }
    written
}
