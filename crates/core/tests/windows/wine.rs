//! Tests that Wine 8.0 cannot run, and what it lacks. They are left out there and nowhere else; the list is in
//! `docs/guarantees.md` too, and a test of the chores compares both.

use std::path::Path;

const CANNOT: &[(&str, &str)] = &[(
    "who_listens_is_asked_and_ends_by_itself",
    "GenerateConsoleCtrlEvent refuses CTRL_BREAK_EVENT for a tree too",
)];

/// Whether the test of this name is to be left out here; says why. It must be on the list.
pub(crate) fn cannot(test: &str) -> bool {
    let entry = CANNOT.iter().find(|(name, _)| *name == test);
    let (name, reason) = entry.unwrap_or_else(|| panic!("{test} is not on the list"));
    // A program that Wine has and Windows has not.
    let is_here = Path::new("C:\\windows\\system32\\winecfg.exe").exists();
    if is_here {
        println!("left out under Wine: {name}: {reason}");
    }
    is_here
}
