//! Trees that try to get away, as data.
//!
//! Each escape is a puppet's script. Every member joins the oracle named in it, and joins only when
//! what it is there for has happened as far as that can be told, so `members` joins mean "all up"
//! for every escape alike. `gets_past` is measured: the kit's own tests show that exactly these naive
//! ways to kill leave someone alive, so a table made from the zoo cannot claim a danger that is none.

use std::time::Duration;

use crate::Oracle;

/// A way to end a tree that is not enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Naive {
    /// SIGTERM to the leader alone.
    Ask,
    /// SIGKILL to the leader alone.
    Leader,
    /// SIGKILL to the leader's process group.
    Group,
}

/// What an escape needs of the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Any user may run it.
    Nothing,
    /// Only root may run it.
    Root,
    /// The system must let this user make user namespaces.
    UserNamespace,
}

/// One tree that tries to get away.
#[derive(Clone, Copy, Debug)]
pub struct Escape {
    /// Its name in tables and test output.
    pub name: &'static str,
    /// What it does, in one line.
    pub what: &'static str,
    /// Its script, with `ORACLE` where the oracle's directory goes.
    pub script: &'static str,
    /// How many joins mean that all of it is up.
    pub members: usize,
    /// Which naive kills leave a member alive when the leader had a process group of its own.
    pub gets_past: &'static [Naive],
    /// What the machine must allow.
    pub needs: Needs,
}

impl Escape {
    /// The puppet's arguments that build this tree, counted by `oracle`.
    #[must_use]
    pub fn words(&self, oracle: &Oracle) -> Vec<String> {
        let dir = oracle
            .dir()
            .to_str()
            .expect("temporary directories have plain names");
        let word = |word: &str| {
            if word == "ORACLE" {
                dir.to_owned()
            } else {
                word.to_owned()
            }
        };
        self.script.split_whitespace().map(word).collect()
    }

    /// Waits until all of it is up; false when some member was missing after `within`.
    #[must_use]
    pub fn wait_up(&self, oracle: &Oracle, within: Duration) -> bool {
        oracle.wait_joined(self.members, within)
    }

    /// Whether only root can build this tree.
    #[must_use]
    pub fn needs_root(&self) -> bool {
        self.needs == Needs::Root
    }

    /// Whether this machine and user can build this tree, tried by doing it.
    #[must_use]
    pub fn can_run_here(&self) -> bool {
        let tried = |words: &str| {
            let mut puppet = std::process::Command::new(crate::puppet());
            puppet
                .args(words.split(' '))
                .stderr(std::process::Stdio::null());
            puppet.status().is_ok_and(|status| status.success())
        };
        match self.needs {
            Needs::Nothing => true,
            Needs::Root => tried("uid 65534"),
            Needs::UserNamespace => tried("newns [ exit 0 ] wait-child"),
        }
    }
}

/// Past SIGKILL to the leader, but not past its group.
const PAST_LEADER: &[Naive] = &[Naive::Ask, Naive::Leader];
/// Past everything short of real containment.
const PAST_ALL: &[Naive] = &[Naive::Ask, Naive::Leader, Naive::Group];

/// Every escape there is.
#[must_use]
pub fn all() -> Vec<Escape> {
    PLAIN
        .iter()
        .chain(DAEMONS)
        .chain(DEAF)
        .chain(RESTLESS)
        .chain(PRIVILEGED)
        .copied()
        .collect()
}

const fn escape(
    name: &'static str,
    what: &'static str,
    (members, gets_past): (usize, &'static [Naive]),
    script: &'static str,
) -> Escape {
    Escape {
        name,
        what,
        script,
        members,
        gets_past,
        needs: Needs::Nothing,
    }
}

/// Trees that stay in their leader's session.
const PLAIN: &[Escape] = &[
    escape(
        "grandchildren",
        "children and grandchildren, nothing special",
        (5, PAST_LEADER),
        "join ORACLE spawn [ join-same spawn [ join-same park ] park ] \
         spawn [ join-same spawn [ join-same park ] park ] say ready park",
    ),
    escape(
        "renamed",
        "a member runs under another name with an empty environment",
        (2, PAST_LEADER),
        "join ORACLE spawn [ rename [kworker/0:1] [ join ORACLE park ] ] say ready park",
    ),
    escape(
        "stranger",
        "a member executed a program that knows nothing of us",
        (2, PAST_LEADER),
        "join ORACLE spawn [ join-same exec sleep infinity ] say ready park",
    ),
    escape(
        "group-hopper",
        "members make process groups of their own and one keeps moving between them",
        (4, PAST_ALL),
        "join ORACLE spawn [ hop ] say ready park",
    ),
    escape(
        "hung",
        "the leader is in state D (a vfork whose child never executes)",
        (2, PAST_LEADER),
        "join ORACLE vfork-hang [ await-parent D say ready join-same park ]",
    ),
    escape(
        "traced",
        "a member is ptrace-stopped by the leader",
        (2, PAST_LEADER),
        "spawn [ join ORACLE trace-me park ] await-child-stop join ORACLE say ready park",
    ),
    escape(
        "traced-leader",
        "the leader is ptrace-stopped by its own child",
        (2, PAST_LEADER),
        "join ORACLE spawn [ attach-parent say ready join-same park ] park",
    ),
];

/// Trees whose members leave for sessions of their own.
const DAEMONS: &[Escape] = &[
    escape(
        "double-fork",
        "a daemon: double fork, own session",
        (2, PAST_ALL),
        "join ORACLE fork-daemon [ join-same park ] say ready park",
    ),
    escape(
        "leader-gone",
        "the leader starts a daemon and exits",
        (1, PAST_ALL),
        "fork-daemon [ join ORACLE park ] say ready exit 0",
    ),
    escape(
        "setsid-chain",
        "six generations, each in a session of its own",
        (7, PAST_ALL),
        "join ORACLE spawn [ setsid join-same spawn [ setsid join-same spawn [ setsid join-same \
         spawn [ setsid join-same spawn [ setsid join-same spawn [ setsid join-same park ] \
         park ] park ] park ] park ] park ] say ready park",
    ),
    escape(
        "silent-generations",
        "generations that each take a new session, close everything, fork and exit",
        (2, PAST_ALL),
        "join ORACLE spawn [ setsid close-all spawn [ setsid close-all spawn [ setsid close-all \
         join ORACLE park ] exit 0 ] exit 0 ] say ready park",
    ),
    escape(
        "closed-all",
        "members that close every descriptor they inherited",
        (3, PAST_ALL),
        "join ORACLE spawn [ close-all join ORACLE park ] \
         fork-daemon [ close-all join ORACLE park ] say ready park",
    ),
    escape(
        "subreaper",
        "a member is a subreaper itself, so its orphans come to nobody else",
        (4, PAST_ALL),
        "join ORACLE spawn [ setsid subreaper join-same fork-daemon [ join-same park ] \
         fork-daemon [ join-same park ] park ] say ready park",
    ),
    escape(
        "crowd",
        "300 members, every second one a daemon",
        (301, PAST_ALL),
        "join ORACLE members 300 say ready park",
    ),
    escape(
        "last-will",
        "the leader answers SIGTERM by starting a daemon",
        (1, &[Naive::Ask]),
        "on TERM [ fork-daemon [ join-same park ] exit 0 ] join ORACLE say ready park",
    ),
];

/// Trees that do not listen.
const DEAF: &[Escape] = &[
    escape(
        "deaf",
        "leader and members ignore SIGTERM and all other signals that can be ignored",
        (3, PAST_ALL),
        "ignore all join ORACLE spawn [ join-same park ] fork-daemon [ join-same park ] say ready park",
    ),
    escape(
        "blocked",
        "leader and daemon block every signal that can be blocked",
        (2, PAST_ALL),
        "block all join ORACLE fork-daemon [ join-same park ] say ready park",
    ),
    escape(
        "stopped",
        "the leader and a member are stopped",
        (4, PAST_LEADER),
        // HUP: the kernel sends it to stopped groups that lose their last parent.
        "ignore HUP join ORACLE spawn [ spawn [ join-same stop-self park ] await-child-stop join-same park ] \
         spawn [ stop-parent say ready join-same park ] park",
    ),
    escape(
        "stopped-daemon",
        "a daemon with a stopped member",
        (3, PAST_ALL),
        "join ORACLE fork-daemon [ spawn [ join-same stop-self park ] await-child-stop join-same park ] say ready park",
    ),
];

/// Trees that keep changing.
const RESTLESS: &[Escape] = &[
    escape(
        "watchdogs",
        "two daemons that restart each other",
        (3, PAST_ALL),
        "join ORACLE fork-daemon [ watchdogs ] say ready park",
    ),
    escape(
        "supervised",
        "a daemon that starts two members again whenever they end",
        (4, PAST_ALL),
        "join ORACLE fork-daemon [ join-same supervise 2 [ join-same park ] ] say ready park",
    ),
    escape(
        "fork-chain",
        "a chain that forks and exits for ever, so that no pid stays",
        (2, PAST_ALL),
        "join ORACLE fork-daemon [ join-same chain 300 ] say ready park",
    ),
];

/// Trees that need something of the machine.
const PRIVILEGED: &[Escape] = &[
    Escape {
        needs: Needs::Root,
        ..escape(
            "other-uid",
            "a daemon that runs as another user",
            (2, PAST_ALL),
            "join ORACLE fork-daemon [ uid 65534 join-same park ] say ready park",
        )
    },
    Escape {
        needs: Needs::UserNamespace,
        ..escape(
            "new-namespace",
            "a member makes a user and a PID namespace and lives in it, with a daemon inside",
            (4, PAST_ALL),
            "join ORACLE spawn [ setsid join-same newns [ join-same fork-daemon [ join-same park ] park ] park ] \
             say ready park",
        )
    },
];
