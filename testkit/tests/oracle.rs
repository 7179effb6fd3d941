//! The oracle counts the living, the witness sees the last one go, the cage holds.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use testkit::{ABSENCE, Cage, Oracle, PATIENCE, Witness};

/// A puppet with its stdin held here.
struct Held {
    child: Child,
    stdin: Option<ChildStdin>,
}

fn held(oracle: &Oracle, words: &str) -> Held {
    let dir = oracle.dir().to_str().expect("a plain name");
    let mut command = Command::new(testkit::puppet());
    command.args(
        testkit::script(words)
            .iter()
            .map(|word| word.replace("ORACLE", dir)),
    );
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a puppet starts");
    let stdin = child.stdin.take();
    Held { child, stdin }
}

impl Held {
    fn line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.child.stdout.as_mut().expect("its stdout is ours"))
            .read_line(&mut line)
            .expect("a pipe is readable");
        line
    }

    fn end(&mut self) {
        self.stdin = None;
        self.child.wait().expect("it is our child");
    }
}

#[test]
fn an_oracle_counts_members_as_they_come_and_go() {
    let oracle = Oracle::new();
    assert_eq!((oracle.joined(), oracle.alive()), (0, 0));
    assert!(oracle.wait_empty(PATIENCE), "nobody is nobody");
    let mut all: Vec<Held> = (0..3)
        .map(|_| held(&oracle, "join ORACLE say ready wait-eof"))
        .collect();
    assert!(oracle.wait_joined(3, PATIENCE));
    for (gone, member) in all.iter_mut().enumerate() {
        assert_eq!((oracle.joined(), oracle.alive()), (3, 3 - gone));
        assert_eq!(member.line(), "ready\n");
        member.end();
    }
    assert!(oracle.wait_empty(PATIENCE));
    assert_eq!((oracle.joined(), oracle.alive()), (3, 0));
    // ABSENCE: that a fourth member does not join has no event.
    assert!(!oracle.wait_joined(4, ABSENCE));
}

#[test]
fn a_forked_member_that_joins_counts_apart_from_its_parent() {
    let oracle = Oracle::new();
    let mut leader = held(&oracle, "join ORACLE spawn [ join-same wait-eof ] die KILL");
    assert!(oracle.wait_joined(2, PATIENCE));
    leader.child.wait().unwrap();
    // The parent is dead, and its lock is not held by the child that it forked.
    assert_eq!(oracle.alive(), 1);
    leader.stdin = None;
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn a_lineage_keeps_its_lock_through_fork_and_exec() {
    let oracle = Oracle::new();
    let mut leader = held(
        &oracle,
        "join ORACLE spawn [ rename other [ wait-eof ] ] die KILL",
    );
    leader.child.wait().unwrap();
    assert_eq!((oracle.joined(), oracle.alive()), (1, 1));
    leader.stdin = None;
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn a_member_that_joins_again_after_exec_is_one_member() {
    let oracle = Oracle::new();
    let mut leader = held(
        &oracle,
        "join ORACLE rename other [ join ORACLE say ready wait-eof ]",
    );
    assert_eq!(leader.line(), "ready\n");
    assert_eq!((oracle.joined(), oracle.alive()), (2, 1));
    leader.end();
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn a_wait_for_nobody_gives_up_while_somebody_lives() {
    let oracle = Oracle::new();
    let mut member = held(&oracle, "join ORACLE wait-eof");
    assert!(oracle.wait_joined(1, PATIENCE));
    // ABSENCE: that the member does not end has no event.
    assert!(!oracle.wait_empty(ABSENCE));
    // The helper that is still waiting is not taken for a member.
    assert_eq!(oracle.alive(), 1);
    member.end();
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn a_witness_sees_the_end_only_of_the_last_holder() {
    let (mut witness, tree_end) = Witness::new();
    let mut leader = Command::new(testkit::puppet())
        .args(["err", "here", "fork-daemon", "[", "wait-eof", "]"])
        .stdin(Stdio::piped())
        .stderr(tree_end)
        .spawn()
        .unwrap();
    let stdin = leader.stdin.take();
    assert!(leader.wait().unwrap().success());
    // ABSENCE: the daemon holds the pipe, and that it goes on doing so has no event.
    assert!(!witness.wait_eof(ABSENCE));
    assert_eq!(witness.said(), b"here\n");
    drop(stdin);
    assert!(witness.wait_eof(PATIENCE));
}

#[test]
fn a_cage_holds_daemons_and_nested_groups_and_leaves_no_directory() {
    let Some(cage) = Cage::strong() else { return };
    let group = cage.path().unwrap().to_path_buf();
    let nested = group.join("a").join("b");
    fs::create_dir_all(&nested).unwrap();
    let oracle = Oracle::new();
    let dir = oracle.dir().to_str().unwrap();
    let mut leader = cage
        .command(&testkit::puppet())
        .args([
            "enter-cgroup",
            nested.to_str().unwrap(),
            "fork-daemon",
            "[",
            "join",
            dir,
            "park",
            "]",
        ])
        .spawn()
        .unwrap();
    assert!(oracle.wait_joined(1, PATIENCE));
    assert!(leader.wait().unwrap().success());
    assert!(
        !cage.wait_empty(std::time::Duration::ZERO),
        "the daemon is inside"
    );
    drop(cage);
    assert!(oracle.wait_empty(PATIENCE));
    assert!(!group.exists());
}

#[test]
fn a_cage_does_not_change_what_its_command_is_given() {
    let Some(cage) = Cage::strong() else { return };
    let words = testkit::script("print-sigs print-fds print-cwd print-env print-umask");
    let said = |mut command: Command| {
        command
            .args(&words)
            .env_clear()
            .env("A", "b")
            .current_dir(Path::new("/"));
        let output = command
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        // The pipe of the output is another one each time.
        text.lines()
            .filter(|line| !line.contains("pipe:"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said(cage.command(&testkit::puppet())),
        said(Command::new(testkit::puppet()))
    );
}

#[test]
fn a_command_in_a_cage_is_written_to_as_any_other() {
    let cage = Cage::new();
    let mut child = cage
        .command(&testkit::puppet())
        .arg("echo")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"through").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.stdout, b"through");
}
