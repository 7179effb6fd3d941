//! Who can still write to a pipe or a terminal.
//!
//! For people: the answer may be old by the time it is read, and commands are chosen by those who
//! run them. Nothing is ever signalled because of it.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Something that many processes may have open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// A pipe, by its inode.
    Pipe(u64),
    /// A terminal, by its device number.
    Terminal(u64),
}

impl Held {
    /// What a descriptor is open on: either end of a pipe, or the side of a terminal that programs
    /// use. `None` for everything else.
    #[must_use]
    pub fn by(descriptor: BorrowedFd<'_>) -> Option<Held> {
        let stat = rustix::fs::fstat(descriptor.as_fd()).ok()?;
        match rustix::fs::FileType::from_raw_mode(stat.st_mode) {
            rustix::fs::FileType::Fifo => Some(Held::Pipe(stat.st_ino)),
            rustix::fs::FileType::CharacterDevice => Some(Held::Terminal(stat.st_rdev)),
            _ => None,
        }
    }

    /// Whether a link in `/proc/<pid>/fd` leads there.
    pub(super) fn is_at(self, link: &Path) -> bool {
        let Ok(target) = fs::read_link(link) else {
            return false;
        };
        match self {
            Held::Pipe(inode) => target.as_os_str() == format!("pipe:[{inode}]").as_str(),
            // Asking about any other file might wait for a disk or a network.
            Held::Terminal(device) => {
                target.starts_with("/dev") && fs::metadata(link).is_ok_and(|it| it.rdev() == device)
            }
        }
    }
}

/// A process that can write to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its id, as seen from here.
    pub pid: i32,
    /// How it was started, at most 200 characters of it; its short name in brackets where it hides
    /// that.
    pub command: String,
}

/// Who can write to something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Holders {
    /// Those who can.
    pub found: Vec<Holder>,
    /// How many processes do not let us see what they have open.
    pub hidden: usize,
}

/// Those of some processes that have it open for writing.
#[must_use]
pub fn holders(held: Held, pids: &[i32]) -> Holders {
    let mut holders = Holders::default();
    for pid in pids {
        match holds(held, *pid) {
            Some(true) => holders.found.push(Holder {
                pid: *pid,
                command: super::command(*pid),
            }),
            Some(false) => {}
            None => holders.hidden += 1,
        }
    }
    holders
}

/// Those of all processes but some that have it open for writing.
#[must_use]
pub fn other_holders(held: Held, but: &[i32]) -> Holders {
    let all = super::all().unwrap_or_default();
    let living = all.iter().filter(|stat| stat.is_alive());
    let pids = living.map(|stat| stat.pid);
    let pids: Vec<i32> = pids.filter(|pid| !but.contains(pid)).collect();
    holders(held, &pids)
}

/// `None` where it may not be seen. One that has ended holds nothing.
fn holds(held: Held, pid: i32) -> Option<bool> {
    let folder = format!("/proc/{pid}/fd");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(false),
        Err(_) => return None,
    };
    let mut descriptors = entries.flatten();
    Some(descriptors.any(|entry| {
        let number = entry.file_name();
        held.is_at(&entry.path()) && is_for_writing(pid, &number.to_string_lossy())
    }))
}

/// The flags are octal; the two lowest bits say for what it was opened, 0 is reading only.
fn is_for_writing(pid: i32, number: &str) -> bool {
    let info = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 0b11 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writing_end_is_held_and_the_reading_end_does_not_count() {
        let own = i32::try_from(std::process::id()).unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        let held = Held::by(reader.as_fd()).unwrap();
        assert_eq!(Held::by(writer.as_fd()), Some(held));
        let found = holders(held, &[own]).found;
        assert_eq!((found.len(), found[0].pid), (1, own));
        assert!(found[0].command.contains("handfast"), "{found:?}");
        drop(writer);
        assert_eq!(holders(held, &[own]), Holders::default());
    }

    #[test]
    fn who_is_gone_holds_nothing() {
        let gone = holders(Held::Pipe(1), &[i32::MAX]);
        assert_eq!(gone, Holders::default());
    }

    #[test]
    fn a_file_is_neither_pipe_nor_terminal() {
        let file = fs::File::open("/proc/self/stat").unwrap();
        assert_eq!(Held::by(file.as_fd()), None);
    }
}
