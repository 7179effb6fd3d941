//! Creating a process that nothing of ours holds.
//!
//! It is apart from `spawn.rs` since there is no moment here at which it must be held. Its handles are told one by
//! one all the same, so nothing gets into it by chance.

use super::attributes::Attributes;
use super::calls::check;
use super::inherited::Inherited;
use super::process::Process;
use super::{compare_names, system_root, wide};
use crate::apart::Apart;
use crate::child::{command_line, environment_block};
use crate::files;
use std::ffi::OsStr;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::Foundation::TRUE;
use windows_sys::Win32::System::Threading::{
    CREATE_BREAKAWAY_FROM_JOB, CREATE_DEFAULT_ERROR_MODE, CREATE_NEW_PROCESS_GROUP,
    CREATE_UNICODE_ENVIRONMENT, CreateProcessW, DETACHED_PROCESS, EXTENDED_STARTUPINFO_PRESENT,
    NORMAL_PRIORITY_CLASS, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, PROCESS_INFORMATION,
    STARTF_USESTDHANDLES, STARTUPINFOEXW,
};

/// What it is to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leave {
    /// The job in which we are.
    Job,
    /// Nothing: it is where we are.
    Nothing,
}

/// All that such a process is told, as the system takes it.
#[derive(Debug)]
pub(crate) struct Detached {
    program: Vec<u16>,
    line: Vec<u16>,
    environment: Vec<u16>,
    directory: Vec<u16>,
    streams: Inherited,
}

fn units(text: &OsStr) -> Vec<u16> {
    text.encode_wide().collect()
}

impl Detached {
    pub(crate) fn new(what: &Apart<'_>) -> io::Result<Detached> {
        let odd = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let variables = what.variables.iter();
        let given = variables.clone().map(|(name, value)| (&**name, &**value));
        let program = files::program_at(what.program, given);
        let mut words = vec![units(program.as_os_str())];
        words.extend(what.arguments.iter().map(|word| units(word)));
        let mut line = command_line::join(&words)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        line.push(0);
        let mut variables: Vec<environment_block::Variable> = variables
            .map(|(name, value)| (units(name), units(value)))
            .collect();
        let root = units(system_root()?.as_os_str());
        environment_block::add_system_root(&mut variables, &root, compare_names);
        let environment = environment_block::build(variables, compare_names).map_err(odd)?;
        let output = Some(what.output.as_handle());
        Ok(Detached {
            program: wide(program.as_os_str())?,
            line,
            environment,
            directory: wide(files::root().as_os_str())?,
            streams: Inherited::new(&[None, output, output])?,
        })
    }

    pub(crate) fn create(&self, leave: Leave) -> io::Result<Process> {
        let handles = self.streams.raw();
        let mut attributes = Attributes::new(1)?;
        let list = PROC_THREAD_ATTRIBUTE_HANDLE_LIST;
        attributes.put(list, "put the handles into the attributes", &handles)?;
        let mut about = STARTUPINFOEXW::default();
        about.StartupInfo.cb =
            u32::try_from(size_of::<STARTUPINFOEXW>()).map_err(io::Error::other)?;
        about.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
        if let [input, output, error] = handles.as_slice() {
            about.StartupInfo.hStdInput = *input;
            about.StartupInfo.hStdOutput = *output;
            about.StartupInfo.hStdError = *error;
        }
        about.lpAttributeList = attributes.as_list();
        // The system may write into it.
        let mut line = self.line.clone();
        let mut made = PROCESS_INFORMATION::default();
        // SAFETY: every string ends with a zero, the environment with two (its maker's promise); the command line
        // may be written to and is ours; the structure is the longer one, as its size and the flag say. All of it
        // outlives the call.
        check(unsafe {
            CreateProcessW(
                self.program.as_ptr(),
                line.as_mut_ptr(),
                std::ptr::null(),
                std::ptr::null(),
                TRUE,
                flags(leave),
                self.environment.as_ptr().cast(),
                self.directory.as_ptr(),
                (&raw const about).cast(),
                &raw mut made,
            )
        })?;
        // SAFETY: the system has just made both handles for us alone.
        let (process, _thread) = unsafe {
            (
                OwnedHandle::from_raw_handle(made.hProcess),
                OwnedHandle::from_raw_handle(made.hThread),
            )
        };
        Ok(Process::new(process, made.dwProcessId))
    }
}

fn flags(leave: Leave) -> u32 {
    let job = match leave {
        Leave::Job => CREATE_BREAKAWAY_FROM_JOB,
        Leave::Nothing => 0,
    };
    job | DETACHED_PROCESS
        | CREATE_NEW_PROCESS_GROUP
        | CREATE_UNICODE_ENVIRONMENT
        | CREATE_DEFAULT_ERROR_MODE
        | NORMAL_PRIORITY_CLASS
        | EXTENDED_STARTUPINFO_PRESENT
}
