//! The words of an exec server's client, line by line.

use super::stage::Stage;
use handfast_daemon::connect::connect;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write as _};

/// A client that knows nothing of ours: it asks, and keeps what it is told beside.
pub(crate) struct Shim {
    stream: BufReader<std::os::unix::net::UnixStream>,
    pub(crate) told: Vec<Value>,
    next: u64,
}

impl Shim {
    pub(crate) fn new(stream: std::os::unix::net::UnixStream) -> Shim {
        Shim {
            stream: BufReader::new(stream),
            told: Vec::new(),
            next: 0,
        }
    }

    /// Says hello, with a token if there is one.
    pub(crate) fn greet(&mut self, token: Option<&str>) {
        let hello = json!({"clientName": "shim", "token": token});
        let hello = self.ask("initialize", hello);
        assert!(hello["result"]["sessionId"].is_string(), "{hello}");
        self.tell(&json!({"method": "initialized"}));
    }

    fn tell(&mut self, message: &Value) {
        let line = format!("{message}\n");
        self.stream.get_mut().write_all(line.as_bytes()).unwrap();
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.tell(&json!({"id": id, "method": method, "params": params}));
        loop {
            let heard = self.hear();
            if heard["id"] == id {
                return heard;
            }
            self.told.push(heard);
        }
    }
}

fn p1() -> Value {
    json!({"processId": "p1"})
}

/// Begins, and refuses what cannot be.
fn begin(shim: &mut Shim) {
    let hello = shim.ask("initialize", json!({"clientName": "shim"}));
    assert!(hello["result"]["sessionId"].is_string());
    shim.tell(&json!({"method": "initialized"}));
    let start = json!({"processId": "p1", "argv": ["/bin/cat"], "cwd": "/", "env": {}, "tty": false, "pipeStdin": true});
    let started = shim.ask("process/start", start.clone());
    assert_eq!(started["result"]["processId"], "p1");
    assert_eq!(shim.ask("process/start", start)["error"]["code"], -32600);
    let empty = shim.ask("process/start", json!({"argv": []}));
    assert_eq!(empty["error"]["code"], -32602);
}

/// Writes twice what is written once, and reads it.
fn talk(shim: &mut Shim) {
    let write = json!({"processId": "p1", "chunk": "aGkK", "writeId": "w1"});
    for _ in 0..2 {
        let written = shim.ask("process/write", write.clone());
        assert_eq!(written["result"]["status"], "accepted");
    }
    let read = json!({"processId": "p1", "afterSeq": 0, "waitMs": 60000});
    let read = &shim.ask("process/read", read)["result"];
    let at = &read["chunks"][0]["atMs"];
    assert!(at.is_u64(), "{at}");
    let chunk = json!({"seq": 1, "stream": "stdout", "chunk": "aGkK", "offset": 0, "atMs": at});
    assert_eq!(read["chunks"], json!([chunk]));
    assert_eq!(
        (&read["nextSeq"], &read["closed"]),
        (&json!(2), &json!(false))
    );
}

/// Ends it, and hears of it in order.
fn end(shim: &mut Shim) {
    assert_eq!(
        shim.ask("process/terminate", p1())["result"]["running"],
        true
    );
    assert_eq!(
        shim.ask("process/terminate", p1())["result"]["running"],
        false
    );
    let is_closed = |told: &Value| told["method"] == "process/closed";
    while !shim.told.last().is_some_and(is_closed) {
        let heard = shim.hear();
        shim.told.push(heard);
    }
    let seqs = shim.told.iter().map(|told| told["params"]["seq"].as_u64());
    assert_eq!(seqs.collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    assert_eq!(shim.told[1]["params"]["exitCode"], 137);
    let signal = json!({"processId": "never", "signal": "interrupt"});
    assert!(shim.ask("process/signal", signal)["result"].is_object());
    let read = shim.ask("process/read", json!({"processId": "never"}));
    assert_eq!(read["error"]["code"], -32600);
}

#[tokio::test]
async fn a_client_of_an_exec_server_gets_what_it_expects() {
    let stage = Stage::new();
    let stream = connect(&stage.place).unwrap().0;
    let session = move || {
        let mut shim = Shim {
            stream: BufReader::new(stream),
            told: Vec::new(),
            next: 0,
        };
        begin(&mut shim);
        talk(&mut shim);
        end(&mut shim);
    };
    tokio::task::spawn_blocking(session).await.unwrap();
    stage.end().await;
}
