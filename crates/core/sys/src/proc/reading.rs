//! Whether somebody of a group waits for input from a terminal.
//!
//! The kernel tells of each thread in which system call it sleeps and with which arguments
//! (`proc_pid_syscall(5)`); what those point to is read from its memory. It lets those see it who may
//! trace the process; others are told the kernel's own place (`wchan`) at the most. What must stay
//! true: "reading" is only said of a wait without a limit that input from the terminal would end.

use super::{Held, Stat, all};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

/// How many threads of a process are looked at.
const THREADS: usize = 64;

/// How many descriptors of one `poll(2)` are looked at.
const POLLED: usize = 1024;

/// A process that waits for input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// Its id, as seen from here.
    pub pid: i32,
    /// How often the thread that waits has gone to sleep. While it is the same, it is the same wait.
    pub sleeps: u64,
}

/// Whether anybody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// This one waits for input, without a limit.
    By(Reader),
    /// Nobody does.
    Nobody,
    /// The system does not let us see it.
    Hidden,
}

/// Who of a process group waits for input from this terminal.
#[must_use]
pub fn reading(terminal: Held, group: i32) -> Reading {
    let mut hidden = false;
    let all = all().unwrap_or_default();
    for member in all.iter().filter(|stat| stat.group == group) {
        match reads(terminal, member) {
            Reading::Nobody => {}
            Reading::Hidden => hidden = true,
            by @ Reading::By(_) => return by,
        }
    }
    if hidden {
        Reading::Hidden
    } else {
        Reading::Nobody
    }
}

fn reads(terminal: Held, member: &Stat) -> Reading {
    let Ok(threads) = fs::read_dir(format!("/proc/{}/task", member.pid)) else {
        return Reading::Nobody;
    };
    let mut hidden = false;
    for thread in threads.flatten().take(THREADS) {
        let thread = Thread {
            pid: member.pid,
            folder: thread.path().to_string_lossy().into_owned(),
        };
        match thread.waits_for(terminal) {
            Some(true) => {
                return Reading::By(Reader {
                    pid: member.pid,
                    sleeps: thread.sleeps(),
                });
            }
            Some(false) => {}
            None => hidden = true,
        }
    }
    if hidden && member.is_alive() {
        Reading::Hidden
    } else {
        Reading::Nobody
    }
}

/// A thread, by its folder.
struct Thread {
    pid: i32,
    folder: String,
}

/// What a system call waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Read,
    Poll,
    Ppoll,
    Select,
    EpollWait,
    EpollPwait2,
}

impl Thread {
    fn file(&self, name: &str) -> std::io::Result<String> {
        fs::read_to_string(format!("{}/{name}", self.folder))
    }

    fn sleeps(&self) -> u64 {
        let status = self.file("status").unwrap_or_default();
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        count
            .and_then(|count| count.trim().parse().ok())
            .unwrap_or(0)
    }

    /// `None` where that cannot be seen.
    fn waits_for(&self, terminal: Held) -> Option<bool> {
        let line = match self.file("syscall") {
            Ok(line) => line,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(false),
            // Only a terminal makes its reader sleep there.
            Err(_) => return (self.file("wchan").ok()?.trim() == "n_tty_read").then_some(true),
        };
        let mut words = line.split_whitespace();
        let Some(number) = words.next().and_then(|word| word.parse::<i64>().ok()) else {
            // It runs.
            return Some(false);
        };
        let Some(call) = call(number) else {
            return calls().is_some().then_some(false);
        };
        let arguments: Vec<u64> = words
            .filter_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok())
            .collect();
        let [first, second, third, fourth, fifth, ..] = arguments[..] else {
            return Some(false);
        };
        let endless = |timeout: u64| (timeout as i32) < 0;
        match call {
            Call::Read => Some(self.is(terminal, first)),
            Call::Poll if endless(third) => self.polls(terminal, first, second),
            Call::Ppoll if third == 0 => self.polls(terminal, first, second),
            Call::Select if fifth == 0 => self.selects(terminal, first, second),
            Call::EpollWait if endless(fourth) => self.watches(terminal, first),
            Call::EpollPwait2 if fourth == 0 => self.watches(terminal, first),
            _ => Some(false),
        }
    }

    /// Whether a descriptor of this process is the terminal, by its name or as `/dev/tty`.
    fn is(&self, terminal: Held, descriptor: u64) -> bool {
        const OWN_TERMINAL: u64 = 0x500;
        let link = format!("/proc/{}/fd/{descriptor}", self.pid);
        let link = Path::new(&link);
        let own = |target: std::path::PathBuf| {
            target == Path::new("/dev/tty")
                && fs::metadata(link).is_ok_and(|it| it.rdev() == OWN_TERMINAL)
        };
        terminal.is_at(link) || fs::read_link(link).is_ok_and(own)
    }

    fn memory(&self, at: u64, count: usize) -> Option<Vec<u8>> {
        let memory = File::open(format!("/proc/{}/mem", self.pid)).ok()?;
        let mut bytes = vec![0; count];
        memory.read_exact_at(&mut bytes, at).ok()?;
        Some(bytes)
    }

    fn polls(&self, terminal: Held, at: u64, count: u64) -> Option<bool> {
        const ENTRY: usize = 8;
        const IN: u8 = 1;
        let count = usize::try_from(count).ok()?.min(POLLED);
        let entries = self.memory(at, count * ENTRY)?;
        let mut wanted = entries.chunks_exact(ENTRY).filter_map(|entry| {
            let (descriptor, events) = entry.split_first_chunk::<4>()?;
            let descriptor = u64::try_from(i32::from_ne_bytes(*descriptor)).ok()?;
            (events.first()? & IN != 0).then_some(descriptor)
        });
        Some(wanted.any(|descriptor| self.is(terminal, descriptor)))
    }

    fn selects(&self, terminal: Held, count: u64, at: u64) -> Option<bool> {
        if at == 0 {
            return Some(false);
        }
        let count = count.min(1024);
        let set = self.memory(at, usize::try_from(count.div_ceil(8)).ok()?)?;
        let is_set = |descriptor: &u64| {
            let byte = usize::try_from(descriptor / 8).unwrap_or(usize::MAX);
            set.get(byte)
                .is_some_and(|byte| byte >> (descriptor % 8) & 1 == 1)
        };
        let mut wanted = (0..count).filter(is_set);
        Some(wanted.any(|descriptor| self.is(terminal, descriptor)))
    }

    /// `tfd: 5 events: 19 …`, the events in hexadecimal.
    fn watches(&self, terminal: Held, epoll: u64) -> Option<bool> {
        let info = format!("/proc/{}/fdinfo/{epoll}", self.pid);
        let info = fs::read_to_string(info).ok()?;
        let watched = |line: &str| {
            let mut words = line.strip_prefix("tfd:")?.split_whitespace();
            let descriptor = words.next()?.parse::<u64>().ok()?;
            let events = u32::from_str_radix(words.nth(1)?, 16).ok()?;
            (events & 1 != 0).then_some(descriptor)
        };
        let mut wanted = info.lines().filter_map(watched);
        Some(wanted.any(|descriptor| self.is(terminal, descriptor)))
    }
}

fn call(number: i64) -> Option<Call> {
    let mut known = calls()?.iter();
    known.find(|(of, _)| *of == number).map(|(_, call)| *call)
}

/// The numbers of this machine: of x86-64, or those that all newer ones share.
fn calls() -> Option<&'static [(i64, Call)]> {
    use Call::{EpollPwait2, EpollWait, Poll, Ppoll, Read, Select};
    const X86_64: [(i64, Call); 9] = [
        (0, Read),
        (19, Read),
        (7, Poll),
        (271, Ppoll),
        (23, Select),
        (270, Select),
        (232, EpollWait),
        (281, EpollWait),
        (441, EpollPwait2),
    ];
    const NEWER: [(i64, Call); 6] = [
        (63, Read),
        (65, Read),
        (73, Ppoll),
        (72, Select),
        (22, EpollWait),
        (441, EpollPwait2),
    ];
    match std::env::consts::ARCH {
        "x86_64" => Some(&X86_64),
        "aarch64" | "riscv64" | "loongarch64" => Some(&NEWER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::open_pair;
    use std::os::fd::AsFd;
    use std::process::{Command, Stdio};

    #[test]
    fn a_reader_is_told_from_one_who_sleeps() {
        let pair = open_pair().unwrap();
        let terminal = Held::by(pair.slave.as_fd()).unwrap();
        let on_it = || Stdio::from(pair.slave.try_clone().unwrap());
        let mut reader = Command::new("/bin/cat").stdin(on_it()).spawn().unwrap();
        let mut sleeper = Command::new("/bin/sleep");
        let mut sleeper = sleeper.arg("1000").stdin(on_it()).spawn().unwrap();
        let of = |child: &std::process::Child| Stat::read(child.id().cast_signed()).unwrap();
        // It reads after it was started: there is no other sign of it.
        while !matches!(reads(terminal, &of(&reader)), Reading::By(_)) {
            std::thread::yield_now();
        }
        assert_eq!(reads(terminal, &of(&sleeper)), Reading::Nobody);
        let other = open_pair().unwrap();
        let other = Held::by(other.slave.as_fd()).unwrap();
        assert_eq!(reads(other, &of(&reader)), Reading::Nobody);
        for child in [&mut reader, &mut sleeper] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
