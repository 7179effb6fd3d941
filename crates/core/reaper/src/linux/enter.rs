//! Becoming what the manager asked for: in a namespace, over a cgroup, a subreaper, or plain.
//!
//! Each is probed by doing it once, here, with the real calls. What fails is said by its step, so
//! that a refusal can name it; nothing weaker is taken instead.

use super::home::Home;
use super::system::System;
use crate::start::Ground;
use crate::wire::{Hello, NotReady, Ready};
use handfast_sys::child::{self, Forked, Into};
use handfast_sys::tree::Rung;
use handfast_sys::tree::linux::namespace::{self, Failed};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

/// How trees are held by this reaper.
#[derive(Debug)]
pub(crate) enum Place {
    /// A cgroup for each.
    Cgroups(Home),
    /// A shim for each: the init of a namespace of its own, or a subreaper.
    Shims {
        /// Whether shims are namespace inits.
        nested: bool,
    },
    /// A session for each.
    Groups,
    /// This is a shim: everything below it is the one tree.
    Below {
        /// Whether it is a namespace's init.
        init: bool,
    },
}

/// What was reached.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) place: Place,
    /// Whether we are the init of a namespace of our own.
    pub(crate) namespace: bool,
    pub(crate) user_namespace: bool,
}

impl Entered {
    pub(crate) fn ready(&self) -> Ready {
        let group = match &self.place {
            Place::Cgroups(home) => Some(home.path().as_os_str().as_bytes().to_vec()),
            Place::Shims { .. } | Place::Groups | Place::Below { .. } => None,
        };
        Ready {
            group,
            user_namespace: self.user_namespace,
            namespace: self.namespace,
        }
    }
}

pub(crate) fn not_ready(step: &str, error: &io::Error) -> NotReady {
    NotReady {
        step: step.as_bytes().to_vec(),
        errno: error.raw_os_error().unwrap_or(0),
    }
}

impl From<Failed> for NotReady {
    fn from(failed: Failed) -> Self {
        not_ready(failed.step, &failed.error)
    }
}

/// Becomes what `hello` asks for. On the namespace rung only the namespace's init returns; the
/// process that was started first has ended then.
pub(crate) fn enter(hello: &Hello, ground: &Ground) -> Result<System, NotReady> {
    let entered = reach(hello, ground)?;
    System::new(entered).map_err(|error| not_ready("notice the ends of children", &error))
}

fn reach(hello: &Hello, ground: &Ground) -> Result<Entered, NotReady> {
    match Rung::LADDER.get(usize::from(hello.rung)) {
        Some(Rung::Namespace) => enter_namespace(hello, ground),
        Some(Rung::Cgroup) => {
            namespace::become_subreaper()?;
            let home = Home::make(hello, ground, true)?;
            Ok(Entered {
                place: Place::Cgroups(home),
                namespace: false,
                user_namespace: false,
            })
        }
        Some(Rung::Subreaper) => {
            namespace::become_subreaper()?;
            let place = Place::Shims { nested: false };
            Ok(Entered {
                place,
                namespace: false,
                user_namespace: false,
            })
        }
        Some(Rung::Group) => Ok(Entered {
            place: Place::Groups,
            namespace: false,
            user_namespace: false,
        }),
        _ => Err(not_ready(
            "understand the rung that was asked for",
            &io::Error::other(""),
        )),
    }
}

fn enter_namespace(hello: &Hello, ground: &Ground) -> Result<Entered, NotReady> {
    // The hierarchy is found and the group is made while the host's view is still ours. Without
    // one, trees are told apart by a namespace for each, below this one.
    let home = Home::make(hello, ground, false).ok();
    let user_namespace = namespace::prepare()?;
    let into = Into {
        sibling: true,
        ..Into::default()
    };
    match child::fork(&ground.proof, &into) {
        Ok(Forked::Parent { .. }) => child::exit_now(0),
        Ok(Forked::Child) => {}
        Err(error) => {
            remove(home.as_ref());
            return Err(not_ready("start the namespace's init", &error));
        }
    }
    if let Err(failed) = namespace::mount_proc() {
        remove(home.as_ref());
        return Err(failed.into());
    }
    // From inside a user namespace the host may refuse what it allowed from outside.
    let home = home.filter(|home| match home.probe(ground) {
        Ok(()) => true,
        Err(_) => {
            home.remove();
            false
        }
    });
    let place = match home {
        Some(home) => Place::Cgroups(home),
        None => {
            probe_nested(ground)?;
            Place::Shims { nested: true }
        }
    };
    Ok(Entered {
        place,
        namespace: true,
        user_namespace,
    })
}

fn remove(home: Option<&Home>) {
    if let Some(home) = home {
        home.remove();
    }
}

/// Makes one namespace below ours, with its `/proc`, and lets it end.
fn probe_nested(ground: &Ground) -> Result<(), NotReady> {
    let step = "make a namespace for each tree";
    let into = Into {
        namespace: true,
        ..Into::default()
    };
    match child::fork(&ground.proof, &into).map_err(|error| not_ready(step, &error))? {
        Forked::Child => child::exit_now(i32::from(namespace::mount_proc().is_err())),
        Forked::Parent { pidfd, .. } => match child::reap_pidfd(pidfd.as_fd()) {
            Ok(child::Exit::Code(0)) => Ok(()),
            Ok(_) => Err(not_ready(
                "mount /proc for each tree",
                &io::Error::other(""),
            )),
            Err(error) => Err(not_ready(step, &error)),
        },
    }
}
