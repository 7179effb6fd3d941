//! What this system has, each by doing it where it can be done.

use super::text::fact;
use super::{escape, tree};
use handfast_sys::edition::{self, Allowed};
use handfast_sys::fork_lock;
use handfast_sys::tree::environment_mark;
use handfast_sys::tree::macos::marks;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};

/// The mark of the child that is looked at.
const MARK: &str = "doctor/1";

/// What was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Facts {
    /// As in 15.5.
    pub(super) macos: Option<String>,
    /// The version of its kernel, as in 24.5.0.
    pub(super) kernel: Option<String>,
    /// What `HANDFAST_FORCE` says, if it is set.
    pub(super) forced: Option<String>,
    /// The reaper's program.
    pub(super) reaper: Option<PathBuf>,
    /// Descriptors that this process may have.
    pub(super) descriptors: Limit,
    /// Processes that this user may have.
    pub(super) processes: Limit,
    /// Whether the mark of a child of ours can be read, by which a member is known that left its line.
    pub(super) marks_readable: Option<bool>,
    /// Why that could not be tried.
    pub(super) marks_failure: Option<String>,
    /// Whether one got away that forked twice between two looks, left the session and showed no mark.
    pub(super) unmarked_escaped: Option<bool>,
    /// Why that could not be tried.
    pub(super) unmarked_failure: Option<String>,
}

/// How much of something there may be; `null` is no limit, or not known.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Limit {
    pub(super) soft: Option<u64>,
    pub(super) hard: Option<u64>,
    /// What the kernel allows at the most.
    pub(super) most: Option<u64>,
}

impl From<Allowed> for Limit {
    fn from(allowed: Allowed) -> Limit {
        Limit {
            soft: allowed.soft,
            hard: allowed.hard,
            most: allowed.most,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |number: Option<u64>| number.map_or("no limit".to_owned(), |number| number.to_string());
        write!(out, "{}, at most {}", shown(self.soft), shown(self.hard))?;
        match self.most {
            Some(most) => write!(out, "; the kernel allows {most}"),
            None => Ok(()),
        }
    }
}

impl Facts {
    /// The system, for people.
    pub(super) fn system(&self) -> String {
        let macos = self.macos.as_deref().unwrap_or("of an unknown version");
        let kernel = self.kernel.as_deref().unwrap_or("unknown");
        format!("macOS {macos}, kernel {kernel}")
    }

    /// Writes what is macOS's own, for people.
    pub(super) fn write(&self, out: &mut String) -> fmt::Result {
        fact(out, "descriptors", &self.descriptors.to_string())?;
        fact(out, "processes", &self.processes.to_string())?;
        let untried = |why: &Option<String>| {
            let why = why.as_deref().unwrap_or("nobody knows why");
            format!("could not be tried: {why}")
        };
        let marks = match self.marks_readable {
            Some(true) => "can be read of our children".to_owned(),
            Some(false) => "can NOT be read: who leaves its line is lost".to_owned(),
            None => untried(&self.marks_failure),
        };
        fact(out, "marks", &marks)?;
        let escapes = match self.unmarked_escaped {
            Some(true) => {
                "who forks twice between two looks and shows no mark, as tried".to_owned()
            }
            Some(false) => {
                "who is quicker than our looks and shows no mark; this time it was held".to_owned()
            }
            None => untried(&self.unmarked_failure),
        };
        fact(out, "escapes", &escapes)
    }
}

pub(super) fn look() -> Facts {
    let marks = read_mark();
    let escape = escape::run();
    Facts {
        macos: edition::version().ok(),
        kernel: edition::kernel().ok(),
        forced: std::env::var("HANDFAST_FORCE")
            .ok()
            .filter(|word| !word.is_empty()),
        reaper: handfast::reaper::program().ok(),
        descriptors: edition::descriptors().into(),
        processes: edition::processes().into(),
        marks_readable: marks.as_ref().ok().copied(),
        marks_failure: marks.err().map(|error| error.to_string()),
        unmarked_escaped: escape.as_ref().ok().copied(),
        unmarked_failure: escape
            .err()
            .map(|failed| format!("{}: {}", failed.code, failed.causes.join(": "))),
    }
}

/// Starts a child with a mark, and reads that of it.
fn read_mark() -> io::Result<bool> {
    let mut command = tree::member(tree::ALONE)?;
    command.env(environment_mark::NAME, MARK);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = Ended(fork_lock::spawn(&mut command)?);
    let said = child.0.stdout.take().ok_or(io::ErrorKind::NotFound)?;
    let mut line = String::new();
    // Then it runs its program, whose mark this is.
    BufReader::new(said).read_line(&mut line)?;
    if !line.starts_with(tree::UP) {
        return Err(io::Error::other(format!(
            "the child did not come up {line}"
        )));
    }
    let pid = child.0.id().cast_signed();
    Ok(marks(pid).iter().any(|mark| mark == MARK.as_bytes()))
}

/// A child that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // One that has ended needs neither.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
