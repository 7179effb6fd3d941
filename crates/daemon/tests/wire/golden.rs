//! Golden frames: what each version said, kept as it was said.
//!
//! Those of the newest version are what is said now, byte for byte. Those of every version that is still
//! understood must be read, and mean the same when they are written again.

use super::said::{self, Said};
use handfast_daemon::wire::{
    Call, Incoming, METHODS, NEWEST, OLDEST, RequestId, WireError, error_line, read,
};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn folder(version: u32) -> PathBuf {
    let frames = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/frames");
    frames.join(format!("v{version}"))
}

fn lines(version: u32, name: &str) -> Vec<String> {
    let path = folder(version).join(name);
    let text = fs::read_to_string(&path).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// With `HANDFAST_BLESS=1` the file is written anew.
fn assert_golden(name: &str, now: &[String]) {
    if std::env::var_os("HANDFAST_BLESS").is_some() {
        fs::create_dir_all(folder(NEWEST)).unwrap();
        fs::write(folder(NEWEST).join(name), now.join("\n") + "\n").unwrap();
    }
    let kept = lines(NEWEST, name);
    for (kept, now) in kept.iter().zip(now) {
        assert_eq!(kept, now, "{name}");
    }
    assert_eq!(kept.len(), now.len(), "{name}");
}

fn text(line: Vec<u8>) -> String {
    let text = String::from_utf8(line).unwrap();
    text.strip_suffix('\n').unwrap().to_owned()
}

fn errors() -> Vec<String> {
    let unknown = WireError::invalid("process.unknown", "find process web");
    let unknown = unknown.hint("process/list names yours".to_owned());
    let named = RequestId::Text("a".into());
    vec![
        text(error_line(
            Some(&named),
            &unknown.detail("processId", "web"),
        )),
        text(error_line(None, &read(b"{").unwrap_err().error)),
    ]
}

#[test]
fn what_is_said_now_is_what_was_said() {
    let all = said::calls();
    let requests: Vec<String> = all.iter().map(|said| text(said.request.clone())).collect();
    assert_golden("requests.jsonl", &requests);
    let answers: Vec<String> = all.iter().map(|said| text(said.answer.clone())).collect();
    assert_golden("answers.jsonl", &answers);
    let notes: Vec<String> = said::notes()
        .into_iter()
        .map(|(_, line)| text(line))
        .collect();
    assert_golden("notifications.jsonl", &notes);
    assert_golden("errors.jsonl", &errors());
}

/// An old client against this server: what it says is still understood, all of it.
#[test]
fn requests_of_every_version_are_read_and_mean_the_same() {
    for version in OLDEST..=NEWEST {
        let lines = lines(version, "requests.jsonl");
        assert!(lines.len() >= METHODS.len());
        for line in lines {
            let Incoming::Request { id, method, params } = read(line.as_bytes()).unwrap() else {
                panic!("no request: {line}")
            };
            let call = Call::read(&method, params).unwrap();
            assert_eq!(call.method(), method);
            let again: Value = serde_json::from_slice(&said::request_of(&id, &call)).unwrap();
            assert_eq!(again, serde_json::from_str::<Value>(&line).unwrap());
        }
    }
}

/// This client against an old server, and an old one against this: answers are read with the parameters'
/// own type, and say the same when written again.
#[test]
fn answers_of_every_version_are_read_and_mean_the_same() {
    for version in OLDEST..=NEWEST {
        let requests = lines(version, "requests.jsonl");
        for (request, line) in requests.iter().zip(lines(version, "answers.jsonl")) {
            let Incoming::Request { method, .. } = read(request.as_bytes()).unwrap() else {
                panic!("no request: {request}")
            };
            let Incoming::Answer { outcome, .. } = read(line.as_bytes()).unwrap() else {
                panic!("no answer: {line}")
            };
            let result = outcome.unwrap();
            let again = said::answer_again(&method, result);
            assert_eq!(again, serde_json::from_str::<Value>(result.get()).unwrap());
        }
    }
}

/// What an exec server's client says, which knows nothing of what is ours.
#[test]
fn the_words_of_exec_servers_are_understood() {
    let lines = [
        r#"{"id":1,"method":"initialize","params":{"clientName":"shim"}}"#,
        r#"{"id":2,"method":"process/start","params":{"processId":"p1","argv":["bash","-c","ls"],"cwd":"/","env":{"PATH":"/bin"},"tty":false,"pipeStdin":true,"arg0":null,"sandbox":null,"enforceManagedNetwork":false}}"#,
        r#"{"id":3,"method":"process/read","params":{"processId":"p1","afterSeq":0,"maxBytes":null,"waitMs":1000}}"#,
        r#"{"id":4,"method":"process/write","params":{"processId":"p1","chunk":"aGkK","writeId":"w1"}}"#,
        r#"{"id":5,"method":"process/signal","params":{"processId":"p1","signal":"interrupt"}}"#,
        r#"{"id":6,"method":"process/terminate","params":{"processId":"p1"}}"#,
    ];
    for line in lines {
        let Incoming::Request { method, params, .. } = read(line.as_bytes()).unwrap() else {
            panic!("no request: {line}")
        };
        let call = Call::read(&method, params).unwrap();
        if let Call::Start(start) = call {
            assert_eq!(start.not_served(), None);
        }
    }
    let asked = r#"{"argv":["ls"],"sandbox":{"kind":"read-only"}}"#;
    let asked: handfast_daemon::wire::Start = serde_json::from_str(asked).unwrap();
    assert_eq!(asked.not_served(), Some("sandbox"));
}

/// The control of the golden frames: they would notice another word.
#[test]
fn a_frame_that_says_something_else_is_noticed() {
    let Said { request, .. } = said::calls().swap_remove(0);
    let other = text(request).replace("clientName", "client_name");
    let Incoming::Request { method, params, .. } = read(other.as_bytes()).unwrap() else {
        panic!("it is a request")
    };
    let error = Call::read(&method, params).unwrap_err();
    assert_eq!(error.name(), "wire.bad-params");
    assert!(error.message.contains("client_name"), "{error}");
}
