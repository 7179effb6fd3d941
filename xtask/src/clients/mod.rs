//! `cargo xtask clients [--check]`: what the clients in other languages know of the wire, from its schema.
//!
//! The schema that is checked in is read into a model without a language (`model.rs`), from which each
//! language is written. What must stay true: the files are made of the schema and of nothing else, so that two
//! runs write the same; a test finds those that are stale, and `--check` says which.

mod model;
mod python;
mod typescript;
mod wording;

use anyhow::{Context, bail};
use model::Wire;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Where the schema is.
const SCHEMA: &str = "crates/daemon/schema/wire-v1.json";

/// What each file says of itself.
const MADE_BY: &str =
    "Made from the schema of the wire by `cargo xtask clients`: do not change it here.";

/// Writes the files; with `--check`, only says which of them are stale.
///
/// # Errors
///
/// Where the schema cannot be read or understood, a file not be written, or, with `--check`, one is stale.
pub fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let root = crate::repository_root();
    let mut out = std::io::stdout().lock();
    match arguments {
        [] => {
            for (path, text) in files(&root)? {
                fs::write(root.join(path), text).with_context(|| format!("write {path}"))?;
                writeln!(out, "{path}")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        [check] if check == "--check" => {
            let stale = stale(&root)?;
            for path in &stale {
                writeln!(out, "{path} is stale: cargo xtask clients")?;
            }
            Ok(ExitCode::from(u8::from(!stale.is_empty())))
        }
        _ => bail!("give --check, or nothing to write the files"),
    }
}

/// Those files that are not what the schema makes of them.
///
/// # Errors
///
/// Where the schema cannot be read or understood.
pub fn stale(root: &Path) -> anyhow::Result<Vec<&'static str>> {
    let files = files(root)?;
    let is_stale = |path: &str, text: &str| {
        fs::read_to_string(root.join(path)).map_or(true, |found| found != text)
    };
    let stale = files
        .into_iter()
        .filter(|(path, text)| is_stale(path, text));
    Ok(stale.map(|(path, _)| path).collect())
}

/// Each file with its text.
fn files(root: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let text = fs::read_to_string(root.join(SCHEMA)).with_context(|| format!("read {SCHEMA}"))?;
    let schema = serde_json::from_str(&text).with_context(|| format!("read {SCHEMA}"))?;
    let wire = Wire::read(&schema).with_context(|| format!("understand {SCHEMA}"))?;
    Ok(vec![
        ("clients/python/src/handfast/wire.py", python::wire(&wire)),
        ("clients/python/src/handfast/verbs.py", python::verbs(&wire)),
        ("clients/typescript/src/wire.ts", typescript::wire(&wire)),
        ("clients/typescript/src/verbs.ts", typescript::verbs(&wire)),
    ])
}
