//! The command line of the MCP inspector, each call with a server of its own.

use super::super::stage::Home;
use super::Node;
use serde_json::{Value, json};

const INSPECTOR: &str = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";

/// What it calls the versions of the protocol.
const ERAS: [&str; 3] = ["legacy", "modern", "auto"];

/// Calls one method; answers the exit code and what was printed.
fn inspect(node: &Node, home: &Home, words: &[&str]) -> (Option<i32>, Value) {
    let mut inspector = node.run(home, &node.file(INSPECTOR));
    inspector.args(["--cli", "--format", "json", "-e"]);
    inspector.arg(format!("HANDFAST_HOME={}", home.path().display()));
    inspector.args(words).arg(testkit::handfast()).arg("mcp");
    let output = inspector.output().unwrap();
    let said = serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
    (output.status.code(), said["result"].clone())
}

/// As [`inspect`], of what must work.
fn done(node: &Node, home: &Home, words: &[&str]) -> Value {
    let (code, result) = inspect(node, home, words);
    assert_eq!(code, Some(0), "{words:?}: {result}");
    assert!(result.is_object(), "{words:?}");
    result
}

#[test]
fn the_inspector_lists_and_calls_what_there_is() {
    let Some(node) = Node::here() else { return };
    let home = Home::new();
    for era in ERAS {
        let ask = |words: &[&str]| {
            let all = [&["--protocol-era", era, "--method"], words].concat();
            done(&node, &home, &all)
        };
        // It ends with 6 where a schema has trouble with some client.
        let tools = ask(&["tools/list", "--strict"]);
        assert_eq!(tools["tools"].as_array().unwrap().len(), 7, "{tools}");
        let call = json!({ "cmd": "echo hello; exit 3", "login": false }).to_string();
        let call = [
            "tools/call",
            "--tool-name",
            "exec_command",
            "--tool-args-json",
            &call,
        ];
        let ran = ask(&call);
        let given = &ran["structuredContent"];
        assert_eq!(given["output"], "hello\n", "{ran}");
        assert_eq!(given["exit_code"], 3, "{ran}");
        assert_eq!(ask(&["resources/list"])["resources"], json!([]));
        let templates = ask(&["resources/templates/list"]);
        assert_eq!(
            templates["resourceTemplates"][0]["uriTemplate"],
            "handfast://process/{process_id}/output"
        );
        let prompts = ask(&["prompts/list"]);
        assert_eq!(prompts["prompts"][0]["name"], "handfast");
        let prompt = ask(&["prompts/get", "--prompt-name", "handfast"]);
        let text = prompt["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(text.contains("wait_for"), "{text}");
    }
}

#[test]
fn the_inspector_is_told_what_there_is_not() {
    let Some(node) = Node::here() else { return };
    let home = Home::new();
    let odd: [&[&str]; 3] = [
        &["--method", "tools/call", "--tool-name", "odd"],
        &["--method", "prompts/get", "--prompt-name", "odd"],
        &[
            "--method",
            "resources/read",
            "--uri",
            "handfast://process/odd/output",
        ],
    ];
    for words in odd {
        let (code, result) = inspect(&node, &home, words);
        assert_ne!(code, Some(0), "{words:?}");
        assert_eq!(result, Value::Null, "{words:?}");
    }
}
