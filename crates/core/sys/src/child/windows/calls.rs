//! The one door for every call between "there is nothing" and "it is contained".
//!
//! It is apart so that a test can have each of these calls fail once and see what is left. Outside
//! of tests it adds nothing.

use std::io;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::core::BOOL;

/// Makes a call, unless a test has it fail.
pub(crate) fn made<T>(name: &'static str, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    #[cfg(test)]
    faults::meet(name)?;
    let _ = name;
    call()
}

/// What a call that answers yes or no has come to.
pub(crate) fn check(answer: BOOL) -> io::Result<()> {
    if answer == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// What a call that answers with a handle, or with none, has come to.
pub(crate) fn handle(answer: HANDLE) -> io::Result<HANDLE> {
    let invalid = windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
    if answer.is_null() || answer == invalid {
        Err(io::Error::last_os_error())
    } else {
        Ok(answer)
    }
}

/// A plan of which calls fail, for each thread by itself.
#[cfg(test)]
pub(crate) mod faults {
    use std::cell::RefCell;
    use std::io;

    /// Whether the call with this number (from 0) and this name fails.
    type Fails = Box<dyn Fn(usize, &str) -> bool>;

    #[derive(Default)]
    struct Plan {
        fails: Option<Fails>,
        met: Vec<&'static str>,
    }

    thread_local! {
        static PLAN: RefCell<Plan> = RefCell::default();
    }

    /// The error number of a call that was made to fail: one that the system does not use.
    pub(crate) const INJECTED: i32 = 0x2000_0001;

    pub(super) fn meet(name: &'static str) -> io::Result<()> {
        PLAN.with_borrow_mut(|plan| {
            plan.met.push(name);
            let number = plan.met.len() - 1;
            if plan.fails.as_ref().is_some_and(|fails| fails(number, name)) {
                return Err(io::Error::from_raw_os_error(INJECTED));
            }
            Ok(())
        })
    }

    /// Does something while these calls fail; answers with the names of the calls that were met.
    pub(crate) fn with<T>(
        fails: impl Fn(usize, &str) -> bool + 'static,
        work: impl FnOnce() -> T,
    ) -> (T, Vec<&'static str>) {
        let fails: Option<Fails> = Some(Box::new(fails));
        let met = Vec::new();
        PLAN.with_borrow_mut(|plan| *plan = Plan { fails, met });
        let done = work();
        (done, PLAN.take().met)
    }
}
