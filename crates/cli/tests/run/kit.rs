//! Starting `handfast run` under a cage, and what is asked of it again and again.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use testkit::Cage;

/// The end of the options, and the puppet that plays `words`.
pub(crate) fn puppet(words: &str) -> Vec<String> {
    let program = testkit::puppet().to_str().unwrap().to_owned();
    let script = testkit::script(words);
    ["--".to_owned(), program]
        .into_iter()
        .chain(script)
        .collect()
}

/// The variable that forces a rung.
pub(crate) const FORCE: &str = "HANDFAST_FORCE";

/// The rung that is forced, if this user can have it here. One that cannot be had must be refused,
/// which is seen here; then the tests run on whatever `auto` takes.
pub(crate) fn forced() -> Option<&'static str> {
    static FORCED: OnceLock<Option<String>> = OnceLock::new();
    let known = FORCED.get_or_init(|| {
        let forced = std::env::var(FORCE).ok().filter(|rung| !rung.is_empty())?;
        let mut command = Command::new(testkit::handfast());
        let output = command.args(["run", "--", "true"]).output().unwrap();
        if output.status.success() {
            return Some(forced);
        }
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(125), "{said}");
        assert!(said.contains(&format!("on rung `{forced}`")), "{said}");
        None
    });
    known.as_deref()
}

/// A program that starts handfast on the rung under test.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    on_rung(Command::new(program))
}

/// As [`command`], in a cage: for trees that may be left behind.
pub(crate) fn caged_command(cage: &Cage, program: impl AsRef<Path>) -> Command {
    on_rung(cage.command(program.as_ref()))
}

fn on_rung(mut command: Command) -> Command {
    match forced() {
        Some(rung) => command.env(FORCE, rung),
        None => command.env_remove(FORCE),
    };
    command
}

/// `handfast run OPTIONS`; what follows is up to the test.
pub(crate) fn handfast(options: &str) -> Command {
    let mut command = command(testkit::handfast());
    command.arg("run").args(options.split_whitespace());
    command
}

/// The same in a cage.
pub(crate) fn caged(cage: &Cage, options: &str) -> Command {
    let mut command = caged_command(cage, testkit::handfast());
    command.arg("run").args(options.split_whitespace());
    command
}

/// What `handfast run OPTIONS -- puppet WORDS` says and how it ends.
pub(crate) fn output(options: &str, words: &str) -> Output {
    handfast(options).args(puppet(words)).output().unwrap()
}

/// The exit code, or 128 and the signal's number, as a shell tells it.
pub(crate) fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .or(status.signal().map(|signal| 128 + signal))
        .unwrap()
}

/// What was written, as text.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether members in sessions of their own are held here: by all rungs but the weakest.
pub(crate) fn holds_daemons() -> bool {
    forced() != Some("group")
}

/// A handfast that runs, and the lines of its program.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Running {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Running { child, lines }
    }

    /// Starts `handfast run OPTIONS -- puppet WORDS` and waits for its first line, `up`.
    pub(crate) fn up(options: &str, words: &str) -> Running {
        let mut running = Running::start(handfast(options).args(puppet(words)));
        assert_eq!(running.line(), "up");
        running
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end; all that was not read, and the code as a shell tells it.
    pub(crate) fn end(mut self) -> (String, i32) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        (rest, code(self.child.wait().unwrap()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail on one that was waited for, which is as well.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// Sends a signal to a child of ours that was not waited for.
pub(crate) fn signal(pid: u32, name: &str) {
    // The shell's own `kill`: not every machine has the program.
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{name} {pid}")])
        .status();
    assert!(sent.unwrap().success(), "signal {name} to {pid}");
}

/// Waits until `fact` holds, for what the kernel has no event.
pub(crate) fn until(what: &str, mut fact: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !fact() {
        assert!(begun.elapsed() < testkit::PATIENCE, "{what} never came");
        std::thread::yield_now();
    }
}

/// The processes whose command line has this word, with their states.
pub(crate) fn with_word(word: &str) -> Vec<(u32, char)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if words
            .split(|byte| *byte == 0)
            .any(|other| other == word.as_bytes())
        {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let state = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.chars().next());
            found.extend(state.map(|state| (pid, state)));
        }
    }
    found
}

/// A file with this text.
pub(crate) fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}
