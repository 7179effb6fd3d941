//! Whatever way an owner ends, nobody it started is alive one second after the grace. For every rung.
//!
//! An orderly end (the last clone is dropped, `main` returns or unwinds) asks and gives the grace; any
//! other gives none. The owners are processes of their own, in a cage, and are ended from outside.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod hard;
mod lifetime;
mod orderly;
mod stage;
mod storm;

use hard::End;
use lifetime::After;
use rustix::process::Signal;

/// One module for each test, one test in it for each rung; `rung` is the rung.
macro_rules! on_rungs {
    ($rung:ident: $($module:ident { $body:expr } $($name:ident $kind:ident),+;)*) => {
        $(mod $module {
            use super::*;

            fn on($rung: handfast::Rung) {
                if stage::can($rung) {
                    $body;
                }
            }

            $(#[test]
            fn $name() {
                on(handfast::Rung::$kind);
            })+
        })*
    };
}

on_rungs! {
    rung:
    the_last_clone_is_dropped { orderly::asks_then_kills(rung, "drop") }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    main_returns { orderly::asks_then_kills(rung, "return") }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    main_panics { orderly::asks_then_kills(rung, "panic") }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    one_clone_of_two_is_dropped { orderly::one_clone_of_two_touches_nothing(rung) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    a_host_goes_on { orderly::a_host_that_goes_on_keeps_no_reaper(rung) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_aborts { hard::kills_at_once(rung, End::Word("abort")) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_exits { hard::kills_at_once(rung, End::Word("exit")) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_terminated { hard::kills_at_once(rung, End::Signal(Signal::TERM)) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_interrupted { hard::kills_at_once(rung, End::Signal(Signal::INT)) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_hung_up { hard::kills_at_once(rung, End::Signal(Signal::HUP)) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_killed { hard::kills_at_once(rung, End::Signal(Signal::KILL)) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_killed_with_its_reaper { hard::kills_at_once(rung, End::Both) }
        namespace Namespace, subreaper Subreaper;
    it_is_killed_while_its_reaper_is_stopped { hard::kills_at_once(rung, End::StoppedReaper) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    a_user_tree_survives_a_drop { lifetime::a_user_tree_survives(rung, After::Drop) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    a_user_tree_survives_a_kill { lifetime::a_user_tree_survives(rung, After::Kill) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    a_user_tree_survives_its_reaper { lifetime::a_user_tree_survives(rung, After::Both) }
        cgroup Cgroup, subreaper Subreaper, group Group;
    a_user_tree_dies_with_its_namespace { lifetime::a_user_tree_dies(rung) }
        namespace Namespace;
    it_is_killed_in_a_storm_of_starts { storm::a_kill_leaves_nothing(rung, false) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
    it_is_killed_with_its_reaper_in_a_storm { storm::a_kill_leaves_nothing(rung, true) }
        namespace Namespace, subreaper Subreaper;
    main_returns_in_a_storm { storm::a_return_leaves_nothing(rung) }
        namespace Namespace, cgroup Cgroup, subreaper Subreaper, group Group;
}
