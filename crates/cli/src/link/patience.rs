//! Saying that something takes long, to the person who waits for it.
//!
//! Only on a terminal: what is read by programs has nothing in it that depends on how fast a machine is.

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;
use tokio::time::timeout;

/// How long is too long to say nothing.
const SILENCE: Duration = Duration::from_secs(1);

/// Waits for something; after a second it says on the terminal of standard error for what, and takes
/// that back when it has come.
///
/// # Cancel safety
///
/// As safe as what is waited for; the words stay then.
pub(crate) async fn patiently<T>(what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    if let Ok(done) = timeout(SILENCE, &mut work).await {
        return done;
    }
    if !stderr().is_terminal() {
        return work.await;
    }
    // Who cannot be told can still be served.
    let _ = write!(stderr(), "handfast: waiting for {what} …");
    let done = work.await;
    let _ = write!(stderr(), "\r\x1b[K");
    done
}
