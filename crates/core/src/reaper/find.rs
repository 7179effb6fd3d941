//! Where the reaper's program is, in the order in which a host may say so.

use super::ReaperError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of the program, without the ending that programs have on some systems.
const PROGRAM: &str = "handfast-reaper";

fn file_name() -> String {
    format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX)
}

/// The variable that names it.
const VARIABLE: &str = "HANDFAST_REAPER";

/// Whether this host's own executable can be the reaper.
static SELF: AtomicBool = AtomicBool::new(false);

/// Runs the reaper and does not return, where this process was started to be one; else notes that
/// this executable can be it, and returns at once.
///
/// For hosts that ship one file: call it first in `main`, before any thread is started.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     handfast::reaper::run_if_asked();
///     std::process::ExitCode::SUCCESS // the program itself
/// }
/// ```
pub fn run_if_asked() {
    handfast_reaper::run_if_asked();
    SELF.store(true, Ordering::Relaxed);
}

/// The reaper's program that a manager of this process takes which names none: `HANDFAST_REAPER`,
/// beside the current executable, `PATH`, and last the executable itself if it called
/// [`run_if_asked`].
///
/// # Errors
///
/// [`ReaperError::NotFound`], with every place that was looked at.
pub fn program() -> Result<PathBuf, ReaperError> {
    find(None)
}

/// Finds the program: the builder's path, `HANDFAST_REAPER`, beside the current executable, `PATH`,
/// and last the executable itself if it called [`run_if_asked`]. What was named explicitly is
/// taken or refused, never passed over.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, ReaperError> {
    let variable = std::env::var_os(VARIABLE).map(PathBuf::from);
    if let Some(path) = named.map(Path::to_owned).or(variable) {
        // It is started from the root directory, so a relative name is taken from here.
        let path = std::path::absolute(&path).unwrap_or(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(ReaperError::NotFound { looked: vec![path] })
        };
    }
    let exe = std::env::current_exe().ok();
    let beside = exe
        .as_deref()
        .and_then(Path::parent)
        .map(|folder| folder.join(file_name()));
    let path = std::env::var_os("PATH");
    let in_path = path.as_deref().map(candidates).unwrap_or_default();
    let looked: Vec<PathBuf> = beside.into_iter().chain(in_path).collect();
    let found = looked.iter().find(|path| path.is_file()).cloned();
    let own = exe.filter(|_| SELF.load(Ordering::Relaxed));
    found.or(own).ok_or(ReaperError::NotFound { looked })
}

/// Only absolute entries: a program is never taken from wherever the host happens to stand.
fn candidates(path: &OsStr) -> Vec<PathBuf> {
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join(file_name())).collect()
}
