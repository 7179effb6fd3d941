//! Many starts at once: exactly one daemon, and everybody else reaches it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A program that wants to be the daemon; killed when it is dropped.
pub(crate) struct Sitter {
    child: Child,
    words: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Drop for Sitter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sitter {
    /// One that waits to be told.
    pub(crate) fn waiting(folder: &Path) -> Sitter {
        let mut child = Command::new(testkit::sitter())
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let words = child.stdin.take();
        let said = BufReader::new(child.stdout.take().unwrap());
        let mut sitter = Sitter { child, words, said };
        assert_eq!(sitter.line(), "waiting");
        sitter
    }

    /// One that has taken the seat.
    pub(crate) fn seated(folder: &Path) -> Sitter {
        let mut sitter = Sitter::waiting(folder);
        sitter.tell("go");
        assert_eq!(sitter.line(), format!("ours {}", sitter.child.id()));
        sitter
    }

    pub(crate) fn tell(&mut self, word: &str) {
        let words = self.words.as_mut().unwrap();
        writeln!(words, "{word}").unwrap();
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        self.child.wait().unwrap().success()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Lets all go at once, and answers who became the daemon.
pub(crate) fn race(mut crowd: Vec<Sitter>) -> Sitter {
    for sitter in &mut crowd {
        sitter.tell("go");
    }
    let said: Vec<String> = crowd.iter_mut().map(Sitter::line).collect();
    let seated: Vec<usize> = (0..crowd.len())
        .filter(|at| said[*at] == format!("ours {}", crowd[*at].pid()))
        .collect();
    let [daemon] = seated[..] else {
        panic!("not one daemon: {said:?}")
    };
    let daemon = crowd.swap_remove(daemon);
    let reached = format!("taken {}", daemon.pid());
    let others = said.iter().filter(|line| !line.starts_with("ours"));
    for line in others {
        assert_eq!(*line, reached);
    }
    daemon
}

const ROUNDS: usize = 50;
const STARTS: usize = 6;

#[test]
fn of_many_starts_exactly_one_is_the_daemon_and_all_reach_it() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("daemon");
    for _ in 0..ROUNDS {
        let crowd = (0..STARTS).map(|_| Sitter::waiting(&folder)).collect();
        // Its socket stays behind, and nobody listens there any more.
        race(crowd).kill();
        assert!(folder.join("socket").exists());
    }
}

#[test]
fn a_live_daemon_stays_the_only_one_whatever_starts() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("daemon");
    let mut daemon = Sitter::seated(&folder);
    for _ in 0..ROUNDS / 10 {
        let mut crowd: Vec<Sitter> = (0..STARTS).map(|_| Sitter::waiting(&folder)).collect();
        crowd.iter_mut().for_each(|sitter| sitter.tell("go"));
        for sitter in &mut crowd {
            assert_eq!(sitter.line(), format!("taken {}", daemon.pid()));
        }
    }
    daemon.kill();
}

/// Who starts while a daemon leaves waits for its end, and becomes the next one.
#[test]
fn a_start_while_the_daemon_leaves_is_never_without_a_daemon() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("daemon");
    for _ in 0..ROUNDS / 2 {
        let mut old = Sitter::seated(&folder);
        let mut crowd: Vec<Sitter> = (0..2).map(|_| Sitter::waiting(&folder)).collect();
        old.tell("leave");
        crowd.iter_mut().for_each(|sitter| sitter.tell("go"));
        assert!(old.ended());
        // A start that was before the end of the old one is told of it; it may find it gone.
        let said: Vec<String> = crowd.iter_mut().map(Sitter::line).collect();
        let seated = said.iter().filter(|line| line.starts_with("ours")).count();
        assert!(seated <= 1, "{said:?}");
    }
}

/// The control: without the lock, every one of them takes the socket from the one before.
#[test]
fn without_the_lock_several_are_the_daemon() {
    let above = tempfile::tempdir().unwrap();
    let folder = above.path().join("daemon");
    let mut crowd: Vec<Sitter> = (0..STARTS).map(|_| Sitter::waiting(&folder)).collect();
    let mut seated = 0;
    for sitter in &mut crowd {
        sitter.tell("go");
        seated += usize::from(sitter.line().starts_with("ours"));
        std::fs::remove_file(folder.join("lock")).unwrap();
    }
    assert_eq!(seated, STARTS);
}
