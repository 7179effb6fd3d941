//! Where the built programs are.
//!
//! Tests of every crate use programs of other crates, for which cargo gives no `CARGO_BIN_EXE_*`;
//! but all of them land in the one directory above the running test's `deps`.

use std::env;
use std::path::PathBuf;

/// Names a directory to take the programs from, in place of the running test's target directory.
const OVERRIDE: &str = "HANDFAST_TEST_BIN_DIR";

/// Returns the path of the built `puppet`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn puppet() -> PathBuf {
    program("puppet")
}

/// Returns the path of the built `owner`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn owner() -> PathBuf {
    program("owner")
}

/// Returns the path of the built `keeper`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn keeper() -> PathBuf {
    program("keeper")
}

/// Returns the path of the built `sitter`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn sitter() -> PathBuf {
    program("sitter")
}

/// Returns the path of the built `handfast`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn handfast() -> PathBuf {
    program("handfast")
}

/// Returns the path of the built `handfast-reaper`.
///
/// # Panics
/// When it is not built.
#[must_use]
pub fn reaper() -> PathBuf {
    program("handfast-reaper")
}

#[expect(
    clippy::panic,
    reason = "a test without its programs can only say which are missing"
)]
fn program(name: &str) -> PathBuf {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let looked_in = directories();
    let found = looked_in
        .iter()
        .map(|directory| directory.join(&file))
        .find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "no program {file} in {looked_in:?}: run `cargo build --workspace` (same profile and target \
             directory) first, or set {OVERRIDE}"
        )
    })
}

fn directories() -> Vec<PathBuf> {
    if let Some(directory) = env::var_os(OVERRIDE) {
        return vec![directory.into()];
    }
    let test = env::current_exe().expect("a running test has a path");
    test.ancestors()
        .skip(1)
        .take(2)
        .map(PathBuf::from)
        .collect()
}
