//! Callers that mean no good, or know no better.

use super::client::Client;
use super::stage::Home;
use serde_json::{Value, json};

#[test]
fn odd_lines_hurt_nobody() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let deep = "[".repeat(100_000);
    let odd: [&[u8]; 8] = [
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{\"jsonrpc\":\"2.0\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/call\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":9000,\"method\":\"tools/call\",\"params\":7}",
        deep.as_bytes(),
    ];
    for line in odd {
        client.raw(line);
    }
    let done = client.done("exec_command", json!({ "cmd": "echo still here" }));
    assert_eq!(done["output"], "still here\n");
    client.close();
}

#[test]
fn odd_arguments_are_refused_by_name_and_start_nothing() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let huge = "x".repeat(2 * 1024 * 1024);
    let odd = [
        ("exec_command", json!({ "cmd": "echo \u{0} x" })),
        ("exec_command", json!({ "cmd": 7 })),
        ("exec_command", json!({ "cmd": "ls", "tty": "yes" })),
        (
            "exec_command",
            json!({ "cmd": "ls", "workdir": "/a\u{0}b" }),
        ),
        ("exec_command", json!({ "cmd": "ls", "stdin": huge })),
        ("exec_command", json!({ "cmd": huge })),
        ("exec_command", json!({ "cmd": "ls", "until": "(" })),
        (
            "exec_command",
            json!({ "cmd": "ls", "lifetime": "for ever" }),
        ),
        ("exec_command", json!({ "cmd": "ls", "shell": "/bin/cat" })),
        (
            "exec_command",
            json!({ "cmd": "ls", "sandbox_permissions": "require_escalated" }),
        ),
        ("write_stdin", json!({ "session_id": -1 })),
        ("write_stdin", json!({ "session_id": 1e99 })),
        ("write_stdin", json!({ "session_id": "1234" })),
        ("write_stdin", Value::Null),
        ("read_output", json!({ "process_id": "../../etc" })),
        ("stop_process", json!({ "process_id": "1" })),
        (
            "stop_process",
            json!({ "session_id": 1, "process_id": "1" }),
        ),
        ("wait_for", json!({ "process_id": "1", "for": "match" })),
        (
            "transfer_process",
            json!({ "process_id": "1", "to": "host" }),
        ),
    ];
    for (tool, arguments) in odd {
        let said = client.refused(tool, arguments);
        assert!(
            said.contains("[error ") && said.len() < 4096,
            "{tool}: {said}"
        );
    }
    let listed = client.done("list_processes", json!({ "all": true }));
    let rows = listed["processes"].as_array().unwrap();
    // What could not be executed has a record, if it came so far; none of them lives.
    assert!(rows.iter().all(|row| row["state"] == "failed"), "{listed}");
    client.close();
}

#[test]
fn ids_are_no_authority() {
    let home = Home::new();
    let (mut one, mut other) = (Client::old(&home), Client::new(&home));
    let cat = one.ready("echo ready; cat", json!({}));
    let (session, process) = (cat["session_id"].clone(), cat["process_id"].clone());
    for tool in [
        "read_output",
        "wait_for",
        "stop_process",
        "transfer_process",
    ] {
        for id in [
            json!({ "session_id": session }),
            json!({ "process_id": process }),
        ] {
            let said = other.refused(tool, id);
            assert!(said.contains("unknown"), "{tool}: {said}");
        }
    }
    other.refused(
        "write_stdin",
        json!({ "session_id": session, "chars": "x" }),
    );
    assert_eq!(
        other.done("list_processes", json!({ "all": true }))["processes"],
        json!([])
    );
    let uri = format!("handfast://process/{}/output", process.as_str().unwrap());
    assert_eq!(
        other.ask("resources/read", json!({ "uri": uri }))["result"],
        Value::Null
    );
    // The control: it lives, and its owner reaches it.
    assert_eq!(
        one.done("read_output", json!({ "process_id": process }))["output"],
        "ready\n"
    );
    one.close();
    other.close();
}

/// Each is answered, by what it asked for or by the name of a limit, and nothing is left.
#[test]
fn a_thousand_calls_at_once_are_all_answered() {
    let home = Home::new();
    let mut client = Client::old(&home);
    client.done("exec_command", json!({ "cmd": "true" }));
    let mut ids = Vec::new();
    for number in 0..1000 {
        let id = match number % 4 {
            0 => client.send_call("exec_command", json!({ "cmd": "echo x", "login": false })),
            1 => client.send_call("list_processes", json!({})),
            2 => client.send_call("write_stdin", json!({ "session_id": number })),
            _ => client.send("tools/list", json!({})),
        };
        if number % 10 == 0 {
            client.tell("notifications/cancelled", json!({ "requestId": id }));
        } else {
            ids.push(id);
        }
    }
    let mut ran = 0;
    for id in ids {
        let answer = client.answer(id);
        let result = &answer["result"];
        assert!(result.is_object(), "{answer}");
        if result["structuredContent"]["exit_code"] == 0 {
            assert_eq!(result["structuredContent"]["output"], "x\n");
            ran += 1;
        } else if result["isError"] == true {
            let said = result["content"][0]["text"].as_str().unwrap();
            assert!(said.contains("[error "), "{said}");
        }
    }
    assert!(ran >= 5, "{ran}");
    client.close();
    loop {
        if home.processes_left() == 0 {
            break;
        }
        std::thread::yield_now();
    }
}
