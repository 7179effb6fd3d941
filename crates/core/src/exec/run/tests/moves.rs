//! Sessions on their way from one store to another.

use super::approvals::Slow;
use super::*;

#[tokio::test(start_paused = true)]
async fn what_moves_tells_its_end_where_it_arrives_and_loses_nothing() {
    let mut here = Stage::new(ExecProfile::new());
    let call = here.exec(300);
    let mut made = here.started().await;
    call.await.unwrap().unwrap();
    assert_eq!(here.event().await, "begin 1000");
    // A call that is waiting is not answered here any more, and gives back what it has.
    let poll = here.write("", 5000);
    made.say("one ").await;
    assert_eq!(here.event().await, "output one ");
    let moving = here.sessions.export();
    assert_eq!(
        (moving.len(), moving[0].id(), moving[0].is_exited()),
        (1, 1000, false)
    );
    assert_eq!(
        poll.await.unwrap().unwrap_err().code(),
        "exec.unknown-process-id"
    );
    let error = here.write("", 5000).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "exec.unknown-process-id");
    made.say("two").await;
    made.exit(Exit::Code(4), Cause::Itself);
    // ABSENCE: nobody is told while it is nowhere.
    tokio::time::sleep(ms(500)).await;
    here.no_event();

    let mut there = Stage::new(ExecProfile::new());
    let done = there.sessions.import(moving);
    assert_eq!((done.imported, done.skipped.len()), (vec![1000], 0));
    let answer = there.write("", 5000).await.unwrap().unwrap();
    assert_eq!((answer.exit_code, answer.output()), (Some(4), "one two"));
    assert_eq!(there.event().await, "end 4 failed one two");
    there.no_event();
    here.no_event();
    let late = there.write("", 5000).await.unwrap().unwrap();
    assert_eq!((late.exit_code, late.late), (Some(4), true));
}

#[tokio::test(start_paused = true)]
async fn who_has_the_number_keeps_it_and_the_other_is_handed_back() {
    let (mut here, mut there) = (
        Stage::new(ExecProfile::new()),
        Stage::new(ExecProfile::new()),
    );
    let mut both = Vec::new();
    for stage in [&mut here, &mut there] {
        let call = stage.exec(300);
        both.push(stage.started().await);
        call.await.unwrap().unwrap();
    }
    let done = there.sessions.import(here.sessions.export());
    assert_eq!((done.imported.len(), done.skipped.len()), (0, 1));
    both[1].say("mine").await;
    let answer = there.write("", 5000).await.unwrap().unwrap();
    assert_eq!(answer.output(), "mine");
    // It can go home again.
    let done = here.sessions.import(done.skipped);
    assert_eq!(done.imported, [1000]);
    both[0].say("theirs").await;
    let answer = here.write("", 5000).await.unwrap().unwrap();
    assert_eq!(answer.output(), "theirs");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_still_asked_about_does_not_move_and_one_that_is_started_does() {
    let stage = Stage::new(ExecProfile::new().approver(Slow(Decision::Allow)));
    let call = stage.exec(300);
    tokio::task::yield_now().await;
    assert!(stage.sessions.export().is_empty());
    assert_eq!(
        call.await.unwrap().unwrap_err().code(),
        "exec.stopped-before-start"
    );
    let mut stage = Stage::new(ExecProfile::new());
    let call = stage.exec(300);
    let mut made = stage.launched().await;
    let moving = stage.sessions.export();
    assert_eq!((moving.len(), moving[0].handle()), (1, None));
    assert_eq!(
        call.await.unwrap().unwrap_err().code(),
        "exec.unknown-process-id"
    );
    stage.sessions.import(moving);
    made.start();
    made.say("here").await;
    let answer = stage.write("", 5000).await.unwrap().unwrap();
    assert_eq!((answer.session_id, answer.output()), (Some(1000), "here"));
}
