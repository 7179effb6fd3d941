//! Where the program runs, and which file it is.
//!
//! As `env -C DIRECTORY PROGRAM` does it: a relative directory is below the caller's, a program with
//! a `/` is found from the new directory, and no variable is changed (`PWD` neither). Symbolic links
//! are kept. A bare name is for the library to find in the program's own PATH; only where that names
//! relative directories, which a config must not, they are taken from the new directory here.

use crate::app::Gets;
use crate::explain::Failure;
use handfast::ProcessConfig;
use handfast::config::Environment;
use handfast_sys::files;
use std::ffi::OsStr;
use std::path::{Path, PathBuf, absolute};

/// The directory that the program starts in.
pub(crate) fn directory(options: &Gets) -> Result<PathBuf, Failure> {
    let failed = |error| Failure::new("cli.directory", "find the directory to run in", &error);
    match &options.cwd {
        Some(given) => absolute(given).map_err(failed),
        None => std::env::current_dir().map_err(failed),
    }
}

/// A path of the command line, as the caller means it.
pub(crate) fn from_here(path: &Path) -> Result<PathBuf, Failure> {
    let what = || format!("find `{}`", path.display());
    absolute(path).map_err(|error| Failure::new("cli.directory", what(), &error))
}

/// The program as a config may name it.
pub(crate) fn program(named: &OsStr, directory: &Path, environment: &Environment) -> PathBuf {
    let path = Path::new(named);
    if files::names_folder(named) {
        let joined = directory.join(path);
        return absolute(&joined).unwrap_or(joined);
    }
    let found = environment
        .get("PATH")
        .and_then(|list| by_relative(path, list, directory));
    found.unwrap_or_else(|| path.to_owned())
}

/// Finds a bare name where PATH has relative entries; `None` leaves it to the library.
fn by_relative(program: &Path, list: &OsStr, directory: &Path) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = std::env::split_paths(list).collect();
    if program.as_os_str().is_empty() || entries.iter().all(|entry| entry.is_absolute()) {
        return None;
    }
    let entries = entries.iter().map(|entry| directory.join(entry));
    let list = std::env::join_paths(entries).ok()?;
    let config = ProcessConfig::builder(program)
        .env("PATH", list)
        .working_directory(directory);
    let checked = config.build().check().ok()?;
    Some(checked.program().to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn found(named: &str, path: &str) -> PathBuf {
        let environment = [("PATH", path)].into_iter().collect();
        program(OsStr::new(named), Path::new("/usr"), &environment)
    }

    #[test]
    fn a_slash_means_from_the_new_directory() {
        assert_eq!(found("./bin/sh", ""), Path::new("/usr/bin/sh"));
        assert_eq!(found("../bin/sh", ""), Path::new("/usr/../bin/sh"));
        assert_eq!(found("/bin/sh", ""), Path::new("/bin/sh"));
    }

    #[test]
    fn relative_entries_of_path_are_below_the_new_directory() {
        assert_eq!(found("env", "/nowhere:bin:/bin"), Path::new("/usr/bin/env"));
        assert_eq!(found("env", "/usr/bin:/bin"), Path::new("env"));
        assert_eq!(
            found("no such program", "bin"),
            Path::new("no such program")
        );
        assert_eq!(found("", "bin"), Path::new(""));
    }
}
