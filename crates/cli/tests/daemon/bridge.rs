//! `handfast bridge`: the wire on the standard streams.

use super::home::{Home, ended, kill};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

struct Bridge {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
}

impl Bridge {
    /// One that has said hello.
    fn begun(home: &Home, words: &str) -> (Bridge, Value) {
        let mut command = home.handfast(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().unwrap());
        let mut bridge = Bridge {
            child,
            to,
            from,
            next: 1,
        };
        let welcome = bridge.ask("initialize", &json!({"clientName": "test"}));
        bridge.say(&json!({"jsonrpc": "2.0", "method": "initialized"}));
        (bridge, welcome)
    }

    fn say(&mut self, message: &Value) {
        let to = self.to.as_mut().unwrap();
        writeln!(to, "{message}").unwrap();
        to.flush().unwrap();
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let mut line = String::new();
            self.from.read_line(&mut line).unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{answer}");
                return answer["result"].clone();
            }
        }
    }
}

#[test]
fn it_starts_a_daemon_and_ends_with_its_input() {
    let home = Home::new();
    let (mut bridge, welcome) = Bridge::begun(&home, "bridge");
    assert!(
        welcome["owner"]
            .as_str()
            .unwrap()
            .starts_with("user/session-"),
        "{welcome}"
    );
    let start = json!({"argv": ["/bin/sh", "-c", "sleep 1000"], "env": {}, "lifetime": "user", "processId": "p"});
    bridge.ask("process/start", &start);
    drop(bridge.to.take());
    // What it has started lives, and nothing of it holds the bridge's streams.
    let mut rest = String::new();
    bridge.from.read_to_string(&mut rest).unwrap();
    assert!(bridge.child.wait().unwrap().success());
    assert_eq!(home.status()["processes"], 1);
}

#[test]
fn it_acts_for_the_user_where_it_is_told_to() {
    let home = Home::new();
    let (mut bridge, welcome) = Bridge::begun(&home, "bridge --as-user");
    assert_eq!(welcome["owner"], "user");
    drop(bridge.to.take());
    assert!(bridge.child.wait().unwrap().success());
}

#[test]
fn it_ends_with_the_daemon() {
    let home = Home::new();
    let (mut bridge, _) = Bridge::begun(&home, "bridge");
    let daemon = home.pidfd();
    kill(&daemon, Signal::KILL);
    ended(&daemon);
    assert_eq!(bridge.child.wait().unwrap().code(), Some(125));
    let mut why = String::new();
    bridge
        .child
        .stderr
        .unwrap()
        .read_to_string(&mut why)
        .unwrap();
    assert!(
        why.contains("the daemon has closed the connection"),
        "{why}"
    );
}
