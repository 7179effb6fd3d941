//! However long somebody misuses them, server and daemon hold no more than at first.

use super::client::Client;
use super::stage::Home;
use serde_json::json;

/// What a process holds of the system, as the kernel counts it.
#[derive(Debug, Clone, Copy)]
struct Held {
    resident_kib: u64,
    descriptors: usize,
    threads: usize,
}

fn held(pid: u64) -> Held {
    let entries = |what: &str| {
        std::fs::read_dir(format!("/proc/{pid}/{what}"))
            .unwrap()
            .count()
    };
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    Held {
        resident_kib: number.parse().unwrap(),
        descriptors: entries("fd"),
        threads: entries("task"),
    }
}

/// How many times a round makes each wrong call.
const TIMES: u64 = 50;

/// One of everything that a caller can do wrong, at once; what is not given up is answered.
fn misuse(client: &mut Client, number: u64) {
    let long = "x".repeat(64 * 1024);
    let uri = format!("handfast://process/{number}/output");
    let calls = [
        ("exec_command", json!({ "cmd": "a\u{0}b", "purpose": long })),
        (
            "write_stdin",
            json!({ "session_id": number, "chars": long }),
        ),
        ("read_output", json!({ "process_id": long })),
        ("list_processes", json!({ "odd": long })),
    ];
    let mut ids: Vec<_> = calls
        .into_iter()
        .map(|(tool, arguments)| client.send_call(tool, arguments))
        .collect();
    ids.push(client.send("resources/read", json!({ "uri": long })));
    ids.push(client.send("resources/subscribe", json!({ "uri": uri })));
    client.raw(b"{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":7}");
    client.raw(b"{ this is no JSON");
    let given_up = ids.remove((number % 6) as usize);
    client.tell("notifications/cancelled", json!({ "requestId": given_up }));
    for id in ids {
        client.answer(id);
    }
    client.early();
    client.notes.clear();
}

/// Commands of every kind of end: by themselves, given up, stopped.
fn run(client: &mut Client) {
    let cat = json!({ "cmd": "cat", "stdin_open": true, "login": false });
    for _ in 0..COMMANDS / 3 {
        let given_up = client.send_call("exec_command", cat.clone());
        client.tell("notifications/cancelled", json!({ "requestId": given_up }));
        let ready = client.ready("echo ready; cat", json!({ "login": false }));
        let stop = json!({ "session_id": ready["session_id"], "grace_ms": 0 });
        client.done("stop_process", stop);
        client.done("exec_command", json!({ "cmd": "echo x", "login": false }));
    }
    let listed = client.done("list_processes", json!({}));
    for row in listed["processes"].as_array().unwrap() {
        let stop = json!({ "process_id": row["process_id"], "grace_ms": 0 });
        client.done("stop_process", stop);
    }
}

/// Does something again and again, and looks at what is held after each round: after so many for what is
/// kept on purpose, there is no more to come.
fn rounds(count: usize, warm: usize, mut work: impl FnMut(&mut Client)) {
    let home = Home::new();
    let mut client = Client::old(&home);
    client.done("list_processes", json!({}));
    let daemon = home.status()["pid"].as_u64().unwrap();
    let pids = [u64::from(client.server.id()), daemon];
    let mut early = pids.map(held);
    for round in 0..count {
        work(&mut client);
        let now = pids.map(held);
        println!("round {round}: server {:?}, daemon {:?}", now[0], now[1]);
        if round < warm {
            early = [0, 1].map(|which| Held {
                resident_kib: now[which].resident_kib,
                ..early[which]
            });
        }
        for (early, now) in early.iter().zip(now) {
            let of = format!("round {round}: {early:?} {now:?}");
            assert!(now.resident_kib < early.resident_kib + SLACK_KIB, "{of}");
            assert!(now.descriptors <= early.descriptors + FEW, "{of}");
            assert!(now.threads <= early.threads + FEW, "{of}");
        }
    }
    let left = client.done("list_processes", json!({}));
    assert_eq!(left["processes"], json!([]));
    client.close();
    assert_eq!(home.processes_left(), 0);
}

/// What may come and go in an allocator: of as many wrong calls as are made, 10 KiB each would be more, and each
/// brings 64.
const SLACK_KIB: u64 = 8 * 1024;

/// Descriptors and threads that may come with first use.
const FEW: usize = 8;

/// How many commands one round runs.
const COMMANDS: usize = 60;

/// Until the daemon has all that it keeps: 1,024 records, and 4,096 events.
const FULL: usize = 40;

#[test]
fn heavy_misuse_leaves_nothing_held() {
    rounds(5, 2, |client| {
        for number in 0..TIMES {
            misuse(client, number);
        }
    });
}

/// With more rounds than fill what is kept (`HANDFAST_ROUNDS`, by hand) memory must stay where it is then;
/// descriptors and threads always must.
#[test]
fn heavy_commands_leave_nothing_held() {
    let count = std::env::var("HANDFAST_ROUNDS").ok();
    let count = count.map_or(3, |count| count.parse().unwrap());
    rounds(count, FULL, run);
}

/// A line that is too long is dropped whole, and what comes after it is answered.
#[test]
fn a_line_without_an_end_is_not_kept() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let before = held(u64::from(client.server.id())).resident_kib;
    let part = vec![b'x'; 1024 * 1024];
    for _ in 0..64 {
        client.part(&part);
    }
    client.raw(b"");
    let done = client.done(
        "exec_command",
        json!({ "cmd": "echo here", "login": false }),
    );
    assert_eq!(done["output"], "here\n");
    let after = held(u64::from(client.server.id())).resident_kib;
    // The limit is 16 MiB, of which a buffer may have the double.
    assert!(after < before + 48 * 1024, "{before} {after}");
    client.close();
}

/// So many may wait at once, and one more is told that it is too many.
#[test]
fn heavy_waits_at_once_are_counted() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let cat = client.ready("echo ready; cat", json!({ "login": false }));
    let wait = json!({ "session_id": cat["session_id"] });
    let mut ids: Vec<_> = (0..1024)
        .map(|_| client.send_call("wait_for", wait.clone()))
        .collect();
    // It comes first, since nothing else can be answered yet.
    let refused = client.refused("wait_for", wait);
    assert!(refused.contains("[error "), "{refused}");
    // Given up, they make room for whoever comes then.
    for id in ids.split_off(512) {
        client.tell("notifications/cancelled", json!({ "requestId": id }));
    }
    client.done(
        "stop_process",
        json!({ "session_id": cat["session_id"], "grace_ms": 0 }),
    );
    for id in ids {
        assert!(client.answer(id)["result"].is_object());
    }
    client.close();
    assert_eq!(home.processes_left(), 0);
}
