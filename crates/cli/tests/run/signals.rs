//! What handfast is sent reaches the program, or ends its tree.

use crate::kit::{Running, code, command, output, puppet, until, with_word};

#[test]
fn an_interrupt_is_passed_on_and_the_program_decides() {
    let mut running = Running::up("", "on INT [ say int ] on QUIT [ exit 7 ] say up park");
    for _ in 0..3 {
        running.signal("INT");
        assert_eq!(running.line(), "int");
    }
    running.signal("QUIT");
    assert_eq!(running.end(), (String::new(), 7));
}

#[test]
fn an_interrupt_that_nobody_catches_ends_both_by_it() {
    let running = Running::up("", "say up park");
    running.signal("INT");
    assert_eq!(running.end(), (String::new(), 130));
}

#[test]
fn an_interrupt_reaches_the_programs_group_as_a_terminals_does() {
    let leader = "on INT [ wait-child say leader exit 4 ]";
    let child = "spawn [ on INT [ say child exit 0 ] say up park ]";
    let mut running = Running::up("", &format!("{leader} {child} park"));
    running.signal("INT");
    assert_eq!(running.line(), "child");
    assert_eq!(running.end(), ("leader\n".into(), 4));
}

#[test]
fn other_signals_are_passed_on_to_the_program() {
    for name in ["USR1", "USR2", "WINCH"] {
        let running = Running::up("", &format!("on {name} [ exit 3 ] say up park"));
        running.signal(name);
        assert_eq!(running.end().1, 3, "{name}");
    }
}

#[test]
fn a_request_to_end_is_answered_by_the_programs_own_end() {
    let running = Running::up("", "on TERM [ say bye exit 5 ] say up park");
    running.signal("TERM");
    assert_eq!(running.end(), ("bye\n".into(), 5));
    let running = Running::up("", "say up park");
    running.signal("TERM");
    assert_eq!(running.end(), (String::new(), 143));
}

#[test]
fn a_tree_that_ignores_the_request_is_killed_after_the_grace() {
    let words = "ignore TERM spawn [ ignore TERM spawn [ ignore TERM say up park ] park ] park";
    let running = Running::up("--grace 100ms", words);
    running.signal("TERM");
    assert_eq!(running.end(), (String::new(), 137));
}

#[test]
fn a_second_request_reaches_the_program_again() {
    let words = "on TERM [ say term ] on USR1 [ exit 9 ] say up park";
    let mut running = Running::up("--grace 1h", words);
    for _ in 0..3 {
        running.signal("TERM");
        assert_eq!(running.line(), "term");
    }
    running.signal("USR1");
    assert_eq!(running.end(), (String::new(), 9));
}

#[test]
fn a_hang_up_is_told_and_ends_the_tree() {
    let running = Running::up("", "say up park");
    running.signal("HUP");
    assert_eq!(running.end(), (String::new(), 129));
    let running = Running::up("--grace 100ms", "ignore HUP ignore TERM say up park");
    running.signal("HUP");
    assert_eq!(running.end(), (String::new(), 137));
}

#[test]
fn what_was_ignored_at_the_start_stays_so() {
    let mut command = command(testkit::puppet());
    command.args(["ignore", "HUP", "ignore", "INT", "exec"]);
    command.arg(testkit::handfast()).arg("run");
    command.args(puppet(
        "on HUP [ exit 1 ] on INT [ exit 2 ] on USR1 [ exit 3 ] say up park",
    ));
    let mut running = Running::start(&mut command);
    assert_eq!(running.line(), "up");
    for name in ["HUP", "INT", "USR1"] {
        running.signal(name);
    }
    assert_eq!(running.end(), (String::new(), 3));
}

#[test]
fn what_was_blocked_at_the_start_is_heard() {
    let mut command = command(testkit::puppet());
    command
        .args(["block", "all", "exec"])
        .arg(testkit::handfast())
        .arg("run");
    let mut running = Running::start(command.args(puppet("say up park")));
    assert_eq!(running.line(), "up");
    running.signal("TERM");
    assert_eq!(running.end().1, 143);
}

#[test]
fn a_host_that_ignores_the_ends_of_children_changes_nothing() {
    let mut command = command(testkit::puppet());
    command
        .args(["ignore", "CHLD", "exec"])
        .arg(testkit::handfast())
        .arg("run");
    let running = Running::start(command.args(puppet("exit 8")));
    assert_eq!(running.end(), (String::new(), 8));
}

#[test]
fn a_job_that_is_stopped_stops_the_program_and_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    // Names this very program among all processes.
    let word = folder.path().to_str().unwrap();
    let words = format!("open-oracle {word} on CONT [ say on ] on USR1 [ exit 3 ] say up park");
    let mut running = Running::up("", &words);
    let handfast = running.child.id();
    running.signal("TSTP");
    let stopped = |wanted: bool, of_handfast: bool| {
        let all = with_word(word);
        let all: Vec<_> = all
            .iter()
            .filter(|(pid, _)| (*pid == handfast) == of_handfast)
            .collect();
        assert_eq!(all.len(), 1, "{all:?}");
        all.iter().all(|(_, state)| (*state == 'T') == wanted)
    };
    until("handfast's stop", || stopped(true, true));
    until("the program's stop", || stopped(true, false));
    running.signal("CONT");
    assert_eq!(running.line(), "on");
    running.signal("USR1");
    assert_eq!(running.end(), (String::new(), 3));
}

#[test]
fn signals_reach_what_is_waited_for_after_the_program() {
    let words = "ignore INT spawn [ on INT [ say rest exit 0 ] say up park ] exit 6";
    let running = Running::up("--wait-tree", words);
    running.signal("INT");
    // It may come before or after the leader's end, and ends the rest in both cases.
    assert_eq!(running.end(), ("rest\n".into(), 6));
    let running = Running::up("--wait-tree", "spawn [ say up park ] exit 6");
    running.signal("TERM");
    let code = running.end().1;
    assert!(code == 6 || code == 143, "{code}");
}

#[test]
fn a_signal_that_was_sent_from_inside_is_the_programs_own() {
    assert_eq!(code(output("", "die TERM").status), 143);
}
