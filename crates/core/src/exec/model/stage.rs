//! Made-up processes of a model, and the ledgers of what was answered of them.

use super::clock;
use crate::config::{ProcessConfig, Stream};
use crate::exec::answer::ExecResponse;
use crate::exec::live::Launch;
use crate::exec::profile::ExecProfile;
use crate::exec::run::Launcher;
use crate::exec::sessions::Sessions;
use crate::manager::registry::{Entry, Record};
use crate::output::{Capture, Captured};
use crate::owner::OwnerId;
use crate::owner::claim::Claim;
use crate::process::life::{LeaderEnd, Phase as Life};
use crate::process::seen::Seen;
use crate::process::task::Wish;
use crate::process::{Cause, Ids, ProcessHandle};
use crate::runtime::Runtime;
use crate::tree::Rung;
use handfast_sys::child::Exit;
use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread::{self, JoinHandle};
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::task::Poll;
use std::time::SystemTime;
use tokio::sync::{mpsc, watch};

/// What each process says.
const BYTES: u64 = 9;
/// How much of it is kept for calls: less, so that some of it is only counted.
const TAP: usize = 4;

pub(super) fn schedules(model: impl Fn() + Send + Sync + 'static) {
    let wanted = std::env::var("HANDFAST_SCHEDULES").ok();
    let count = wanted.and_then(|count| count.parse().ok()).unwrap_or(600);
    let mut config = shuttle::Config::new();
    // Calls are large where they are not optimized.
    config.stack_size = 1024 * 1024;
    let scheduler = shuttle::scheduler::RandomScheduler::new(count);
    shuttle::Runner::new(scheduler, config).run(move || {
        clock::begin();
        model();
        clock::end();
    });
}

/// Waits for a call, or gives it up after some looks.
pub(super) async fn given_up<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut rng = thread_rng();
    let mut left = rng.gen_bool(0.4).then(|| rng.gen_range(1..8_u32));
    let mut call = pin!(call);
    poll_fn(|context| {
        if left == Some(0) {
            return Poll::Ready(None);
        }
        left = left.map(|left| left - 1);
        let done = call.as_mut().poll(context);
        if done.is_pending() && left == Some(0) {
            context.waker().wake_by_ref();
        }
        done.map(Some)
    })
    .await
}

/// The real runtime, which a captured output is made with; nothing of it runs in it.
fn runtime() -> Runtime {
    static REAL: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let real = REAL.get_or_init(|| {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.build().expect("nothing panics in a model")
    });
    let _inside = real.enter();
    Runtime::current().expect("nothing panics in a model")
}

/// A record and its output.
type Known = (Arc<Entry>, Captured);

/// One owner whose processes are made up.
pub(super) struct Model {
    pub(super) sessions: Arc<Sessions>,
    runs_tasks: bool,
    threads: Mutex<Vec<JoinHandle<()>>>,
    tasks: Mutex<Vec<shuttle::future::JoinHandle<()>>>,
    /// With what keeps their records, as a registry does.
    started: Arc<Mutex<Vec<Known>>>,
    time: Mutex<Option<JoinHandle<()>>>,
    over: Arc<AtomicBool>,
}

impl Model {
    /// One whose time passes, or stands still.
    pub(super) fn new(time_passes: bool) -> Arc<Model> {
        Model::with(time_passes, true)
    }

    /// One whose sessions have nobody who lives for them.
    pub(super) fn without_tasks() -> Arc<Model> {
        Model::with(false, false)
    }

    fn with(time_passes: bool, runs_tasks: bool) -> Arc<Model> {
        let profile = ExecProfile::new().sessions(1).protected(0);
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let time = time_passes.then(|| {
            thread::spawn(move || {
                while !until.load(Ordering::Relaxed) {
                    clock::advance();
                    thread::yield_now();
                }
            })
        });
        Arc::new(Model {
            sessions: Sessions::new(OwnerId::host(), profile.deterministic_ids(), 1),
            runs_tasks,
            threads: Mutex::default(),
            tasks: Mutex::default(),
            started: Arc::default(),
            time: Mutex::new(time),
            over,
        })
    }

    /// Waits until all processes have ended and all ends are told; answers which there were.
    pub(super) fn finish(&self) -> Vec<(ProcessHandle, Captured)> {
        let threads = std::mem::take(&mut *self.threads.lock().expect("nothing panics in a model"));
        for thread in threads {
            thread.join().expect("nothing panics in a model");
        }
        let tasks = std::mem::take(&mut *self.tasks.lock().expect("nothing panics in a model"));
        for task in tasks {
            block_on(task).expect("nothing panics in a model");
        }
        self.started()
    }

    /// Which processes there are so far.
    pub(super) fn started(&self) -> Vec<(ProcessHandle, Captured)> {
        let started = self.started.lock().expect("nothing panics in a model");
        let known = |(entry, captured): &Known| (entry.record.handle, captured.clone());
        started.iter().map(known).collect()
    }

    /// Time stands still from here on.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(time) = self.time.lock().expect("nothing panics in a model").take() {
            time.join().expect("nothing panics in a model");
        }
    }
}

impl Launcher for Model {
    fn launch(&self, config: ProcessConfig, owner: OwnerId) -> Launch {
        let capture = Capture::default().keep(2 * TAP).tapped(TAP);
        let captured = Captured::new(&runtime(), &capture, &[Stream::Stdout]);
        let says = crate::output::model::says(&captured, BYTES);
        let (wishes_in, wishes) = mpsc::unbounded_channel();
        let seen = Seen {
            phase: Life::Up,
            ..Seen::default()
        };
        let (seen, seen_out) = watch::channel(seen);
        let output = captured.clone();
        let lives = thread::spawn(move || block_on(live(output, seen, wishes)));
        self.threads
            .lock()
            .expect("nothing panics in a model")
            .extend([says, lives]);
        let (id, handle) = Ids::new().expect("nothing panics in a model").draw();
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
            output: Some(captured.clone()),
            session: None,
        };
        let started = Arc::clone(&self.started);
        Box::pin(async move {
            shuttle::future::yield_now().await;
            let entry = Arc::new(entry);
            started
                .lock()
                .expect("nothing panics in a model")
                .push((Arc::clone(&entry), captured));
            Ok(entry)
        })
    }

    fn spawn(&self, task: Pin<Box<dyn Future<Output = ()> + Send>>) {
        if self.runs_tasks {
            let task = shuttle::future::spawn(task);
            self.tasks
                .lock()
                .expect("nothing panics in a model")
                .push(task);
        }
    }
}

/// A process: ends when it has said all, when it is asked to, or when it was never wanted.
async fn live(
    output: Captured,
    seen: watch::Sender<Seen>,
    mut wishes: mpsc::UnboundedReceiver<Wish>,
) {
    let mut said = pin!(output.wait_for_output(u64::MAX));
    let (exit, cause) = poll_fn(|context| {
        loop {
            match wishes.poll_recv(context) {
                Poll::Ready(Some(Wish::Stop { cause, done, .. })) => {
                    // Whoever waits for a receipt is answered when it is over.
                    drop(done);
                    return Poll::Ready((Exit::Signal(9), cause));
                }
                Poll::Ready(Some(Wish::Signal { done, .. })) => drop(done.send(Ok(1))),
                Poll::Ready(Some(_)) => {}
                Poll::Ready(None) => return Poll::Ready((Exit::Signal(9), Cause::Kill)),
                Poll::Pending => break,
            }
        }
        said.as_mut()
            .poll(context)
            .map(|_| (Exit::Code(0), Cause::Itself))
    })
    .await;
    let at = SystemTime::now();
    seen.send_modify(|seen| {
        seen.leader = Some(LeaderEnd { exit, at, cause });
        seen.phase = Life::Gone;
    });
}

/// All that was answered of one process.
#[derive(Debug, Default)]
struct Ledger {
    answered: u64,
    /// What its tombstone has; the last one has most.
    unread: u64,
}

/// By process.
#[derive(Debug, Default, Clone)]
pub(super) struct Ledgers(Arc<Mutex<HashMap<ProcessHandle, Ledger>>>);

impl Ledgers {
    pub(super) fn add(&self, answer: &ExecResponse) {
        let Some(handle) = answer.handle else {
            assert!(
                answer.late || answer.output().is_empty(),
                "whose output is this?"
            );
            return;
        };
        let mut ledgers = self.0.lock().expect("nothing panics in a model");
        let ledger = ledgers.entry(handle).or_default();
        let marker = format!("\n... {} bytes omitted ...\n", answer.omitted_bytes);
        let count = |text: &str| {
            let counted = text.replacen(&marker, "", 1).len() as u64;
            counted + answer.omitted_bytes
        };
        if !answer.late {
            ledger.answered += count(answer.output());
            return;
        }
        let (sentence, rest) = answer
            .output()
            .split_once('\n')
            .expect("nothing panics in a model");
        if sentence.contains("not read before") {
            ledger.unread = ledger.unread.max(count(rest));
        }
    }

    /// All that was said is in an answer, once, or counted in one.
    pub(super) fn check(&self, started: &[(ProcessHandle, Captured)]) {
        let ledgers = self.0.lock().expect("nothing panics in a model");
        for (handle, captured) in started {
            let none = Ledger::default();
            let ledger = ledgers.get(handle).unwrap_or(&none);
            let told = ledger.answered + ledger.unread;
            assert_eq!(told, captured.progress().1, "lost or doubled: {ledger:?}");
        }
    }
}
