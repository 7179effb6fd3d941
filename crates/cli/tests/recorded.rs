//! A day with `handfast` in a real terminal: start, list, follow, attach, detach, top, stop.
//!
//! A shell in `tmux`, a daemon that the first verb starts, and a test that types and waits for what is
//! shown. With `HANDFAST_BLESS=1` the screens are written to `docs/recorded.md`.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test says what was wrong by ending")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;
use testkit::Cage;

/// The program that stands for a server: it says when it is ready, and answers what is typed.
const SERVER: &str = "\
echo 'listening on :3000'
while read -r line; do echo \"you said: $line\"; done
";

/// A shell in a terminal of its own. It and all that it starts end with this.
struct Shell {
    // Killed before its folder is removed.
    cage: Cage,
    folder: TempDir,
    record: String,
}

impl Shell {
    /// `None`, after saying why, where there is no tmux.
    fn new() -> Option<Shell> {
        if Command::new("tmux").arg("-V").output().is_err() {
            let why = "there is no tmux, so nothing is recorded\n";
            std::io::Write::write_all(&mut std::io::stderr(), why.as_bytes()).unwrap();
            return None;
        }
        let shell = Shell {
            cage: Cage::new(),
            folder: tempfile::tempdir().unwrap(),
            record: String::new(),
        };
        fs::write(shell.folder.path().join("server.sh"), SERVER).unwrap();
        let folder = shell.folder.path().to_str().unwrap().to_owned();
        let begin = ["new-session", "-d", "-x", "96", "-y", "18", "-c", &folder];
        let shell_line = ["bash", "--norc", "--noprofile"];
        let begun = shell.tmux(&[&["-f", "/dev/null"], &begin[..], &shell_line].concat());
        assert!(begun.status.success(), "{begun:?}");
        Some(shell)
    }

    fn tmux(&self, words: &[&str]) -> Output {
        let programs = testkit::handfast()
            .parent()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let mut command = self.cage.command(Path::new("/usr/bin/tmux"));
        command
            .env_clear()
            .env("HANDFAST_HOME", self.folder.path().join("home"))
            .env("PATH", format!("{programs}:/usr/bin:/bin"))
            .env("PS1", "$ ")
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .env("SHELL", "/bin/bash")
            .arg("-S")
            .arg(self.folder.path().join("tmux"))
            .args(words);
        command.output().unwrap()
    }

    fn screen(&self) -> String {
        let seen = self.tmux(&["capture-pane", "-p"]);
        String::from_utf8(seen.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Waits until the screen shows something; it changes whenever it likes, and has no event.
    fn until(&self, what: &str, shown: impl Fn(&str) -> bool) -> String {
        let begun = std::time::Instant::now();
        loop {
            let screen = self.screen();
            if shown(&screen) {
                return screen;
            }
            let passed = begun.elapsed();
            assert!(passed < testkit::PATIENCE, "{what} never came:\n{screen}");
            std::thread::yield_now();
        }
    }

    fn keys(&self, keys: &[&str]) {
        assert!(self.tmux(&[&["send-keys"], keys].concat()).status.success());
    }

    /// Types a command and waits for what it shows. A new command begins on an empty screen.
    fn enter(&mut self, command: &str, shown: impl Fn(&str) -> bool) -> String {
        self.keys(&["clear", "Enter"]);
        self.until("an empty screen", |screen| screen == "$");
        self.keys(&["-l", "--", command]);
        self.keys(&["Enter"]);
        self.until(command, shown)
    }

    /// Notes a screen down.
    fn note(&mut self, title: &str, screen: &str) {
        self.record = format!("{}\n## {title}\n\n```text\n{screen}\n```\n", self.record);
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]);
    }
}

/// The prompt of a shell that has nothing more to do.
fn is_back(screen: &str) -> bool {
    screen.lines().count() > 1 && screen.lines().last() == Some("$")
}

#[test]
fn a_day_in_a_terminal() {
    let Some(mut shell) = Shell::new() else {
        return;
    };
    shell.until("a prompt", |screen| screen.ends_with('$'));
    starts_and_lists(&mut shell);
    follows(&mut shell);
    attaches(&mut shell);
    watches(&mut shell);
    stops(&mut shell);
    if std::env::var_os("HANDFAST_BLESS").is_some() {
        let head = "# A day in a terminal\n\nWritten by `HANDFAST_BLESS=1 cargo test -p handfast-cli --test recorded`: a \
                    shell in `tmux`, and\na daemon that the first command starts. Each screen is what was shown.\n";
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recorded.md");
        fs::write(file, format!("{head}{}", shell.record)).unwrap();
    }
}

fn starts_and_lists(shell: &mut Shell) {
    let start = "handfast start --tty --name web --ready-when listening -- sh server.sh";
    let started = shell.enter(start, is_back);
    shell.note("start", &started);
    let id = started.lines().rev().nth(1).unwrap().to_owned();
    assert_eq!(id.len(), 6, "{started}");
    shell.enter("handfast start --name worker -- sleep 1000", is_back);
    let listed = shell.enter("handfast ps", is_back);
    shell.note("ps", &listed);
    assert!(
        listed.contains(&id) && listed.contains("worker  running"),
        "{listed}"
    );
}

fn follows(shell: &mut Shell) {
    let followed = shell.enter("handfast logs -f web worker", |screen| {
        screen.contains("web    | listening on :3000")
    });
    shell.note("logs -f", &followed);
    shell.keys(&["C-c"]);
    shell.until("the prompt", is_back);
}

fn attaches(shell: &mut Shell) {
    shell.enter("handfast attach web", |screen| {
        screen.starts_with("listening")
    });
    shell.keys(&["-l", "hello"]);
    shell.keys(&["Enter"]);
    let attached = shell.until("an answer", |screen| screen.contains("you said: hello"));
    shell.note("attach, and typing `hello`", &attached);
    shell.keys(&["C-\\"]);
    let detached = shell.until("the prompt", is_back);
    assert!(
        detached.contains("detached from web, which goes on"),
        "{detached}"
    );
    shell.note("detach, by Ctrl-\\", &detached);
}

fn watches(shell: &mut Shell) {
    let shown = |screen: &str| screen.contains("2 processes, 2 members") && screen.contains("MiB");
    let watched = shell.enter("handfast top", shown);
    assert!(
        watched.contains("sleep 1000") && watched.contains("sh server.sh"),
        "{watched}"
    );
    shell.note("top", &watched);
    // The newest is selected among those that use nothing, or another is.
    shell.keys(&["t"]);
    shell.keys(&["s"]);
    let asked = shell.until("a question", |screen| {
        screen.contains("with its 1 member? y/n")
    });
    shell.note("top, and `s`", &asked);
    shell.keys(&["y"]);
    let stopped = shell.until("a receipt", |screen| {
        screen.contains("1 member, all gone") && screen.contains("1 process,")
    });
    shell.note("top, and `y`", &stopped);
    shell.keys(&["q"]);
    shell.until("the prompt", |screen| screen.ends_with('$'));
}

fn stops(shell: &mut Shell) {
    let stopped = shell.enter("handfast stop web worker", is_back);
    assert!(stopped.contains("1 member, all gone after"), "{stopped}");
    shell.note("stop", &stopped);
    let over = shell.enter("handfast ps --all", is_back);
    assert_eq!(over.matches("terminated").count(), 2, "{over}");
    shell.note("ps --all", &over);
    // The daemon goes with the rest of the terminal otherwise.
    shell.enter("handfast daemon stop", is_back);
}
