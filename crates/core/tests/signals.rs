//! A host that shuts down when it is asked to end, and one that was never told to.
//!
//! Members tell that they were asked by joining the oracle again. The graces that must not be
//! reached are an hour: a test that waited for one would not end.

#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use handfast::tree::Rung;
use rustix::process::Signal;
use testkit::endings::Held;
use testkit::zoo::{Escape, Needs};
use testkit::{Oracle, PATIENCE, Setup};

const HOUR: Duration = Duration::from_secs(3600);

const REQUESTS: [Signal; 3] = [Signal::TERM, Signal::INT, Signal::HUP];

/// Two members that note that they were asked, and stay.
const STAYS: Escape = members("on TERM [ join ORACLE ] join ORACLE spawn [ join-same park ] park");

/// Two members that note that they were asked, and go.
const GOES: Escape =
    members("on TERM [ join ORACLE exit 0 ] join ORACLE spawn [ join-same park ] park");

const fn members(script: &'static str) -> Escape {
    Escape {
        name: "asked",
        what: "two members that say when they are asked",
        script,
        members: 2,
        gets_past: &[],
        needs: Needs::Nothing,
    }
}

/// How many joins there are once both were up and both were asked.
const BOTH_ASKED: usize = 4;

fn on(rung: Rung) -> Setup {
    Setup::new(rung.word()).on_signals("yes").grace(HOUR)
}

/// Does the test on each rung that works here.
fn for_each_rung(test: impl Fn(Rung)) {
    Rung::LADDER.into_iter().for_each(test);
}

fn start(setup: &Setup, escape: &Escape) -> Option<Held> {
    Held::start(setup, escape)
        .inspect_err(|why| assert!(why.contains("hold the process"), "{why}"))
        .ok()
}

fn assert_died_of(held: &mut Held, signal: Signal, rung: Rung) {
    let status = held.owner.wait();
    assert_eq!(status.signal(), Some(signal.as_raw()), "{rung}: {status}");
}

fn assert_both_asked(oracle: &Oracle, rung: Rung) {
    assert!(
        oracle.wait_joined(BOTH_ASKED, PATIENCE),
        "{rung}: {} joins",
        oracle.joined()
    );
}

#[test]
fn each_request_gives_the_grace_and_is_died_of() {
    let grace = Duration::from_millis(300);
    for_each_rung(|rung| {
        for signal in REQUESTS {
            let Some(mut held) = start(&on(rung).grace(grace), &STAYS) else {
                return;
            };
            let begun = Instant::now();
            held.owner.signal(signal);
            assert_both_asked(&held.oracle, rung);
            assert_died_of(&mut held, signal, rung);
            assert!(held.oracle.wait_empty(PATIENCE), "{rung} {signal:?}");
            let took = begun.elapsed();
            assert!(took >= grace, "{rung} {signal:?}: {took:?}");
            assert!(
                took < grace + Duration::from_secs(1),
                "{rung} {signal:?}: {took:?}"
            );
        }
    });
}

#[test]
fn who_ends_when_asked_is_not_waited_for_longer() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung), &GOES) else {
            return;
        };
        held.owner.signal(Signal::TERM);
        assert_died_of(&mut held, Signal::TERM, rung);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        assert_both_asked(&held.oracle, rung);
    });
}

#[test]
fn a_second_request_kills_at_once_and_the_first_is_died_of() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung), &STAYS) else {
            return;
        };
        held.owner.signal(Signal::HUP);
        assert_both_asked(&held.oracle, rung);
        held.owner.signal(Signal::INT);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        assert_died_of(&mut held, Signal::HUP, rung);
    });
}

#[test]
fn a_third_request_waits_for_nothing() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung), &STAYS) else {
            return;
        };
        // It can do nothing, so that only impatience ends the host.
        held.owner.signal_reaper(Signal::STOP);
        let begun = Instant::now();
        for signal in REQUESTS {
            held.owner.signal(signal);
        }
        let status = held.owner.wait();
        let (took, alive) = (begun.elapsed(), held.oracle.alive());
        // Before anything can fail: a stopped reaper ends nothing.
        held.owner.signal_reaper(Signal::CONT);
        assert!(took < Duration::from_secs(1), "{rung}: it waited {took:?}");
        // Three that come together come in any order.
        let of = REQUESTS.map(|signal| Some(signal.as_raw()));
        assert!(of.contains(&status.signal()), "{rung}: {status}");
        assert_eq!(alive, 2, "{rung}");
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
    });
}

#[test]
fn a_blocked_runtime_changes_nothing() {
    for_each_rung(|rung| {
        let grace = Duration::from_millis(300);
        let busy = on(rung).on_signals("busy");
        let Some(mut held) = start(&busy.clone().grace(grace), &STAYS) else {
            return;
        };
        let begun = Instant::now();
        held.owner.signal(Signal::INT);
        assert_both_asked(&held.oracle, rung);
        assert_died_of(&mut held, Signal::INT, rung);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        assert!(begun.elapsed() >= grace, "{rung}: {:?}", begun.elapsed());

        let mut held = start(&busy, &STAYS).expect("it did start before");
        held.owner.signal(Signal::TERM);
        assert_both_asked(&held.oracle, rung);
        held.owner.signal(Signal::TERM);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        assert_died_of(&mut held, Signal::TERM, rung);

        let mut held = start(&busy, &GOES).expect("it did start before");
        held.owner.signal(Signal::TERM);
        assert_died_of(&mut held, Signal::TERM, rung);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
    });
}

/// The negative control: nobody asked for it.
#[test]
fn without_being_told_the_host_dies_at_once_and_nobody_is_asked() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung).on_signals("no"), &STAYS) else {
            return;
        };
        assert_eq!(caught(held.owner.pid()), 0, "{rung}");
        held.owner.signal(Signal::TERM);
        assert_died_of(&mut held, Signal::TERM, rung);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        assert_eq!(held.oracle.joined(), 2, "{rung}: somebody was asked");
    });
}

#[test]
fn what_was_ignored_at_the_start_stays_ignored() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung).ignoring(&["HUP"]), &GOES) else {
            return;
        };
        let others = bit(Signal::TERM) | bit(Signal::INT);
        assert_eq!(caught(held.owner.pid()), others, "{rung}");
        held.owner.signal(Signal::HUP);
        let status = held.owner.ask("status");
        assert!(status.contains("Running"), "{rung}: {status}");
        held.owner.signal(Signal::INT);
        assert_died_of(&mut held, Signal::INT, rung);
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
    });
}

#[test]
fn a_host_whose_managers_are_dropped_dies_as_without() {
    for_each_rung(|rung| {
        let Some(mut held) = start(&on(rung), &GOES) else {
            return;
        };
        assert_eq!(held.owner.ask("drop"), "dropped", "{rung}");
        assert!(held.oracle.wait_empty(PATIENCE), "{rung}");
        held.owner.signal(Signal::TERM);
        assert_died_of(&mut held, Signal::TERM, rung);
    });
}

fn bit(signal: Signal) -> u64 {
    1 << (signal.as_raw() - 1)
}

/// The requests to end that a process has handlers for.
fn caught(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    let requests = REQUESTS.iter().fold(0, |all, signal| all | bit(*signal));
    bits.expect("the kernel lists them") & requests
}
