//! Owners to test with, and what their processes say.

use handfast::config::{Output, ProcessConfig, ProcessConfigBuilder, Stdin};
use handfast::output::{Condition, Outcome, Pattern};
use handfast::owner::{Limits, Owner, OwnerId, OwnerSpec};
use handfast::{ProcessHandle, ProcessManager, Rung};
use std::io::Write;
use std::time::Duration;
use testkit::{Oracle, Who, can_have};

/// Far more than anything here takes; only a failing test comes to it.
pub(crate) const LONG: Duration = Duration::from_secs(600);

/// A manager on the rung that is forced, or the best; `None` where this user cannot have that.
pub(crate) fn manager() -> Option<ProcessManager> {
    let forced = std::env::var("HANDFAST_FORCE").unwrap_or_default();
    match forced.parse::<Rung>() {
        Ok(rung) if !can_have(rung, Who::Us) => {
            let _ = writeln!(
                std::io::stderr(),
                "this user cannot have the rung {rung} here"
            );
            None
        }
        _ => Some(builder().build().unwrap()),
    }
}

pub(crate) fn builder() -> handfast::ManagerBuilder {
    ProcessManager::builder().reaper(testkit::reaper())
}

pub(crate) fn id(name: &str) -> OwnerId {
    OwnerId::new(name).unwrap()
}

/// An owner right below the host.
pub(crate) fn agent(manager: &ProcessManager, name: &str, limits: Limits) -> Owner {
    let spec = OwnerSpec::new(id(name)).limits(limits);
    manager.add_owner(spec).unwrap()
}

/// An owner below another one.
pub(crate) fn below(parent: &Owner, name: &str, limits: Limits) -> Owner {
    let spec = OwnerSpec::new(id(name)).below(parent.id().clone());
    parent.manager().add_owner(spec.limits(limits)).unwrap()
}

/// A shell that is read and written to.
pub(crate) fn sh(script: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdin::Written)
        .stdout(Output::Captured)
        .stderr(Output::Captured)
}

/// A puppet of which nothing is read.
pub(crate) fn puppet(words: &str) -> ProcessConfigBuilder {
    ProcessConfig::builder(testkit::puppet()).args(testkit::script(words))
}

/// One that joins an oracle and stays.
pub(crate) fn member(oracle: &Oracle) -> ProcessConfig {
    puppet(&format!("join {} park", oracle.dir().display())).build()
}

/// Waits until a process has said this, and answers where.
pub(crate) async fn expect(owner: &Owner, handle: ProcessHandle, pattern: &str) -> u64 {
    let pattern: Pattern = pattern.parse().unwrap();
    let conditions = [Condition::Match { pattern, from: 0 }];
    let waited = owner.wait_for(handle, &conditions, LONG).await.unwrap();
    match waited.outcome {
        Outcome::Matched { offset, .. } => offset,
        other => panic!("{conditions:?}: {other:?}"),
    }
}

/// All that a process has said by the end of its output.
pub(crate) async fn said(owner: &Owner, handle: ProcessHandle) -> Vec<u8> {
    let (mut from, mut bytes) = (0, Vec::new());
    loop {
        let conditions = [Condition::Output { from }];
        owner.wait_for(handle, &conditions, LONG).await.unwrap();
        let chunk = owner.read(handle, from, usize::MAX).await.unwrap().unwrap();
        from = chunk.next.offset();
        bytes.extend(chunk.bytes);
        if chunk.ended {
            return bytes;
        }
    }
}
