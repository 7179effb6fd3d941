//! Whether a user can have a rung on this machine, found without the product.
//!
//! Tests compare the product with it: a rung that can be had must not be refused, and one that cannot
//! must be, with the documented error.

use std::process::{Command, Stdio};

use handfast_sys::tree::Rung;

use crate::{Cage, Who, puppet};

/// Whether this user can have this rung here.
#[must_use]
pub fn can_have(rung: Rung, who: Who) -> bool {
    let root = who == Who::Us && rustix::process::geteuid().is_root();
    match rung {
        Rung::Namespace => root || user_namespace(who),
        Rung::Cgroup => who != Who::Nobody && Cage::strong().is_some(),
        _ => true,
    }
}

/// Whether a user namespace with a `/proc` of its own can be made, tried by another program.
fn user_namespace(who: Who) -> bool {
    let mut command = Command::new(puppet());
    if who != Who::Us {
        command.args(["uid", "65534"]);
    }
    let tried = "exec unshare --user --map-root-user --pid --fork --mount-proc true";
    let status = command
        .args(tried.split(' '))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
