//! Whoever is asked takes an hour.

use super::*;
use crate::exec::{Approver, Deciding, InputRequest};

/// Takes an hour, and then says this.
pub(super) struct Slow(pub(super) Decision);

impl Approver for Slow {
    fn command(&self, request: ApprovalRequest) -> Deciding<'_> {
        assert_eq!(request.command, ["/bin/sh", "-lc", "a command"]);
        Box::pin(async {
            tokio::time::sleep_until(Instant::now() + HOUR).await;
            self.0.clone()
        })
    }

    fn input(&self, request: InputRequest) -> Deciding<'_> {
        let pause = request.pause();
        Box::pin(async move {
            tokio::time::sleep_until(Instant::now() + HOUR).await;
            drop(pause);
            Decision::Deny {
                reason: "not now".into(),
            }
        })
    }
}

fn no() -> Decision {
    let reason = "not here".into();
    Decision::Deny { reason }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn the_time_of_an_approval_does_not_count() {
    let mut stage = Stage::new(ExecProfile::new().approver(Slow(Decision::Allow)));
    let begun = Instant::now();
    let call = stage.exec(300);
    let _made = stage.started().await;
    let answer = call.await.unwrap().unwrap();
    assert_eq!(
        (begun.elapsed(), answer.wall_time),
        (HOUR + ms(300), ms(300))
    );
    assert_eq!(stage.event().await, "begin 1000");
}

#[tokio::test(start_paused = true)]
async fn what_is_declined_is_told_and_nothing_runs() {
    let mut stage = Stage::new(ExecProfile::new().approver(Slow(no())));
    let mut command = ExecCommand::new("a command");
    command.sandbox_permissions = Some(SandboxPermissions::RequireEscalated);
    command.justification = Some("please".into());
    let error = stage.run(command).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "exec.declined");
    assert_eq!(stage.event().await, "begin 1000");
    let end = stage.event().await;
    assert!(
        end.starts_with("end -1 declined") && end.ends_with("not here"),
        "{end}"
    );
    assert!(stage.made.try_recv().is_err());
    assert!(stage.sessions.list().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_while_somebody_is_asked_starts_nothing() {
    let mut stage = Stage::new(ExecProfile::new().approver(Slow(Decision::Allow)));
    let mut command = ExecCommand::new("a command");
    command.request_key = Some("key".into());
    let first = stage.run(command.clone());
    tokio::task::yield_now().await;
    // One that waits for the same learns of it.
    let second = stage.run(command);
    tokio::task::yield_now().await;
    let poll = stage.write("", 5000).await.unwrap().unwrap_err();
    assert_eq!(poll.code(), "exec.unknown-process-id");
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    assert_eq!(second.await.unwrap().unwrap_err().code(), "exec.declined");
    assert_eq!(stage.event().await, "begin 1000");
    assert!(stage.event().await.contains("given up"));
    assert!(stage.made.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn what_was_ended_while_somebody_was_asked_does_not_start() {
    let mut stage = Stage::new(ExecProfile::new().approver(Slow(Decision::Allow)));
    let call = stage.exec(300);
    tokio::task::yield_now().await;
    stage.sessions.end_all().await;
    assert_eq!(
        call.await.unwrap().unwrap_err().code(),
        "exec.stopped-before-start"
    );
    assert!(stage.made.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn input_that_is_not_allowed_is_not_written_and_others_wait_their_turn_no_longer_than_30_s() {
    let mut stage = Stage::new(ExecProfile::new().approver(Slow(Decision::Allow)));
    let call = stage.exec(300);
    let _made = stage.started().await;
    call.await.unwrap().unwrap();
    let begun = Instant::now();
    let asked = stage.write("rm", 250);
    tokio::task::yield_now().await;
    let busy = stage.write("other", 250).await.unwrap().unwrap_err();
    assert_eq!((busy.code(), begun.elapsed()), ("exec.busy", ms(30_000)));
    let error = asked.await.unwrap().unwrap_err();
    assert_eq!(
        (error.code(), begun.elapsed()),
        ("exec.stdin-approval", HOUR)
    );
    // Nothing and an interrupt need no approval.
    let polled = stage.write("", 5000).await.unwrap().unwrap();
    assert_eq!(polled.session_id, Some(1000));
}
