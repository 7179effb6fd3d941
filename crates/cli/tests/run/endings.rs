//! Nothing of a tree is left, whoever ends.

use crate::kit::{Running, caged, caged_command, holds_daemons, puppet, signal};
use std::process::{Command, Stdio};
use testkit::{ABSENCE, Cage, Oracle, PATIENCE};

/// Three members that are up once the last of them says so; daemons among them where daemons are
/// held.
fn members(oracle: &Oracle, then: &str) -> String {
    let dir = oracle.dir().display();
    if holds_daemons() {
        format!("open-oracle {dir} join {dir} members 2 {then}")
    } else {
        let member = format!("spawn [ join {dir} park ]");
        format!("join {dir} {member} {member} {then}")
    }
}

fn gone(oracle: &Oracle) {
    assert!(
        oracle.wait_empty(PATIENCE),
        "{} of {} live",
        oracle.alive(),
        oracle.joined()
    );
}

#[test]
fn what_a_program_leaves_behind_is_gone_when_handfast_is() {
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let words = members(&oracle, "say up read-line exit 3");
    let mut command = caged(&cage, "");
    command.args(puppet(&words)).stdin(Stdio::piped());
    let mut running = Running::start(&mut command);
    assert_eq!(running.line(), "up");
    assert!(oracle.wait_joined(3, PATIENCE));
    drop(running.child.stdin.take());
    assert_eq!(running.end(), ("eof\n".into(), 3));
    assert_eq!(oracle.alive(), 0);
}

#[test]
fn a_daemon_that_ignores_the_request_is_killed_after_the_grace() {
    if !holds_daemons() {
        return;
    }
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let dir = oracle.dir().display();
    let daemon = format!("fork-daemon [ ignore TERM ignore HUP join {dir} say up park ]");
    let mut command = caged(&cage, "--grace 100ms");
    command
        .args(puppet(&format!("{daemon} read-line exit 0")))
        .stdin(Stdio::piped());
    let mut running = Running::start(&mut command);
    assert_eq!(running.line(), "up");
    drop(running.child.stdin.take());
    assert_eq!(running.end().1, 0);
    assert_eq!(oracle.alive(), 0);
}

#[test]
fn a_handfast_that_is_killed_takes_its_tree_with_it() {
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let words = members(&oracle, "ignore TERM say up park");
    let mut running = Running::start(caged(&cage, "").args(puppet(&words)));
    assert_eq!(running.line(), "up");
    assert!(oracle.wait_joined(3, PATIENCE));
    running.child.kill().unwrap();
    gone(&oracle);
    assert_eq!(running.end().1, 137);
}

/// A host that starts handfast and waits for it.
fn host(cage: &Cage, options: &str, words: &str) -> Running {
    let mut command = caged_command(cage, testkit::puppet());
    command
        .args(["spawn", "[", "exec"])
        .arg(testkit::handfast())
        .arg("run");
    command.args(options.split_whitespace());
    // Brackets nest, so the program's own need no care.
    command.args(puppet(words)).args(["]", "wait-child"]);
    let mut running = Running::start(&mut command);
    assert_eq!(running.line(), "up");
    running
}

#[test]
fn a_host_that_is_killed_takes_the_tree_of_its_handfast_with_it() {
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let words = members(&oracle, "say up park");
    let mut host = host(&cage, "", &words);
    assert!(oracle.wait_joined(3, PATIENCE));
    host.child.kill().unwrap();
    gone(&oracle);
    assert!(cage.wait_empty(PATIENCE), "left: {:?}", cage.members());
}

#[test]
fn a_tree_has_its_grace_when_the_host_is_killed() {
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let dir = oracle.dir().display();
    let mut host = host(
        &cage,
        "",
        &format!("join {dir} on TERM [ say bye exit 0 ] say up park"),
    );
    host.child.kill().unwrap();
    assert_eq!(host.line(), "bye");
    gone(&oracle);
}

#[test]
fn a_tree_outlives_the_host_where_that_was_asked_for() {
    // The control of the tests above. It leaves a tree behind, so it needs a net.
    let Some(cage) = Cage::strong() else { return };
    let oracle = Oracle::new();
    let dir = oracle.dir().display();
    let mut host = host(
        &cage,
        "--no-with-parent",
        &format!("join {dir} say up park"),
    );
    host.child.kill().unwrap();
    host.child.wait().unwrap();
    // ABSENCE: that a member does not die has no event.
    assert!(!oracle.wait_empty(ABSENCE));
    cage.kill();
    gone(&oracle);
}

#[test]
fn a_host_that_ends_by_itself_ends_the_tree_too() {
    let (cage, oracle) = (Cage::new(), Oracle::new());
    let words = puppet(&members(&oracle, "say up park")).join(" ");
    let handfast = testkit::handfast();
    // It ends when a line comes, that is when the tree is up.
    let script = format!("{} run {words} & read line", handfast.display());
    let shell = caged_command(&cage, "/bin/sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .spawn();
    let mut shell = shell.unwrap();
    assert!(oracle.wait_joined(3, PATIENCE));
    drop(shell.stdin.take());
    shell.wait().unwrap();
    gone(&oracle);
}

#[test]
fn a_whole_tree_is_waited_for_where_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let made = Command::new("mkfifo").arg(&gate).status().unwrap();
    assert!(made.success());
    let how = if holds_daemons() {
        "fork-daemon"
    } else {
        "spawn"
    };
    let words = format!("{how} [ say up gate {} say done ] exit 4", gate.display());
    let running = Running::up("--wait-tree", &words);
    drop(std::fs::OpenOptions::new().write(true).open(&gate).unwrap());
    assert_eq!(running.end(), ("done\n".into(), 4));
}

#[test]
fn a_request_to_end_that_comes_at_once_is_not_lost() {
    for _ in 0..5 {
        let oracle = Oracle::new();
        let words = format!("join {} park", oracle.dir().display());
        let child = crate::kit::handfast("")
            .args(puppet(&words))
            .spawn()
            .unwrap();
        let mut child = child;
        // Somewhere between its first instruction and the program's.
        signal(child.id(), "TERM");
        assert_eq!(crate::kit::code(child.wait().unwrap()), 143);
        gone(&oracle);
    }
}

/// The processes that this one has started.
fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task"))
        .unwrap()
        .flatten();
    let lists = tasks.map(|task| std::fs::read_to_string(task.path().join("children")));
    let all = lists.flatten().collect::<String>();
    all.split_whitespace()
        .map(|pid| pid.parse().unwrap())
        .collect()
}

#[test]
fn a_helper_that_is_killed_is_replaced_or_its_loss_is_said() {
    let mut command = crate::kit::handfast("--containment namespace");
    command
        .args(puppet("on USR1 [ exit 7 ] say up park"))
        .stderr(Stdio::piped());
    let mut running = Running::start(&mut command);
    let line = running.line();
    if line == "up" {
        // In a namespace the tree ends with the helper, which is its init.
        children(running.child.id())
            .iter()
            .for_each(|pid| signal(*pid, "KILL"));
        let mut stderr = running.child.stderr.take().unwrap();
        assert_eq!(running.end().1, 125);
        let mut said = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        assert!(
            said.starts_with("handfast: failed to learn how the program ended"),
            "{said}"
        );
    }
    let mut running = Running::up("--containment subreaper", "on USR1 [ exit 7 ] say up park");
    let reapers = children(running.child.id());
    assert_eq!(reapers.len(), 1);
    signal(reapers[0], "KILL");
    crate::kit::until("the next helper", || {
        let now = children(running.child.id());
        now.len() == 1 && now != reapers
    });
    running.signal("USR1");
    assert_eq!(running.line(), "");
    assert_eq!(running.end().1, 7);
}
