//! Waits under a paused clock.

use super::*;
use crate::config::Stream;
use crate::output::{Capture, Pattern};
use crate::process::Cause;
use crate::process::life::{LeaderEnd, Phase};
use crate::runtime::Runtime;
use handfast_sys::child::Exit;
use std::time::SystemTime;
use tokio::io::AsyncWriteExt;

const LONG: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

/// A process whose facts and output are made up.
struct Made {
    captured: Captured,
    output: Option<tokio::io::DuplexStream>,
    seen: watch::Sender<Seen>,
}

impl Made {
    fn new() -> Made {
        let runtime = Runtime::current().unwrap();
        let captured = Captured::new(&runtime, &Capture::default(), &[Stream::Stdout]);
        let (output, end) = tokio::io::duplex(1 << 20);
        captured.follow(&Runtime::current().unwrap(), Stream::Stdout, (end, None));
        let seen = Seen {
            phase: Phase::Up,
            ..Seen::default()
        };
        Made {
            captured,
            output: Some(output),
            seen: watch::Sender::new(seen),
        }
    }

    async fn say(&mut self, text: &str) {
        let output = self.output.as_mut().unwrap();
        output.write_all(text.as_bytes()).await.unwrap();
    }

    fn exit(&self) {
        self.seen.send_modify(|seen| {
            seen.leader = Some(LeaderEnd {
                exit: Exit::Code(3),
                at: SystemTime::now(),
                cause: Cause::Itself,
            });
        });
    }

    fn end(&self) {
        self.seen.send_modify(|seen| seen.phase = Phase::Gone);
    }

    async fn wait(&self, conditions: &[Condition], within: Duration) -> Waited {
        wait(
            Some(&self.captured),
            self.seen.subscribe(),
            conditions,
            within,
        )
        .await
    }
}

fn matching(pattern: &str) -> Condition {
    let pattern: Pattern = pattern.parse().unwrap();
    Condition::Match { pattern, from: 0 }
}

#[tokio::test(start_paused = true)]
async fn every_wait_ends_at_its_deadline() {
    let mut made = Made::new();
    made.say("something").await;
    let conditions = [
        Condition::Exit,
        Condition::TreeEmpty,
        Condition::Output { from: 9 },
        matching("nothing"),
        Condition::Quiet { time: LONG },
        Condition::Port { port: 1 },
    ];
    for condition in &conditions {
        let waited = made
            .wait(std::slice::from_ref(condition), 10 * SECOND)
            .await;
        assert_eq!(waited.outcome, Outcome::TimedOut, "{condition:?}");
        assert!(
            waited.took >= 10 * SECOND && waited.took < 11 * SECOND,
            "{waited:?}"
        );
    }
    let waited = made.wait(&conditions, Duration::ZERO).await;
    assert_eq!(
        (waited.outcome, waited.condition),
        (Outcome::TimedOut, None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_match_that_comes_in_pieces_is_found_when_it_is_whole() {
    let mut made = Made::new();
    let conditions = [Condition::Exit, matching("rea+dy")];
    let captured = made.captured.clone();
    let seen = made.seen.subscribe();
    let waiting = wait(Some(&captured), seen, &conditions, LONG);
    let output = made.output.as_mut().unwrap();
    let speaking = async {
        let mut seconds = tokio::time::interval(SECOND);
        for piece in ["x", "re", "aaa", "d", "y\n"] {
            seconds.tick().await;
            output.write_all(piece.as_bytes()).await.unwrap();
        }
    };
    let (waited, ()) = tokio::join!(waiting, speaking);
    assert_eq!(waited.outcome, Outcome::Matched { offset: 1, len: 7 });
    assert_eq!((waited.condition, waited.took.as_secs()), (Some(1), 4));
}

#[tokio::test(start_paused = true)]
async fn quiet_is_counted_from_the_last_byte_and_from_the_wait() {
    let mut made = Made::new();
    made.say("a").await;
    tokio::time::advance(LONG).await;
    // Long quiet before does not count.
    let quiet = [Condition::Quiet { time: 2 * SECOND }];
    let waited = made.wait(&quiet, LONG).await;
    assert_eq!(
        (waited.outcome, waited.took.as_secs()),
        (Outcome::Quiet { total: 1 }, 2)
    );
    let mut output = made.output.take().unwrap();
    let speaking = tokio::spawn(async move {
        let mut seconds = tokio::time::interval(SECOND);
        seconds.tick().await;
        for _ in 0..5 {
            seconds.tick().await;
            output.write_all(b"b").await.unwrap();
        }
        output
    });
    let waited = made.wait(&quiet, LONG).await;
    assert_eq!(
        (waited.outcome, waited.took.as_secs()),
        (Outcome::Quiet { total: 6 }, 7)
    );
    // An output that has ended is quiet at once.
    drop(speaking.await.unwrap());
    made.captured.wait_for_output(u64::MAX).await;
    assert!(made.wait(&quiet, LONG).await.took < SECOND);
}

/// The idle helper of others had no timer for its absolute limit, or only one.
#[tokio::test(start_paused = true)]
async fn quiet_and_deadline_are_two_timers() {
    let made = Made::new();
    let long = Condition::Quiet { time: 6 * SECOND };
    let waited = made.wait(&[long], 2 * SECOND).await;
    assert_eq!(
        (waited.outcome, waited.took.as_secs()),
        (Outcome::TimedOut, 2)
    );
    let short = Condition::Quiet { time: SECOND };
    let waited = made.wait(&[short], 2 * SECOND).await;
    assert_eq!(
        (waited.outcome, waited.took.as_secs()),
        (Outcome::Quiet { total: 0 }, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn the_three_facts_are_waited_for_one_by_one() {
    let mut made = Made::new();
    made.exit();
    let waited = made
        .wait(&[Condition::TreeEmpty, Condition::Exit], LONG)
        .await;
    assert_eq!(waited.condition, Some(1));
    assert!(matches!(waited.outcome, Outcome::Exited { ended } if ended.exit_code == Some(3)));
    // The leader is gone; tree and output go on.
    assert_eq!(
        made.wait(&[Condition::TreeEmpty], SECOND).await.outcome,
        Outcome::TimedOut
    );
    made.say("late").await;
    let late = made.wait(&[Condition::Output { from: 0 }], LONG).await;
    assert_eq!(late.outcome, Outcome::Output { total: 4 });
    made.end();
    assert_eq!(
        made.wait(&[Condition::TreeEmpty], LONG).await.outcome,
        Outcome::TreeEmpty
    );
    assert_eq!(
        made.wait(&[matching("later")], SECOND).await.outcome,
        Outcome::TimedOut
    );
}

#[tokio::test(start_paused = true)]
async fn what_can_never_come_is_not_waited_for() {
    let mut made = Made::new();
    made.say("some").await;
    made.output = None;
    made.end();
    let conditions = [
        matching("other"),
        Condition::Output { from: 4 },
        Condition::Port { port: 1 },
    ];
    let waited = made.wait(&conditions, LONG).await;
    assert_eq!(waited.outcome, Outcome::Impossible);
    assert!(waited.took < SECOND);
    // What has come before the end is found after it.
    assert_eq!(
        made.wait(&[matching("so")], LONG).await.outcome,
        Outcome::Matched { offset: 0, len: 2 }
    );
    let none = wait(
        None,
        made.seen.subscribe(),
        &[Condition::Output { from: 0 }],
        LONG,
    )
    .await;
    assert_eq!(none.outcome, Outcome::Impossible);
    let exit = wait(None, made.seen.subscribe(), &[Condition::Exit], LONG).await;
    assert_eq!(exit.condition, Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_dropped_takes_nothing() {
    let mut made = Made::new();
    for _ in 0..3 {
        let ready = [matching("ready")];
        let waited = made.wait(&ready, LONG);
        assert!(tokio::time::timeout(SECOND, waited).await.is_err());
    }
    made.say("ready").await;
    assert_eq!(
        made.wait(&[matching("ready")], LONG).await.outcome,
        Outcome::Matched { offset: 0, len: 5 }
    );
    assert_eq!(made.captured.read(0, 10).bytes, b"ready");
}

#[tokio::test(start_paused = true)]
async fn what_was_too_fast_to_be_looked_at_is_counted() {
    let runtime = Runtime::current().unwrap();
    let captured = Captured::new(&runtime, &Capture::default().keep(100), &[Stream::Stdout]);
    captured.shared().with(|state| {
        state
            .store
            .push(Stream::Stdout, &[b'a'; 1000], Duration::ZERO);
    });
    let seen = watch::Sender::new(Seen::default());
    let waited = wait(Some(&captured), seen.subscribe(), &[matching("b")], SECOND).await;
    assert_eq!((waited.outcome, waited.unseen), (Outcome::TimedOut, 900));
}

#[tokio::test]
async fn a_port_is_open_once_somebody_listens() {
    let made = Made::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let waited = made
        .wait(&[Condition::Exit, Condition::Port { port }], LONG)
        .await;
    let address = listener.local_addr().unwrap();
    assert_eq!(
        (waited.outcome, waited.condition),
        (Outcome::Open { address }, Some(1))
    );
}
