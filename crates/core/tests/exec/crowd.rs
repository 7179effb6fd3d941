//! Two hundred sessions of commands that are polled, written and stopped at once.
//!
//! Every command says the bytes of one known stream, so a piece of an answer shows where it belongs.
//! All answers on a session together must be all that it said: each byte in one answer, or counted
//! in one. Polls are given up in the middle, others poll and stop what is not theirs, and there is room
//! for fewer than there are, so some are pruned. With `HANDFAST_MINUTE` set it goes on for a minute;
//! the suite gives each place two sessions, which is a fixed amount of work.

use crate::ledger::{LINE, Ledger, READY};
use crate::stage::{LONG_MS, with};
use handfast::exec::{
    AtLimit, ExecCommand, ExecError, ExecEvent, ExecEvents, ExecProfile, ExecResponse, ExecWarning,
    WriteStdin,
};
use handfast::{ProcessHandle, ProcessManager};
use std::collections::HashMap;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PLACES: usize = 200;
/// Fewer than there are places.
const ROOM: usize = 190;
const LIVES: usize = 2;
const MINUTE: Duration = Duration::from_secs(60);
/// More than one answer holds, so that some of it is only counted.
const FLOOD: u64 = 1_600_000;

#[derive(Debug, Default)]
struct Sums {
    sessions: AtomicU64,
    polls: AtomicU64,
    given_up: AtomicU64,
    written: AtomicU64,
    stopped: AtomicU64,
    pruned: AtomicU64,
    answered: AtomicU64,
    counted: AtomicU64,
}

fn add(sum: &AtomicU64, count: u64) {
    sum.fetch_add(count, Ordering::Relaxed);
}

/// Numbers that are spread well enough; no crate for that.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

struct Crowd {
    manager: ProcessManager,
    /// By the numbers of all that there ever were.
    ledgers: Mutex<HashMap<i32, Ledger>>,
    open: Mutex<Vec<(i32, ProcessHandle)>>,
    sums: Arc<Sums>,
    until: Option<Instant>,
}

impl Crowd {
    fn goes_on(&self, life: usize) -> bool {
        match self.until {
            Some(until) => Instant::now() < until,
            None => life < LIVES,
        }
    }

    async fn place(self: Arc<Self>, place: usize) {
        let mut dice = Dice(place as u64 * 7919 + 1);
        let mut life = 0;
        while self.goes_on(life) {
            self.live(&mut dice).await;
            life += 1;
        }
    }

    fn note(&self, id: i32, answer: &ExecResponse) {
        let mut ledgers = self.ledgers.lock().unwrap();
        ledgers.entry(id).or_default().add(answer);
    }

    async fn live(self: &Arc<Self>, dice: &mut Dice) {
        let command = command(dice);
        let (writes, pipe) = (command.stdin_open || command.tty, command.stdin_open);
        let answer = self.manager.exec_command(command).await.unwrap();
        let Some(id) = answer.session_id else {
            // It has ended before it got a number that anybody knows.
            let handle = answer.handle.unwrap();
            let total = self.total(handle).await;
            let mut ledger = Ledger::default();
            ledger.add(&answer);
            ledger.total = Some(total);
            if answer.state.output_open {
                // The answer says that more comes: it is not held up for longer than 50 ms by an output that
                // is still read. The rest is found by the handle.
                self.rest(handle, &mut ledger);
            }
            return self.close(&mut ledger);
        };
        let new = self.ledgers.lock().unwrap().insert(id, Ledger::default());
        assert!(new.is_none(), "{id} was given twice");
        let handle = answer.handle.unwrap();
        self.note(id, &answer);
        add(&self.sums.sessions, 1);
        self.open.lock().unwrap().push((id, handle));
        let mut taken = READY.len() as u64;
        for _ in 0..4 + dice.throw(4) {
            if writes && !self.write(id, &mut taken, dice).await {
                break;
            }
            self.poll(id, dice).await;
            self.meet_somebody(dice).await;
        }
        self.finish(id, pipe, dice).await;
        self.open.lock().unwrap().retain(|(open, _)| *open != id);
        let total = self.total(handle).await;
        assert!(!writes || total <= taken, "{total} {taken}");
        // What came behind its end is in its tombstone now.
        let last = self.manager.write_stdin(WriteStdin::new(id, "")).await;
        self.note(id, &last.unwrap());
        let mut ledgers = self.ledgers.lock().unwrap();
        ledgers.get_mut(&id).unwrap().total = Some(total);
    }

    fn close(&self, ledger: &mut Ledger) {
        ledger.check();
        add(&self.sums.answered, ledger.answered);
        add(&self.sums.counted, ledger.counted);
    }

    /// What its process has said in all, once it has ended.
    async fn total(&self, handle: ProcessHandle) -> u64 {
        let output = self.manager.output(handle).unwrap().unwrap();
        output.wait_for_output(u64::MAX).await.sum()
    }

    /// What an answer had not: all of it behind what that has given or counted.
    fn rest(&self, handle: ProcessHandle, ledger: &mut Ledger) {
        let output = self.manager.output(handle).unwrap().unwrap();
        let rest = output.read(ledger.answered + ledger.counted, usize::MAX);
        ledger.piece(&String::from_utf8_lossy(&rest.bytes));
    }

    /// Writes what comes next and waits for it to be said; answers whether it can go on. All that may
    /// have been taken is in `taken` then.
    async fn write(&self, id: i32, taken: &mut u64, dice: &mut Dice) -> bool {
        let lines = 1 + dice.throw(200);
        let bytes = testkit::flood(*taken, lines as usize * LINE);
        *taken += bytes.len() as u64;
        let mut write = WriteStdin::new(id, String::from_utf8(bytes).unwrap());
        let last = format!("{:015}\n", *taken - LINE as u64);
        write.until = Some(last.parse().unwrap());
        write.yield_time_ms = Some(LONG_MS);
        match self.manager.write_stdin(write).await {
            Ok(answer) => {
                self.note(id, &answer);
                add(&self.sums.written, lines * LINE as u64);
                answer.session_id.is_some()
            }
            Err(error) => {
                expect_ended(&error);
                false
            }
        }
    }

    /// Polls, and gives it up before it is answered, or waits for what comes.
    async fn poll(&self, id: i32, dice: &mut Dice) {
        let mut poll = WriteStdin::new(id, "");
        poll.until = Some(".".parse().unwrap());
        add(&self.sums.polls, 1);
        let call = self.manager.write_stdin(poll);
        match tokio::time::timeout(Duration::from_millis(dice.throw(20)), call).await {
            Ok(Ok(answer)) => self.note(id, &answer),
            Ok(Err(error)) => expect_ended(&error),
            Err(_) => add(&self.sums.given_up, 1),
        }
    }

    /// Polls or stops one that need not be one's own.
    async fn meet_somebody(&self, dice: &mut Dice) {
        let somebody = {
            let open = self.open.lock().unwrap();
            let place = dice.throw(open.len().max(1) as u64) as usize;
            open.get(place).copied()
        };
        let Some((id, handle)) = somebody else { return };
        match dice.throw(12) {
            0 => {
                self.manager.stop_session(id).await.unwrap();
            }
            1 => {
                self.manager.kill_session(id).await;
            }
            2 => {
                self.manager.kill(handle).await.unwrap();
            }
            3..7 => return self.poll(id, dice).await,
            _ => {
                let listed = self.manager.list_sessions();
                assert!(listed.len() <= PLACES, "{}", listed.len());
                return;
            }
        }
        add(&self.sums.stopped, 1);
    }

    /// Ends it, unless somebody has, and asks until only its tombstone answers.
    async fn finish(&self, id: i32, pipe: bool, dice: &mut Dice) {
        // On a raw terminal an end-of-file is a character like any other.
        if pipe && dice.throw(2) == 0 {
            let mut end = WriteStdin::new(id, "");
            end.close_stdin = true;
            end.yield_time_ms = Some(LONG_MS);
            end.until = Some("$never".parse().unwrap());
            match tokio::time::timeout(
                Duration::from_millis(dice.throw(50)),
                self.manager.write_stdin(end),
            )
            .await
            {
                Ok(Ok(answer)) => self.note(id, &answer),
                Ok(Err(error)) => expect_ended(&error),
                Err(_) => add(&self.sums.given_up, 1),
            }
        }
        self.manager.stop_session(id).await.unwrap();
        loop {
            let answer = self.manager.write_stdin(WriteStdin::new(id, "")).await;
            let answer = answer.unwrap();
            self.note(id, &answer);
            if answer.late {
                return;
            }
        }
    }
}

/// A shell whose `cat` says what it is written, with and without a terminal, or a flood.
fn command(dice: &mut Dice) -> ExecCommand {
    let ready = format!("printf '{}\\n'; exec cat", READY.trim_end());
    let mut command = match dice.throw(8) {
        0 => ExecCommand::new(format!(
            "exec {} flood {FLOOD}",
            testkit::puppet().display()
        )),
        1..4 => {
            let mut command = ExecCommand::new(format!("stty raw -echo; {ready}"));
            command.tty = true;
            command
        }
        _ => {
            let mut command = ExecCommand::new(ready);
            command.stdin_open = true;
            command
        }
    };
    command.until = Some(READY.parse().unwrap());
    command.yield_time_ms = Some(LONG_MS);
    command
}

/// A session that somebody has ended says so, whoever was talking to it.
fn expect_ended(error: &ExecError) {
    assert_eq!(error.code(), "exec.write-to-stdin", "{error:?}");
}

/// Of each command one begin and one end, and nothing behind it.
async fn follow(mut events: ExecEvents, sums: Arc<Sums>) -> u64 {
    let (mut begun, mut ended) = (HashMap::new(), 0);
    while let Some(told) = events.next().await {
        let (call_id, change) = match &told.event {
            ExecEvent::Begin(begin) => (begin.call_id.clone(), 1),
            ExecEvent::Output(output) => (output.call_id.clone(), 0),
            ExecEvent::Interaction(input) => (input.call_id.clone(), 0),
            ExecEvent::End(end) => (end.call_id.clone(), -1),
            ExecEvent::Warning(warning) => {
                let pruned = matches!(**warning, ExecWarning::Pruned { .. });
                add(&sums.pruned, u64::from(pruned));
                continue;
            }
            _ => continue,
        };
        let state = begun.entry(call_id).or_insert(0);
        assert_eq!(*state, i32::from(change != 1), "{told:?}");
        match change {
            1 => *state = 1,
            -1 => {
                *state = 2;
                ended += 1;
            }
            _ => {}
        }
    }
    assert!(begun.values().all(|state| *state == 2), "one has no end");
    ended
}

fn profile() -> ExecProfile {
    crate::stage::profile()
        .sessions(ROOM)
        .at_limit(AtLimit::Prune)
        .tombstones(90_000)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heavy_two_hundred_commands_are_polled_written_and_stopped_at_once() {
    let minute = std::env::var_os("HANDFAST_MINUTE").is_some();
    let crowd = Arc::new(Crowd {
        manager: with(profile()),
        ledgers: Mutex::default(),
        open: Mutex::default(),
        sums: Arc::default(),
        until: minute.then(|| Instant::now() + MINUTE),
    });
    let (events, sums) = (crowd.manager.exec_events(), Arc::clone(&crowd.sums));
    let following = tokio::spawn(follow(events, sums));
    let mut places = JoinSet::new();
    for place in 0..PLACES {
        places.spawn(Arc::clone(&crowd).place(place));
    }
    while let Some(done) = places.join_next().await {
        done.unwrap();
    }
    let crowd = Arc::into_inner(crowd).unwrap();
    for ledger in crowd.ledgers.lock().unwrap().values_mut() {
        crowd.close(ledger);
    }
    assert!(crowd.manager.list_sessions().is_empty());
    assert!(crowd.manager.list_processes().is_empty());
    let commands = crowd.ledgers.lock().unwrap().len() as u64;
    assert_eq!(commands, crowd.sums.sessions.load(Ordering::Relaxed));
    drop(crowd.manager);
    let ended = following.await.unwrap();
    assert!(ended >= commands, "{ended} {commands}");
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{ended} commands: {:?}", crowd.sums).unwrap();
}
