//! What becomes of everything when the reaper alone is killed, for every rung.
//!
//! Each test runs in a cage, which must be empty once its manager is gone. Nothing here waits for
//! time: a reaper that has taken over answers a signal, and a gate ([`testkit::Gate`]) holds its
//! replacement back for as long as a test looks at what happens while there is none.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod crash;
mod gap;
mod stage;
mod trees;

/// One module for each test, one test in it for each rung.
macro_rules! on_rungs {
    ($($file:ident :: $test:ident: $($name:ident $rung:ident),+;)*) => {
        $(mod $test {
            $(#[test]
            fn $name() {
                let name = concat!(stringify!($test), "::", stringify!($name));
                let rung = handfast::Rung::$rung;
                crate::stage::run(name, rung, || crate::$file::$test(rung));
            })+
        })*
    };
}

on_rungs! {
    trees::it_is_replaced_and_the_trees_live_on: cgroup Cgroup, subreaper Subreaper, group Group;
    trees::every_scope_of_a_signal_still_reaches: cgroup Cgroup, subreaper Subreaper, group Group;
    trees::an_exit_code_after_the_loss_is_exact: cgroup Cgroup, subreaper Subreaper, group Group;
    trees::a_stop_after_the_loss_asks_and_verifies: cgroup Cgroup, subreaper Subreaper, group Group;
    trees::a_kill_after_the_loss_verifies: cgroup Cgroup, subreaper Subreaper, group Group;
    trees::a_tree_without_its_leader_is_still_held: cgroup Cgroup, subreaper Subreaper;
    trees::in_a_namespace_they_died_and_it_is_said: namespace Namespace;
    trees::starting_again_works: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    trees::the_owners_end_after_the_loss_ends_all: cgroup Cgroup, subreaper Subreaper, group Group;
    gap::an_exit_code_from_the_gap_is_exact: cgroup Cgroup, subreaper Subreaper, group Group;
    gap::a_stop_asked_in_the_gap_is_done: cgroup Cgroup, subreaper Subreaper, group Group;
    gap::a_start_asked_in_the_gap_waits_for_the_next: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    gap::a_start_that_was_under_way_fails_and_leaves_nothing: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    gap::a_signal_that_was_under_way_is_answered: cgroup Cgroup, subreaper Subreaper, group Group;
    gap::a_signal_asked_in_the_gap_reaches: cgroup Cgroup, subreaper Subreaper, group Group;
    gap::the_owners_end_in_the_gap_leaves_nothing: namespace Namespace, cgroup Cgroup, subreaper Subreaper;
    gap::the_owners_end_right_after_the_loss_leaves_nothing: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    crash::one_that_cannot_be_started_again_ends_all: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    crash::one_that_is_lost_again_and_again_is_given_up: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    crash::a_stopped_one_does_not_hold_up_the_managers_end: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
}
