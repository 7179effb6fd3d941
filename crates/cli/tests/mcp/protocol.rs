//! What the server says of itself, in both versions of the protocol.

use super::client::{Client, NEW, OLD};
use super::stage::Home;
use serde_json::{Value, json};

const TOOLS: [&str; 7] = [
    "exec_command",
    "write_stdin",
    "list_processes",
    "read_output",
    "wait_for",
    "stop_process",
    "transfer_process",
];

fn names(answer: &Value) -> Vec<String> {
    let tools = answer["result"]["tools"].as_array().unwrap();
    let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
    tools.iter().map(name).collect()
}

#[test]
fn both_versions_list_the_same_tools_and_run_them() {
    let home = Home::new();
    for mut client in [Client::old(&home), Client::new(&home)] {
        let tools = client.ask("tools/list", json!({}));
        assert_eq!(names(&tools), TOOLS);
        for tool in tools["result"]["tools"].as_array().unwrap() {
            assert_eq!(tool["inputSchema"]["type"], "object");
            assert_eq!(tool["outputSchema"]["type"], "object");
            assert!(tool["annotations"]["readOnlyHint"].is_boolean());
        }
        let done = client.done("exec_command", json!({ "cmd": "echo hello" }));
        assert_eq!(
            (&done["output"], &done["exit_code"]),
            (&json!("hello\n"), &json!(0))
        );
        client.close();
    }
}

#[test]
fn the_new_version_is_discovered_and_an_old_client_gets_what_it_asks_for() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let found = client.ask("server/discover", json!({}));
    let versions = found["result"]["supportedVersions"].as_array().unwrap();
    assert!(
        versions.contains(&json!(OLD)) && versions.contains(&json!(NEW)),
        "{found}"
    );
    let tools = client.ask("tools/list", json!({}));
    assert!(tools["result"]["ttlMs"].is_u64(), "{tools}");
    client.close();
    let mut client = Client::silent(&home, "");
    let params = json!({
        "protocolVersion": "2024-11-05", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    });
    let answer = client.ask("initialize", params);
    assert_eq!(answer["result"]["protocolVersion"], "2024-11-05");
    for declared in ["tools", "resources", "prompts"] {
        assert!(
            answer["result"]["capabilities"][declared].is_object(),
            "{declared}"
        );
    }
    assert_eq!(answer["result"]["serverInfo"]["name"], "handfast");
    client.close();
}

#[test]
fn the_skill_is_a_prompt() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let listed = client.ask("prompts/list", json!({}));
    assert_eq!(listed["result"]["prompts"][0]["name"], "handfast");
    let prompt = client.ask("prompts/get", json!({ "name": "handfast" }));
    let text = prompt["result"]["messages"][0]["content"]["text"]
        .as_str()
        .unwrap();
    for tool in TOOLS {
        assert!(text.contains(tool), "{tool}");
    }
    let odd = client.ask("prompts/get", json!({ "name": "odd" }));
    assert_eq!(odd["error"]["code"], -32602, "{odd}");
    client.close();
}

#[test]
fn output_is_a_resource() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let done = client.done("exec_command", json!({ "cmd": "echo hello; exit 3" }));
    let uri = format!(
        "handfast://process/{}/output",
        done["process_id"].as_str().unwrap()
    );
    let listed = client.ask("resources/list", json!({}));
    assert_eq!(listed["result"]["resources"][0]["uri"], uri);
    let read = client.ask("resources/read", json!({ "uri": uri }));
    assert_eq!(read["result"]["contents"][0]["text"], "hello\n");
    let templates = client.ask("resources/templates/list", json!({}));
    assert!(templates["result"]["resourceTemplates"][0]["uriTemplate"].is_string());
    for odd in ["handfast://process/odd/output", "file:///etc/passwd"] {
        let answer = client.ask("resources/read", json!({ "uri": odd }));
        assert_eq!(answer["error"]["code"], -32002, "{answer}");
    }
    client.close();
}

/// It is told while a wait is under way, and not where nobody asked for it.
#[test]
fn who_asks_for_progress_hears_of_it() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let cat = client.ready("echo ready; cat", json!({}));
    let params = json!({
        "name": "wait_for", "_meta": { "progressToken": "p" },
        "arguments": { "session_id": cat["session_id"], "timeout_ms": 50_000 },
    });
    let id = client.send("tools/call", params);
    while client.notes.is_empty() {
        let line = client.line().unwrap();
        assert!(line["id"].is_null(), "{line}");
        client.notes.push(line);
    }
    assert_eq!(client.notes[0]["method"], "notifications/progress");
    assert_eq!(client.notes[0]["params"]["progressToken"], "p");
    let stop = json!({ "session_id": cat["session_id"] });
    client.done("stop_process", stop);
    let answer = client.answer(id);
    assert_eq!(
        answer["result"]["structuredContent"]["outcome"], "exited",
        "{answer}"
    );
    client.close();
}
