//! A daemon, clients of it, and what a tree holds open for as long as one of it lives.

use handfast::ProcessManager;
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, ClientError, Notes, connect, user_token};
use handfast_daemon::listen::{Claimed, Seat, claim};
use handfast_daemon::serve::{Daemon, Settings};
use handfast_daemon::wire::*;
use handfast_sys::connection::Listener;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A daemon that serves; shut down at the end of the test.
pub(crate) struct Stage {
    pub(crate) daemon: Daemon,
    pub(crate) manager: ProcessManager,
    pub(crate) place: Place,
    serving: JoinHandle<()>,
    _seat: Seat,
    above: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Stage {
        let above = tempfile::tempdir().unwrap();
        let place = Place::at(above.path().join("daemon"));
        let Claimed::Ours(seat) = claim(&place).unwrap() else {
            panic!("the seat was free")
        };
        let manager = ProcessManager::builder().reaper(testkit::reaper());
        let manager = manager.build().unwrap();
        let (daemon, token) = Daemon::new(manager.clone(), settings).unwrap();
        seat.leave_token(&token).unwrap();
        let listener = Listener::new(seat.socket()).unwrap();
        let serving = daemon.clone();
        let serving = tokio::spawn(async move { serving.serve(listener).await });
        Stage {
            daemon,
            manager,
            place,
            serving,
            _seat: seat,
            above,
        }
    }

    /// Ends everything, so that nothing outlives the test.
    pub(crate) async fn end(self) {
        self.serving.abort();
        self.daemon.end_for_next().await;
        for info in self.manager.list_processes() {
            self.manager.kill(info.handle).await.unwrap();
        }
    }

    pub(crate) fn hello(&self) -> Initialize {
        Initialize {
            client_name: "test".into(),
            client_version: None,
            protocol: Some(Versions::OURS),
            resume_session_id: None,
            token: None,
            resume_ms: None,
        }
    }

    pub(crate) fn connect(&self) -> std::os::unix::net::UnixStream {
        connect(&self.place).unwrap().0
    }

    pub(crate) async fn greet(&self, hello: Initialize) -> Result<(Client, Notes), ClientError> {
        Client::begin(self.connect(), &hello).await
    }

    /// A client with an owner of its own.
    pub(crate) async fn client(&self) -> Client {
        self.greet(self.hello()).await.unwrap().0
    }

    /// A client that acts for the user.
    pub(crate) async fn user(&self) -> Client {
        let token = user_token(&self.place).unwrap();
        self.with_token(token).await.unwrap()
    }

    pub(crate) async fn with_token(&self, token: Secret) -> Result<Client, ClientError> {
        let token = Some(token);
        let hello = Initialize {
            token,
            ..self.hello()
        };
        self.greet(hello).await.map(|(client, _)| client)
    }

    /// What ends when the last process that has opened it is gone.
    pub(crate) fn fifo(&self, name: &str) -> Fifo {
        let path = self.above.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        Fifo { path }
    }
}

/// A pipe by name.
pub(crate) struct Fifo {
    path: PathBuf,
}

impl Fifo {
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// A tree that holds it: a leader that waits for its child, which is deaf to requests to end.
    pub(crate) fn tree(&self) -> Start {
        let script = format!(
            "exec 9>{}; (trap '' TERM; while :; do sleep 1000; done) & wait",
            self.path.display()
        );
        let mut start = sh(&script);
        start.grace_ms = Some(50);
        start
    }

    /// Waits until somebody holds it; then, for the end of the last one.
    pub(crate) async fn held(&self) -> Held {
        let path = self.path.clone();
        let open = tokio::task::spawn_blocking(move || File::open(path).unwrap());
        Held(open.await.unwrap())
    }
}

/// A pipe that somebody holds.
pub(crate) struct Held(File);

impl Held {
    /// Waits until nobody does any more.
    pub(crate) async fn ended(mut self) {
        let wait = move || self.0.read_to_end(&mut Vec::new()).unwrap();
        tokio::task::spawn_blocking(wait).await.unwrap();
    }

    /// Whether somebody still does, now.
    pub(crate) fn is_held(&self) -> bool {
        // A pipe without a writer is at its end, and hung up.
        let mut polled = [rustix::event::PollFd::new(
            &self.0,
            rustix::event::PollFlags::IN,
        )];
        let now = rustix::event::Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        rustix::event::poll(&mut polled, Some(&now)).unwrap() == 0
    }
}

/// A script, with the usual programs.
pub(crate) fn sh(script: &str) -> Start {
    Start {
        argv: ["/bin/sh", "-c", script].map(Word::from).to_vec(),
        env: Variables([("PATH".to_owned(), Word::from("/usr/bin:/bin"))].into()),
        notify: Some(false),
        ..Start::default()
    }
}

pub(crate) fn named(name: &str, start: Start) -> Start {
    Start {
        process_id: Some(name.to_owned()),
        ..start
    }
}

/// Everything that a process has said until it was closed, with the numbers of its chunks.
pub(crate) async fn read_all(client: &Client, name: &str) -> (String, Vec<u64>, ReadAnswer) {
    let (mut said, mut seqs, mut after_seq) = (Vec::new(), Vec::new(), 0);
    loop {
        let read = Read {
            process_id: name.to_owned(),
            after_seq,
            max_bytes: None,
            wait_ms: 60_000,
        };
        let answer = client.call(&read).await.unwrap();
        for chunk in &answer.chunks {
            said.extend_from_slice(&chunk.chunk.0);
            seqs.push(chunk.seq);
        }
        after_seq = answer.next_seq - 1;
        if answer.closed {
            return (String::from_utf8(said).unwrap(), seqs, answer);
        }
    }
}

pub(crate) async fn write(client: &Client, name: &str, text: &str) -> WriteAnswer {
    let write = Write {
        process_id: name.to_owned(),
        chunk: Bytes::from(text.as_bytes()),
        write_id: None,
        wait_ms: Some(60_000),
    };
    client.call(&write).await.unwrap()
}

pub(crate) async fn wait_for(client: &Client, name: &str, pattern: &str) {
    let wait = Wait {
        process_id: name.to_owned(),
        conditions: vec![Condition::Match {
            pattern: pattern.to_owned(),
            from: 0,
        }],
        wait_ms: None,
    };
    assert_eq!(client.call(&wait).await.unwrap().outcome, "matched");
}

pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    answer.unwrap_err().code().to_owned()
}
