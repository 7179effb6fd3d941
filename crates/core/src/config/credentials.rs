//! As whom a child runs, and what that user may execute.
//!
//! Whether a file may be executed is judged from its mode bits, for the user that the child will
//! be and not for the host. An access list can grant more than the bits show, so the judgement
//! has three values and only a certain refusal is one: refusing a program that would have run is
//! worse than an exec that fails and is explained afterwards.

use handfast_sys::files::{self, Bits};
use std::fs::{self, Metadata};

/// The user that a child runs as.
///
/// The supplementary groups are *replaced* by `groups`, so the default, an empty list, drops all
/// those of the host. Changing user needs privileges; without them the start fails.
///
/// ```
/// use handfast::config::Credentials;
///
/// let nobody = Credentials::new(65534, 65534);
/// assert!(nobody.groups.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// User id: real, effective and saved. `u32::MAX` is refused, since to the system it means
    /// "leave it as it is".
    pub uid: u32,
    /// Group id: real, effective and saved. `u32::MAX` is refused.
    pub gid: u32,
    /// All supplementary groups. `u32::MAX` is refused.
    pub groups: Vec<u32>,
}

impl Credentials {
    /// This user and group, and no supplementary group.
    #[must_use]
    pub const fn new(uid: u32, gid: u32) -> Self {
        Self {
            uid,
            gid,
            groups: Vec::new(),
        }
    }

    fn is_in(&self, group: u32) -> bool {
        self.gid == group || self.groups.contains(&group)
    }
}

/// Whether a user may execute a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Granted,
    /// The mode bits alone do not grant it, an access list might.
    Unclear,
    Refused,
}

/// Whether the child's user may execute this file; `user` is `None` for the host's own.
pub(super) fn may_execute(file: &Metadata, user: Option<&Credentials>) -> Leave {
    // Where files have no bits, their name has said it, or only the start itself can.
    files::bits(file).map_or(Leave::Granted, |bits| may_by_bits(bits, user))
}

fn may_by_bits(file: Bits, user: Option<&Credentials>) -> Leave {
    let any = 0o111;
    match file.mode & any {
        // Root too needs one x bit.
        0 => Leave::Refused,
        bits if bits == any => Leave::Granted,
        _ => match user {
            Some(user) if user.uid == 0 => Leave::Granted,
            Some(user) => judge(file, user),
            None => may_host_execute(file),
        },
    }
}

/// The class of the user decides: owner, else group, else others.
fn judge(file: Bits, user: &Credentials) -> Leave {
    let mode = file.mode;
    let (owner, group, others) = (mode & 0o100 != 0, mode & 0o010 != 0, mode & 0o001 != 0);
    let class = if file.user == user.uid {
        return if owner {
            Leave::Granted
        } else {
            Leave::Refused
        };
    } else if user.is_in(file.group) {
        group
    } else {
        others
    };
    // Where there is an access list, the group bits are its mask: with them clear it grants
    // nothing, with them set it may grant anything to a user that it names.
    match (class, group) {
        (true, _) => Leave::Granted,
        (false, true) => Leave::Unclear,
        (false, false) => Leave::Refused,
    }
}

fn may_host_execute(file: Bits) -> Leave {
    match fs::read_to_string("/proc/self/status")
        .ok()
        .as_deref()
        .and_then(read_status)
    {
        Some((_, true)) => Leave::Granted,
        Some((host, false)) => judge(file, &host),
        // A system without this file: only the exec itself can tell.
        None => Leave::Unclear,
    }
}

/// The effective ids in a `proc_pid_status(5)` text, and whether `CAP_DAC_OVERRIDE` is effective.
fn read_status(status: &str) -> Option<(Credentials, bool)> {
    const DAC_OVERRIDE: u64 = 1 << 1;
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
    // Real, effective, saved, file system.
    let effective = |name| field(name)?.split_whitespace().nth(1)?.parse().ok();
    let capabilities = u64::from_str_radix(field("CapEff:")?.trim(), 16).ok()?;
    let groups = field("Groups:")?
        .split_whitespace()
        .map_while(|word| word.parse().ok());
    let host = Credentials {
        uid: effective("Uid:")?,
        gid: effective("Gid:")?,
        groups: groups.collect(),
    };
    Some((host, capabilities & DAC_OVERRIDE != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tx\nUid:\t1\t1000\t3\t4\nGid:\t5\t100\t7\t8\nGroups:\t10 20 \n\
                          CapEff:\t0000000000000002\n";

    fn file(mode: u32) -> Bits {
        Bits {
            mode,
            user: 7,
            group: 8,
        }
    }

    #[test]
    fn the_status_of_a_process_names_its_effective_ids() {
        let (host, overrides) = read_status(STATUS).unwrap();
        assert_eq!(
            host,
            Credentials {
                uid: 1000,
                gid: 100,
                groups: vec![10, 20]
            }
        );
        assert!(overrides);
        let without = STATUS.replace("02\n", "01\n");
        assert_eq!(
            read_status(&without).map(|(_, overrides)| overrides),
            Some(false)
        );
        assert_eq!(read_status("Uid:\t1"), None);
    }

    #[test]
    fn the_class_of_the_user_decides_and_only_the_certain_is_refused() {
        let owner = Credentials::new(7, 8);
        let member = Credentials {
            uid: 70,
            gid: 1,
            groups: vec![8],
        };
        let other = Credentials::new(70, 80);
        assert_eq!(judge(file(0o100), &owner), Leave::Granted);
        assert_eq!(judge(file(0o011), &owner), Leave::Refused);
        assert_eq!(judge(file(0o010), &member), Leave::Granted);
        assert_eq!(judge(file(0o101), &member), Leave::Refused);
        assert_eq!(judge(file(0o001), &other), Leave::Granted);
        assert_eq!(judge(file(0o100), &other), Leave::Refused);
        assert_eq!(judge(file(0o110), &other), Leave::Unclear);
    }

    #[test]
    fn root_needs_one_bit_and_no_more() {
        let root = Credentials::new(0, 0);
        assert_eq!(may_by_bits(file(0o666), Some(&root)), Leave::Refused);
        assert_eq!(may_by_bits(file(0o001), Some(&root)), Leave::Granted);
    }
}
