//! A client of the protocol, as plain as can be: lines of JSON over pipes.

use super::stage::Home;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub(crate) const OLD: &str = "2025-11-25";
pub(crate) const NEW: &str = "2026-07-28";

pub(crate) struct Client {
    pub(crate) server: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    next: u64,
    /// Answers that came before they were asked after.
    early: HashMap<u64, Value>,
    pub(crate) notes: Vec<Value>,
    /// What each request says of itself, where there is no handshake.
    meta: Option<Value>,
}

impl Client {
    /// Starts a server, and says nothing.
    pub(crate) fn silent(home: &Home, words: &str) -> Client {
        Client::begin(&mut home.handfast(&format!("mcp {words}")))
    }

    fn begin(command: &mut Command) -> Client {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        Client {
            to: server.stdin.take(),
            from: BufReader::new(server.stdout.take().unwrap()),
            server,
            next: 1,
            early: HashMap::new(),
            notes: Vec::new(),
            meta: None,
        }
    }

    /// A server behind a client of its own: `cat`, which a shell has started. The shell is `server` here.
    pub(crate) fn behind(home: &Home) -> Client {
        let mut command = home.command("/bin/sh".as_ref());
        let script = format!("cat | {} mcp", testkit::handfast().display());
        command.args(["-c", &script]);
        Client::begin(&mut command).shaken()
    }

    /// With the handshake of 2025-11-25.
    pub(crate) fn old(home: &Home) -> Client {
        Client::silent(home, "").shaken()
    }

    fn shaken(mut self) -> Client {
        let params = json!({
            "protocolVersion": OLD, "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = self.ask("initialize", params);
        assert_eq!(answer["result"]["protocolVersion"], OLD, "{answer}");
        self.tell("notifications/initialized", json!({}));
        self
    }

    /// Without a handshake, as of 2026-07-28.
    pub(crate) fn new(home: &Home) -> Client {
        let mut client = Client::silent(home, "");
        client.meta = Some(json!({
            "io.modelcontextprotocol/protocolVersion": NEW,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        }));
        client
    }

    pub(crate) fn raw(&mut self, line: &[u8]) {
        let to = self.to.as_mut().unwrap();
        to.write_all(line).unwrap();
        to.write_all(b"\n").unwrap();
    }

    /// A piece of a line.
    pub(crate) fn part(&mut self, part: &[u8]) {
        self.to.as_mut().unwrap().write_all(part).unwrap();
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        let note = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.raw(note.to_string().as_bytes());
    }

    /// Asks, and does not wait.
    pub(crate) fn send(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        if let Some(Value::Object(meta)) = &self.meta {
            let own = params["_meta"].as_object().cloned().unwrap_or_default();
            let all = meta.clone().into_iter().chain(own);
            params["_meta"] = Value::Object(all.collect());
        }
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.raw(request.to_string().as_bytes());
        id
    }

    /// The next line; `None` at the end.
    pub(crate) fn line(&mut self) -> Option<Value> {
        let mut line = String::new();
        let read = self.from.read_line(&mut line).unwrap();
        (read > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    /// The answers that came before they were asked after.
    pub(crate) fn early(&mut self) -> Vec<Value> {
        self.early.drain().map(|(_, answer)| answer).collect()
    }

    /// As [`Client::line`], from a server that may have been killed while it wrote.
    pub(crate) fn some_line(&mut self) -> Option<Value> {
        let mut line = Vec::new();
        self.from.read_until(b'\n', &mut line).unwrap();
        serde_json::from_slice(&line).ok()
    }

    /// Waits for an answer.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        if let Some(answer) = self.early.remove(&id) {
            return answer;
        }
        loop {
            let line = self.line().unwrap_or_else(|| panic!("no answer to {id}"));
            match line["id"].as_u64() {
                Some(other) if other == id => return line,
                Some(other) => _ = self.early.insert(other, line),
                None => self.notes.push(line),
            }
        }
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id)
    }

    pub(crate) fn send_call(&mut self, tool: &str, arguments: Value) -> u64 {
        self.send(
            "tools/call",
            json!({ "name": tool, "arguments": arguments }),
        )
    }

    /// The result of a tool, whatever it is.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.send_call(tool, arguments);
        let answer = self.answer(id);
        assert!(answer["error"].is_null(), "{answer}");
        answer["result"].clone()
    }

    /// What a tool gives to programs; it must have worked.
    pub(crate) fn done(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments);
        assert_ne!(result["isError"], true, "{result}");
        result["structuredContent"].clone()
    }

    /// What a tool says where it has not worked.
    pub(crate) fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// Starts what says `ready` and goes on.
    pub(crate) fn ready(&mut self, cmd: &str, more: Value) -> Value {
        let mut arguments = json!({
            "cmd": cmd, "until": "ready", "yield_time_ms": 30_000, "stdin_open": true,
        });
        for (name, value) in more.as_object().unwrap() {
            arguments[name] = value.clone();
        }
        let done = self.done("exec_command", arguments);
        assert_eq!(done["matched"], true, "{done}");
        done
    }

    /// Closes its input, and waits until it has ended.
    pub(crate) fn close(mut self) {
        drop(self.to.take());
        while self.line().is_some() {}
        assert!(self.server.wait().unwrap().success());
    }

    /// Closes its input.
    pub(crate) fn hang_up(&mut self) {
        drop(self.to.take());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Most have ended by now.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
