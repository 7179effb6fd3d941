//! The thread of the host, with real programs.

use super::stage::{self, DETACHED, Host, SCRIPT, puppet_name};
use super::{ask, request};
use crate::wire::{Limit, Reply, Request, Scope, Signal, Start, Step, User};
use handfast_sys::child::pipe;
use handfast_sys::tree::windows::{Job, Limits};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::io::AsHandle;
use std::os::windows::process::CommandExt;
use std::process::{Command, Stdio};

#[test]
fn a_program_runs_and_its_output_and_code_come_back() {
    let host = Host::new();
    let mut tree = host.start(stage::request(1, "say hello gate exit 7"));
    assert_eq!(tree.said(), "hello");
    tree.input = None;
    host.over(7);
    tree.until_all_are_gone();
    host.leave();
}

#[test]
fn members_that_outlive_their_leader_are_told_of_and_killed() {
    let host = Host::new();
    let mut tree = host.start(stage::request(1, "child gate exit 0"));
    assert_eq!(tree.said(), "child");
    tree.input = None;
    assert_eq!(host.exited(), (0, false));
    host.ask(&Request::Kill(1));
    assert_eq!(host.told(), Reply::Emptied(1));
    tree.until_all_are_gone();
    host.leave();
}

#[test]
fn a_killed_tree_is_gone() {
    let host = Host::new();
    let mut tree = host.start(stage::request(1, "child say leader park"));
    let mut said = [tree.said(), tree.said()];
    said.sort();
    assert_eq!(said, ["child", "leader"]);
    host.ask(&Request::Kill(1));
    host.over(137);
    tree.until_all_are_gone();
    host.leave();
}

#[test]
fn a_goodbye_without_grace_kills_and_the_thread_leaves() {
    let host = Host::new();
    let mut tree = host.start(stage::request(1, "child park"));
    tree.said();
    host.leave();
    tree.until_all_are_gone();
}

#[test]
fn what_is_let_go_ends_and_others_go_on() {
    let host = Host::new();
    let mut gone = host.start(stage::request(1, "say up park"));
    gone.said();
    let mut other = host.start(stage::request(2, "say up gate exit 3"));
    other.said();
    host.ask(&Request::LetGo(vec![1]));
    host.over(137);
    gone.until_all_are_gone();
    other.input = None;
    host.over(3);
    host.leave();
}

#[test]
fn a_goodbye_gives_the_grace() {
    let host = Host::new();
    let mut start = stage::request(1, "say up gate exit 3");
    start.grace_ms = 3_600_000;
    let mut tree = host.start(start);
    tree.said();
    host.ask(&Request::Goodbye);
    // It ends by itself, in its own time.
    tree.input = None;
    host.over(3);
    host.thread.join().unwrap();
}

#[test]
fn the_end_of_the_owner_without_a_goodbye_kills() {
    let host = Host::new();
    let mut start = stage::request(1, "child park");
    start.grace_ms = 3_600_000;
    let mut tree = host.start(start);
    tree.said();
    drop(host.channel);
    host.thread.join().unwrap();
    tree.until_all_are_gone();
}

#[test]
fn a_host_that_is_terminated_takes_its_trees_along() {
    let (output, theirs_out) = std::io::pipe().unwrap();
    let (mut witness, held) = std::io::pipe().unwrap();
    let mut host = Command::new(std::env::current_exe().unwrap());
    host.args(["--exact", puppet_name(), "--nocapture"]);
    host.env(SCRIPT, "host").stdin(Stdio::null());
    host.stdout(theirs_out)
        .stderr(held)
        .creation_flags(DETACHED);
    let mut child = host.spawn().unwrap();
    // Its own copies of what the tree holds.
    drop(host);
    let mut lines = BufReader::new(output).lines().map(Result::unwrap);
    let mut said: Vec<String> = Vec::new();
    while said.len() < 2 {
        said.extend(lines.next().unwrap().strip_prefix('@').map(str::to_owned));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = String::new();
    witness.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn what_cannot_be_done_is_refused_by_its_step() {
    let host = Host::new();
    let refused = |change: fn(&mut Start)| {
        let mut start = stage::request(5, "say ran park");
        change(&mut start);
        let (reply, tree) = host.request(start);
        let Reply::NotStarted(told) = reply else {
            panic!("{reply:?}")
        };
        tree.until_all_are_gone();
        assert_eq!(told.id, 5);
        (Step::from_byte(told.step), told.errno)
    };
    let missing = |start: &mut Start| start.program = c"C:\\no\\such.exe".into();
    assert_eq!(refused(missing).0, Step::Execute);
    assert_eq!(
        refused(|start| start.directory = c"C:\\no\\such".into()).0,
        Step::Directory
    );
    assert_eq!(refused(|start| start.terminal = Some(9)).0, Step::Terminal);
    // This host has no helper, which would keep it.
    assert_eq!(refused(|start| start.survives = true), (Step::Contain, 50));
    let shown = |start: &mut Start| (start.survives, start.terminal) = (true, Some(0));
    assert_eq!(refused(shown), (Step::Terminal, 50));
    assert_eq!(refused(|start| start.streams = vec![9]).0, Step::Streams);
    let user = |start: &mut Start| {
        start.user = Some(User {
            uid: 1,
            gid: 1,
            groups: Vec::new(),
        });
    };
    assert_eq!(refused(user), (Step::User, 50));
    let limit = |start: &mut Start| {
        start.limits = vec![Limit {
            resource: 4,
            soft: Some(0),
            hard: None,
        }];
    };
    assert_eq!(refused(limit), (Step::Limits, 50));
    host.leave();
}

#[test]
fn a_keeper_holds_its_trees_until_they_are_empty_and_leaves_then() {
    let mut keeper = Command::new(std::env::current_exe().unwrap());
    keeper.args(["--exact", puppet_name(), "--nocapture"]);
    keeper.env(SCRIPT, "keep").stdin(Stdio::piped());
    keeper.stdout(Stdio::null()).creation_flags(DETACHED);
    let mut keeper = keeper.spawn().unwrap();
    let job = Job::new(&Limits::default()).unwrap();
    let (witness, held) = pipe().unwrap();
    let (gate, input) = pipe().unwrap();
    let mut start = stage::request(1, "gate exit 0");
    start.streams = vec![1, 0, 0];
    let program = request::begin(&start, (&[held, gate], None), &job).unwrap();
    let handed = job.hand_to(keeper.as_handle()).unwrap();
    let mut numbers = keeper.stdin.take().unwrap();
    // What names no job is passed over.
    write!(numbers, "{}\nno number\n0\n{}\n", handed.0, u64::MAX).unwrap();
    // Its handle is the last one from here on.
    drop((numbers, job));
    assert_eq!(program.process.exit_code().unwrap(), None);
    drop(input);
    assert_eq!(keeper.wait().unwrap().code(), Some(0));
    assert_eq!(program.process.exit_code().unwrap(), Some(0));
    let mut rest = String::new();
    File::from(witness).read_to_string(&mut rest).unwrap();
}

#[test]
fn signals_are_those_that_mean_something_here() {
    let host = Host::new();
    let mut tree = host.start(stage::request(1, "child say leader park"));
    tree.said();
    tree.said();
    let answer = |signal, scope: Scope| {
        host.ask(&Request::Signal(Signal {
            id: 1,
            signal,
            scope: scope.byte(),
            token: 3,
        }));
        match host.told() {
            Reply::Signalled(told) => (told.count, told.errno),
            other => panic!("{other:?}"),
        }
    };
    // SIGUSR1 is nothing that Windows has.
    assert_eq!(answer(10, Scope::Tree), (0, 50));
    assert_eq!(answer(9, Scope::Leader), (1, 0));
    assert_eq!(host.exited(), (137, false));
    let (count, errno) = answer(9, Scope::Tree);
    assert!(count >= 1 && errno == 0);
    assert_eq!(host.told(), Reply::Emptied(1));
    assert_eq!(answer(9, Scope::Tree), (0, 0));
    tree.until_all_are_gone();
    host.leave();
}

#[test]
fn the_helper_reads_whom_to_ask() {
    let read = |text: &str| {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        ask::read(&words)
    };
    assert_eq!(read("ask 7"), Some((7, vec![])));
    assert_eq!(read("ask 7 8 9"), Some((7, vec![8, 9])));
    for wrong in ["", "ask", "ask x", "kill 7", "ask 7 -8"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

/// Who has neither a console nor windows cannot be asked.
#[test]
fn the_helper_says_that_nobody_was_reached() {
    let host = Host::new();
    // A number that no process has.
    let helper = host.start(stage::request(1, "ask 0"));
    let (code, empty) = host.exited();
    assert_eq!(code, 1);
    if !empty {
        // Wine starts a desktop for whoever looks for windows.
        host.ask(&Request::Kill(1));
        assert_eq!(host.told(), Reply::Emptied(1));
    }
    helper.until_all_are_gone();
    host.leave();
}
