//! How long a call waits: what was asked for, within the bounds of its kind.
//!
//! Pure; the bounds are those of unified-exec 1.1, 1.2 and 2. What must stay true: a number out of
//! bounds is never an error, and what it became is said.

use std::time::Duration;

/// The shortest wait: 250 ms.
pub const MIN_YIELD: Duration = Duration::from_millis(250);

/// The longest wait of a start and of a write: 30 s.
pub const MAX_YIELD: Duration = Duration::from_secs(30);

/// How long a start waits unless it is told: 10 s.
pub const DEFAULT_EXEC_YIELD: Duration = Duration::from_secs(10);

/// How long a write waits unless it is told: 250 ms.
pub const DEFAULT_WRITE_YIELD: Duration = Duration::from_millis(250);

/// The shortest wait of a poll that writes nothing: 5 s.
pub const MIN_POLL: Duration = Duration::from_secs(5);

/// The longest wait of a poll that writes nothing, unless the profile says otherwise: 300 s.
pub const MAX_POLL: Duration = Duration::from_secs(300);

/// The shortest wait of a start on Windows: 10 s, since programs take long to begin there.
const WINDOWS_FLOOR: Duration = Duration::from_secs(10);

/// A wait as it was asked for and as it is.
///
/// ```
/// use handfast::exec::Wait;
/// use std::time::Duration;
///
/// let wait = Wait::of_write(Some(60_000));
/// assert_eq!(wait.applied, Duration::from_secs(30));
/// assert!(wait.is_capped());
/// let poll = Wait::of_poll(None, Wait::MAX_POLL);
/// assert_eq!((poll.requested_ms, poll.applied), (None, Duration::from_secs(5)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// What was asked for, in milliseconds.
    pub requested_ms: Option<u64>,
    /// How long the call waits at the most.
    pub applied: Duration,
}

impl Wait {
    /// The longest poll unless the profile says otherwise: [`MAX_POLL`].
    pub const MAX_POLL: Duration = MAX_POLL;

    /// Of `exec_command`.
    #[must_use]
    pub fn of_exec(requested_ms: Option<u64>) -> Wait {
        Wait::of_exec_on(std::env::consts::OS, requested_ms)
    }

    fn of_exec_on(system: &str, requested_ms: Option<u64>) -> Wait {
        let floor = match system {
            "windows" => WINDOWS_FLOOR,
            _ => MIN_YIELD,
        };
        Wait::within(requested_ms, DEFAULT_EXEC_YIELD, (floor, MAX_YIELD))
    }

    /// Of `write_stdin` with something to write.
    #[must_use]
    pub fn of_write(requested_ms: Option<u64>) -> Wait {
        Wait::within(requested_ms, DEFAULT_WRITE_YIELD, (MIN_YIELD, MAX_YIELD))
    }

    /// Of `write_stdin` with nothing to write, at most `longest`, which counts as 5 s if it is less.
    #[must_use]
    pub fn of_poll(requested_ms: Option<u64>, longest: Duration) -> Wait {
        let bounds = (MIN_POLL, longest.max(MIN_POLL));
        Wait::within(requested_ms, DEFAULT_WRITE_YIELD, bounds)
    }

    fn within(requested_ms: Option<u64>, default: Duration, bounds: (Duration, Duration)) -> Wait {
        let asked = requested_ms.map_or(default, Duration::from_millis);
        Wait {
            requested_ms,
            applied: asked.clamp(bounds.0, bounds.1),
        }
    }

    /// Whether it is shorter than was asked for.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        let applied = self.applied;
        self.requested_ms
            .is_some_and(|asked| Duration::from_millis(asked) > applied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(wait: Wait) -> u128 {
        wait.applied.as_millis()
    }

    #[test]
    fn a_start_waits_from_250_ms_to_30_s() {
        let cases = [
            (None, 10_000),
            (Some(0), 250),
            (Some(250), 250),
            (Some(251), 251),
            (Some(30_000), 30_000),
            (Some(u64::MAX), 30_000),
        ];
        for (asked, want) in cases {
            assert_eq!(ms(Wait::of_exec_on("linux", asked)), want, "{asked:?}");
        }
        assert_eq!(ms(Wait::of_exec_on("windows", Some(250))), 10_000);
        assert_eq!(ms(Wait::of_exec_on("windows", Some(60_000))), 30_000);
    }

    #[test]
    fn a_write_waits_from_250_ms_to_30_s() {
        let cases = [(None, 250), (Some(1), 250), (Some(90_000), 30_000)];
        for (asked, want) in cases {
            assert_eq!(ms(Wait::of_write(asked)), want, "{asked:?}");
        }
    }

    #[test]
    fn a_poll_waits_from_5_s_to_what_the_profile_allows() {
        let of = |asked, longest| ms(Wait::of_poll(asked, longest));
        assert_eq!(of(None, MAX_POLL), 5_000);
        assert_eq!(of(Some(100), MAX_POLL), 5_000);
        assert_eq!(of(Some(299_999), MAX_POLL), 299_999);
        assert_eq!(of(Some(900_000), MAX_POLL), 300_000);
        assert_eq!(of(Some(900_000), Duration::from_secs(60)), 60_000);
        assert_eq!(of(Some(900_000), Duration::ZERO), 5_000);
    }

    #[test]
    fn what_was_cut_is_said() {
        assert!(Wait::of_write(Some(30_001)).is_capped());
        assert!(!Wait::of_write(Some(30_000)).is_capped());
        assert!(!Wait::of_write(Some(1)).is_capped());
        assert!(!Wait::of_write(None).is_capped());
    }
}
