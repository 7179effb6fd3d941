//! Whole calls under a paused clock, with processes that are made up.

mod approvals;
mod ends;
mod moves;
mod starts;

use super::*;
use crate::config::Stream;
use crate::exec::events::{ExecEvent, ExecEvents};
use crate::exec::{EndCause, ExecProfile, WriteStdin};
use crate::manager::registry::{Entry, Record};
use crate::output::Captured;
use crate::owner::claim::Claim;
use crate::process::life::{LeaderEnd, Phase as Life};
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Cause, Ids, StartError};
use crate::runtime::Runtime;
use crate::tree::Rung;
use handfast_sys::child::Exit;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, Weak};
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
    runtime: Runtime,
}

impl Launcher for Fake {
    fn launch(&self, config: ProcessConfig, owner: OwnerId) -> Launch {
        let runtime = Runtime::current().unwrap();
        let captured = Captured::new(&runtime, config.capture(), &[Stream::Stdout]);
        let (output, end) = tokio::io::duplex(1 << 20);
        captured.follow(&runtime, Stream::Stdout, (end, None));
        let (wishes_in, wishes) = mpsc::unbounded_channel();
        let seen = Seen {
            phase: Life::Up,
            ..Seen::default()
        };
        let (seen, seen_out) = watch::channel(seen);
        let (id, handle) = Ids::new().unwrap().draw();
        let entry = Entry {
            record: Arc::new(Record {
                id,
                handle,
                config: Arc::new(config),
                start_time: SystemTime::now(),
                began: std::time::Instant::now(),
                rung: Rung::Group,
                warnings: Arc::from([]),
            }),
            home: Weak::new(),
            claim: Claim::of(&owner),
            launching: AtomicBool::new(true),
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

    fn spawn(&self, task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.runtime.spawn(task);
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
                runtime: Runtime::current().unwrap(),
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
