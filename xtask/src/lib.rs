//! The chores of this repository, as a library, so that tests can run them too.

#![forbid(unsafe_code)]

pub mod clients;
pub mod cross;
pub mod escapes;
pub mod man;
pub mod reap;
pub mod suite;
pub mod tidy;
pub mod wine;

use std::path::PathBuf;

/// The root folder of the repository.
///
/// The variable of the running process comes first: test binaries may have been built at another
/// place than the one where they run.
#[must_use]
pub fn repository_root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}
