//! A test that is an owner itself, with a net underneath.
//!
//! A test that starts trees in its own process cannot put itself into a cage that it also empties.
//! So it runs itself again in one, and looks from outside at what that left.

use std::env;
use std::time::Duration;

use crate::Cage;

/// Says to the inner run that it is one.
const INSIDE: &str = "HANDFAST_TEST_CAGED";

/// How long after the end of an owner something of it may still be alive: the promise is one second
/// after the grace, the rest is for a loaded machine.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

/// Runs `body` in a process of its own in a cage, and then demands that the cage is empty.
///
/// `name` is the test's full name, as the test harness knows it.
///
/// # Panics
/// When the inner run fails, or when something outlives it.
pub fn caged(name: &str, body: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let cage = Cage::new();
    let own = env::current_exe().expect("a running test has a path");
    let status = cage
        .command(&own)
        .args([name, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .expect("a test can run itself again");
    let empty = cage.wait_empty(LEFT_BEHIND);
    let left = cage.members();
    drop(cage);
    assert!(
        status.success(),
        "{name}: the caged run ended with {status}"
    );
    assert!(empty, "{name}: it left behind {left:?}");
}
