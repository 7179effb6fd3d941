//! Clients that do it wrong, by accident or on purpose.

use super::stage::{Stage, code};
use handfast_daemon::connect::connect;
use handfast_daemon::serve::Settings;
use handfast_daemon::wire::*;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Says lines and reads as many answers as are asked for.
async fn say(
    stage: &Stage,
    lines: Vec<u8>,
    answers: usize,
) -> (Vec<serde_json::Value>, BufReader<UnixStream>) {
    let stream = connect(&stage.place).unwrap().0;
    let talk = move || {
        // The daemon may be done with us before we are.
        let _ = (&stream).write_all(&lines);
        let mut stream = BufReader::new(stream);
        let mut read = Vec::new();
        for _ in 0..answers {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            read.push(serde_json::from_str(&line).unwrap());
        }
        (read, stream)
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

fn name(answer: &serde_json::Value) -> &str {
    answer["error"]["data"]["code"].as_str().unwrap_or("none")
}

const HELLO: &str = r#"{"id":1,"method":"initialize","params":{"clientName":"x"}}"#;
const OVER: &str = r#"{"method":"initialized"}"#;
const STATUS: &str = r#"{"id":2,"method":"daemon/status"}"#;

fn lines(all: &[&str]) -> Vec<u8> {
    (all.join("\n") + "\n").into_bytes()
}

#[tokio::test]
async fn nothing_is_done_before_the_handshake_is_over() {
    let stage = Stage::new();
    let (answers, _open) = say(
        &stage,
        lines(&[STATUS, HELLO, STATUS, HELLO, OVER, STATUS]),
        5,
    )
    .await;
    let names: Vec<&str> = answers.iter().map(name).collect();
    let not = "wire.not-initialized";
    assert_eq!(names, [not, "none", not, not, "none"]);
    assert!(answers[4]["result"]["pid"].is_number());
    let early = lines(&[OVER, HELLO, STATUS]);
    let (answers, _open) = say(&stage, early, 2).await;
    assert_eq!(name(&answers[1]), not);
    stage.end().await;
}

#[tokio::test]
async fn a_line_that_is_no_message_is_answered_and_the_next_one_is_taken() {
    let stage = Stage::new();
    let wrong = [
        "{",
        "[]",
        "\u{1}",
        r#"{"id":7,"method":"process/fly"}"#,
        r#"{"id":8,"method":"process/read","params":{}}"#,
    ];
    let mut all = vec![HELLO, OVER];
    all.extend(wrong);
    all.push(STATUS);
    let (answers, _open) = say(&stage, lines(&all), 7).await;
    let names: Vec<&str> = answers[1..6].iter().map(name).collect();
    assert_eq!(
        names,
        [
            "wire.not-json",
            "wire.not-a-message",
            "wire.not-json",
            "wire.unknown-method",
            "wire.bad-params"
        ]
    );
    assert!(answers[6]["result"]["pid"].is_number());
    stage.end().await;
}

#[tokio::test]
async fn a_line_that_is_too_long_is_answered_and_costs_nobody_the_session() {
    let stage = Stage::new();
    let mut all = vec![b'x'; FIRST_FRAME + 1];
    all.push(b'\n');
    all.extend(lines(&[HELLO, OVER]));
    all.extend(vec![b'y'; LONGEST_FRAME + 1]);
    all.push(b'\n');
    all.extend(lines(&[STATUS]));
    let (answers, _open) = say(&stage, all, 4).await;
    let names: Vec<&str> = answers.iter().map(name).collect();
    let long = "wire.frame-too-long";
    assert_eq!(names, [long, "none", long, "none"]);
    stage.end().await;
}

/// A client that never ends its line, one that says nothing, and one that never ends its handshake.
#[tokio::test]
async fn who_is_too_slow_is_cut_off() {
    let mut settings = Settings::default();
    (settings.handshake, settings.patience) =
        (Duration::from_millis(200), Duration::from_millis(200));
    let stage = Stage::with(settings);
    let half = format!("{HELLO}\n{OVER}\n{{\"id\":3");
    for (said, answers) in [
        (String::new(), 0),
        (format!("{HELLO}\n"), 1),
        ("{".into(), 0),
        (half, 1),
    ] {
        let (_, mut stream) = say(&stage, said.into_bytes(), answers).await;
        let rest = move || stream.read_to_end(&mut Vec::new()).unwrap();
        assert_eq!(tokio::task::spawn_blocking(rest).await.unwrap(), 0);
    }
    // The control: who has said hello may be silent for as long as they like.
    let client = stage.client().await;
    // ABSENCE: it is not cut off.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let status = client.call(&DaemonStatus {}).await.unwrap();
    assert_eq!(status.sessions, 1);
    stage.end().await;
}

#[tokio::test]
async fn a_client_of_another_version_is_told_which_are_spoken() {
    let stage = Stage::new();
    let hello = Initialize {
        protocol: Some(Versions {
            oldest: 90,
            newest: 99,
        }),
        ..stage.hello()
    };
    assert_eq!(code(stage.greet(hello).await.map(|_| ())), "wire.version");
    stage.end().await;
}

/// Garbage in every place, from many clients at once; others are served all the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn garbage_from_many_hurts_nobody() {
    let stage = Stage::new();
    let mut talks = Vec::new();
    for seed in 0..32_u64 {
        let stream = connect(&stage.place).unwrap().0;
        talks.push(tokio::task::spawn_blocking(move || {
            let mut state = seed + 1;
            let mut bytes = if seed % 2 == 0 {
                lines(&[HELLO, OVER])
            } else {
                Vec::new()
            };
            for _ in 0..20_000 {
                // xorshift64: any bytes do.
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                bytes.push((state & 0xFF) as u8);
            }
            // It may be closed to us.
            let _ = (&stream).write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = (&stream).read_to_end(&mut Vec::new());
        }));
    }
    let client = stage.client().await;
    for _ in 0..50 {
        client.call(&DaemonStatus {}).await.unwrap();
    }
    for talk in talks {
        talk.await.unwrap();
    }
    client.call(&DaemonStatus {}).await.unwrap();
    stage.end().await;
}
