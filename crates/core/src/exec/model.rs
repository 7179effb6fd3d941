//! Commands that are started, polled, interrupted, stopped and pruned at once, in hundreds of schedules.
//!
//! Sessions, their store, their tasks and their calls are the real ones; only the process is made up, and
//! time passes when the scheduler says so, or not at all. Who goes next is chosen at every point and at
//! every wait. Of each session there is a ledger: all answers on it together are all that it said. A call
//! or a task that nobody wakes up is a deadlock, which is reported.
//!
//! `HANDFAST_SCHEDULES` says how many schedules each model is run through.

pub(super) mod clock;
mod stage;

use super::command::{ExecCommand, WriteStdin};
use super::events::{ExecEvent, ExecEvents};
use super::input::INTERRUPT;
use super::{Wanted, exec_command, write_stdin};
use shuttle::future::block_on;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread::{self, JoinHandle};
use stage::{Ledgers, Model, given_up, schedules};
use std::collections::HashMap;
use std::sync::Arc;

/// Starts a command; whatever number it gets is that of a new session.
fn starter(model: &Arc<Model>, ledgers: &Ledgers) -> JoinHandle<()> {
    let (model, ledgers) = (Arc::clone(model), ledgers.clone());
    thread::spawn(move || {
        let mut command = ExecCommand::new("a command");
        command.yield_time_ms = Some(250);
        let call = exec_command(&model.sessions, &*model, command);
        if let Some(Ok(answer)) = block_on(given_up(call)) {
            ledgers.add(&answer);
        }
    })
}

/// Polls, interrupts and gives up, whichever session there is.
fn poller(model: &Arc<Model>, ledgers: &Ledgers, id: i32) -> JoinHandle<()> {
    let (model, ledgers) = (Arc::clone(model), ledgers.clone());
    thread::spawn(move || {
        for _ in 0..2 {
            let interrupts = thread_rng().gen_bool(0.3);
            let chars = if interrupts { INTERRUPT } else { "" };
            let call = write_stdin(&model.sessions, WriteStdin::new(id, chars));
            if let Some(Ok(answer)) = block_on(given_up(call)) {
                ledgers.add(&answer);
            }
        }
    })
}

/// Ends a session, in any of the ways.
fn stopper(model: &Arc<Model>, id: i32) -> JoinHandle<()> {
    let sessions = Arc::clone(&model.sessions);
    thread::spawn(move || {
        block_on(async {
            match thread_rng().gen_range(0..3) {
                0 => drop(sessions.end(id, Wanted::Stop).await),
                1 => drop(sessions.kill(id).await),
                _ => drop(sessions.end_all().await),
            }
        });
    })
}

/// Of each command one begin and one end, with all else between.
fn check_events(events: &mut ExecEvents) -> Vec<i32> {
    let mut numbers = Vec::new();
    let mut state: HashMap<String, u8> = HashMap::new();
    while let Some(told) = events.try_next() {
        let (call_id, is, then) = match told.event {
            ExecEvent::Begin(begin) => {
                numbers.push(begin.session_id);
                (begin.call_id.clone(), 0, 1)
            }
            ExecEvent::Output(output) => (output.call_id.clone(), 1, 1),
            ExecEvent::Interaction(input) => (input.call_id.clone(), 1, 1),
            ExecEvent::End(end) => (end.call_id.clone(), 1, 2),
            ExecEvent::Warning(_) => continue,
        };
        let now = state.entry(call_id).or_default();
        assert_eq!(*now, is, "an event out of its order");
        *now = then;
    }
    assert!(state.values().all(|state| *state == 2), "one has no end");
    numbers
}

/// Everything at once: two commands where there is room for one, and whoever may interfere.
fn everything(time_passes: bool) {
    let (model, ledgers) = (Model::new(time_passes), Ledgers::default());
    let mut events = model.sessions.events();
    let threads = [
        starter(&model, &ledgers),
        starter(&model, &ledgers),
        poller(&model, &ledgers, 1000),
        poller(&model, &ledgers, 1001),
        stopper(&model, 1000),
        stopper(&model, 1001),
    ];
    for thread in threads {
        thread.join().expect("it does not panic");
    }
    // Whoever is left ends by itself; its number answers with what nobody has read.
    let started = model.finish();
    for id in [1000, 1001] {
        let last = || block_on(write_stdin(&model.sessions, WriteStdin::new(id, "")));
        let Ok(answer) = last() else { continue };
        ledgers.add(&answer);
        if !answer.late {
            ledgers.add(&last().expect("it has a tombstone"));
        }
    }
    assert!(model.sessions.list().is_empty(), "one is still listed");
    ledgers.check(&started);
    check_events(&mut events);
    model.end();
}

#[test]
fn in_every_schedule_every_byte_of_a_command_is_answered_once_or_counted() {
    schedules(|| everything(true));
}

/// Nobody is woken by a time here, so whoever waits must be woken by what it waits for.
#[test]
fn in_every_schedule_nobody_is_left_waiting_where_no_time_passes() {
    schedules(|| everything(false));
}

/// A number that is still known is not given again, whoever starts and ends meanwhile.
#[test]
fn in_every_schedule_no_number_stands_for_two() {
    schedules(|| {
        let (model, ledgers) = (Model::new(true), Ledgers::default());
        let mut events = model.sessions.events();
        let threads: Vec<_> = (0..4).map(|_| starter(&model, &ledgers)).collect();
        let stopping = stopper(&model, 1001);
        for thread in threads.into_iter().chain([stopping]) {
            thread.join().expect("it does not panic");
        }
        model.finish();
        let mut numbers = check_events(&mut events);
        let begun = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), begun, "a number was given twice");
        model.end();
    });
}

/// The negative control: bytes that were taken for an answer that nobody gets are found out.
#[test]
#[should_panic(expected = "lost or doubled")]
fn bytes_that_are_taken_and_not_answered_are_found_out() {
    schedules(|| {
        let (model, ledgers) = (Model::new(true), Ledgers::default());
        let starting = starter(&model, &ledgers);
        for _ in 0..thread_rng().gen_range(0..40) {
            thread::yield_now();
        }
        for (_, captured) in model.started() {
            // As a call would that is dropped behind its last look.
            drop(captured.drain());
        }
        starting.join().expect("it does not panic");
        let started = model.finish();
        if let Ok(answer) = block_on(write_stdin(&model.sessions, WriteStdin::new(1000, ""))) {
            ledgers.add(&answer);
        }
        ledgers.check(&started);
        model.end();
    });
}

/// Another: a session that nobody lives for leaves its caller waiting, which is found out.
#[test]
#[should_panic(expected = "deadlock")]
fn a_call_that_nobody_wakes_is_found_out() {
    schedules(|| {
        let (model, ledgers) = (Model::without_tasks(), Ledgers::default());
        starter(&model, &ledgers).join().expect("it does not panic");
        model.finish();
    });
}
