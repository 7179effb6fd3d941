//! Ends, and what is told of them.

use super::*;
use crate::exec::ExecStatus;

#[tokio::test(start_paused = true)]
async fn an_end_comes_behind_the_call_that_is_waiting_and_needs_no_call() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(300);
    let mut made = stage.started().await;
    call.await.unwrap().unwrap();
    assert_eq!(stage.event().await, "begin 1000");
    stage.write("", 5000).await.unwrap().unwrap();
    assert_eq!(stage.event().await, "interaction \"\"");
    let poll = stage.write("", 300_000);
    tokio::task::yield_now().await;
    made.exit(Exit::Code(3), Cause::Itself);
    // It was told before the answer, and a poll that sees the end is no interaction.
    assert_eq!(poll.await.unwrap().unwrap().exit_code, Some(3));
    assert_eq!(
        word(&stage.events.try_next().unwrap().event),
        "end 3 failed "
    );
    let call = stage.exec(300);
    let mut made = stage.started().await;
    call.await.unwrap().unwrap();
    assert_eq!(stage.event().await, "begin 1001");
    made.exit(Exit::Unknown, Cause::Unknown);
    assert_eq!(stage.event().await, "end -1 failed ");
    stage.no_event();
}

#[tokio::test(start_paused = true)]
async fn an_end_needs_no_end_of_the_output() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    made.say("caf\u{e9}").await;
    let begun = Instant::now();
    let held = made.output.take();
    made.exit(Exit::Code(0), Cause::Itself);
    let answer = call.await.unwrap().unwrap();
    assert_eq!((answer.exit_code, begun.elapsed()), (Some(0), ms(50)));
    assert!(answer.state.output_open);
    assert_eq!(stage.event().await, "begin 1000");
    assert_eq!(stage.event().await, "output caf\u{e9}");
    assert_eq!(stage.event().await, "end 0 completed caf\u{e9}");
    assert_eq!(begun.elapsed(), ms(100));
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn a_denial_fails_the_session_and_the_first_message_counts() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    made.say("said").await;
    tokio::task::yield_now().await;
    assert!(
        stage
            .sessions
            .deny(1000, "Network access was denied")
            .unwrap()
    );
    assert!(!stage.sessions.deny(1000, "something else").unwrap());
    made.obey().await;
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.code(), "exec.process-failed");
    assert!(error.to_string().ends_with("Network access was denied"));
    assert_eq!(stage.event().await, "begin 1000");
    assert_eq!(stage.event().await, "output said");
    assert_eq!(
        stage.event().await,
        "end -1 failed said\nNetwork access was denied"
    );
    // It is answered so from then on, and it is too late for another one.
    let late = stage.write("", 5000).await.unwrap().unwrap_err();
    assert_eq!(late.code(), "exec.process-failed");
    assert!(!stage.sessions.deny(1000, "late").unwrap());
    assert!(stage.sessions.deny(1234, "late").is_err());
}

#[tokio::test(start_paused = true)]
async fn a_denial_may_come_late_where_that_is_expected() {
    for expected in [true, false] {
        let mut stage = Stage::new(ExecProfile::new().late_denials(expected));
        let call = stage.exec(10_000);
        let mut made = stage.started().await;
        made.exit(Exit::Code(0), Cause::Itself);
        let sessions = Arc::clone(&stage.sessions);
        let late = async move {
            tokio::time::sleep_until(Instant::now() + ms(60)).await;
            sessions.deny(1000, "Network access was denied").unwrap()
        };
        let (answer, in_time) = tokio::join!(call, late);
        let answer = answer.unwrap();
        assert_eq!((answer.is_err(), in_time), (expected, expected));
        stage.event().await;
        let end = stage.event().await;
        assert_eq!(end.contains("denied"), expected, "{end}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_ten_thousand_outputs_only_the_end_is_told_and_it_has_all() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    assert_eq!(stage.event().await, "begin 1000");
    for _ in 0..10_000 {
        made.say("x").await;
        assert_eq!(stage.event().await, "output x");
    }
    made.say("the rest").await;
    made.exit(Exit::Code(0), Cause::Itself);
    let answer = call.await.unwrap().unwrap();
    assert_eq!(answer.output().len(), 10_008);
    let end = stage.event().await;
    assert!(end.starts_with("end 0 completed xx") && end.ends_with("xthe rest"));
}

#[test]
fn the_status_of_an_end_has_a_word() {
    let all = [
        ExecStatus::Completed,
        ExecStatus::Failed,
        ExecStatus::Declined,
    ];
    assert_eq!(
        all.map(ExecStatus::word),
        ["completed", "failed", "declined"]
    );
}

/// A call that has seen the end waits for that to be told. Where it is given up there, what it had taken
/// is in the next answer, whether the tombstone was made before that or after it.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_while_the_end_is_told_gives_its_output_back() {
    for told_before in [false, true] {
        let mut stage = Stage::new(ExecProfile::new());
        let call = stage.exec(300);
        let mut made = stage.started().await;
        call.await.unwrap().unwrap();
        let sessions = Arc::clone(&stage.sessions);
        let mut poll = Box::pin(crate::exec::write_stdin(
            &sessions,
            WriteStdin::new(1000, ""),
        ));
        assert!(now(&mut poll).is_none());
        made.say("last words").await;
        made.exit(Exit::Code(0), Cause::Itself);
        tokio::task::yield_now().await;
        while !sessions.all().is_empty() {
            tokio::task::yield_now().await;
            assert!(now(&mut poll).is_none());
        }
        if told_before {
            assert_eq!(stage.event().await, "begin 1000");
            assert_eq!(stage.event().await, "output last words");
            assert_eq!(stage.event().await, "end 0 completed last words");
        }
        drop(poll);
        for _ in 0..2 {
            let next = stage.write("", 5000).await.unwrap().unwrap();
            assert!(next.output().ends_with("last words"), "{}", next.output());
            assert!(
                next.output().contains("not read before"),
                "{}",
                next.output()
            );
        }
    }
}

/// Polls once; answers what it has, if it is ready.
fn now<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(done) => Some(done),
        std::task::Poll::Pending => None,
    }
}

/// Nothing is told behind the end, also not what was to be written to one that has ended.
#[tokio::test(start_paused = true)]
async fn input_for_one_that_has_ended_is_not_told_behind_its_end() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(300);
    let mut made = stage.started().await;
    call.await.unwrap().unwrap();
    assert_eq!(stage.event().await, "begin 1000");
    made.exit(Exit::Code(0), Cause::Itself);
    assert_eq!(stage.event().await, "end 0 completed ");
    // It is in the list until somebody has seen that it ended.
    let answer = stage.write("words\n", 300).await.unwrap().unwrap();
    assert_eq!((answer.exit_code, answer.late), (Some(0), false));
    stage.no_event();
}
