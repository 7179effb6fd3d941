//! From a request to a running program: created suspended, held by its job, looked at, resumed.
//!
//! What must stay true: not one instruction of the program runs before it is a member of its job,
//! and whatever fails in between ends what was created. The job is given to `CreateProcessW` as an
//! attribute, so that there is no instant without it; where a system refuses the attribute the
//! process is assigned while it is suspended. Then, if *we* are killed between the two calls, a
//! suspended process stays behind, which [`Way::Assigned`] says.

use super::attributes::Attributes;
use super::calls::{check, made};
use super::inherited::Inherited;
use super::process::Process;
use super::wide;
use crate::child::command_line;
use crate::tree::windows::Job;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::{FALSE, HANDLE, TRUE};
use windows_sys::Win32::System::Threading::{
    ABOVE_NORMAL_PRIORITY_CLASS, BELOW_NORMAL_PRIORITY_CLASS, CREATE_DEFAULT_ERROR_MODE,
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, CREATE_SUSPENDED, CREATE_UNICODE_ENVIRONMENT,
    CreateProcessW, DETACHED_PROCESS, EXTENDED_STARTUPINFO_PRESENT, HIGH_PRIORITY_CLASS,
    IDLE_PRIORITY_CLASS, NORMAL_PRIORITY_CLASS, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
    PROC_THREAD_ATTRIBUTE_JOB_LIST, PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE, PROCESS_INFORMATION,
    ResumeThread, STARTF_USESTDHANDLES, STARTUPINFOEXW,
};

/// The console of a program.
#[derive(Debug, Clone, Copy, Default)]
pub enum Console<'a> {
    /// One of its own that nobody sees, so that it can be asked to end.
    #[default]
    Hidden,
    /// None at all; it cannot be asked to end.
    None,
    /// This one, which is all its streams too.
    Pseudo(&'a crate::console::PseudoConsole),
}

/// How a program stands against others for processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Only when nobody else wants one.
    Idle,
    /// Below most.
    BelowNormal,
    /// As most. It is set explicitly, since a host of a low class would hand its own down.
    #[default]
    Normal,
    /// Above most.
    AboveNormal,
    /// Above nearly all.
    High,
}

impl Priority {
    const fn flag(self) -> u32 {
        match self {
            Priority::Idle => IDLE_PRIORITY_CLASS,
            Priority::BelowNormal => BELOW_NORMAL_PRIORITY_CLASS,
            Priority::Normal => NORMAL_PRIORITY_CLASS,
            Priority::AboveNormal => ABOVE_NORMAL_PRIORITY_CLASS,
            Priority::High => HIGH_PRIORITY_CLASS,
        }
    }
}

/// What to start. All of it is explicit; nothing is taken from the caller.
#[derive(Debug)]
pub struct Spawn<'a> {
    /// The full path of the program.
    pub program: &'a OsStr,
    /// Its arguments, the first of which is its own name.
    pub arguments: &'a [OsString],
    /// Its whole environment, as [`crate::child::environment_block::build`] makes it.
    pub environment: &'a [u16],
    /// The full path of its directory.
    pub directory: &'a OsStr,
    /// Input, output and error output; the null device for each that is not given.
    pub streams: [Option<BorrowedHandle<'a>>; 3],
    /// Its console.
    pub console: Console<'a>,
    /// Its priority class.
    pub priority: Priority,
}

/// What could not be done. Nothing is left running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To write its command line, path or directory.
    Words,
    /// To open its streams.
    Streams,
    /// To describe how it is to be created.
    Attributes,
    /// To create it.
    Create,
    /// To put it into its job, or to see that it is in.
    Contain,
    /// To have it run.
    Resume,
}

/// Why a program does not run. Nothing of it is left.
#[derive(Debug)]
pub struct NotStarted {
    /// What could not be done.
    pub step: Step,
    /// What the system said.
    pub source: io::Error,
}

impl Step {
    fn failed(self) -> impl FnOnce(io::Error) -> NotStarted {
        move |source| NotStarted { step: self, source }
    }
}

/// How a process came into its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It was created in it.
    Born,
    /// It was created suspended, and put into it before it was resumed.
    Assigned,
}

/// A program that runs, in its job.
#[derive(Debug)]
pub struct Started {
    /// The process.
    pub process: Process,
    /// How it came into its job.
    pub way: Way,
}

/// A created process that has not run yet; dropping it ends it.
#[derive(Debug)]
struct Suspended {
    process: Option<Process>,
    thread: OwnedHandle,
}

impl Drop for Suspended {
    fn drop(&mut self) {
        // It has not run, so nothing is lost; and it cannot refuse.
        if let Some(process) = &self.process {
            let _ = process.kill(1);
        }
    }
}

impl Spawn<'_> {
    /// Starts the program in a job.
    ///
    /// # Errors
    ///
    /// [`NotStarted`]; nothing is left running.
    pub fn start(&self, job: &Job) -> Result<Started, NotStarted> {
        let words = Words::new(self).map_err(Step::Words.failed())?;
        // A pseudoconsole is the streams; handles that are named but empty keep the caller's out.
        let streams = match self.console {
            Console::Pseudo(_) => None,
            Console::Hidden | Console::None => {
                Some(Inherited::new(&self.streams).map_err(Step::Streams.failed())?)
            }
        };
        let handles = streams.as_ref().map(Inherited::raw).unwrap_or_default();
        let jobs = [job.as_handle().as_raw_handle()];
        let mut attributes = Attributes::new(3).map_err(Step::Attributes.failed())?;
        self.describe(&mut attributes, &handles)
            .map_err(Step::Attributes.failed())?;
        let born = attributes.put(
            PROC_THREAD_ATTRIBUTE_JOB_LIST,
            "put the job into the attributes",
            &jobs,
        );
        let suspended = self
            .create(words, &mut attributes, &handles)
            .map_err(Step::Create.failed())?;
        contain(&suspended, job, born.is_ok()).map_err(Step::Contain.failed())?;
        let process = suspended.resume().map_err(Step::Resume.failed())?;
        let way = if born.is_ok() {
            Way::Born
        } else {
            Way::Assigned
        };
        Ok(Started { process, way })
    }

    /// All attributes but the job.
    fn describe<'b>(
        &self,
        attributes: &mut Attributes<'b>,
        handles: &'b [HANDLE],
    ) -> io::Result<()> {
        if let Console::Pseudo(console) = self.console {
            let attribute = PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE;
            return attributes.put_pointer(
                attribute,
                "put the console into the attributes",
                console.raw(),
            );
        }
        attributes.put(
            PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
            "put the handles into the attributes",
            handles,
        )
    }

    fn flags(&self) -> u32 {
        let console = match self.console {
            Console::Hidden => CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP,
            Console::None => DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP,
            // Leading a group would switch Ctrl-C off in it.
            Console::Pseudo(_) => 0,
        };
        // The error mode is inherited else: whether a crash shows a window is not the host's say.
        console
            | self.priority.flag()
            | CREATE_SUSPENDED
            | CREATE_UNICODE_ENVIRONMENT
            | CREATE_DEFAULT_ERROR_MODE
            | EXTENDED_STARTUPINFO_PRESENT
    }

    fn create(
        &self,
        mut words: Words,
        attributes: &mut Attributes<'_>,
        handles: &[HANDLE],
    ) -> io::Result<Suspended> {
        let mut about = STARTUPINFOEXW::default();
        about.StartupInfo.cb =
            u32::try_from(size_of::<STARTUPINFOEXW>()).map_err(io::Error::other)?;
        about.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
        if let [input, output, error] = handles {
            about.StartupInfo.hStdInput = *input;
            about.StartupInfo.hStdOutput = *output;
            about.StartupInfo.hStdError = *error;
        }
        about.lpAttributeList = attributes.as_list();
        let inherit = if handles.is_empty() { FALSE } else { TRUE };
        made("CreateProcessW", || {
            let mut made = PROCESS_INFORMATION::default();
            // SAFETY: every string ends with a zero, the environment with two (its maker's promise,
            // which `Words::new` has checked); the command line may be written to and is ours; the
            // structure is the longer one, as its size and the flag say. All of it outlives the call.
            let answer = unsafe {
                CreateProcessW(
                    words.program.as_ptr(),
                    words.line.as_mut_ptr(),
                    std::ptr::null(),
                    std::ptr::null(),
                    inherit,
                    self.flags(),
                    self.environment.as_ptr().cast(),
                    words.directory.as_ptr(),
                    (&raw const about).cast(),
                    &raw mut made,
                )
            };
            check(answer)?;
            // SAFETY: the system has just made both handles for us alone.
            let (process, thread) = unsafe {
                (
                    OwnedHandle::from_raw_handle(made.hProcess),
                    OwnedHandle::from_raw_handle(made.hThread),
                )
            };
            let process = Some(Process::new(process, made.dwProcessId));
            Ok(Suspended { process, thread })
        })
    }
}

/// What of a request are strings.
struct Words {
    program: Vec<u16>,
    line: Vec<u16>,
    directory: Vec<u16>,
}

impl Words {
    fn new(spawn: &Spawn<'_>) -> io::Result<Words> {
        let refused = |why: &'static str| io::Error::new(io::ErrorKind::InvalidInput, why);
        let arguments = spawn.arguments.iter();
        let arguments: Vec<Vec<u16>> = arguments
            .map(|argument| argument.encode_wide().collect())
            .collect();
        let mut line = command_line::join(&arguments)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        line.push(0);
        let program = wide(spawn.program)?;
        if crate::child::program_search::is_batch(&program[..program.len() - 1]) {
            return Err(refused(
                "a batch file is no program: only cmd.exe can run it",
            ));
        }
        if !spawn.environment.ends_with(&[0, 0]) {
            return Err(refused(
                "the environment block does not end with two zeroes",
            ));
        }
        Ok(Words {
            program,
            line,
            directory: wide(spawn.directory)?,
        })
    }
}

/// Puts a suspended process into its job where it was not born there, and looks that it is in.
fn contain(suspended: &Suspended, job: &Job, born: bool) -> io::Result<()> {
    let process = suspended.process.as_ref().ok_or(io::ErrorKind::NotFound)?;
    if !born {
        made("AssignProcessToJobObject", || {
            job.take_in(process.as_handle())
        })?;
    }
    let inside = made("IsProcessInJob", || job.contains(process.as_handle()))?;
    if inside {
        Ok(())
    } else {
        Err(io::Error::other("the process is not in its job"))
    }
}

impl Suspended {
    /// Has it run. It must have been suspended once and by us alone: at any other count somebody
    /// has had a hand in it, or it has run already.
    fn resume(mut self) -> io::Result<Process> {
        made("ResumeThread", || {
            // SAFETY: the handle is ours and open.
            match unsafe { ResumeThread(self.thread.as_raw_handle()) } {
                1 => Ok(()),
                u32::MAX => Err(io::Error::last_os_error()),
                times => Err(io::Error::other(format!(
                    "it was suspended {times} times and not once"
                ))),
            }
        })?;
        self.process
            .take()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::stage::units;
    use super::*;
    use crate::tree::windows::Limits;
    use windows_sys::Win32::System::Threading::SuspendThread;

    /// What a start has made just before it resumes it.
    fn suspended(job: &Job) -> Suspended {
        let program = std::env::current_exe().unwrap();
        let environment = units("HANDFAST_PUPPET=exit 7\0\0");
        let spawn = Spawn {
            program: program.as_os_str(),
            arguments: &["x".into()],
            environment: &environment,
            directory: OsStr::new("C:\\"),
            streams: [None; 3],
            console: Console::None,
            priority: Priority::Normal,
        };
        let streams = Inherited::new(&spawn.streams).unwrap();
        let handles = streams.raw();
        let mut attributes = Attributes::new(3).unwrap();
        spawn.describe(&mut attributes, &handles).unwrap();
        let words = Words::new(&spawn).unwrap();
        let suspended = spawn.create(words, &mut attributes, &handles).unwrap();
        contain(&suspended, job, false).unwrap();
        suspended
    }

    #[test]
    fn a_process_that_somebody_else_suspended_too_is_ended() {
        let job = Job::new(&Limits::default()).unwrap();
        let suspended = suspended(&job);
        let process = suspended.process.as_ref().unwrap().as_handle();
        let process = process.try_clone_to_owned().unwrap();
        // SAFETY: the handle is open.
        let was = unsafe { SuspendThread(suspended.thread.as_raw_handle()) };
        assert_eq!(was, 1);
        let error = suspended.resume().unwrap_err();
        assert!(error.to_string().contains("2 times"), "{error}");
        assert_eq!(Process::new(process, 0).wait(None).unwrap(), Some(1));
        assert!(job.is_empty().unwrap());
    }

    #[test]
    fn what_was_created_and_is_dropped_has_ended() {
        let job = Job::new(&Limits::default()).unwrap();
        let suspended = suspended(&job);
        assert_eq!(job.members().unwrap().len(), 1);
        let process = suspended.process.as_ref().unwrap().as_handle();
        let process = process.try_clone_to_owned().unwrap();
        drop(suspended);
        assert_eq!(Process::new(process, 0).wait(None).unwrap(), Some(1));
    }
}
