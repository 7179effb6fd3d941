//! What was declared to survive goes on under its handle.

use crate::stage::{ECHO, FLOOD, FLOOD_TERMINAL, Stage, number};
use testkit::kill;

const NOTHING: &str = "adopted=0 ended=0 lost=0 remembered=0";
const ONE: &str = "adopted=1 ended=0 lost=0 remembered=0";

/// How often a host is killed while it reads a flood.
const ROUNDS: u64 = 5;

fn floods(stage: Stage, kind: &str, script: &str) {
    let mut host = stage.finds(NOTHING);
    let handle = host.begin("user", kind, script);
    for round in 1..=ROUNDS {
        // So much that the beginning and the end are not all of it.
        host.ask(&format!("more {handle} {}", round * 600_000));
        host.kill();
        host = stage.finds(ONE);
        let status = host.ask(&format!("status {handle}"));
        assert_eq!(status, "running");
        let answer = host.ask(&format!("flood {handle}"));
        assert!(answer.starts_with("good"), "{answer}");
        assert!(number(&answer, "read") > round * 600_000, "{answer}");
        assert_eq!(number(&answer, "omitted"), 0);
    }
    let stopped = host.ask(&format!("stop {handle}"));
    assert!(stopped.ends_with("survivors=0"), "{stopped}");
    let answer = host.ask(&format!("flood {handle}"));
    assert!(answer.starts_with("good"), "{answer}");
    stage.close(host);
}

pub(crate) fn a_writer_on_pipes_goes_on_at_the_byte(stage: Stage) {
    floods(stage, "pipes", FLOOD);
}

pub(crate) fn a_writer_on_a_terminal_goes_on_at_the_byte(stage: Stage) {
    floods(stage, "terminal", FLOOD_TERMINAL);
}

pub(crate) fn input_goes_on_and_its_end_is_seen(stage: Stage) {
    let mut host = stage.finds(NOTHING);
    let handle = host.begin("user", "pipes", ECHO);
    host.ask(&format!("write {handle} one\\n"));
    assert_eq!(host.ask(&format!("seen {handle} got:one")), "seen");
    host.kill();
    let mut host = stage.finds(ONE);
    assert_eq!(host.ask(&format!("write {handle} two\\n")), "written 4");
    assert_eq!(host.ask(&format!("seen {handle} got:two")), "seen");
    // The reaper holds the pipe as well, and lets go of it.
    assert_eq!(host.ask(&format!("close {handle}")), "closed");
    assert_eq!(host.ask(&format!("wait {handle}")), "exited 5");
    let text = host.ask(&format!("text {handle}"));
    assert_eq!(text, "text got:one\\ngot:two\\n");
    stage.close(host);
}

pub(crate) fn a_terminal_is_typed_to_and_keeps_its_size(stage: Stage) {
    let mut host = stage.finds(NOTHING);
    let script = "stty -echo; echo ready; while read l; do echo got:$l; stty size; done";
    let handle = host.begin("user", "terminal", script);
    assert_eq!(host.ask(&format!("seen {handle} ready")), "seen");
    host.ask(&format!("size {handle}"));
    host.kill();
    let mut host = stage.finds(ONE);
    assert_eq!(host.ask(&format!("write {handle} two\\n")), "written 4");
    assert_eq!(host.ask(&format!("seen {handle} got:two")), "seen");
    assert_eq!(host.ask(&format!("seen {handle} 33.99")), "seen");
    let stopped = host.ask(&format!("stop {handle}"));
    assert!(stopped.ends_with("survivors=0"), "{stopped}");
    stage.close(host);
}

pub(crate) fn a_stop_after_the_gap_ends_the_whole_tree(stage: Stage) {
    let witness = stage.witness("tree");
    let mut host = stage.finds(NOTHING);
    let script = format!("{}sleep 1000 & sleep 1000", witness.held());
    let handle = host.begin("user", "pipes", &script);
    witness.joined();
    host.kill();
    let mut host = stage.finds(ONE);
    witness.lives();
    let stopped = host.ask(&format!("stop {handle}"));
    assert_eq!(number(&stopped, "survivors"), 0);
    assert!(number(&stopped, "members") >= 2, "{stopped}");
    witness.ended();
    let status = host.ask(&format!("status {handle}"));
    assert!(status.starts_with("terminated stop"), "{status}");
    stage.close(host);
}

pub(crate) fn a_deadline_counts_from_the_start(stage: Stage) {
    let mut host = stage.finds(NOTHING);
    let long = host.begin("user:3600000", "pipes", "exec sleep 1000");
    let short = host.begin("user:600", "pipes", "exec sleep 1000");
    host.kill();
    let mut host = stage.finds("adopted=2 ended=0 lost=0 remembered=0");
    let status = host.ask(&format!("wait {short}"));
    assert_eq!(status, "terminated deadline signal=15");
    assert_eq!(host.ask(&format!("status {long}")), "running");
    host.ask(&format!("stop {long}"));
    stage.close(host);
}

pub(crate) fn an_orderly_end_leaves_them_too(stage: Stage) {
    let mut host = stage.finds(NOTHING);
    let stays = host.begin("user", "pipes", ECHO);
    let goes = host.begin("session", "pipes", ECHO);
    host.end("drop\nexit");
    let mut host = stage.host();
    // Whoever of host and reaper was first has written the end down.
    let by_host = "up adopted=1 ended=0 lost=0 remembered=1";
    let by_reaper = "up adopted=1 ended=1 lost=0 remembered=0";
    assert!([by_host, by_reaper].contains(&host.up()), "{}", host.up());
    assert_eq!(host.ask(&format!("status {stays}")), "running");
    let gone = host.ask(&format!("status {goes}"));
    // Its cause is known where the host was first; else the reaper knows the signal alone.
    assert!(gone.starts_with("terminated "), "{gone}");
    assert_eq!(host.ask(&format!("write {stays} two\\n")), "written 4");
    assert_eq!(host.ask(&format!("seen {stays} got:two")), "seen");
    host.ask(&format!("stop {stays}"));
    stage.close(host);
}

pub(crate) fn they_are_found_after_their_reaper_was_replaced(stage: Stage) {
    let mut host = stage.finds(NOTHING);
    let writer = host.begin("user", "pipes", FLOOD);
    let reader = host.begin("user", "terminal", "stty -echo; echo ready; cat");
    assert_eq!(host.ask(&format!("seen {reader} ready")), "seen");
    kill(&host.reaper());
    // Answered by the next one, or lost with the last.
    let other = loop {
        let answer = host.ask("start session pipes exec sleep 1000");
        if let Some(handle) = answer.strip_prefix("started ") {
            break handle.to_owned();
        }
    };
    host.ask(&format!("more {writer} 600000"));
    host.kill();
    let mut host = stage.host();
    let expected = "up adopted=2 ended=1 ";
    assert!(host.up().starts_with(expected), "{}", host.up());
    let gone = host.ask(&format!("status {other}"));
    assert_eq!(gone, "terminated host-lost signal=9");
    host.ask(&format!("more {writer} 1200000"));
    let answer = host.ask(&format!("flood {writer}"));
    assert!(answer.starts_with("good"), "{answer}");
    host.ask(&format!("write {reader} two\\n"));
    assert_eq!(host.ask(&format!("seen {reader} two")), "seen");
    host.ask(&format!("stop {writer}"));
    host.ask(&format!("stop {reader}"));
    stage.close(host);
}
