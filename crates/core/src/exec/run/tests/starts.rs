//! Starts that take long, fail, or are given up, and which of them count.

use super::*;
use crate::exec::Wanted;

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn the_wait_holds_while_the_start_is_under_way() {
    use crate::exec::Leader;

    let mut stage = Stage::new(ExecProfile::new());
    let begun = Instant::now();
    let call = stage.exec(300);
    let mut made = stage.launched().await;
    let answer = call.await.unwrap().unwrap();
    assert_eq!(begun.elapsed(), ms(300));
    assert_eq!(
        (answer.session_id, answer.state.leader),
        (Some(1000), Leader::Starting)
    );
    // A write waits for the start as long as it may.
    let begun = Instant::now();
    let error = stage.write("x", 400).await.unwrap().unwrap_err();
    assert_eq!(
        (error.code(), begun.elapsed()),
        ("exec.write-to-stdin", ms(400))
    );
    assert!(error.to_string().contains("still being started"), "{error}");
    assert_eq!(stage.sessions.list().len(), 1);
    made.start();
    made.say("hello").await;
    made.exit(Exit::Code(0), Cause::Itself);
    let answer = stage.write("", 5000).await.unwrap().unwrap();
    assert_eq!((answer.exit_code, answer.output()), (Some(0), "hello"));
    assert_eq!(stage.event().await, "begin 1000");
    assert_eq!(stage.event().await, "output hello");
    assert_eq!(stage.event().await, "end 0 completed hello");
    stage.no_event();
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_stopped_before_it_is_done_is_undone() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(300);
    let made = stage.launched().await;
    call.await.unwrap().unwrap();
    assert!(stage.sessions.kill(1000).await);
    // Whoever starts it has given it up.
    made.go.unwrap().closed().await;
    let late = stage.write("", 5000).await.unwrap().unwrap_err();
    assert_eq!(late.code(), "exec.stopped-before-start");
    assert_eq!(stage.event().await, "begin 1000");
    let end = stage.event().await;
    assert!(end.starts_with("end -1 failed Failed to create"), "{end}");
    stage.no_event();
}

#[tokio::test(start_paused = true)]
async fn a_start_that_fails_is_told_and_its_number_is_free() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(300);
    let mut made = stage.launched().await;
    made.go
        .take()
        .unwrap()
        .send(Err(StartError::ReaperLost))
        .unwrap();
    assert_eq!(
        call.await.unwrap().unwrap_err().code(),
        "exec.create-process"
    );
    assert_eq!(stage.event().await, "begin 1000");
    let end = stage.event().await;
    assert!(
        end.ends_with("start the process: its reaper ended"),
        "{end}"
    );
    stage.no_event();
    let call = stage.exec(300);
    let mut made = stage.started().await;
    made.exit(Exit::Code(0), Cause::Itself);
    assert_eq!(call.await.unwrap().unwrap().exit_code, Some(0));
    assert_eq!(stage.event().await, "begin 1000");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_ends_early_does_not_count() {
    let profile = || ExecProfile::new().sessions(1).protected(0);
    let mut stage = Stage::new(profile());
    let call = stage.exec(300);
    let mut first = stage.started().await;
    call.await.unwrap().unwrap();
    // One that ends within 150 ms pushes nobody out.
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    tokio::time::advance(ms(100)).await;
    made.exit(Exit::Code(0), Cause::Itself);
    assert!(call.await.unwrap().unwrap().notices.is_empty());
    assert!(first.wishes.try_recv().is_err());
    // One that does not, does.
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    first.obey().await;
    made.exit(Exit::Code(0), Cause::Itself);
    let answer = call.await.unwrap().unwrap();
    assert!(
        answer.notices[0].contains("session 1000"),
        "{:?}",
        answer.notices
    );
    let late = stage.write("", 5000).await.unwrap().unwrap();
    assert_eq!(late.ended.unwrap().cause, EndCause::Prune);
}

#[tokio::test(start_paused = true)]
async fn near_the_limit_each_new_session_is_warned_of() {
    let mut stage = Stage::new(ExecProfile::new());
    let mut all = Vec::new();
    for number in 1..=61 {
        let call = stage.exec(250);
        all.push(stage.started().await);
        call.await.unwrap().unwrap();
        assert!(stage.event().await.starts_with("begin"));
        let warned = stage.events.try_next().map(|told| word(&told.event));
        let want = format!("ManySessions {{ sessions: {number}, limit: 64 }}");
        assert_eq!(warned, (number >= 60).then_some(want));
    }
    assert_eq!(stage.sessions.list().len(), 61);
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_was_wanted_during_the_start_is_carried_out_after_it() {
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(10_000);
    let mut made = stage.started().await;
    let sessions = Arc::clone(&stage.sessions);
    let stop = tokio::spawn(async move { sessions.end(1000, Wanted::Stop).await.unwrap() });
    // Either it is not started any more, or it is ended.
    let obeyed = tokio::time::timeout(ms(200), made.obey()).await.is_ok();
    assert!(stop.await.unwrap().was_running);
    let answer = call.await.unwrap();
    match answer {
        Ok(answer) => assert!(obeyed && answer.ended.unwrap().cause == EndCause::Stop),
        Err(error) => assert_eq!(error.code(), "exec.stopped-before-start"),
    }
}
