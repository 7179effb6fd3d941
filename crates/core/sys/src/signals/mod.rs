//! Signals by name and number, as people write them.
//!
//! The numbers are those of this system; on Windows, which has none, those that requests have. What must stay
//! true: a name that means nothing on a system is not known there, so that it is refused and not sent in vain.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;

/// Those that mean something here, for the advice of who gave another.
pub use os::EXAMPLES;

/// The name of a signal, without `SIG`; `None` where no signal of this system has the number.
#[must_use]
pub fn name(number: i32) -> Option<&'static str> {
    let named = os::SIGNALS.iter().find(|(known, _)| *known == number);
    named.map(|(_, name)| *name)
}

/// The number of a signal, by its name without `SIG`; `None` where this system has none of that name.
#[must_use]
pub fn number(name: &str) -> Option<i32> {
    let named = os::SIGNALS.iter().find(|(_, known)| *known == name);
    named.map(|(number, _)| *number)
}

/// Whether a number may be a signal of this system.
#[must_use]
pub fn is_possible(number: i32) -> bool {
    os::is_possible(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_that_of_its_number() {
        for name in ["TERM", "KILL", "CONT"] {
            let number = number(name).unwrap();
            assert_eq!(super::name(number), Some(name));
            assert!(is_possible(number));
        }
        assert_eq!((number("NONE"), name(0)), (None, None));
        assert!(!is_possible(0) && !is_possible(65));
    }
}
