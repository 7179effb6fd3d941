//! What a tree may use, in the words of a job.

use std::io;
use std::time::Duration;
use windows_sys::Win32::System::JobObjects::{
    JOB_OBJECT_CPU_RATE_CONTROL_ENABLE, JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP,
    JOB_OBJECT_LIMIT_ACTIVE_PROCESS, JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
    JOB_OBJECT_LIMIT_JOB_MEMORY, JOB_OBJECT_LIMIT_JOB_TIME, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOBOBJECT_CPU_RATE_CONTROL_INFORMATION,
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION_0, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
};

/// The most that a share of the processors can be: all of them, in hundredths of a percent.
pub const ALL_PROCESSORS: u32 = 10_000;

/// What a tree may use; the default is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Bytes of committed memory of all members together. More is refused to whoever asks for it.
    pub memory: Option<usize>,
    /// Bytes of committed memory of each member.
    pub process_memory: Option<usize>,
    /// Live members. One more is ended at its birth.
    pub processes: Option<u32>,
    /// The share of all processors together, in hundredths of a percent: 1 to 10,000.
    pub cpu_share: Option<u32>,
    /// Time in user mode of all members together; when it is over the tree is ended.
    pub cpu_time: Option<Duration>,
}

impl Limits {
    /// The job's own structure. What holds the tree is always in it: the last handle's end is the
    /// tree's end, nobody may break away, and a crash ends a member without asking anybody.
    pub(super) fn extended(&self) -> io::Result<JOBOBJECT_EXTENDED_LIMIT_INFORMATION> {
        let mut all = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        let basic = &mut all.BasicLimitInformation;
        basic.LimitFlags =
            JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
        if let Some(processes) = self.processes {
            basic.LimitFlags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
            basic.ActiveProcessLimit = processes;
        }
        if let Some(time) = self.cpu_time {
            basic.LimitFlags |= JOB_OBJECT_LIMIT_JOB_TIME;
            // In units of 100 ns.
            let time = i64::try_from(time.as_nanos() / 100).map_err(io::Error::other)?;
            basic.PerJobUserTimeLimit = time;
        }
        if let Some(bytes) = self.memory {
            basic.LimitFlags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
            all.JobMemoryLimit = bytes;
        }
        if let Some(bytes) = self.process_memory {
            all.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
            all.ProcessMemoryLimit = bytes;
        }
        Ok(all)
    }

    /// The job's structure for the share of the processors, where there is a limit of it.
    pub(super) fn share(&self) -> io::Result<Option<JOBOBJECT_CPU_RATE_CONTROL_INFORMATION>> {
        let Some(share) = self.cpu_share else {
            return Ok(None);
        };
        if !(1..=ALL_PROCESSORS).contains(&share) {
            let why = "a share of the processors is 1 to 10,000 hundredths of a percent";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(Some(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION {
            ControlFlags: JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP,
            Anonymous: JOBOBJECT_CPU_RATE_CONTROL_INFORMATION_0 { CpuRate: share },
        }))
    }
}
