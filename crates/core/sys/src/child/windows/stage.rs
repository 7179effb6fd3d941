//! What the tests of Windows start: this very test program, which plays a script.
//!
//! A puppet says a line beginning with `@` for each step that is done. Its error output is the
//! witness: every member of its tree inherits it, so its end-of-file is the end of the last one.

#![cfg(test)]

use super::{Console, NotStarted, Priority, Spawn, Started, pipe};
use crate::child::environment_block::{self, Variable};
use crate::tree::windows::{Job, Limits};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Command, Stdio};
use windows_sys::Win32::System::Console::{GetConsoleCP, GetConsoleOutputCP};
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_NEW_PROCESS_GROUP, DETACHED_PROCESS,
};

const SCRIPT: &str = "HANDFAST_PUPPET";

/// Plays the script that the environment names; without one it is a test that has nothing to do.
#[test]
fn puppet() {
    let Ok(script) = std::env::var(SCRIPT) else {
        return;
    };
    let words: Vec<&str> = script.split(' ').collect();
    play(&words);
    std::process::exit(0);
}

pub(crate) fn say(line: impl std::fmt::Display) {
    // The harness may have begun a line.
    let mut out = io::stdout().lock();
    write!(out, "\n@{line}\n").unwrap();
    out.flush().unwrap();
}

fn play<'a>(mut words: &'a [&'a str]) {
    while let Some((word, rest)) = words.split_first() {
        words = rest;
        match *word {
            "park" => loop {
                std::thread::park();
            },
            "spin" => loop {
                std::hint::spin_loop();
            },
            "say" => say(take(&mut words)),
            "say-pid" => say(std::process::id()),
            "exit" => std::process::exit(take(&mut words).parse::<u32>().unwrap().cast_signed()),
            "gate" => drop(io::stdin().read_to_end(&mut Vec::new())),
            "spawn" => start(inner(&mut words), DETACHED_PROCESS),
            "detached" => start(
                inner(&mut words),
                CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS,
            ),
            "breakaway" => start(
                inner(&mut words),
                DETACHED_PROCESS | CREATE_BREAKAWAY_FROM_JOB,
            ),
            "spawn-many" => {
                let count: usize = take(&mut words).parse().unwrap();
                let inner = inner(&mut words);
                (0..count).for_each(|_| start(inner, DETACHED_PROCESS));
            }
            "own" => own(inner(&mut words), &Job::new(&Limits::default()).unwrap()),
            "own-loosely" => own(inner(&mut words), &Job::with_flags(0).unwrap()),
            "allocate" => {
                let bytes = take(&mut words).parse().unwrap();
                let got = Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
                say(if got { "given" } else { "refused" });
            }
            "told" => told(),
            "speak-utf8" => {
                let pid = take(&mut words).parse().unwrap();
                crate::console::speak_utf8(pid).unwrap();
            }
            "say-code-page" => {
                // SAFETY: calls without arguments.
                let (read, written) = unsafe { (GetConsoleCP(), GetConsoleOutputCP()) };
                say(format!("code-page-{read}-{written}"));
            }
            #[cfg(feature = "async")]
            "apart" => say(format!("tie-{:?}", crate::apart::tests::started().0)),
            "close-windows" => {
                let pid = take(&mut words).parse().unwrap();
                say(super::close_windows(&[pid]).unwrap());
            }
            "break" => super::break_group(take(&mut words).parse().unwrap()).unwrap(),
            "host-console" => crate::console::tests::host(),
            "console" => crate::console::tests::play(),
            other => say(format!("no-such-word-{other}")),
        }
    }
}

fn take<'a>(words: &mut &[&'a str]) -> &'a str {
    let (word, rest) = words.split_first().unwrap();
    *words = rest;
    word
}

/// The words between brackets.
fn inner<'a>(words: &mut &'a [&'a str]) -> &'a [&'a str] {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let inner = &words[1..at];
            *words = &words[at + 1..];
            return inner;
        }
    }
    &[]
}

/// Starts another puppet as any program would, which inherits all that it can.
fn start(script: &[&str], flags: u32) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments()).env(SCRIPT, script.join(" "));
    let started = command.stdin(Stdio::null()).creation_flags(flags).spawn();
    match started {
        Ok(_) => {}
        Err(error) => say(format!("refused-{}", error.raw_os_error().unwrap())),
    }
}

/// Is an owner: starts a puppet in a job, with its own streams, and parks.
fn own(script: &[&str], job: &Job) {
    let (out, error) = (io::stdout(), io::stderr());
    let streams = [None, Some(out.as_handle()), Some(error.as_handle())];
    Request::new(&script.join(" ")).start(job, streams).unwrap();
    loop {
        std::thread::park();
    }
}

/// Says what it was given: arguments, variables, directory.
fn told() {
    let arguments = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let hex = |text: &OsStr| -> String {
        text.encode_wide()
            .map(|unit| format!("{unit:04x}"))
            .collect()
    };
    arguments.for_each(|argument| say(format!("argument {}", hex(&argument))));
    for (name, value) in std::env::vars_os() {
        say(format!("variable {}={}", name.display(), value.display()));
    }
    say(format!(
        "directory {}",
        std::env::current_dir().unwrap().display()
    ));
    say("told");
}

/// The harness's own arguments, by which this program is a puppet.
pub(crate) fn arguments() -> [&'static str; 3] {
    let path = concat!(module_path!(), "::puppet");
    let (_, name) = path.split_once("::").unwrap();
    ["--exact", name, "--nocapture"]
}

/// A puppet that is to be started.
pub(crate) struct Request {
    pub(crate) more: Vec<OsString>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) directory: OsString,
    pub(crate) priority: Priority,
    program: OsString,
}

pub(crate) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

impl Request {
    pub(crate) fn new(script: &str) -> Request {
        let root = super::system_root().unwrap();
        let root: Vec<u16> = root.as_os_str().encode_wide().collect();
        let mut variables = vec![(units(SCRIPT), units(script))];
        environment_block::add_system_root(&mut variables, &root, super::compare_names);
        Request {
            more: Vec::new(),
            variables,
            directory: "C:\\".into(),
            priority: Priority::Normal,
            program: std::env::current_exe().unwrap().into(),
        }
    }

    pub(crate) fn start(
        &self,
        job: &Job,
        streams: [Option<std::os::windows::io::BorrowedHandle<'_>>; 3],
    ) -> Result<Started, NotStarted> {
        self.start_on(job, streams, Console::None)
    }

    pub(crate) fn start_on(
        &self,
        job: &Job,
        streams: [Option<std::os::windows::io::BorrowedHandle<'_>>; 3],
        console: Console<'_>,
    ) -> Result<Started, NotStarted> {
        let mut words = vec![self.program.clone()];
        words.extend(arguments().map(OsString::from));
        words.extend(self.more.iter().cloned());
        let environment =
            environment_block::build(self.variables.clone(), super::compare_names).unwrap();
        let spawn = Spawn {
            program: &self.program,
            arguments: &words,
            environment: &environment,
            directory: &self.directory,
            streams,
            console,
            priority: self.priority,
        };
        spawn.start(job)
    }

    /// Starts it in this job, with pipes and without a console, whose host would be a member too.
    pub(crate) fn play(&self, job: &Job) -> Result<Puppet, NotStarted> {
        self.play_on(job, Console::None)
    }

    fn play_on(&self, job: &Job, console: Console<'_>) -> Result<Puppet, NotStarted> {
        let (theirs_in, input) = pipe().unwrap();
        let (output, theirs_out) = pipe().unwrap();
        let (witness, held) = pipe().unwrap();
        let given: [&OwnedHandle; 3] = [&theirs_in, &theirs_out, &held];
        let given = given.map(|handle| Some(handle.as_handle()));
        let started = self.start_on(job, given, console);
        let witness = Witness(File::from(witness));
        match started {
            Ok(started) => Ok(Puppet {
                started,
                input: Some(input),
                lines: BufReader::new(File::from(output)),
                witness,
            }),
            Err(error) => {
                drop((theirs_in, theirs_out, held));
                // Nothing may be left, and nothing may have run.
                witness.until_all_are_gone();
                let mut said = String::new();
                File::from(output).read_to_string(&mut said).unwrap();
                assert_eq!(said, "", "it ran");
                Err(error)
            }
        }
    }
}

/// The reading end of what every member of a tree holds.
pub(crate) struct Witness(File);

impl Witness {
    /// Returns when the last holder is gone.
    pub(crate) fn until_all_are_gone(mut self) {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "it complained");
    }

    /// Whether somebody holds the other end now.
    pub(crate) fn is_held(&self) -> bool {
        super::tests::has_writer(self.0.as_handle())
    }
}

/// A puppet that plays.
pub(crate) struct Puppet {
    pub(crate) started: Started,
    pub(crate) input: Option<OwnedHandle>,
    lines: BufReader<File>,
    pub(crate) witness: Witness,
}

impl Puppet {
    /// Starts a puppet in a job.
    pub(crate) fn of(script: &str, job: &Job) -> Puppet {
        Request::new(script).play(job).unwrap()
    }

    /// Starts a puppet that has a console of its own, which nobody sees.
    pub(crate) fn on_a_console(script: &str, job: &Job) -> Puppet {
        Request::new(script).play_on(job, Console::Hidden).unwrap()
    }

    /// The next line that it or a member of its tree says.
    pub(crate) fn said(&mut self) -> String {
        loop {
            let mut line = String::new();
            let length = self.lines.read_line(&mut line).unwrap();
            if length == 0 {
                let mut rest = String::new();
                self.witness.0.read_to_string(&mut rest).unwrap();
                panic!("it says nothing more: {rest}");
            }
            if let Some(said) = line.trim_end().strip_prefix('@') {
                return said.to_owned();
            }
        }
    }

    /// Waits for so many lines and gives them sorted.
    pub(crate) fn said_all(&mut self, count: usize) -> Vec<String> {
        let mut lines: Vec<String> = (0..count).map(|_| self.said()).collect();
        lines.sort();
        lines
    }
}
