//! The end of the owner, by whatever cause, is the end of its trees.

use crate::puppet::{ARGUMENTS, DETACHED, SCRIPT, say};
use crate::stage::{manager, play, puppet};
use handfast::ProcessConfig;
use handfast::config::{Lifetime, Output};
use std::io::{BufRead, BufReader, Read};
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, Stdio};
use tempfile::NamedTempFile;

/// The tree of a host: two members that stay for good.
const STAYS: &str = "spawn [ say child park ] say leader park";

/// Is a host: starts a tree with its own streams, and then does what the words say.
pub(crate) fn host(words: &[&str]) {
    let (words, lifetime, tree) = match words {
        [end, "survives", first, second] => {
            let member = format!("until-gone {first} say still until-gone {second}");
            let tree = format!("spawn [ say child {member} ] say leader {member}");
            (&[*end][..], Lifetime::User, tree)
        }
        words => (words, Lifetime::Session, STAYS.to_owned()),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let manager = runtime.block_on(async {
        let manager = manager();
        let own = std::env::current_exe().unwrap();
        let config = ProcessConfig::builder(own)
            .args(ARGUMENTS)
            .envs(crate::puppet::variables(&tree))
            .lifetime(lifetime)
            .output(Output::Inherit);
        manager.start_process(config.build()).await.unwrap();
        manager
    });
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    match words {
        ["return"] => {}
        ["shutdown"] => drop(runtime.block_on(manager.shutdown())),
        ["drop"] => {
            drop(manager);
            say("dropped");
            std::thread::park();
        }
        ["panic"] => {
            // The test harness of the host would catch it.
            std::panic::set_hook(Box::new(|_| std::process::abort()));
            panic!("on purpose");
        }
        _ => std::thread::park(),
    }
    std::process::exit(7);
}

struct Hosted {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    witness: std::io::PipeReader,
}

/// A host with a tree whose two members have said that they are there.
fn hosted(end: &str) -> Hosted {
    let (witness, held) = std::io::pipe().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(ARGUMENTS)
        .env(SCRIPT, format!("host [ {end} ]"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(held).creation_flags(DETACHED);
    let mut child = command.spawn().unwrap();
    // Its own copy of what the tree holds.
    drop(command);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut hosted = Hosted {
        child,
        lines,
        witness,
    };
    let mut said = [hosted.said(), hosted.said()];
    said.sort();
    assert_eq!(said, ["child", "leader"]);
    hosted
}

impl Hosted {
    fn said(&mut self) -> String {
        loop {
            let line = self.lines.next().unwrap().unwrap();
            if let Some(said) = line.strip_prefix('@') {
                return said.to_owned();
            }
        }
    }

    /// Has it do what its script says.
    fn go(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Returns when the host and the last member are gone.
    fn until_all_are_gone(mut self) {
        self.child.wait().unwrap();
        let mut rest = String::new();
        self.witness.read_to_string(&mut rest).unwrap();
    }
}

#[test]
fn one_that_is_terminated_takes_its_trees_along() {
    let mut hosted = hosted("park");
    hosted.child.kill().unwrap();
    hosted.until_all_are_gone();
}

#[test]
fn one_that_returns_takes_its_trees_along() {
    let mut hosted = hosted("return");
    hosted.go();
    hosted.until_all_are_gone();
}

#[test]
fn one_that_aborts_takes_its_trees_along() {
    let mut hosted = hosted("panic");
    hosted.go();
    hosted.until_all_are_gone();
}

/// A host of a survivor, whose members say `still` when the first file is gone and end with the second.
fn hosted_survivor(end: &str) -> (Hosted, NamedTempFile, NamedTempFile) {
    let (first, second) = (NamedTempFile::new().unwrap(), NamedTempFile::new().unwrap());
    let paths = [first.path(), second.path()].map(|path| path.to_str().unwrap());
    let hosted = hosted(&format!("{end} survives {}", paths.join(" ")));
    (hosted, first, second)
}

/// The control is every other test here.
#[test]
fn one_that_is_terminated_leaves_what_was_declared_to_survive() {
    let (mut hosted, first, second) = hosted_survivor("park");
    hosted.child.kill().unwrap();
    hosted.child.wait().unwrap();
    first.close().unwrap();
    assert_eq!([hosted.said(), hosted.said()], ["still", "still"]);
    second.close().unwrap();
    hosted.until_all_are_gone();
}

#[test]
fn a_shutdown_leaves_what_was_declared_to_survive() {
    let (mut hosted, first, second) = hosted_survivor("shutdown");
    hosted.go();
    assert_eq!(hosted.child.wait().unwrap().code(), Some(7));
    first.close().unwrap();
    assert_eq!([hosted.said(), hosted.said()], ["still", "still"]);
    second.close().unwrap();
    hosted.until_all_are_gone();
}

/// The host lives on; its trees are given their grace, which is that of the default here.
#[tokio::test]
async fn the_last_clone_that_is_dropped_takes_its_trees_along() {
    let first = manager();
    let grace = std::time::Duration::ZERO;
    let mut played = play(&first, puppet("spawn [ say a park ] park").grace(grace)).await;
    played.said().await;
    let second = first.clone();
    drop(first);
    assert_eq!(second.list_processes().len(), 1);
    drop(second);
    played.until_all_are_gone().await;
}
