//! What processes have used, by one look at the table of all and one at each of them.
//!
//! A number alone names nobody, since it is given again: what is told here is for people.

use crate::child::calls::{check, handle};
use crate::child::{Process, image_of, open_process};
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;
use windows_sys::Win32::Foundation::ERROR_NO_MORE_FILES;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};

/// How many characters of the way to a program are shown.
const COMMAND: usize = 200;

/// What a process has used so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Its number.
    pub pid: i32,
    /// Who started it, as far as that one still has its number.
    pub parent: i32,
    /// `?`: a process has no state here, only its threads have.
    pub state: char,
    /// When it started, in ticks of 100 ns since 1601.
    pub started: u64,
    /// The time of processors that all its threads have taken, without that of its children.
    pub cpu: Duration,
    /// Bytes of it that are in memory, shared ones included.
    pub resident: u64,
    /// How many threads it has.
    pub threads: u32,
}

/// What those of some processes have used that live and that we may look at, in the order of their starts.
#[must_use]
pub fn usages(pids: &[i32]) -> Vec<Usage> {
    let all = table().unwrap_or_default();
    let wanted = all.into_iter().filter(|row| pids.contains(&row.pid));
    let mut found: Vec<Usage> = wanted
        .filter_map(|row| row.usage().ok().flatten())
        .collect();
    found.sort_by_key(|one| (one.started, one.pid));
    found
}

/// The numbers of all processes.
///
/// # Errors
///
/// What `CreateToolhelp32Snapshot` says.
pub fn pids() -> io::Result<Vec<i32>> {
    Ok(table()?.into_iter().map(|row| row.pid).collect())
}

/// The way to the file that a process runs, at most 200 characters of it; nothing in brackets where it is gone or may
/// not be looked at. With which arguments it was started is told to debuggers only.
#[must_use]
pub fn command(pid: i32) -> String {
    let image = open_process(pid.cast_unsigned()).and_then(|process| image_of(process.as_handle()));
    let Ok(image) = image else {
        return "[]".to_owned();
    };
    let text = String::from_utf16_lossy(&image);
    text.chars().take(COMMAND).collect()
}

/// A row of the table of all processes.
struct Row {
    pid: i32,
    parent: i32,
    threads: u32,
}

impl Row {
    /// `None` where it has ended.
    fn usage(&self) -> io::Result<Option<Usage>> {
        let process = open_process(self.pid.cast_unsigned())?;
        if process.exit_code()?.is_some() {
            return Ok(None);
        }
        Ok(Some(Usage {
            pid: self.pid,
            parent: self.parent,
            state: '?',
            started: process.created()?,
            cpu: process.time_taken()?,
            resident: resident(&process)?,
            threads: self.threads,
        }))
    }
}

fn resident(process: &Process) -> io::Result<u64> {
    let mut counters = PROCESS_MEMORY_COUNTERS {
        cb: u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS>()).map_err(io::Error::other)?,
        ..PROCESS_MEMORY_COUNTERS::default()
    };
    // SAFETY: the process is open; the system writes at most as many bytes as it is told.
    check(unsafe {
        let process = process.as_handle().as_raw_handle();
        K32GetProcessMemoryInfo(process, &raw mut counters, counters.cb)
    })?;
    Ok(counters.WorkingSetSize as u64)
}

fn table() -> io::Result<Vec<Row>> {
    // SAFETY: a call with two numbers.
    let snapshot = handle(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) })?;
    // SAFETY: the system has just made this handle for us alone.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot) };
    let mut entry = PROCESSENTRY32W {
        dwSize: u32::try_from(size_of::<PROCESSENTRY32W>()).map_err(io::Error::other)?,
        ..PROCESSENTRY32W::default()
    };
    let mut rows = Vec::new();
    // SAFETY: the table is open; the system writes one structure, whose size it is told.
    let mut next = check(unsafe { Process32FirstW(snapshot.as_raw_handle(), &raw mut entry) });
    loop {
        match next {
            Ok(()) => rows.push(Row {
                pid: entry.th32ProcessID.cast_signed(),
                parent: entry.th32ParentProcessID.cast_signed(),
                threads: entry.cntThreads,
            }),
            Err(error) if error.raw_os_error() == Some(ERROR_NO_MORE_FILES.cast_signed()) => {
                return Ok(rows);
            }
            Err(error) => return Err(error),
        }
        // SAFETY: as above.
        next = check(unsafe { Process32NextW(snapshot.as_raw_handle(), &raw mut entry) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_have_used_something_and_are_in_the_table() {
        let own = std::process::id().cast_signed();
        assert!(pids().unwrap().contains(&own));
        let used = usages(&[own]);
        let [used] = used.as_slice() else {
            panic!("{used:?}")
        };
        assert!(used.resident > 100 * 1024 && used.threads >= 1, "{used:?}");
        assert_eq!(used.started, crate::child::own_start().unwrap());
        let name = std::env::current_exe().unwrap();
        let name = name.file_name().unwrap().to_str().unwrap();
        assert!(command(own).ends_with(name), "{}", command(own));
    }

    #[test]
    fn who_is_gone_has_used_nothing() {
        assert_eq!(usages(&[i32::MAX - 2]), []);
        assert_eq!(command(i32::MAX - 2), "[]");
    }
}
