//! Windows: the job.

use crate::child::{Kind, kind};
use crate::tree::windows::Job;
use std::os::windows::io::{BorrowedHandle, OwnedHandle};
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// The exit code of members that are killed: what a shell says of SIGKILL.
const KILLED: u32 = 137;

/// A handle of a tree's job. While it is there the tree is not ended by the end of its reaper, so a
/// reaper that leaves kills its trees by name.
#[derive(Debug, Default)]
pub struct Hold(Option<Arc<Job>>);

impl Hold {
    /// Takes what came with the word that a tree runs, after what names its leader.
    pub fn take(descriptors: &mut impl Iterator<Item = OwnedHandle>) -> Hold {
        Hold(descriptors.next().map(Job::from_handle).map(Arc::new))
    }

    /// Whether another process holds the tree: here the host does.
    #[must_use]
    pub fn is_shim(&self) -> bool {
        false
    }

    /// What a next reaper must be given of it: there is none, since the first one is of this process.
    pub fn descriptors(&self) -> impl Iterator<Item = &OwnedHandle> {
        std::iter::empty()
    }

    /// Where the members are listed, for as long as this lives. There are no groups.
    #[must_use]
    pub fn place(&self, _: i32, _: Option<PathBuf>) -> Place {
        Place(self.0.as_ref().map(Arc::downgrade).unwrap_or_default())
    }

    /// Kills a tree that no reaper watches any more.
    pub fn kill(&self, _: i32, _: Option<BorrowedHandle<'_>>) {
        if let Some(job) = &self.0 {
            // One that cannot be killed is ended with the last handle of its job.
            let _ = job.kill(KILLED);
        }
    }
}

/// Where the members of a tree are listed by the system: by its job, while the tree is held.
#[derive(Debug, Clone)]
pub struct Place(Weak<Job>);

impl Place {
    /// The live members, without the hosts of their consoles.
    #[must_use]
    pub fn members(&self) -> Vec<u32> {
        // What cannot be listed has ended.
        let members = self.0.upgrade().and_then(|job| job.members().ok());
        let mut members = members.unwrap_or_default();
        members.retain(|pid| kind(*pid) == Kind::Program);
        members
    }
}
