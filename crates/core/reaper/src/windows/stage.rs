//! What the tests start: this very test program, which plays a script, and a manager's side of the
//! channel.

#![cfg(test)]

use super::{ask, keep, serve_here};
use crate::wire::{Hello, NO_STREAM, Reply, Request, Start, VERSION};
use handfast_sys::channel::{Channel, Descriptor};
use handfast_sys::child::{Exit, pipe};
use std::ffi::CString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::io::AsHandle;
use std::os::windows::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

pub(super) const SCRIPT: &str = "HANDFAST_PUPPET";

/// A program without a console of its own, so that no host of one comes with it.
pub(super) const DETACHED: u32 = 8;

/// Plays the script that the environment names; without one it is a test that has nothing to do.
#[test]
fn puppet() {
    let Ok(script) = std::env::var(SCRIPT) else {
        return;
    };
    let words: Vec<&str> = script.split(' ').collect();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        match *word {
            "say" => say(next),
            "gate" => drop(std::io::stdin().read_to_end(&mut Vec::new())),
            "child" => child("say child park"),
            "host" => host(),
            "keep" => std::process::exit(keep::run(std::io::stdin().lock())),
            "ask" => std::process::exit(ask::reach(next.parse().unwrap(), &[])),
            "exit" => std::process::exit(next.parse().unwrap()),
            "park" => loop {
                std::thread::park();
            },
            _ => {}
        }
    }
    std::process::exit(0);
}

fn say(line: &str) {
    // The harness may have begun a line.
    let mut out = std::io::stdout().lock();
    write!(out, "\n@{line}\n").unwrap();
    out.flush().unwrap();
}

pub(super) fn puppet_name() -> &'static str {
    let path = concat!(module_path!(), "::puppet");
    path.split_once("::").unwrap().1
}

#[expect(
    clippy::zombie_processes,
    reason = "it ends with the job, and there are no zombies here"
)]
fn child(script: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", puppet_name(), "--nocapture"]);
    child.env(SCRIPT, script).stdin(Stdio::null());
    child.creation_flags(DETACHED).spawn().unwrap();
}

/// Is a host: starts a tree with its own streams, and waits for its own end.
fn host() {
    let host = Host::new();
    let mut start = request(1, "child say leader park");
    start.streams = vec![NO_STREAM, 0, 1];
    let (out, error) = (std::io::stdout(), std::io::stderr());
    let streams = [out.as_handle(), error.as_handle()];
    let request = Request::Start(Box::new(start)).encode();
    host.channel.send(&request, &streams).unwrap();
    loop {
        host.channel.receive().unwrap();
    }
}

pub(super) fn request(id: u64, script: &str) -> Start {
    let text = |text: &str| CString::new(text).unwrap();
    let program = std::env::current_exe().unwrap();
    let program = text(program.to_str().unwrap());
    Start {
        id,
        program: program.clone(),
        arguments: [
            program.to_str().unwrap(),
            "--exact",
            puppet_name(),
            "--nocapture",
        ]
        .map(text)
        .to_vec(),
        environment: vec![
            text(&format!("{SCRIPT}={script}")),
            text("SystemRoot=C:\\windows"),
        ],
        directory: text("C:\\"),
        streams: vec![0, 1, 2],
        terminal: None,
        limits: Vec::new(),
        umask: Some(0o77),
        nice: None,
        user: None,
        survives: false,
        grace_ms: 0,
        note: Vec::new(),
        lent: Vec::new(),
    }
}

/// A manager's side of the channel.
pub(super) struct Host {
    pub(super) channel: Channel,
    pub(super) thread: JoinHandle<()>,
}

/// A tree that was asked for.
pub(super) struct Tree {
    pub(super) input: Option<Descriptor>,
    lines: BufReader<File>,
    witness: File,
}

impl Tree {
    pub(super) fn said(&mut self) -> String {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                let mut rest = String::new();
                self.witness.read_to_string(&mut rest).unwrap();
                panic!("it says no more: {rest}");
            }
            if let Some(said) = line.trim_end().strip_prefix('@') {
                return said.to_owned();
            }
        }
    }

    pub(super) fn until_all_are_gone(mut self) {
        let mut rest = String::new();
        self.witness.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

impl Host {
    pub(super) fn new() -> Host {
        let (ours, theirs) = Channel::pair().unwrap();
        let thread = serve_here(theirs, None).unwrap();
        let host = Host {
            channel: ours,
            thread,
        };
        host.ask(&Request::Hello(Hello {
            version: VERSION,
            rung: 0,
            manager_pid: 0,
            manager_started: 0,
            group: None,
            keep: None,
        }));
        assert!(matches!(host.told(), Reply::Ready(_)));
        host
    }

    pub(super) fn ask(&self, request: &Request) {
        self.channel.send(&request.encode(), &[]).unwrap();
    }

    pub(super) fn told(&self) -> Reply {
        let packet = self.channel.receive().unwrap().unwrap();
        let reply = Reply::decode(&packet.bytes).unwrap();
        let expected = match reply {
            // The leader and its job.
            Reply::Started(_) => 2,
            // The thread.
            Reply::Ready(_) => 1,
            _ => 0,
        };
        assert_eq!(packet.descriptors.len(), expected);
        reply
    }

    /// Asks for a start, with pipes, and gives its answer.
    pub(super) fn request(&self, start: Start) -> (Reply, Tree) {
        let (theirs_in, input) = pipe().unwrap();
        let (output, theirs_out) = pipe().unwrap();
        let (witness, held) = pipe().unwrap();
        let streams = [
            theirs_in.as_handle(),
            theirs_out.as_handle(),
            held.as_handle(),
        ];
        let request = Request::Start(Box::new(start)).encode();
        self.channel.send(&request, &streams).unwrap();
        let reply = self.told();
        let tree = Tree {
            input: Some(input),
            lines: BufReader::new(File::from(output)),
            witness: File::from(witness),
        };
        (reply, tree)
    }

    pub(super) fn start(&self, start: Start) -> Tree {
        let id = start.id;
        let (reply, tree) = self.request(start);
        assert!(matches!(reply, Reply::Started(told) if told.id == id));
        tree
    }

    /// Waits for the end of a leader: its code, and whether nothing was left with it.
    pub(super) fn exited(&self) -> (i32, bool) {
        match self.told() {
            Reply::LeaderExited(told) => match told.exit.into() {
                Exit::Code(code) => (code, told.empty),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    /// Waits until the tree is told to be empty, after its leader has ended with this code.
    pub(super) fn over(&self, code: i32) {
        let (ended, empty) = self.exited();
        assert_eq!(ended, code);
        if !empty {
            assert!(matches!(self.told(), Reply::Emptied(_)));
        }
    }

    /// The manager says goodbye and goes; returns when the thread has left.
    pub(super) fn leave(self) {
        self.ask(&Request::Goodbye);
        self.thread.join().unwrap();
    }
}
