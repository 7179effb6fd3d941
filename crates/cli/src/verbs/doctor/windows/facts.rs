//! What this system has, each by doing it where it can be done.

use super::text::fact;
use super::tree;
use handfast_sys::child::{
    Console, Priority, Spawn, Way, compare_names, environment_block, system_root,
};
use handfast_sys::console::{PseudoConsole, WindowSize};
use handfast_sys::edition::{self, FIRST_WITH_PSEUDOCONSOLES};
use handfast_sys::tree::windows::{Job, Limits};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::OsStrExt;
use std::path::PathBuf;
use std::{fmt, io};

/// What was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Facts {
    /// As in 10.0.19045.
    pub(super) windows: Option<String>,
    /// The version of Wine, where this is no Windows.
    pub(super) wine: Option<String>,
    /// What `HANDFAST_FORCE` says, if it is set.
    pub(super) forced: Option<String>,
    /// The reaper's program.
    pub(super) reaper: Option<PathBuf>,
    /// Whether a process is created in its job, and not put into it afterwards.
    pub(super) born_in_job: Option<bool>,
    /// Why not even that could be tried.
    pub(super) born_in_job_failure: Option<String>,
    /// Whether there are pseudoconsoles, which `--tty` needs.
    pub(super) pseudoconsole: bool,
    /// Why there are none.
    pub(super) pseudoconsole_failure: Option<String>,
    /// The job that doctor was started in.
    pub(super) own_job: Option<OwnJob>,
}

/// A job around doctor.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct OwnJob {
    /// It ends its members when it is closed.
    pub(super) ends_its_members: bool,
    /// A daemon that is started from here can leave it.
    pub(super) lets_go: bool,
}

impl Facts {
    /// The system, for people.
    pub(super) fn system(&self) -> String {
        let windows = self.windows.as_deref().unwrap_or("of an unknown version");
        let wine = self.wine.as_ref();
        let wine = wine.map_or_else(String::new, |wine| format!(", which is Wine {wine}"));
        format!("Windows {windows}{wine}")
    }

    /// Writes what is Windows' own, for people.
    pub(super) fn write(&self, out: &mut String) -> fmt::Result {
        let failure = |why: &Option<String>| why.clone().unwrap_or_default();
        let born = match self.born_in_job {
            Some(true) => "processes are created in their job".to_owned(),
            Some(false) => "processes are put into their job before they run".to_owned(),
            None => failure(&self.born_in_job_failure),
        };
        fact(out, "start", &born)?;
        let console = match self.pseudoconsole {
            true => "pseudoconsoles: --tty works".to_owned(),
            false => format!(
                "none ({}); they came with build {FIRST_WITH_PSEUDOCONSOLES}",
                failure(&self.pseudoconsole_failure)
            ),
        };
        fact(out, "terminals", &console)?;
        let own = match &self.own_job {
            None => "none",
            Some(job) if job.lets_go => "one that a daemon can leave",
            Some(job) if job.ends_its_members => {
                "one that ends a daemon with it: start it elsewhere"
            }
            Some(_) => "one that nobody can leave",
        };
        fact(out, "own job", own)
    }
}

pub(super) fn look() -> Facts {
    let version = edition::version().ok();
    let born = born();
    let console = console();
    let own_job = edition::own_job().ok().flatten();
    Facts {
        windows: version
            .map(|version| format!("{}.{}.{}", version.major, version.minor, version.build)),
        wine: edition::wine(),
        forced: std::env::var("HANDFAST_FORCE")
            .ok()
            .filter(|word| !word.is_empty()),
        reaper: handfast::reaper::program().ok(),
        born_in_job: born.as_ref().ok().map(|way| *way == Way::Born),
        born_in_job_failure: born.err().map(|error| error.to_string()),
        pseudoconsole: console.is_ok(),
        pseudoconsole_failure: console.err().map(|error| error.to_string()),
        own_job: own_job.map(|job| OwnJob {
            ends_its_members: job.ends_its_members,
            lets_go: job.lets_go,
        }),
    }
}

/// Starts something in a job, and says how it came in.
fn born() -> io::Result<Way> {
    let program = std::env::current_exe()?;
    let root = system_root()?;
    let units = |text: &OsStr| text.encode_wide().collect::<Vec<u16>>();
    let variables = vec![(units(OsStr::new("SystemRoot")), units(root.as_os_str()))];
    let environment = environment_block::build(variables, compare_names);
    let environment = environment.map_err(io::Error::other)?;
    let words = [tree::VERB, tree::NOTHING].map(OsString::from);
    let arguments: Vec<OsString> = std::iter::once(program.clone().into())
        .chain(words)
        .collect();
    let spawn = Spawn {
        program: program.as_os_str(),
        arguments: &arguments,
        environment: &environment,
        directory: root.as_os_str(),
        streams: [None, None, None],
        console: Console::None,
        priority: Priority::Normal,
    };
    let job = Job::new(&Limits::default())?;
    let started = spawn.start(&job).map_err(|failed| failed.source)?;
    Ok(started.way)
}

fn console() -> io::Result<()> {
    let size = WindowSize {
        rows: 24,
        columns: 80,
    };
    PseudoConsole::open(size).map(drop)
}
