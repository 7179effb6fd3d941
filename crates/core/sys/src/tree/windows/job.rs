//! A job object: the kernel's own list of a tree, which it ends as a whole.
//!
//! What must stay true: a [`Job`] always has the limit "kill on close", unless it was made
//! [loose](Job::loose), and never one that lets a member break away, so the end of its last handle, by whatever cause, is the end of the tree. Jobs
//! nest (Windows 8 and later), so it does not matter in which job we are ourselves.

use super::limits::Limits;
use super::port::Port;
use crate::child::calls::{check, handle, made};
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    DUPLICATE_SAME_ACCESS, DuplicateHandle, ERROR_MORE_DATA, FALSE, HANDLE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob,
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION,
    JOBOBJECTINFOCLASS, JobObjectAssociateCompletionPortInformation,
    JobObjectBasicAccountingInformation, JobObjectBasicProcessIdList,
    JobObjectCpuRateControlInformation, JobObjectExtendedLimitInformation,
    QueryInformationJobObject, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// A tree. Dropping the last handle of its job ends every member.
#[derive(Debug)]
#[must_use = "dropping a Job ends every process in it"]
pub struct Job(OwnedHandle);

/// What a tree has used, and how many its members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Live members.
    pub active: u32,
    /// All that were ever members.
    pub total: u32,
    /// Those that were ended for a limit.
    pub over_limit: u32,
    /// Time in user mode of all members, those that ended included.
    pub user: Duration,
    /// Time in the kernel, likewise.
    pub kernel: Duration,
}

/// A handle of a job in another process: only that process can use it, and the tree lives for as
/// long as it is open there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed(pub u64);

impl Job {
    /// Makes a job without members and without a name, so that nobody else can open it.
    ///
    /// # Errors
    ///
    /// What the system says; nothing is left.
    pub fn new(limits: &Limits) -> io::Result<Job> {
        let raw = made("CreateJobObjectW", || {
            // SAFETY: both pointers may be null: no attributes, so it is not inherited, and no name.
            handle(unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) })
        })?;
        // SAFETY: the system has just made this handle for us alone.
        let job = Job(unsafe { OwnedHandle::from_raw_handle(raw) });
        let class = JobObjectExtendedLimitInformation;
        job.set(class, "set the limits of the job", &limits.extended()?)?;
        if let Some(share) = limits.share()? {
            job.set(
                JobObjectCpuRateControlInformation,
                "set the share of the job",
                &share,
            )?;
        }
        Ok(job)
    }

    fn set<T>(&self, class: JOBOBJECTINFOCLASS, name: &'static str, value: &T) -> io::Result<()> {
        let size = u32::try_from(size_of::<T>()).map_err(io::Error::other)?;
        made(name, || {
            // SAFETY: the handle is ours and open; each caller gives the structure of its class,
            // which the system only reads.
            check(unsafe {
                SetInformationJobObject(self.raw(), class, std::ptr::from_ref(value).cast(), size)
            })
        })
    }

    fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    /// Puts a process into the job; it must not have run yet, or what it started is not in.
    ///
    /// # Errors
    ///
    /// What `AssignProcessToJobObject` says.
    pub fn take_in(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        // SAFETY: both handles are open, as their types say.
        check(unsafe { AssignProcessToJobObject(self.raw(), process.as_raw_handle()) })
    }

    /// Whether a process is a member, of this job or of one nested in it.
    ///
    /// # Errors
    ///
    /// What `IsProcessInJob` says.
    pub fn contains(&self, process: BorrowedHandle<'_>) -> io::Result<bool> {
        let mut inside = FALSE;
        // SAFETY: both handles are open, as their types say; the system writes one number.
        check(unsafe { IsProcessInJob(process.as_raw_handle(), self.raw(), &raw mut inside) })?;
        Ok(inside != FALSE)
    }

    /// Ends every member at once; each has this exit code.
    ///
    /// # Errors
    ///
    /// What `TerminateJobObject` says.
    pub fn kill(&self, code: u32) -> io::Result<()> {
        // SAFETY: the handle is ours and open.
        check(unsafe { TerminateJobObject(self.raw(), code) })
    }

    /// The live members.
    ///
    /// # Errors
    ///
    /// What `QueryInformationJobObject` says.
    pub fn members(&self) -> io::Result<Vec<u32>> {
        // Two counts of 32 bits, then the numbers, as wide as a pointer: all of them words here.
        let mut words = vec![0_usize; 64];
        loop {
            let size = u32::try_from(size_of_val(&words[..])).map_err(io::Error::other)?;
            // SAFETY: the system writes at most as many bytes as the buffer has.
            let answer = unsafe {
                QueryInformationJobObject(
                    self.raw(),
                    JobObjectBasicProcessIdList,
                    words.as_mut_ptr().cast(),
                    size,
                    std::ptr::null_mut(),
                )
            };
            match check(answer) {
                Ok(()) => return Ok(listed(&words)),
                Err(error) if is(&error, ERROR_MORE_DATA) => words.resize(words.len() * 4, 0),
                Err(error) => return Err(error),
            }
        }
    }

    /// What the tree has used, and how many its members are.
    ///
    /// # Errors
    ///
    /// What `QueryInformationJobObject` says.
    pub fn usage(&self) -> io::Result<Usage> {
        let mut counts = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        let size = u32::try_from(size_of_val(&counts)).map_err(io::Error::other)?;
        // SAFETY: the system writes one structure of this class.
        check(unsafe {
            QueryInformationJobObject(
                self.raw(),
                JobObjectBasicAccountingInformation,
                (&raw mut counts).cast(),
                size,
                std::ptr::null_mut(),
            )
        })?;
        Ok(Usage {
            active: counts.ActiveProcesses,
            total: counts.TotalProcesses,
            over_limit: counts.TotalTerminatedProcesses,
            user: ticks(counts.TotalUserTime),
            kernel: ticks(counts.TotalKernelTime),
        })
    }

    /// Whether no member is alive.
    ///
    /// # Errors
    ///
    /// As [`Job::usage`].
    pub fn is_empty(&self) -> io::Result<bool> {
        Ok(self.usage()?.active == 0)
    }

    /// Has a port told what happens in the job, under this number. Once for a job.
    ///
    /// # Errors
    ///
    /// What `SetInformationJobObject` says.
    pub fn tell(&self, port: &Port, number: u64) -> io::Result<()> {
        let number = usize::try_from(number).map_err(io::Error::other)?;
        let association = JOBOBJECT_ASSOCIATE_COMPLETION_PORT {
            CompletionKey: std::ptr::without_provenance_mut(number),
            CompletionPort: port.as_handle().as_raw_handle(),
        };
        let class = JobObjectAssociateCompletionPortInformation;
        self.set(class, "have a port told of the job", &association)
    }

    /// Gives another process a handle of this job, so that the tree outlives us: it is ended when
    /// the last of all handles is closed. The process must be told the number by other means.
    ///
    /// # Errors
    ///
    /// What `DuplicateHandle` says: the other process must be open with the right to do so.
    pub fn hand_to(&self, keeper: BorrowedHandle<'_>) -> io::Result<Handed> {
        let mut theirs: HANDLE = std::ptr::null_mut();
        // SAFETY: all handles are open, as their types say; the system writes one number, which is
        // a handle of the other process and means nothing here.
        check(unsafe {
            DuplicateHandle(
                GetCurrentProcess(),
                self.raw(),
                keeper.as_raw_handle(),
                &raw mut theirs,
                0,
                FALSE,
                DUPLICATE_SAME_ACCESS,
            )
        })?;
        Ok(Handed(theirs.addr() as u64))
    }

    /// Takes over what another process has handed to this one, by the number that it was told.
    ///
    /// A number is taken over once; who is told one twice is told so by a mistake of the other process.
    ///
    /// # Errors
    ///
    /// Where this process has no handle of a job under that number; it is left as it is.
    pub fn from_handed(handed: Handed) -> io::Result<Job> {
        let number = usize::try_from(handed.0).map_err(io::Error::other)?;
        let raw: HANDLE = std::ptr::without_provenance_mut(number);
        // Zero and the number of "this process" would name the job that we are in ourselves.
        if raw.is_null() || raw == INVALID_HANDLE_VALUE {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut inside = FALSE;
        // SAFETY: a number that is no handle of a job is refused by the system; it writes one number.
        check(unsafe { IsProcessInJob(GetCurrentProcess(), raw, &raw mut inside) })?;
        // SAFETY: it is a handle of a job, and this process opens none but those that it is handed.
        Ok(Job(unsafe { OwnedHandle::from_raw_handle(raw) }))
    }

    /// A job that holds nobody: its members live on when it is closed. For who keeps the jobs of others.
    ///
    /// # Errors
    ///
    /// As [`Job::new`].
    pub fn loose() -> io::Result<Job> {
        Job::with_flags(0)
    }

    /// A job with exactly these limits of the system, "kill on close" only if it is one of them.
    pub(crate) fn with_flags(flags: u32) -> io::Result<Job> {
        let job = Job::new(&Limits::default())?;
        let mut limits = Limits::default().extended()?;
        limits.BasicLimitInformation.LimitFlags = flags;
        job.set(JobObjectExtendedLimitInformation, "loosen", &limits)?;
        Ok(job)
    }

    /// Takes over a handle of a job.
    pub fn from_handle(handle: OwnedHandle) -> Job {
        Job(handle)
    }
}

impl AsHandle for Job {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// The list of members: how many there are, how many are listed, and their numbers.
fn listed(words: &[usize]) -> Vec<u32> {
    // Two counts of 32 bits make one word on 64-bit systems and two on others.
    let head = 8 / size_of::<usize>();
    let second = (words[0] as u64 >> 32) as usize;
    let count = if head == 1 { second } else { words[1] };
    let pids = words.iter().skip(head).take(count);
    // A number that is no number of a process cannot be in it.
    pids.filter_map(|pid| u32::try_from(*pid).ok()).collect()
}

fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error().map(i32::cast_unsigned) == Some(code)
}

/// Times of a job are in units of 100 ns.
fn ticks(time: i64) -> Duration {
    Duration::from_nanos(u64::try_from(time).unwrap_or(0).saturating_mul(100))
}
