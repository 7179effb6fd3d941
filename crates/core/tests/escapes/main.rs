//! Every escape of the zoo, on every rung, against every way in which an owner ends.
//!
//! What must stay true: a cell that is said to hold leaves nobody alive, and a cell that is said not to
//! hold really lets somebody get away; the statement itself is `testkit::endings::NOT_HELD`. One test is
//! one escape on one rung, so that a failure names itself and the runner can spread them.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stderr,
    clippy::panic,
    reason = "a test that cannot go on says so, in its helpers too"
)]

mod cells;
mod users;

use handfast::Rung;
use testkit::{Who, zoo};

/// One module for each escape, one test in it for each rung.
macro_rules! escapes {
    ($($module:ident $name:literal),* $(,)?) => {
        const TESTED: &[&str] = &[$($name),*];

        $(mod $module {
            use super::{Rung, Who, cells};

            #[test]
            fn on_namespace() {
                cells::every_ending($name, Rung::Namespace, Who::Us);
            }

            #[test]
            fn on_cgroup() {
                cells::every_ending($name, Rung::Cgroup, Who::Us);
            }

            #[test]
            fn on_subreaper() {
                cells::every_ending($name, Rung::Subreaper, Who::Us);
            }

            #[test]
            fn on_group() {
                cells::every_ending($name, Rung::Group, Who::Us);
            }
        })*
    };
}

escapes! {
    grandchildren "grandchildren",
    renamed "renamed",
    stranger "stranger",
    group_hopper "group-hopper",
    hung "hung",
    traced "traced",
    traced_leader "traced-leader",
    double_fork "double-fork",
    leader_gone "leader-gone",
    setsid_chain "setsid-chain",
    silent_generations "silent-generations",
    closed_all "closed-all",
    subreaper "subreaper",
    crowd "crowd",
    last_will "last-will",
    deaf "deaf",
    blocked "blocked",
    stopped "stopped",
    stopped_daemon "stopped-daemon",
    watchdogs "watchdogs",
    supervised "supervised",
    fork_chain "fork-chain",
    other_uid "other-uid",
    new_namespace "new-namespace",
}

#[test]
fn every_escape_of_the_zoo_is_tested() {
    let zoo: Vec<&str> = zoo::all().iter().map(|escape| escape.name).collect();
    assert_eq!(zoo, TESTED);
}
