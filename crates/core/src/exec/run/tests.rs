//! Whole calls under a paused clock, with processes that are made up.

use super::*;
use crate::config::Stream;
use crate::exec::events::{ExecEvent, ExecEvents};
use crate::exec::{
    Approver, Deciding, EndCause, ExecProfile, ExecStatus, InputRequest, Leader, Wanted, WriteStdin,
};
use crate::manager::registry::{Entry, Record};
use crate::output::Captured;
use crate::process::life::{LeaderEnd, Phase as Life};
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Cause, Mark, StartError};
use crate::tree::Rung;
use handfast_sys::child::Exit;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const HOUR: Duration = Duration::from_secs(3600);

fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// A process that is what a test says.
struct Made {
    go: Option<oneshot::Sender<Result<(), StartError>>>,
    seen: watch::Sender<Seen>,
    wishes: mpsc::UnboundedReceiver<Wish>,
    output: Option<DuplexStream>,
}

impl Made {
    fn start(&mut self) {
        let go = self.go.take().unwrap();
        assert!(go.send(Ok(())).is_ok(), "nobody starts it any more");
    }

    async fn say(&mut self, text: &str) {
        let output = self.output.as_mut().unwrap();
        output.write_all(text.as_bytes()).await.unwrap();
    }

    fn exit(&mut self, exit: Exit, cause: Cause) {
        self.output = None;
        let at = SystemTime::now();
        self.seen.send_modify(|seen| {
            seen.leader = Some(LeaderEnd { exit, at, cause });
            seen.phase = Life::Gone;
        });
    }

    /// Ends as it is asked to.
    async fn obey(&mut self) {
        let Some(Wish::Stop { cause, .. }) = self.wishes.recv().await else {
            panic!("nobody wants it to end");
        };
        self.exit(Exit::Signal(9), cause);
    }
}

struct Fake {
    launched: mpsc::UnboundedSender<Made>,
    runtime: Handle,
}

impl Launcher for Fake {
    fn launch(&self, config: ProcessConfig, owner: OwnerId) -> Launch {
        let runtime = Handle::current();
        let captured = Captured::new(&runtime, config.capture(), &[Stream::Stdout]);
        let (output, end) = tokio::io::duplex(1 << 20);
        captured.follow(&runtime, Stream::Stdout, (end, None));
        let (wishes_in, wishes) = mpsc::unbounded_channel();
        let seen = Seen {
            phase: Life::Up,
            ..Seen::default()
        };
        let (seen, seen_out) = watch::channel(seen);
        let entry = Entry {
            record: Arc::new(Record {
                handle: Mark::draw().unwrap().handle(1),
                config: Arc::new(config),
                start_time: SystemTime::now(),
                rung: Rung::Group,
                warnings: Arc::from([]),
            }),
            owner: Mutex::new(owner),
            wishes: wishes_in,
            seen: seen_out,
            stdio: Mutex::default(),
            output: Some(captured),
            session: None,
        };
        let (go, going) = oneshot::channel();
        let made = Made {
            go: Some(go),
            seen,
            wishes,
            output: Some(output),
        };
        self.launched.send(made).ok().unwrap();
        Box::pin(async move {
            going.await.unwrap_or(Err(StartError::Closed))?;
            Ok(Arc::new(entry))
        })
    }

    fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

struct Stage {
    sessions: Arc<Sessions>,
    launcher: Arc<Fake>,
    made: mpsc::UnboundedReceiver<Made>,
    events: ExecEvents,
}

type Answer = Result<ExecResponse, ExecError>;

impl Stage {
    fn new(profile: ExecProfile) -> Stage {
        let sessions = Sessions::new(OwnerId::host(), profile.deterministic_ids(), 1);
        let (launched, made) = mpsc::unbounded_channel();
        Stage {
            events: sessions.events(),
            sessions,
            launcher: Arc::new(Fake {
                launched,
                runtime: Handle::current(),
            }),
            made,
        }
    }

    fn exec(&self, yield_ms: u64) -> JoinHandle<Answer> {
        let mut command = ExecCommand::new("a command");
        command.yield_time_ms = Some(yield_ms);
        self.run(command)
    }

    fn run(&self, command: ExecCommand) -> JoinHandle<Answer> {
        let (sessions, launcher) = (Arc::clone(&self.sessions), Arc::clone(&self.launcher));
        tokio::spawn(async move { exec_command(&sessions, &*launcher, command).await })
    }

    fn write(&self, chars: &str, yield_ms: u64) -> JoinHandle<Answer> {
        let mut write = WriteStdin::new(1000, chars);
        write.yield_time_ms = Some(yield_ms);
        let sessions = Arc::clone(&self.sessions);
        tokio::spawn(async move { crate::exec::write_stdin(&sessions, write).await })
    }

    async fn launched(&mut self) -> Made {
        self.made.recv().await.unwrap()
    }

    async fn started(&mut self) -> Made {
        let mut made = self.launched().await;
        made.start();
        made
    }

    /// The next event, in short.
    async fn event(&mut self) -> String {
        word(&self.events.next().await.unwrap().event)
    }

    fn no_event(&mut self) {
        assert_eq!(self.events.try_next(), None);
    }
}

fn word(event: &ExecEvent) -> String {
    match event {
        ExecEvent::Begin(begin) => format!("begin {}", begin.session_id),
        ExecEvent::Output(output) => format!("output {}", String::from_utf8_lossy(&output.bytes)),
        ExecEvent::Interaction(it) => format!("interaction {:?}", it.stdin),
        ExecEvent::End(end) => format!(
            "end {} {} {}",
            end.exit_code,
            end.status.word(),
            end.aggregated_output
        ),
        ExecEvent::Warning(warning) => format!("{warning:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_holds_while_the_start_is_under_way() {
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

/// Takes an hour, and then says this.
struct Slow(Decision);

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
