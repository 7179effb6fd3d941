//! What the next owner is to find: of each tree what its manager would know, and its streams.
//!
//! It is written down as it is told, so that it is there also when the owner ended before it read that.
//! What must stay true: what is kept of a tree is kept until an owner has said that it knows the end;
//! what is lent is held by nobody else here, so that letting go of it is what everybody sees.

use super::Serve;
use crate::wire::{Adopt, ExitCode, Kept, LONGEST_NOTE, Lend, Ready, Reply, Stream};
use handfast_sys::local::Listener;
use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What is kept for the next owner.
#[derive(Debug)]
pub(crate) struct Keep {
    /// Where that one asks.
    pub(super) listener: Listener,
    pub(super) ready: Ready,
    /// How ends are kept.
    pub(super) keeping: crate::ledger::Keeping,
    pub(super) trees: BTreeMap<u64, KeptTree>,
    /// How many ends no owner has heard of.
    pub(super) forgotten: u64,
}

/// One tree.
#[derive(Debug, Default)]
pub(super) struct KeptTree {
    note: Vec<u8>,
    started: bool,
    group: Option<u64>,
    leader: Option<OwnedFd>,
    shim: Option<OwnedFd>,
    exit: Option<(ExitCode, u64)>,
    over: bool,
    for_owner: bool,
    failed: Option<(u8, i32)>,
    lent: Vec<(Stream, OwnedFd)>,
}

impl Keep {
    pub(super) fn new(
        keep: &crate::wire::Keep,
        ready: Ready,
        listener: Option<OwnedFd>,
    ) -> io::Result<Keep> {
        let listener = listener.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(Keep {
            listener: Listener::from_descriptor(listener)?,
            ready,
            keeping: crate::ledger::Keeping {
                stay: Duration::from_millis(keep.stay_ms),
                most: usize::try_from(keep.most).unwrap_or(usize::MAX),
            },
            trees: BTreeMap::new(),
            forgotten: 0,
        })
    }

    /// A tree begins.
    pub(crate) fn begin(&mut self, id: u64, note: &[u8], (kinds, lent): (&[u8], Vec<OwnedFd>)) {
        let tree = KeptTree {
            note: note.get(..LONGEST_NOTE).unwrap_or(note).to_vec(),
            lent: named(kinds, lent),
            ..KeptTree::default()
        };
        self.trees.insert(id, tree);
    }

    /// It began with another reaper, and runs.
    pub(crate) fn adopted(
        &mut self,
        adopt: &Adopt,
        (leader, shim): (Option<&OwnedFd>, Option<OwnedFd>),
    ) {
        if let Some(tree) = self.trees.get_mut(&adopt.id) {
            tree.started = true;
            tree.group = adopt.group;
            tree.leader = leader.and_then(|leader| leader.try_clone().ok());
            tree.shim = shim;
        }
    }

    /// The ledger wants it to end.
    pub(super) fn ended_for_owner(&mut self, id: u64) {
        if let Some(tree) = self.trees.get_mut(&id) {
            tree.for_owner |= tree.exit.is_none();
        }
    }

    /// Remembers what is told.
    pub(super) fn note(&mut self, reply: &Reply, descriptors: &[BorrowedFd<'_>]) {
        let copy = |place: usize| descriptors.get(place)?.try_clone_to_owned().ok();
        match reply {
            Reply::Started(told) => self.with(told.id, |tree| {
                tree.started = true;
                tree.group = told.group;
                tree.leader = copy(0);
                tree.shim = copy(2);
            }),
            Reply::LeaderExited(told) => self.with(told.id, |tree| {
                let at = if told.at == 0 {
                    super::tree::now()
                } else {
                    told.at
                };
                tree.exit = Some((told.exit.clone(), at));
                tree.leader = None;
                if told.empty {
                    tree.end();
                }
            }),
            Reply::Emptied(id) => self.with(*id, KeptTree::end),
            Reply::NotStarted(told) => self.with(told.id, |tree| {
                tree.failed = Some((told.step, told.errno));
                tree.end();
            }),
            Reply::Ready(_)
            | Reply::NotReady(_)
            | Reply::Signalled(_)
            | Reply::Resumed(_)
            | Reply::NotResumed(_)
            | Reply::Kept(_)
            | Reply::Released => {}
        }
    }

    fn with(&mut self, id: u64, work: impl FnOnce(&mut KeptTree)) {
        if let Some(tree) = self.trees.get_mut(&id) {
            work(tree);
        }
    }
}

impl KeptTree {
    /// Nothing is left of it. What it wrote may still be read.
    fn end(&mut self) {
        self.over = true;
        self.leader = None;
        self.shim = None;
    }

    /// What is told of it, with descriptors. `shim` is the channel of its shim.
    pub(super) fn told<'t>(
        &'t self,
        (id, session): (u64, i32),
        shim: Option<BorrowedFd<'t>>,
    ) -> (Kept, Vec<BorrowedFd<'t>>) {
        let mut descriptors: Vec<BorrowedFd<'_>> = self.leader.iter().map(AsFd::as_fd).collect();
        let shim = shim.zip(self.shim.as_ref().map(AsFd::as_fd));
        descriptors.extend(
            shim.into_iter()
                .flat_map(|(channel, pidfd)| [channel, pidfd]),
        );
        descriptors.extend(self.lent.iter().map(|(_, end)| end.as_fd()));
        let (exit, at) = self.exit.clone().unzip();
        let kept = Kept {
            id,
            note: self.note.clone(),
            started: self.started,
            group: self.group,
            session,
            leader: self.leader.is_some(),
            shim: shim.is_some(),
            exit,
            at: at.unwrap_or(0),
            over: self.over,
            for_owner: self.for_owner,
            failed: self.failed,
            lent: self.lent.iter().map(|(kind, _)| kind.byte()).collect(),
        };
        (kept, descriptors)
    }
}

/// The ends with what they are; what is not known is let go.
fn named(kinds: &[u8], lent: Vec<OwnedFd>) -> Vec<(Stream, OwnedFd)> {
    let kinds = kinds.iter().map(|kind| Stream::from_byte(*kind));
    let named = kinds.zip(lent);
    named.filter_map(|(kind, end)| Some((kind?, end))).collect()
}

impl Serve {
    /// Holds other ends of a tree than until now.
    pub(super) fn lend(&mut self, lend: &Lend, descriptors: Vec<OwnedFd>) {
        if let Some(keep) = &mut self.keep {
            keep.with(lend.id, |tree| tree.lent = named(&lend.lent, descriptors));
        }
    }

    /// What the tree reads ends.
    pub(super) fn close_input(&mut self, id: u64) {
        if let Some(keep) = &mut self.keep {
            keep.with(id, |tree| {
                tree.lent.retain(|(kind, _)| *kind != Stream::Stdin);
            });
        }
    }

    /// What is kept of an ended tree is needed no more; `lost` where no owner has heard of it.
    pub(crate) fn forget(&mut self, id: u64, lost: bool) {
        if let Some(keep) = &mut self.keep
            && keep.trees.remove(&id).is_some()
        {
            keep.forgotten += u64::from(lost);
        }
    }
}
