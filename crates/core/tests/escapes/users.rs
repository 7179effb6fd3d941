//! The same cells for ordinary users, started by root: without a cgroup of their own, and with one that
//! was given to them. Trees take other ways there: a namespace for each, a user namespace around all.

use super::cells;
use handfast::Rung;
use testkit::Who;

/// One for each way to get away.
const CHOSEN: [&str; 8] = [
    "grandchildren",
    "setsid-chain",
    "closed-all",
    "last-will",
    "deaf",
    "stopped-daemon",
    "watchdogs",
    "fork-chain",
];

fn chosen(rung: Rung, who: Who, part: usize) {
    for name in CHOSEN.iter().skip(part).step_by(2) {
        cells::every_ending(name, rung, who);
    }
}

/// One test for each half of the chosen escapes.
macro_rules! users {
    ($($module:ident $rung:ident $who:ident),* $(,)?) => {
        $(mod $module {
            use super::{Rung, Who, chosen};

            #[test]
            fn half() {
                chosen(Rung::$rung, Who::$who, 0);
            }

            #[test]
            fn other_half() {
                chosen(Rung::$rung, Who::$who, 1);
            }
        })*
    };
}

users! {
    nobody_on_namespace Namespace Nobody,
    nobody_on_cgroup Cgroup Nobody,
    nobody_on_subreaper Subreaper Nobody,
    nobody_on_group Group Nobody,
    delegated_on_namespace Namespace Delegated,
    delegated_on_cgroup Cgroup Delegated,
}
