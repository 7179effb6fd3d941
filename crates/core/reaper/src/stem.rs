//! How what a manager has for its trees is named: by who made it. Pure.
//!
//! On Linux it is the name of a cgroup, on macOS the stem of the marks. It says the boot, pid and time of
//! start of the manager and of its reaper, so that what both have left can be told from what is in use.

/// How every name begins.
const PREFIX: &str = "handfast.";

/// A process of one of the two, by what tells it from all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Maker {
    /// Which start of the system.
    pub(crate) boot: u64,
    pub(crate) pid: i32,
    /// When it started, in the system's own unit.
    pub(crate) started: u64,
}

/// The name for a manager and its reaper, both of this boot.
pub(crate) fn name(boot: u64, manager: (i32, u64), reaper: (i32, u64)) -> String {
    format!(
        "{PREFIX}{boot:016x}.{}.{}.{}.{}",
        manager.0, manager.1, reaper.0, reaper.1
    )
}

/// Manager and reaper of a name; `None` for a name of another form.
pub(crate) fn makers(name: &str) -> Option<[Maker; 2]> {
    let mut parts = name.strip_prefix(PREFIX)?.split('.');
    let boot = u64::from_str_radix(parts.next()?, 16).ok()?;
    let mut maker = || {
        let pid = parts.next()?.parse().ok()?;
        let started = parts.next()?.parse().ok()?;
        Some(Maker { boot, pid, started })
    };
    let found = [maker()?, maker()?];
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_our_own_form_have_makers() {
        let written = name(255, (12, 34), (56, 78));
        assert_eq!(written, "handfast.00000000000000ff.12.34.56.78");
        let [manager, reaper] = makers(&written).unwrap();
        let maker = |pid, started| Maker {
            boot: 255,
            pid,
            started,
        };
        assert_eq!((manager, reaper), (maker(12, 34), maker(56, 78)));
        for name in [
            "handfast",
            "handfast.",
            "handfast.ff.1.2.3",
            "handfast.ff.1.2.3.4.5",
            "x.ff.1.2.3.4",
        ] {
            assert!(makers(name).is_none(), "{name}");
        }
    }
}
