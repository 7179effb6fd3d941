//! Messages that are nearly right, from clients that come and go: a real daemon on real sockets.
//!
//! Each round is made from a number, so that it can be had again. Rounds go on for as many seconds as
//! `HANDFAST_FUZZ` says, else for a few rounds. What must hold after each batch: nothing in the daemon has
//! panicked, it answers others, every session is gone with its connection, and no process is left.

use super::stage::Stage;
use handfast_daemon::connect::connect;
use handfast_daemon::wire::*;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How many clients at once, and how many lines each says.
const CLIENTS: u64 = 8;
const LINES: usize = 24;

/// The rounds without `HANDFAST_FUZZ`.
const ROUNDS: u64 = 4;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// xorshift64: any numbers do.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % sides.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// The requests of the golden frames: one of each method.
fn known() -> Vec<Value> {
    let frames = include_str!("../frames/v1/requests.jsonl");
    frames
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A value that is worth trying.
fn odd(dice: &mut Dice) -> Value {
    let all = [
        Value::Null,
        true.into(),
        0.into(),
        (-1).into(),
        u64::MAX.into(),
        1e308.into(),
        "".into(),
        "x".into(),
        "0".repeat(70_000).into(),
        "\u{0}\n\u{1b}[2J".into(),
        "../../etc".into(),
        "user".into(),
        "mine".into(),
        Value::Array(vec![Value::Null; 500]),
        serde_json::json!({"base64": "/w=="}),
        serde_json::json!({"for": "exit"}),
        serde_json::json!(["/bin/true"]),
        serde_json::json!(["/bin/cat"]),
        1.into(),
        100.into(),
        65_535.into(),
    ];
    dice.pick(&all).clone()
}

/// Changes something in a message.
fn change(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(fields) if !fields.is_empty() && dice.roll(4) != 0 => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            match dice.roll(6) {
                0 => _ = fields.remove(&name),
                1 => _ = fields.insert(name, odd(dice)),
                _ => change(fields.get_mut(&name).unwrap(), dice),
            }
        }
        Value::Array(all) if !all.is_empty() && dice.roll(3) != 0 => {
            let at = dice.roll(all.len());
            change(&mut all[at], dice);
        }
        other => *other = odd(dice),
    }
}

/// Bytes that a client says.
fn line(known: &[Value], dice: &mut Dice) -> Vec<u8> {
    let mut message = dice.pick(known).clone();
    // Waits would only wait, and nobody is there any more to be waited for.
    for name in ["waitMs", "resumeMs", "deadlineMs", "graceMs"] {
        if let Some(params) = message["params"]
            .as_object_mut()
            .filter(|params| params.contains_key(name))
        {
            params.insert(name.into(), 5.into());
        }
    }
    if message["method"] == "process/start" && dice.roll(3) != 0 {
        let argv = if dice.roll(2) == 0 {
            "/bin/cat"
        } else {
            "/bin/true"
        };
        message["params"] =
            serde_json::json!({"argv": [argv], "env": {}, "processId": "mine", "pipeStdin": true});
    } else {
        for _ in 0..dice.roll(3) {
            change(&mut message["params"], dice);
        }
        if dice.roll(12) == 0 {
            change(&mut message, dice);
        }
    }
    let mut line = message.to_string().into_bytes();
    match dice.roll(20) {
        0 => line.truncate(dice.roll(line.len())),
        1 => {
            let at = dice.roll(line.len());
            line[at] = dice.roll(256).to_le_bytes()[0];
        }
        2 => line.extend(vec![b'['; 10_000]),
        _ => {}
    }
    line.push(b'\n');
    line
}

/// One client, from its number on.
fn client(stream: UnixStream, seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let known = known();
    stream.set_nonblocking(false).unwrap();
    let reader = stream.try_clone().unwrap();
    let reading = std::thread::spawn(move || {
        // Whatever is answered, it is messages.
        let mut said = Vec::new();
        let _ = (&reader).take(64 << 20).read_to_end(&mut said);
        for line in said
            .split(|byte| *byte == b'\n')
            .filter(|line| line.last() == Some(&b'}'))
        {
            assert!(read(line).is_ok(), "{}", String::from_utf8_lossy(line));
        }
    });
    let mut said = Vec::new();
    if dice.roll(8) != 0 {
        said.extend(b"{\"id\":1,\"method\":\"initialize\",\"params\":{\"clientName\":\"f\"}}\n");
        said.extend(b"{\"method\":\"initialized\"}\n");
    }
    for _ in 0..LINES {
        said.extend(line(&known, &mut dice));
    }
    if dice.roll(4) == 0 {
        said.truncate(dice.roll(said.len()));
    }
    for piece in said.chunks(1 + dice.roll(8000)) {
        // It may be done with us before we are.
        if (&stream).write_all(piece).is_err() {
            break;
        }
    }
    let how = [std::net::Shutdown::Write, std::net::Shutdown::Both];
    let _ = stream.shutdown(*dice.pick(&how));
    reading.join().unwrap();
}

async fn settled(stage: &Stage) {
    let user = stage.user().await;
    loop {
        let status = user.call(&DaemonStatus {}).await.unwrap();
        if status.sessions == 1 && status.connections == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    // What was declared to survive has done so, and what was not may be about to end.
    while user.call(&DaemonStatus {}).await.unwrap().processes > 0 {
        for info in user.call(&List::default()).await.unwrap().processes {
            let terminate = Terminate {
                process_id: info.handle,
            };
            user.call(&terminate).await.unwrap();
        }
    }
    user.call(&Clean::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_nearly_right_hurt_nobody() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::AcqRel);
        before(info);
    }));
    let seconds = std::env::var("HANDFAST_FUZZ")
        .ok()
        .and_then(|text| text.parse().ok());
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let stage = Stage::new();
    let mut round = 0;
    while until.map_or(round < ROUNDS, |until| Instant::now() < until) {
        let clients = (0..CLIENTS).map(|number| {
            let stream = connect(&stage.place).unwrap().0;
            let seed = round * CLIENTS + number + 1;
            tokio::task::spawn_blocking(move || client(stream, seed))
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        settled(&stage).await;
        assert_eq!(PANICS.load(Ordering::Acquire), 0, "round {round}");
        round += 1;
    }
    eprintln!("{round} rounds of {CLIENTS} clients with {LINES} lines each");
    stage.end().await;
}
