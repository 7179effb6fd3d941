//! `handfast setup`: makes a client use `handfast mcp`, and takes it back.
//!
//! `clients.rs` knows where each client keeps its servers; `json.rs` and `toml.rs` change only what has
//! to be (pure), `file.rs` writes. What must stay true: nothing is written that cannot be read again; an
//! undo takes out what was put in and leaves what the client has written since.

mod clients;
mod file;
mod json;
mod jsonc;
mod toml;

use crate::app::Setup;
use crate::explain::Failure;
use clients::{Form, Known};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The name of our server in settings.
const NAME: &str = "handfast";

/// What is to be done to settings.
#[derive(Debug, Clone, Copy)]
struct Change<'p> {
    program: &'p str,
    /// Other servers too.
    wrap: bool,
    /// Backwards.
    undo: bool,
}

/// Why settings were not changed.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error("there is no home directory to look in")]
    NoHome,
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}", path.display())]
    Json { path: PathBuf, source: jsonc::Odd },
    #[error("the path of this program is not text: {}", path.display())]
    Program { path: PathBuf },
}

impl SetupError {
    fn code(&self) -> &'static str {
        match self {
            SetupError::NoHome => "setup.no-home",
            SetupError::File { .. } => "setup.file",
            SetupError::Json { .. } => "setup.json",
            SetupError::Program { .. } => "setup.program",
        }
    }
}

pub(crate) fn run(options: &Setup) -> ExitCode {
    let said = match clients::known(options.client) {
        None => Ok(handfast_mcp::SKILL.to_owned()),
        Some(known) => {
            set_up(&known, options).map_err(|error| Failure::setup(error.code(), &error))
        }
    };
    let printed = said.and_then(|said| print(&said));
    printed.unwrap_or_else(|failure| {
        failure.say();
        ExitCode::from(failure.status())
    })
}

fn print(text: &str) -> Result<ExitCode, Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cli.output", "print", &error))
        }
        Ok(()) | Err(_) => Ok(ExitCode::SUCCESS),
    }
}

/// This program, by the path under which clients find it whatever their `PATH` is.
fn program() -> Result<String, SetupError> {
    let own = std::env::current_exe();
    let path = own.map_err(|source| SetupError::File {
        path: PathBuf::from(NAME),
        source,
    })?;
    let text = path.to_str().map(str::to_owned);
    text.ok_or(SetupError::Program { path })
}

fn settings(known: &Known, options: &Setup) -> Result<PathBuf, SetupError> {
    if let Some(file) = &options.file {
        return Ok(file.clone());
    }
    let here = options.project.then(|| PathBuf::from("."));
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    known
        .file(here.as_deref(), variable)
        .ok_or(SetupError::NoHome)
}

/// Changes the settings of a client, or says how they would be changed.
fn set_up(known: &Known, options: &Setup) -> Result<String, SetupError> {
    let path = settings(known, options)?;
    let file = |source: io::Error| SetupError::File {
        path: path.clone(),
        source,
    };
    let old = file::read(&path).map_err(file)?;
    let program = program()?;
    let change = Change {
        program: &program,
        wrap: options.wrap,
        undo: options.undo,
    };
    let before = old.as_deref().unwrap_or_default();
    let (new, touched) = match known.form {
        Form::Toml(key) => toml::change(before, key, &change),
        Form::Json(key, with_type) => {
            let changed = json::change(before, (key, with_type), &change);
            changed.map_err(|source| SetupError::Json {
                path: path.clone(),
                source,
            })?
        }
    };
    let shown = path.display();
    if new == before || (old.is_none() && options.undo) {
        return Ok(format!("{shown}: nothing to change\n"));
    }
    if options.dry_run {
        return Ok(format!(
            "{shown} would be changed:\n{}",
            difference(before, &new)
        ));
    }
    file::write(&path, &new).map_err(file)?;
    let mut said = format!("{shown}: changed\n");
    if !touched.is_empty() {
        let word = if options.undo { "unwrapped" } else { "wrapped" };
        said = said + word + ": " + &touched.join(", ") + "\n";
    }
    if old.is_some() {
        said = said + "before: " + &file::backup(&path).display().to_string() + "\n";
    }
    Ok(said)
}

/// The lines that go and come, between those at the beginning and at the end that stay.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let pairs = old.iter().zip(&new);
    let same = pairs.take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[same..], &new[same..]);
    let pairs = old.iter().rev().zip(new.iter().rev());
    let end = pairs.take_while(|(old, new)| old == new).count();
    let go = old[..old.len() - end]
        .iter()
        .map(|line| format!("- {line}\n"));
    let come = new[..new.len() - end]
        .iter()
        .map(|line| format!("+ {line}\n"));
    go.chain(come).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_shown() {
        assert_eq!(difference("a\nb\nc\n", "a\nx\ny\nc\n"), "- b\n+ x\n+ y\n");
        assert_eq!(difference("", "a\n"), "+ a\n");
    }
}
