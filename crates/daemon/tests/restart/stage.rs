//! A home, the daemons that live in it one after the other, and their clients.

use handfast_daemon::Place;
use handfast_daemon::connect::{Client, ClientError, Notes, connect, user_token};
use handfast_daemon::wire::*;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use tempfile::TempDir;
use testkit::{Cage, PATIENCE};

pub(crate) struct Stage {
    cage: Cage,
    home: TempDir,
    daemon: Child,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let (cage, home) = (Cage::new(), tempfile::tempdir().unwrap());
        let daemon = daemon(&cage, &home);
        Stage { cage, home, daemon }
    }

    fn place(&self) -> Place {
        Place::at(self.home.path().join("run"))
    }

    /// Where what outlasts the daemon is.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// A pipe that one process makes, and at which it waits until it is opened.
    pub(crate) fn gate(&self, number: usize) -> PathBuf {
        self.home.path().join(format!("gate-{number}"))
    }

    /// Waits until the process is at its gate, and opens it.
    pub(crate) fn open_gate(&self, number: usize) {
        let gate = File::options().write(true).open(self.gate(number));
        drop(gate.unwrap());
    }

    /// What the daemons have said.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("said")).unwrap()
    }

    /// A client that acts for the user, as soon as somebody serves.
    pub(crate) async fn user(&self) -> Client {
        loop {
            // It is there once it serves; the token is its own then.
            if let Ok(token) = user_token(&self.place()) {
                let as_user = Initialize {
                    token: Some(token),
                    ..hello()
                };
                if let Ok(client) = self.client(&as_user).await {
                    return client;
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// One that says this.
    pub(crate) async fn client(&self, hello: &Initialize) -> Result<Client, ClientError> {
        match connect(&self.place()) {
            Ok((stream, _)) => Client::begin(stream, hello).await.map(|(client, _)| client),
            Err(_) => Err(ClientError::Closed),
        }
    }

    /// One that goes on at the next daemon, with what it is told.
    pub(crate) async fn steady(&self, hello: &Initialize) -> (Client, Notes) {
        let (stream, _) = connect(&self.place()).unwrap();
        Client::begin_at(&self.place(), stream, hello)
            .await
            .unwrap()
    }

    /// The same, for the user.
    pub(crate) async fn steady_user(&self) -> (Client, Notes) {
        let as_user = Initialize {
            token: Some(user_token(&self.place()).unwrap()),
            ..hello()
        };
        self.steady(&as_user).await
    }

    /// A place for another program.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Kills the daemon.
    pub(crate) fn kill(&mut self) {
        self.daemon.kill().unwrap();
        self.daemon.wait().unwrap();
    }

    /// Waits for the end of the daemon.
    pub(crate) fn ended(&mut self) {
        assert!(self.daemon.wait().unwrap().success());
    }

    /// Starts the next one.
    pub(crate) fn begin(&mut self) {
        self.daemon = daemon(&self.cage, &self.home);
    }

    /// Nothing may be left once the last one has stopped in order.
    pub(crate) async fn end(mut self) {
        let user = self.user().await;
        drop(user.call(&DaemonStop::default()).await);
        drop(user);
        self.daemon.wait().unwrap();
        let empty = self.cage.wait_empty(PATIENCE);
        assert!(empty, "left behind: {:?}", self.cage.members());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// What a client says that is nobody in particular.
pub(crate) fn hello() -> Initialize {
    Initialize {
        client_name: "test".into(),
        client_version: None,
        protocol: Some(Versions::OURS),
        resume_session_id: None,
        token: None,
        resume_ms: None,
    }
}

fn daemon(cage: &Cage, home: &TempDir) -> Child {
    let mut log = File::options();
    let log = log.append(true).create(true).open(home.path().join("said"));
    cage.command(&testkit::handfast())
        .args(["daemon", "run"])
        .env("HANDFAST_HOME", home.path())
        .env("HANDFAST_REAPER", testkit::reaper())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.unwrap())
        .spawn()
        .unwrap()
}

/// A script that lives for this long, with the usual programs.
pub(crate) fn sh(name: &str, lifetime: LifetimeName, script: &str) -> Start {
    Start {
        process_id: Some(name.to_owned()),
        argv: ["/bin/sh", "-c", script].map(Word::from).to_vec(),
        env: Variables([("PATH".to_owned(), Word::from("/usr/bin:/bin"))].into()),
        notify: Some(false),
        lifetime: Some(lifetime),
        pipe_stdin: true,
        ..Start::default()
    }
}

/// What a process has said after a number, as far as it is there now.
pub(crate) async fn read(client: &Client, name: &str, after_seq: u64) -> ReadAnswer {
    let read = Read {
        process_id: name.to_owned(),
        after_seq,
        max_bytes: None,
        wait_ms: 0,
    };
    client.call(&read).await.unwrap()
}

pub(crate) async fn write(client: &Client, name: &str, text: &str) {
    let write = Write {
        process_id: name.to_owned(),
        chunk: Bytes::from(text.as_bytes()),
        write_id: None,
        wait_ms: Some(60_000),
    };
    client.call(&write).await.unwrap();
}

pub(crate) async fn wait_for(client: &Client, name: &str, condition: Condition) {
    let wait = Wait {
        process_id: name.to_owned(),
        conditions: vec![condition],
        wait_ms: None,
    };
    client.call(&wait).await.unwrap();
}

pub(crate) fn said(pattern: &str) -> Condition {
    Condition::Match {
        pattern: pattern.to_owned(),
        from: 0,
    }
}

pub(crate) async fn info(client: &Client, name: &str) -> Info {
    let of = InfoOf {
        process_id: name.to_owned(),
        members: false,
    };
    client.call(&of).await.unwrap()
}

/// Waits for its end.
pub(crate) async fn is_over(client: &Client, name: &str) -> Status {
    wait_for(client, name, Condition::Exit {}).await;
    info(client, name).await.status
}
