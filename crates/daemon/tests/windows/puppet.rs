//! What the tests start: this very test program, which plays a script.
//!
//! A puppet says a line beginning with `@` for each step that is done.

use handfast_daemon::Place;
use handfast_daemon::client::{Launch, connect_or_start};
use handfast_daemon::wire::{DaemonStatus, LifetimeName};
use std::io::{BufRead, Write};
use std::net::TcpStream;
use std::os::windows::process::CommandExt;
use std::process::{Command, Stdio};

/// The variable with the script.
pub(crate) const SCRIPT: &str = "HANDFAST_PUPPET";

/// `DETACHED_PROCESS`, `CREATE_NEW_PROCESS_GROUP`.
pub(crate) const DETACHED: u32 = 0x8;
const NEW_GROUP: u32 = 0x200;

/// The harness's own arguments, by which this program is a puppet.
pub(crate) const ARGUMENTS: [&str; 3] = ["--exact", "puppet::puppet", "--nocapture"];

/// Plays the script that the environment names; without one it is a test that has nothing to do.
#[test]
fn puppet() {
    let Ok(script) = std::env::var(SCRIPT) else {
        return;
    };
    let words: Vec<&str> = script.split(' ').collect();
    play(&words);
    std::process::exit(0);
}

pub(crate) fn say(line: impl std::fmt::Display) {
    // The harness may have begun a line.
    let mut out = std::io::stdout().lock();
    write!(out, "\n@{line}\n").unwrap();
    out.flush().unwrap();
}

fn play<'a>(mut words: &'a [&'a str]) {
    while let Some((word, rest)) = words.split_first() {
        words = rest;
        match *word {
            "park" => loop {
                std::thread::park();
            },
            "say" => say(take(&mut words)),
            "exit" => std::process::exit(take(&mut words).parse().unwrap()),
            "echo" => echo(),
            // Until it ends, whoever listens there can see that it lives.
            "hold" => std::mem::forget(
                TcpStream::connect(("127.0.0.1", take(&mut words).parse().unwrap())).unwrap(),
            ),
            "spawn" => start(inner(&mut words)),
            "client" => client(take(&mut words), take(&mut words)),
            "launch" => launch(take(&mut words)),
            other => panic!("no such word: {other}"),
        }
    }
}

fn take<'a>(words: &mut &'a [&'a str]) -> &'a str {
    let (word, rest) = words.split_first().unwrap();
    *words = rest;
    word
}

/// The words between brackets.
fn inner<'a>(words: &mut &'a [&'a str]) -> &'a [&'a str] {
    let close = words.iter().rposition(|word| *word == "]").unwrap();
    assert_eq!(words[0], "[");
    let inner = &words[1..close];
    *words = &words[close + 1..];
    inner
}

/// Starts another puppet as any program would.
fn start(script: &[&str]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(ARGUMENTS).env(SCRIPT, script.join(" "));
    command
        .stdin(Stdio::null())
        .creation_flags(DETACHED | NEW_GROUP);
    // Nobody waits for it: it ends with its tree.
    match command.spawn() {
        Ok(_) => {}
        Err(error) => panic!("{error}"),
    }
}

/// Says each line that it reads.
fn echo() {
    for line in std::io::stdin().lock().lines() {
        say(format!("<{}>", line.unwrap()));
    }
}

/// Is a client that starts two processes which hold a port: one for as long as its session, one on a lease.
fn client(folder: &str, port: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = runtime.block_on(async {
        let place = Place::at(folder);
        let launch = Launch::new("none", "puppet");
        let (client, _notes) = handfast_daemon::client::session(&place, &launch)
            .await
            .unwrap();
        for (name, lifetime) in [
            ("bound", LifetimeName::Session),
            ("leased", LifetimeName::Lease { ms: 600_000 }),
        ] {
            let mut start = crate::stage::start(name, &format!("hold {port} say up park"));
            start.lifetime = Some(lifetime);
            client.call(&start).await.unwrap();
        }
        client
    });
    say("started");
    std::thread::park();
    drop(client);
}

/// Reaches the daemon of a folder, and starts one where there is none.
fn launch(folder: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pid = runtime.block_on(async {
        let mut launch = Launch::new(crate::stage::daemon(), "puppet");
        launch.tied = Some(|tie| say(format!("tied: {tie}")));
        let reached = connect_or_start(&Place::at(folder), &launch).await;
        let (client, _notes) = reached.unwrap();
        client.call(&DaemonStatus {}).await.unwrap().pid
    });
    say(format!("daemon {pid}"));
}
