//! Checks the house rules of CONTRIBUTING.md over every tracked file.
//!
//! A rule is a function from a `Source` to findings. It sees the text twice: `code`, with
//! comments and the contents of strings blanked, and `comments`, with everything else blanked.
//! Both are as long as the file, so one offset serves for both. To add a rule, write it beside its
//! kin in `rules/`, add it to `rules::ALL`, and give it a text that breaks it as a test.

mod links;
mod mask;
mod rules;
mod scan;
mod source;

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

use source::Source;

/// One place where a house rule is broken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the root of the repository.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What the rule says.
    pub rule: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// Runs the chore: prints each finding on a line of its own and fails if there is one.
///
/// # Errors
///
/// When the repository cannot be read.
pub fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    if !arguments.is_empty() {
        bail!("tidy takes no arguments");
    }
    let findings = check_repository(&crate::repository_root())?;
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Checks every tracked file below `root` and returns the findings in the order of their places.
///
/// # Errors
///
/// When git cannot list the files or one of them cannot be read.
pub fn check_repository(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in tracked_files(root)? {
        let file = root.join(&path);
        let is_rust = path.ends_with(".rs");
        // A file that is deleted but not yet committed is still listed.
        if !(is_rust || path.ends_with(".md")) || !file.exists() {
            continue;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {path}"))?;
        findings.extend(if is_rust {
            check_source(&path, &text)
        } else {
            links::check(&path, &text, &|target| root.join(target).exists())
        });
    }
    findings.sort();
    Ok(findings)
}

/// Checks one Rust file.
fn check_source(path: &str, text: &str) -> Vec<Finding> {
    let source = Source::new(path, text);
    rules::ALL.iter().flat_map(|rule| rule(&source)).collect()
}

fn tracked_files(root: &Path) -> anyhow::Result<Vec<String>> {
    // The suite also runs as a user who does not own the clone; git would refuse to read it.
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z"])
        .current_dir(root)
        // Git sets these for hooks; they would point at the repository of the hook.
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .output()
        .context("cannot run git")?;
    if !output.status.success() {
        bail!(
            "git ls-files: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(names.split_terminator('\0').map(str::to_owned).collect())
}
