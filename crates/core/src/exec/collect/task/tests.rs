//! The driver under a paused clock, with processes that are made up.

use super::*;
use crate::config::Stream;
use crate::output::Capture;
use crate::process::Cause;
use crate::process::life::{LeaderEnd, Phase};
use crate::runtime::Runtime;
use handfast_sys::child::Exit;
use std::time::SystemTime;
use tokio::io::{AsyncWriteExt, DuplexStream};

const MAX: usize = 1000;

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

struct Made {
    captured: Captured,
    seen: watch::Sender<Seen>,
    pauses: Pauses,
}

fn made() -> (Made, DuplexStream) {
    let capture = Capture::default().tapped(MAX);
    let captured = Captured::new(&Runtime::current().unwrap(), &capture, &[Stream::Stdout]);
    let (output, end) = tokio::io::duplex(1 << 20);
    captured.follow(&Runtime::current().unwrap(), Stream::Stdout, (end, None));
    let seen = Seen {
        phase: Phase::Up,
        ..Seen::default()
    };
    let made = Made {
        captured,
        seen: watch::Sender::new(seen),
        pauses: Pauses::default(),
    };
    (made, output)
}

impl Made {
    fn exit(&self) {
        self.seen.send_modify(|seen| {
            seen.leader = Some(LeaderEnd {
                exit: Exit::Code(0),
                at: SystemTime::now(),
                cause: Cause::Itself,
            });
        });
    }

    /// What was collected, in how many milliseconds, and whether the pattern came.
    async fn collect(&self, within: u64, until: Option<&str>) -> (String, u128, bool) {
        let begun = Instant::now();
        let mut window = Window::new(ms(within), &self.pauses);
        let until = until.map(|until| until.parse().unwrap());
        let source = (&self.captured, self.seen.subscribe());
        let mut gathered = collect(source, &mut window, until, MAX).await;
        let took = begun.elapsed().as_millis();
        let text = String::from_utf8(gathered.take().to_marked_bytes()).unwrap();
        (text, took, gathered.matched)
    }
}

/// Does something after a while.
async fn after<T>(time: u64, what: impl Future<Output = T>) -> T {
    tokio::time::sleep_until(Instant::now() + ms(time)).await;
    what.await
}

#[tokio::test(start_paused = true)]
async fn output_does_not_end_a_wait_and_the_exit_does() {
    let (made, mut output) = made();
    let story = async {
        after(100, output.write_all(b"one ")).await.unwrap();
        after(100, output.write_all(b"two")).await.unwrap();
        drop(output);
        after(300, async { made.exit() }).await;
    };
    let (collected, ()) = tokio::join!(made.collect(10_000, None), story);
    assert_eq!(collected, ("one two".into(), 500, false));
    // A finished command is not charged a wait at all.
    assert_eq!(made.collect(10_000, None).await, (String::new(), 0, false));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_and_keeps_what_came() {
    let (made, mut output) = made();
    output.write_all(b"early").await.unwrap();
    assert_eq!(made.collect(250, None).await, ("early".into(), 250, false));
    assert_eq!(made.collect(250, None).await, (String::new(), 250, false));
}

#[tokio::test(start_paused = true)]
async fn a_pipe_that_stays_open_delays_the_exit_by_50_ms() {
    let (made, mut output) = made();
    let story = async {
        after(100, async { made.exit() }).await;
        after(30, output.write_all(b"late")).await.unwrap();
    };
    let (collected, ()) = tokio::join!(made.collect(10_000, None), story);
    assert_eq!(collected, ("late".into(), 150, false));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_before_the_process_is_not_waited_on_in_vain() {
    let (made, output) = made();
    drop(output);
    let story = after(100, async { made.exit() });
    let (collected, ()) = tokio::join!(made.collect(10_000, None), story);
    assert_eq!(collected, (String::new(), 100, false));
}

#[tokio::test(start_paused = true)]
async fn while_it_is_paused_no_time_passes() {
    let (made, _output) = made();
    let story = async {
        let guard = after(100, async { made.pauses.hold() }).await;
        let second = after(500, async { made.pauses.hold() }).await;
        drop(guard);
        after(500, async { drop(second) }).await;
    };
    let (collected, ()) = tokio::join!(made.collect(250, None), story);
    assert_eq!(collected, (String::new(), 1_250, false));
}

#[tokio::test(start_paused = true)]
async fn a_pattern_ends_it_early_also_where_it_had_come_before() {
    let (made, mut output) = made();
    let story = after(70, output.write_all(b"is ready now"));
    let (collected, written) = tokio::join!(made.collect(10_000, Some("ready")), story);
    written.unwrap();
    assert_eq!(collected, ("is ready now".into(), 70, true));
    output.write_all(b"ready").await.unwrap();
    let (text, took, matched) = made.collect(10_000, Some("ready")).await;
    assert_eq!((text.as_str(), took, matched), ("ready", 0, true));
    // What was answered before is not looked at again.
    let collected = made.collect(250, Some("ready")).await;
    assert_eq!(collected, (String::new(), 250, false));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_gives_its_output_back() {
    let (made, mut output) = made();
    output.write_all(b"one ").await.unwrap();
    let given_up = tokio::time::timeout(ms(100), made.collect(10_000, None)).await;
    assert!(given_up.is_err());
    output.write_all(b"two").await.unwrap();
    assert_eq!(made.collect(250, None).await.0, "one two");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_much_is_counted() {
    let (made, mut output) = made();
    let story = async {
        output.write_all(&[b'a'; 900]).await.unwrap();
        after(50, output.write_all(&[b'b'; 900])).await.unwrap();
    };
    let ((text, ..), ()) = tokio::join!(made.collect(250, None), story);
    let want = format!(
        "{}\n... 800 bytes omitted ...\n{}",
        "a".repeat(500),
        "b".repeat(500)
    );
    assert_eq!(text, want);
}

#[tokio::test(start_paused = true)]
async fn a_window_bounds_whatever_it_is_given() {
    let pauses = Pauses::default();
    let mut window = Window::new(ms(250), &pauses);
    let begun = Instant::now();
    let never = async {
        let bound = window.bound(std::future::pending::<()>());
        bound.await
    };
    let story = async {
        let guard = after(100, async { pauses.hold() }).await;
        after(1_000, async { drop(guard) }).await;
    };
    let (done, ()) = tokio::join!(never, story);
    assert_eq!((done, begun.elapsed().as_millis()), (None, 1_250));
    assert_eq!(window.bound(async { 5 }).await, Some(5));
}
