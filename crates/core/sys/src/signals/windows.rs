//! Windows: no signals, but the requests that a helper serves under their numbers.
//!
//! To end is asked by an event of the console and by messages to windows; killing is that of the job; and
//! whoever continues what is never stopped has got what was wanted.

/// For the advice.
pub const EXAMPLES: &str = "TERM or KILL, which are all that Windows has";

pub(super) const SIGNALS: [(i32, &str); 3] = [(9, "KILL"), (15, "TERM"), (18, "CONT")];

pub(super) fn is_possible(number: i32) -> bool {
    SIGNALS.iter().any(|(known, _)| *known == number)
}
