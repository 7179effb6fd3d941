//! A daemon, clients of it, and what tells that a tree lives.

use crate::puppet::{ARGUMENTS, DETACHED, SCRIPT};
use handfast::ProcessManager;
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, Notes, connect, user_token};
use handfast_daemon::listen::{Claimed, Seat, claim};
use handfast_daemon::serve::{Daemon, Settings};
use handfast_daemon::wire::*;
use handfast_sys::connection::Listener;
use std::io::{BufRead, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// The program that is a daemon: an example, which lies beside the tests.
pub(crate) fn daemon() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().and_then(std::path::Path::parent).unwrap();
    folder.join("examples").join("daemon.exe")
}

/// A daemon that serves within the test.
pub(crate) struct Stage {
    pub(crate) daemon: Daemon,
    pub(crate) place: Place,
    serving: JoinHandle<()>,
    _seat: Seat,
    _above: TempDir,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        let above = tempfile::tempdir().unwrap();
        let place = Place::at(above.path().join("daemon"));
        let Claimed::Ours(seat) = claim(&place).unwrap() else {
            panic!("the seat was free")
        };
        let manager = ProcessManager::builder().reaper(daemon()).build().unwrap();
        let (daemon, token) = Daemon::of_place(manager, Settings::default(), &place).unwrap();
        seat.leave_token(&token).unwrap();
        let mut listener = Some(Listener::new(seat.socket()).unwrap());
        let serves = daemon.clone();
        let serving = tokio::spawn(async move {
            if let Some(listener) = listener.take() {
                serves.serve(listener).await;
            }
        });
        Stage {
            daemon,
            place,
            serving,
            _seat: seat,
            _above: above,
        }
    }

    /// Ends everything, so that nothing outlives the test.
    pub(crate) async fn end(self) {
        self.serving.abort();
        self.daemon.end_everything().await;
    }

    pub(crate) async fn user(&self) -> Client {
        user(&self.place).await.0
    }
}

fn hello(token: Option<Secret>) -> Initialize {
    Initialize {
        client_name: "test".into(),
        client_version: None,
        protocol: Some(Versions::OURS),
        resume_session_id: None,
        token,
        resume_ms: None,
    }
}

/// A client that acts for the user.
pub(crate) async fn user(place: &Place) -> (Client, Notes) {
    let token = user_token(place).unwrap();
    let (connection, _) = connect(place).unwrap();
    let hello = hello(Some(token));
    Client::begin(connection, &hello).await.unwrap()
}

/// A puppet of this name.
pub(crate) fn start(name: &str, script: &str) -> Start {
    let own = std::env::current_exe().unwrap();
    let root = handfast_sys::child::system_root().unwrap();
    let words = [own.to_str().unwrap()].into_iter().chain(ARGUMENTS);
    let variables = [(SCRIPT, script), ("SystemRoot", root.to_str().unwrap())];
    let variables = variables.map(|(name, value)| (name.to_owned(), Word::from(value)));
    Start {
        process_id: Some(name.to_owned()),
        argv: words.map(Word::from).collect(),
        env: Variables(variables.into()),
        notify: Some(false),
        grace_ms: Some(50),
        ..Start::default()
    }
}

/// Waits until a process has said something.
pub(crate) async fn said(client: &Client, name: &str, pattern: &str) {
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

/// What members of trees connect to, and hold until they end.
pub(crate) struct Witness(TcpListener);

/// One of them.
pub(crate) struct Held(TcpStream);

impl Witness {
    pub(crate) fn new() -> Witness {
        Witness(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// So many that have come.
    pub(crate) fn held<const COUNT: usize>(&self) -> [Held; COUNT] {
        [(); COUNT].map(|()| Held(self.0.accept().unwrap().0))
    }
}

impl Held {
    /// Waits for its end.
    pub(crate) fn ended(mut self) {
        match self.0.read(&mut [0]) {
            Ok(0) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("{other:?}"),
        }
    }

    /// Whether it lives, now.
    pub(crate) fn lives(&self) -> bool {
        self.0.set_nonblocking(true).unwrap();
        let looked = (&self.0).read(&mut [0]);
        self.0.set_nonblocking(false).unwrap();
        looked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    }
}

/// A puppet that nothing holds but this; killed when it is dropped.
pub(crate) struct Alone {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Drop for Alone {
    fn drop(&mut self) {
        // One that has ended needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Alone {
    pub(crate) fn playing(script: &str) -> Alone {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(ARGUMENTS).env(SCRIPT, script);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.creation_flags(DETACHED).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Alone { child, said }
    }

    /// The next line that it says; `None` at the end.
    pub(crate) fn next(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.said.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(said) = line.trim_end().strip_prefix('@') {
                return Some(said.to_owned());
            }
        }
    }

    /// Ends it as the system does, without a word.
    pub(crate) fn terminate(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
