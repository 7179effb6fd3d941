//! What managers left that were killed together with their reapers, and how it is recognized.
//!
//! The name of a manager's group says who made it (boot, pid and start time of manager and reaper).
//! What must stay true: nothing is removed by its name alone.

use crate::stem::{self, Maker};
use crate::wire::Hello;
use handfast_sys::child;
use handfast_sys::proc::{Identity, boot_id};
use handfast_sys::tree::linux::cgroup::Cgroup;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The name of the group of the manager that said hello, and of this reaper.
pub(crate) fn name(hello: &Hello) -> io::Result<String> {
    let boot = boot_id()?;
    let us = Identity::of(i32::try_from(std::process::id()).map_err(io::Error::other)?)?;
    let manager = (hello.manager_pid, hello.manager_started);
    Ok(stem::name(boot, manager, (us.pid, us.started)))
}

/// Ends what managers left here that were killed together with their reapers.
///
/// A group is left over when its maker's user is ours, when neither the manager nor the reaper of
/// its name (boot, pid and start time) is alive, and when nobody holds its lock: the last is true
/// across PID namespaces, in which the others cannot be seen.
pub(crate) fn sweep(base: &Cgroup) {
    for (name, group) in left_below(base) {
        let _ = sweep_one(base, &name, &group);
    }
}

/// The groups directly below this one that the next start of a manager in it would sweep; none
/// where it cannot be read.
#[must_use]
pub fn leftovers(base: &Path) -> Vec<PathBuf> {
    let found = Cgroup::open(base).map(|group| left_below(&group));
    let names = found.unwrap_or_default().into_iter();
    names.map(|(name, _)| base.join(name)).collect()
}

/// What is left over, claimed for as long as it is held.
fn left_below(base: &Cgroup) -> Vec<(String, Cgroup)> {
    let names = base.below().unwrap_or_default().into_iter();
    names
        .filter(|name| stem::makers(name).is_some_and(|makers| !any_alive(&makers)))
        .filter_map(|name| {
            let group = base.child(&name).ok()?;
            let ours = group.owner().ok()? == child::effective_user() && group.claim();
            ours.then_some((name, group))
        })
        .collect()
}

fn sweep_one(base: &Cgroup, name: &str, group: &Cgroup) -> io::Result<()> {
    group.kill()?;
    group.wait_empty(Duration::from_secs(1))?;
    base.remove(name)
}

fn any_alive(makers: &[Maker]) -> bool {
    makers.iter().any(|maker| {
        let Maker { boot, pid, started } = *maker;
        Identity { boot, pid, started }.is_alive()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_of_this_very_process_is_in_use() {
        let us = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        let Identity { boot, pid, started } = us;
        let name = stem::name(boot, (pid, started), (1, 1));
        assert!(any_alive(&stem::makers(&name).unwrap()));
        let reused = stem::name(boot, (pid, started + 1), (pid, 1));
        assert!(!any_alive(&stem::makers(&reused).unwrap()));
    }
}
