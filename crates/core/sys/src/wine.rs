//! Whether the tests run under Wine, and which of them it cannot run.
//!
//! Wine is not Windows. What is listed here is left out there and nowhere else; the list is in
//! `docs/guarantees.md` too, and a test of the chores compares both.

#![cfg(test)]

use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleW, GetProcAddress};

/// Tests that Wine 8.0 cannot run, and what it lacks.
const CANNOT: &[(&str, &str)] = &[
    (
        "a_window_is_resized",
        "ResizePseudoConsole is not implemented",
    ),
    (
        "ctrl_break_is_for_the_group_of_its_leader",
        "GenerateConsoleCtrlEvent refuses CTRL_BREAK_EVENT",
    ),
    (
        "the_priority_class_is_the_one_that_was_asked_for",
        "CreateProcessW leaves the priority class as it was",
    ),
    (
        "memory_above_the_limit_is_refused",
        "the memory limit of a job is taken and not enforced",
    ),
    (
        "one_process_more_than_allowed_does_not_live",
        "JOB_OBJECT_LIMIT_ACTIVE_PROCESS is taken and not enforced",
    ),
    (
        "a_tree_whose_time_is_over_is_ended",
        "the time of a job is not counted",
    ),
    (
        "a_share_of_the_processors_is_taken_or_refused_by_its_number",
        "JobObjectCpuRateControlInformation is not known",
    ),
    (
        "a_name_that_is_taken_is_refused",
        "FILE_FLAG_FIRST_PIPE_INSTANCE is ignored",
    ),
    (
        "a_removed_file_is_not_the_one_of_its_name",
        "a removed file has its name until its last handle is closed",
    ),
    (
        "a_job_that_ends_its_members_is_told_from_others",
        "the limits of a job that was not named are all zero",
    ),
    (
        "a_port_is_found_with_who_holds_it",
        "the table of sockets names no process, since the server of Wine holds them all",
    ),
];

/// Whether this is Wine.
pub(crate) fn is_here() -> bool {
    // SAFETY: both names end with a zero; the library is loaded in every process for all its life.
    unsafe {
        let library = GetModuleHandleW(windows_sys::w!("ntdll.dll"));
        GetProcAddress(library, windows_sys::s!("wine_get_version")).is_some()
    }
}

/// Whether the test of this name is to be left out here; says why. It must be on the list.
pub(crate) fn cannot(test: &str) -> bool {
    let entry = CANNOT.iter().find(|(name, _)| *name == test);
    let (name, reason) = entry.unwrap_or_else(|| panic!("{test} is not on the list"));
    if is_here() {
        println!("left out under Wine: {name}: {reason}");
    }
    is_here()
}
