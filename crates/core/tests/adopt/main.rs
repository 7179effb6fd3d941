//! Hosts that are killed, and what the next one finds. For every rung.
//!
//! The hosts are processes of their own in a cage, with a folder in which their processes are kept; the
//! tests kill them and start the next. Nothing here waits for time: a process tells its end by closing a
//! pipe that it holds.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod damage;
mod ends;
mod handing;
mod owners;
mod stage;
mod survivors;

/// One module for each test, one test in it for each rung.
macro_rules! on_rungs {
    ($($file:ident :: $test:ident: $($name:ident $rung:ident),+;)*) => {
        $(mod $test {
            $(#[test]
            fn $name() {
                if let Some(stage) = crate::stage::Stage::on(handfast::Rung::$rung) {
                    crate::$file::$test(stage);
                }
            })+
        })*
    };
}

on_rungs! {
    survivors::a_writer_on_pipes_goes_on_at_the_byte: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::a_writer_on_a_terminal_goes_on_at_the_byte: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::input_goes_on_and_its_end_is_seen: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::a_terminal_is_typed_to_and_keeps_its_size: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::a_stop_after_the_gap_ends_the_whole_tree: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::a_deadline_counts_from_the_start: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::an_orderly_end_leaves_them_too: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    survivors::they_are_found_after_their_reaper_was_replaced: cgroup Cgroup, subreaper Subreaper, group Group;
    ends::an_exit_while_nobody_is_there_is_told: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    ends::what_was_not_declared_is_dead_before_it_is_asked_for: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    ends::an_end_that_was_seen_is_remembered_with_its_output: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    ends::who_lost_its_reaper_too_is_said_to_be_lost: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    ends::a_reaper_leaves_once_all_is_told: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    ends::an_end_is_forgotten_after_its_stay: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    handing::everything_is_there_after_a_hand_over: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    handing::a_hand_over_to_nobody_ends_what_was_not_declared: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    handing::a_hand_over_that_is_taken_back_holds_nothing: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    owners::of_two_hosts_one_has_the_folder: group Group;
    owners::a_reaper_with_an_owner_refuses_another: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    owners::another_version_is_refused_and_told_so: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    owners::a_stranger_is_refused: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    owners::who_says_nothing_is_in_nobodys_way: namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    owners::no_handle_is_given_twice: group Group;
    damage::a_cut_record_costs_its_end_only: group Group;
    damage::a_lost_note_does_not_lose_the_process: group Group;
    damage::a_lost_count_of_handles_gives_none_twice: group Group;
}
