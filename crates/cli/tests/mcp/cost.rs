//! What a model pays: the list of tools, and a piece of work with one wait against the same with polls.
//!
//! `cargo nextest run -p handfast-cli --test mcp cost --no-capture` prints the figures of `docs/mcp.md`. Tokens
//! are bytes by four, as the tools themselves count them; where `HANDFAST_MCP_NODE` is said, those of a
//! tokenizer (`o200k_base`) stand beside them.

use super::client::Client;
use super::real::{Node, beside};
use super::stage::Home;
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// Something that a model writes or reads.
struct Part {
    name: String,
    text: String,
}

fn part(name: impl Into<String>, text: impl Into<String>) -> Part {
    Part {
        name: name.into(),
        text: text.into(),
    }
}

/// By a real tokenizer, where there is one.
fn counted(home: &Home, parts: &[Part]) -> Option<Vec<u64>> {
    let node = Node::here()?;
    let package = node.file("gpt-tokenizer/esm/encoding/o200k_base.js");
    let mut counting = node.run(home, &beside("tokens.mjs"));
    counting
        .arg(package)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut counting = counting.spawn().unwrap();
    let texts: Vec<_> = parts.iter().map(|part| &part.text).collect();
    let texts = serde_json::to_vec(&texts).unwrap();
    counting.stdin.take().unwrap().write_all(&texts).unwrap();
    let output = counting.wait_with_output().unwrap();
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Prints a table, and answers the sum of its tokens as the tools count them.
fn print(home: &Home, title: &str, parts: &[Part]) -> usize {
    println!("-- {title}");
    let counted = counted(home, parts);
    let mut sum = 0;
    for (at, part) in parts.iter().enumerate() {
        let (bytes, tokens) = (part.text.len(), part.text.len().div_ceil(4));
        sum += tokens;
        let real = counted
            .as_ref()
            .map_or(String::new(), |all| format!(", {} of o200k_base", all[at]));
        println!(
            "{:<40} {bytes:>6} bytes, {tokens:>5} tokens{real}",
            part.name
        );
    }
    let real: Option<u64> = counted.map(|all| all.iter().sum());
    let real = real.map_or(String::new(), |real| format!(", {real} of o200k_base"));
    println!("{:<40} {:>6}        {sum:>5} tokens{real}", "all of it", "");
    sum
}

#[test]
fn the_list_of_tools_is_short() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let tools = client.ask("tools/list", json!({}))["result"]["tools"].clone();
    let tools = tools.as_array().unwrap();
    let parts: Vec<_> = tools
        .iter()
        .map(|tool| {
            // What clients hand to models: no schema of results, and no hints.
            let models = json!({
                "name": tool["name"], "description": tool["description"], "input_schema": tool["inputSchema"],
            });
            part(tool["name"].as_str().unwrap(), models.to_string())
        })
        .collect();
    let sum = print(&home, "the list of tools, as models get it", &parts);
    assert!(sum < 2000, "{sum}");
    client.close();
}

/// How many lines the work writes, one in five seconds: a minute of it.
const STEPS: usize = 12;

/// A piece of work that goes on when it is told so.
struct Work {
    gate: std::fs::File,
    session: Value,
    parts: Vec<Part>,
}

impl Work {
    fn begin(home: &Home, client: &mut Client, name: &str) -> Work {
        let gate = home.fifo(name);
        let cmd = format!(
            "while read step; do echo \"step $step of {STEPS}\"; done <{}",
            gate.path().display()
        );
        let arguments = json!({ "cmd": cmd, "login": false, "yield_time_ms": 250 });
        // Its path is not what usual work is called.
        let said = json!({ "cmd": "cargo build --release", "yield_time_ms": 250 });
        let begun = client.call("exec_command", arguments);
        let session = begun["structuredContent"]["session_id"].clone();
        assert!(session.is_number(), "{begun}");
        let gate = std::fs::OpenOptions::new()
            .write(true)
            .open(gate.path())
            .unwrap();
        let parts = vec![
            part("exec_command, asked", said.to_string()),
            part("exec_command, told", text(&begun)),
        ];
        Work {
            gate,
            session,
            parts,
        }
    }

    fn step(&mut self, number: usize) {
        writeln!(self.gate, "{number}").unwrap();
    }
}

fn text(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap().to_owned()
}

/// Polls after each line, and once more for the end.
fn by_polls(home: &Home, client: &mut Client) -> Vec<Part> {
    let mut work = Work::begin(home, client, "polled");
    let session = work.session.clone();
    let asked = json!({ "session_id": session, "chars": "" }).to_string();
    for number in 1..=STEPS {
        // Ends with the line and not with the time, which is all that tells it from a plain poll.
        let poll = json!({ "session_id": session, "until": format!("step {number} "), "yield_time_ms": 50_000 });
        let poll = client.send_call("write_stdin", poll);
        work.step(number);
        let told = client.answer(poll)["result"].clone();
        assert_eq!(told["structuredContent"]["matched"], true, "{told}");
        work.parts
            .push(part(format!("poll {number}, asked"), asked.clone()));
        work.parts
            .push(part(format!("poll {number}, told"), text(&told)));
    }
    let poll = client.send_call(
        "write_stdin",
        json!({ "session_id": session, "yield_time_ms": 50_000 }),
    );
    drop(work.gate);
    let told = client.answer(poll)["result"].clone();
    assert_eq!(told["structuredContent"]["exit_code"], 0, "{told}");
    work.parts.push(part("last poll, asked", asked));
    work.parts.push(part("last poll, told", text(&told)));
    work.parts
}

/// One wait that ends with the work, and has what it wrote.
fn by_one_wait(home: &Home, client: &mut Client) -> Vec<Part> {
    let mut work = Work::begin(home, client, "waited");
    let asked = json!({ "session_id": work.session, "yield_time_ms": 50_000 });
    let wait = client.send_call("write_stdin", asked.clone());
    for number in 1..=STEPS {
        work.step(number);
    }
    drop(work.gate);
    let told = client.answer(wait)["result"].clone();
    assert_eq!(told["structuredContent"]["exit_code"], 0, "{told}");
    let lines = told["structuredContent"]["output"]
        .as_str()
        .unwrap()
        .lines()
        .count();
    assert_eq!(lines, STEPS, "{told}");
    work.parts.push(part("the wait, asked", asked.to_string()));
    work.parts.push(part("the wait, told", text(&told)));
    work.parts
}

/// How much a conversation has before the work begins, in tokens.
const BEFORE: usize = 20_000;

/// What the model reads in all: each call sends all that was said before it again.
fn read(parts: &[Part]) -> usize {
    let mut context = BEFORE;
    let mut sum = 0;
    for call in parts.chunks(2) {
        sum += context;
        context += call
            .iter()
            .map(|part| part.text.len().div_ceil(4))
            .sum::<usize>();
    }
    // And once more to say something of the result.
    sum + context
}

#[test]
fn one_wait_costs_one_call_and_polls_cost_many() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let polls = by_polls(&home, &mut client);
    let wait = by_one_wait(&home, &mut client);
    let polled = print(&home, "a minute of work, polled after each line", &polls);
    let waited = print(&home, "the same, with one wait", &wait);
    let (polls, wait) = (
        (polls.len() / 2, read(&polls)),
        (wait.len() / 2, read(&wait)),
    );
    println!(
        "polled: {} calls, {polled} tokens, {} read with {BEFORE} before; waited: {} calls, {waited} tokens, {} read",
        polls.0, polls.1, wait.0, wait.1
    );
    // One to start it, and one until it ends, however long that takes.
    assert_eq!((polls.0, wait.0), (STEPS + 2, 2));
    assert!(waited * 3 < polled, "{waited} {polled}");
    client.close();
}
