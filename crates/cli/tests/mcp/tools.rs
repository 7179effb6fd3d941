//! What the tools do.

use super::client::Client;
use super::stage::Home;
use serde_json::{Value, json};

#[test]
fn the_text_is_that_of_unified_exec_and_the_fields_say_the_same() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let result = client.call("exec_command", json!({ "cmd": "echo hello; exit 3" }));
    let text = result["content"][0]["text"].as_str().unwrap();
    let given = &result["structuredContent"];
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        format!("Chunk ID: {}", given["chunk_id"].as_str().unwrap())
    );
    let seconds = given["wall_time_seconds"].as_f64().unwrap();
    assert_eq!(lines[1], format!("Wall time: {seconds:.4} seconds"));
    assert_eq!(
        &lines[2..],
        [
            "Process exited with code 3",
            "Original token count: 2",
            "Output:",
            "hello"
        ]
    );
    assert_eq!(given["exit_code"], 3);
    assert_eq!(given["cause"], "itself");
    assert_eq!(given["leader"], "exited");
    assert!(given.get("session_id").is_none());
    client.close();
}

#[test]
fn a_command_runs_where_the_server_runs_with_its_variables() {
    let home = Home::new();
    let mut client = Client::silent(&home, "--env MARK=here --keep-env PATH");
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    client.ask("initialize", params);
    client.tell("notifications/initialized", json!({}));
    let cmd = "pwd -P; echo $MARK $HANDFAST_HOME; echo $PAGER";
    let done = client.done("exec_command", json!({ "cmd": cmd, "login": false }));
    let folder = home.path().canonicalize().unwrap();
    assert_eq!(done["output"], format!("{}\nhere\ncat\n", folder.display()));
    client.close();
}

#[test]
fn a_session_is_written_to_read_listed_and_stopped() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let cat = client.ready("echo ready; cat", json!({ "purpose": "a test" }));
    let session = cat["session_id"].clone();
    let written = client.done(
        "write_stdin",
        json!({ "session_id": session, "chars": "hello\n", "until": "hello", "yield_time_ms": 30_000 }),
    );
    assert_eq!(written["output"], "hello\n");
    assert_eq!(written["matched"], true);
    let read = client.done("read_output", json!({ "session_id": session }));
    assert_eq!(read["output"], "ready\nhello\n");
    assert_eq!(read["exited"], false);
    let tail = json!({ "session_id": session, "tail_lines": 1 });
    assert_eq!(client.done("read_output", tail)["output"], "hello\n");
    let grep = json!({ "process_id": cat["process_id"], "grep": "read" });
    assert_eq!(client.done("read_output", grep)["output"], "ready\n");
    let after = json!({ "session_id": session, "after": read["cursor"] });
    assert_eq!(client.done("read_output", after)["output"], "");
    let listed = client.done("list_processes", json!({}));
    let row = &listed["processes"][0];
    assert_eq!(
        (&row["session_id"], &row["purpose"]),
        (&session, &json!("a test"))
    );
    assert_eq!(
        (&row["state"], &row["command"]),
        (&json!("running"), &json!("echo ready; cat"))
    );
    let stopped = client.done("stop_process", json!({ "session_id": session }));
    assert_eq!(stopped["survivors"], json!([]));
    assert_eq!(stopped["cause"], "stop");
    // It goes on answering, to whoever asks by any of its names.
    let poll = client.done("write_stdin", json!({ "session_id": session }));
    assert_eq!(poll["cause"], "stop");
    assert_eq!(
        client.done("list_processes", json!({}))["processes"],
        json!([])
    );
    let all = client.done("list_processes", json!({ "all": true }));
    assert_eq!(all["processes"][0]["session_id"], session);
    client.close();
}

#[test]
fn a_wait_ends_with_what_was_waited_for() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let gate = home.fifo("gate");
    let cmd = format!(
        "echo ready; read x <{}; echo open; exit 7",
        gate.path().display()
    );
    let waiter = client.ready(&cmd, json!({}));
    let session = waiter["session_id"].clone();
    let matched = client.send_call(
        "wait_for",
        json!({ "session_id": session, "for": "match", "pattern": "(?m)^open", "timeout_ms": 50_000 }),
    );
    let exited = client.send_call("wait_for", json!({ "session_id": session }));
    std::fs::write(gate.path(), "\n").unwrap();
    let matched = client.answer(matched)["result"]["structuredContent"].clone();
    assert_eq!(
        (&matched["outcome"], &matched["matched_at"]),
        (&json!("matched"), &json!(6))
    );
    let exited = client.answer(exited)["result"]["structuredContent"].clone();
    assert_eq!(
        (&exited["outcome"], &exited["exit_code"]),
        (&json!("exited"), &json!(7))
    );
    client.close();
}

#[test]
fn a_wait_says_what_was_granted() {
    let home = Home::new();
    let mut client = Client::silent(&home, "--longest-wait 300ms");
    let params = json!({
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    client.ask("initialize", params);
    client.tell("notifications/initialized", json!({}));
    let cat = client.ready("echo ready; cat", json!({}));
    let wait = json!({ "session_id": cat["session_id"], "timeout_ms": 600_000 });
    let waited = client.done("wait_for", wait);
    assert_eq!(waited["outcome"], "timed-out");
    assert_eq!(waited["wait_requested_ms"], 600_000);
    assert_eq!(
        (&waited["wait_applied_ms"], &waited["capped"]),
        (&json!(300), &json!(true))
    );
    client.close();
}

/// A call that is given up ends the wait and not the process, and no output is lost.
#[test]
fn a_call_that_is_given_up_ends_no_process() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let cat = client.ready("echo ready; cat", json!({}));
    let session = cat["session_id"].clone();
    let poll = json!({ "session_id": session, "yield_time_ms": 50_000 });
    for tool in ["write_stdin", "wait_for"] {
        let arguments = match tool {
            "wait_for" => json!({ "session_id": session }),
            _ => poll.clone(),
        };
        let id = client.send_call(tool, arguments);
        client.tell(
            "notifications/cancelled",
            json!({ "requestId": id, "reason": "test" }),
        );
    }
    // It would have to wait for its turn behind the first one.
    let write = json!({ "session_id": session, "chars": "hello\n", "until": "hello", "yield_time_ms": 30_000 });
    let written = client.done("write_stdin", write);
    assert_eq!(written["output"], "hello\n");
    // The same while it starts.
    let gate = home.fifo("gate");
    let cmd = format!("echo begun; read x <{}; cat", gate.path().display());
    let arguments = json!({ "cmd": cmd, "purpose": "given up", "yield_time_ms": 30_000 });
    let id = client.send_call("exec_command", arguments);
    let find = |client: &mut Client| -> Option<Value> {
        let listed = client.done("list_processes", json!({}))["processes"].clone();
        let mut rows = listed.as_array().unwrap().clone().into_iter();
        rows.find(|row| row["purpose"] == "given up" && row["session_id"].is_number())
    };
    while find(&mut client).is_none() {}
    client.tell("notifications/cancelled", json!({ "requestId": id }));
    let row = find(&mut client).unwrap();
    assert_eq!(row["state"], "running");
    let wait = json!({ "session_id": row["session_id"], "for": "match", "pattern": "begun" });
    assert_eq!(client.done("wait_for", wait)["outcome"], "matched");
    client.close();
}

#[test]
fn errors_are_read_by_the_model_and_have_a_name() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let unknown = client.refused("write_stdin", json!({ "session_id": 7 }));
    assert!(
        unknown.starts_with("write_stdin failed: Unknown process id 7"),
        "{unknown}"
    );
    assert!(
        unknown.ends_with("[error exec.unknown-process-id]"),
        "{unknown}"
    );
    let failed = client.refused(
        "exec_command",
        json!({ "cmd": "ls", "workdir": "/no/such" }),
    );
    assert!(failed.starts_with("exec_command failed for `"), "{failed}");
    assert!(
        failed.contains("/no/such") || failed.contains("directory"),
        "{failed}"
    );
    let odd = client.refused("exec_command", json!({ "cmd": "ls", "cwd": "/" }));
    assert!(
        odd.contains("`cwd`") && odd.contains("mcp.bad-arguments"),
        "{odd}"
    );
    let neither = client.refused("read_output", json!({}));
    assert!(neither.contains("mcp.which-process"), "{neither}");
    let answer = client.ask("tools/call", json!({ "name": "odd", "arguments": {} }));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    client.close();
}

/// What the daemon starts has descriptors of its own and none of the protocol's.
#[test]
fn no_descriptor_of_the_protocol_reaches_a_command() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let server = client.server.id();
    let pipes = |pid: &str| -> Vec<String> {
        let folder = format!("/proc/{pid}/fd");
        let all = std::fs::read_dir(folder).unwrap();
        let link = |entry: std::fs::DirEntry| std::fs::read_link(entry.path()).ok();
        let links = all.filter_map(|entry| link(entry.unwrap()));
        let links = links.map(|link| link.display().to_string());
        links
            .filter(|link| link.starts_with("pipe:") || link.starts_with("socket:"))
            .collect()
    };
    let ours = pipes(&server.to_string());
    let done = client.done(
        "exec_command",
        json!({ "cmd": "ls -l /proc/self/fd; cat /proc/self/fdinfo/0 >&2" }),
    );
    let listed = done["output"].as_str().unwrap();
    // The control: both are seen.
    assert!(listed.contains("pipe:") && ours.iter().any(|link| link.starts_with("pipe:")));
    for link in ours {
        assert!(!listed.contains(&link), "{link}: {listed}");
    }
    let names = listed.lines().filter(|line| line.contains(" -> "));
    // Its three streams, and the folder that is being listed.
    assert_eq!(names.count(), 4, "{listed}");
    client.close();
}

/// By the port at which it listens, and only where that is one of its own.
#[test]
fn a_process_is_stopped_by_its_port() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    let said = client.refused("stop_process", json!({ "port": port }));
    assert!(said.contains("mcp.port"), "{said}");
    drop(stranger);
    let script = "import socket, sys, time\ns = socket.create_server(('127.0.0.1', 0))\n\
        print('ready', s.getsockname()[1], flush=True)\ntime.sleep(1000)";
    let cmd = format!("exec python3 -c \"{script}\"");
    let server = client.ready(&cmd, json!({ "login": false }));
    let output = server["output"].as_str().unwrap();
    let port: u16 = output.split_whitespace().nth(1).unwrap().parse().unwrap();
    let wait = json!({ "session_id": server["session_id"], "for": "port", "port": port });
    assert_eq!(client.done("wait_for", wait)["outcome"], "open");
    let stopped = client.done("stop_process", json!({ "port": port }));
    assert_eq!(stopped["process_id"], server["process_id"]);
    assert_eq!(stopped["survivors"], json!([]));
    client.close();
}
