//! The blocking client: a whole life, many threads at once, its life line, and where it is refused.

use super::stage::Home;
use handfast_daemon::client::blocking::{Client, Notes, connect_or_start, session};
use handfast_daemon::client::{ClientError, Launch, LaunchError};
use handfast_daemon::wire::*;
use testkit::caged;

fn launch() -> Launch {
    Launch::new(testkit::handfast(), "test")
}

fn connected(home: &Home) -> (Client, Notes) {
    connect_or_start(&home.place(), &launch()).unwrap()
}

fn sh(name: &str, script: &str) -> Start {
    Start {
        process_id: Some(name.to_owned()),
        argv: ["/bin/sh", "-c", script].map(Word::from).to_vec(),
        env: Variables([("PATH".to_owned(), Word::from("/usr/bin:/bin"))].into()),
        notify: Some(false),
        ..Start::default()
    }
}

fn wait(client: &Client, name: &str, conditions: Vec<Condition>) -> Waited {
    let wait = Wait {
        process_id: name.to_owned(),
        conditions,
        wait_ms: None,
    };
    client.call(&wait).unwrap()
}

/// All that a process has said until nothing more can come.
fn read_all(client: &Client, name: &str) -> String {
    let (mut said, mut after_seq) = (Vec::new(), 0);
    loop {
        let read = Read {
            process_id: name.to_owned(),
            after_seq,
            max_bytes: None,
            wait_ms: 60_000,
        };
        let answer = client.call(&read).unwrap();
        for chunk in &answer.chunks {
            assert_eq!(chunk.offset, said.len() as u64);
            said.extend_from_slice(&chunk.chunk.0);
        }
        after_seq = answer.next_seq - 1;
        if answer.closed {
            return String::from_utf8(said).unwrap();
        }
    }
}

/// Nothing of a test is left when its body returns.
fn stop_daemon(home: &Home) {
    let (client, _) = session(&home.place(), &launch()).unwrap();
    client.call(&DaemonStop::default()).unwrap();
}

#[test]
fn a_whole_life_without_a_runtime() {
    caged("blocking::a_whole_life_without_a_runtime", || {
        let home = Home::new();
        let none = session(&home.place(), &launch()).unwrap_err();
        assert_eq!(none.code(), "connect.no-daemon");
        let (client, notes) = connected(&home);
        assert_eq!(client.welcome().owner, "user");
        client.call(&EventsSubscribe::default()).unwrap();
        let mut start = sh("echo", "echo ready; read line; echo got $line; sleep 1000");
        start.pipe_stdin = true;
        client.call(&start).unwrap();
        let matched = |pattern: &str| Condition::Match {
            pattern: pattern.to_owned(),
            from: 0,
        };
        wait(&client, "echo", vec![matched("ready")]);
        let write = Write {
            process_id: "echo".to_owned(),
            chunk: Bytes::from(&b"this\n"[..]),
            write_id: None,
            wait_ms: None,
        };
        let written = client.call(&write).unwrap();
        assert_eq!((written.status, written.taken), (WriteStatus::Accepted, 5));
        let waited = wait(&client, "echo", vec![matched("got this")]);
        assert_eq!(waited.outcome, "matched");
        let listed = client.call(&List::default()).unwrap().processes;
        let names: Vec<&str> = listed.iter().map(|info| info.process_id.as_str()).collect();
        assert_eq!(names, ["echo"]);
        let stop = Stop {
            process_id: "echo".to_owned(),
            grace_ms: None,
        };
        assert!(client.call(&stop).unwrap().survivors.is_empty());
        assert_eq!(read_all(&client, "echo"), "ready\ngot this\n");
        let told = notes.map(|told| told.unwrap().read::<EventNote>().unwrap());
        let words: Vec<String> = told
            .map(|event| event.word)
            .take_while(|word| word != "terminated")
            .collect();
        assert!(words.contains(&"running".to_owned()), "{words:?}");
        drop(client);
        stop_daemon(&home);
    });
}

#[test]
fn threads_ask_beside_one_another() {
    caged("blocking::threads_ask_beside_one_another", || {
        let home = Home::new();
        let (client, _) = connected(&home);
        client.call(&sh("long", "sleep 1000")).unwrap();
        std::thread::scope(|threads| {
            // It waits for what only the others bring about.
            let waits = threads.spawn(|| wait(&client, "long", vec![]));
            for number in 0..8 {
                let client = &client;
                threads.spawn(move || {
                    let name = format!("p{number}");
                    client.call(&sh(&name, &format!("echo {name}"))).unwrap();
                    assert_eq!(read_all(client, &name), format!("{name}\n"));
                });
            }
            let process_id = "long".to_owned();
            client.call(&Terminate { process_id }).unwrap();
            assert_eq!(waits.join().unwrap().status.signal, Some(9));
        });
        stop_daemon(&home);
    });
}

/// With a control: what was declared to survive does.
#[test]
fn the_drop_of_a_client_ends_what_it_started() {
    caged(
        "blocking::the_drop_of_a_client_ends_what_it_started",
        || {
            let home = Home::new();
            let (client, notes) = connected(&home);
            let (dies, lives) = (home.fifo("dies"), home.fifo("lives"));
            let mut start = sh("dies", &dies.tree());
            start.grace_ms = Some(50);
            client.call(&start).unwrap();
            let mut start = sh("lives", &lives.tree());
            start.grace_ms = Some(50);
            start.lifetime = Some(LifetimeName::User);
            client.call(&start).unwrap();
            let (dies, lives) = (dies.held(), lives.held());
            // What is told alone keeps no session.
            drop(client);
            dies.ended();
            assert!(lives.is_held());
            assert_eq!(notes.count(), 0, "the connection is closed");
            stop_daemon(&home);
            lives.ended();
        },
    );
}

#[test]
fn errors_have_the_names_and_the_words_of_the_daemon() {
    caged(
        "blocking::errors_have_the_names_and_the_words_of_the_daemon",
        || {
            let home = Home::new();
            let (client, _) = connected(&home);
            let process_id = "never".to_owned();
            assert!(!client.call(&Terminate { process_id }).unwrap().running);
            let stop = Stop {
                process_id: "never".to_owned(),
                grace_ms: None,
            };
            let refused = client.call(&stop).unwrap_err();
            assert_eq!(refused.code(), "process.unknown");
            assert_eq!(refused.to_string(), "find process never");
            let mut other = launch();
            other.hello.token = Some(Secret("handfast-none".to_owned()));
            let refused = session(&home.place(), &other).unwrap_err();
            assert_eq!(refused.code(), "token.unknown");
            client.call(&DaemonStop::default()).unwrap();
            // It closes the connection behind its answer.
            let gone = loop {
                match client.call(&DaemonStatus {}) {
                    Ok(_) => {}
                    Err(error) => break error,
                }
            };
            assert!(
                ["client.closed", "daemon.leaving"].contains(&gone.code()),
                "{gone:?}"
            );
        },
    );
}

/// With a control: the same client works on a thread beside the runtime.
#[test]
fn in_a_runtime_it_is_refused_and_nothing_is_done() {
    caged(
        "blocking::in_a_runtime_it_is_refused_and_nothing_is_done",
        || {
            let home = Home::new();
            let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
            runtime.block_on(async {
                let refused = connect_or_start(&home.place(), &launch()).unwrap_err();
                assert_eq!(refused.code(), "client.in-runtime");
                assert!(!home.path().join("run").exists(), "a daemon was started");
            });
            let (client, mut notes) = connected(&home);
            runtime.block_on(async {
                let refused = client.call(&sh("p", "true")).unwrap_err();
                assert_eq!(refused.code(), "client.in-runtime");
                let told = notes.next().unwrap();
                assert_eq!(told.unwrap_err().code(), "client.in-runtime");
                let refused = session(&home.place(), &launch());
                assert!(matches!(
                    refused,
                    Err(LaunchError::Client(ClientError::InRuntime))
                ));
                let beside = || client.call(&DaemonStatus {}).unwrap().processes;
                let processes = std::thread::scope(|threads| threads.spawn(beside).join().unwrap());
                assert_eq!(processes, 0);
            });
            stop_daemon(&home);
        },
    );
}
