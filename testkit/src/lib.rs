//! What handfast's tests use, and what never ships.
//!
//! Tests of a process manager need trees that try to get away ([`zoo`]), built by a program that
//! does what it is told (the binary `puppet`), facts about them that are not pids ([`Oracle`],
//! [`Witness`]), a host that holds them and is killed ([`Owner`], [`endings`]), and a net underneath
//! so that a failing test leaves nothing behind ([`Cage`], [`caged`]).
//!
//! What must stay true: nothing here asks whether a pid exists (an unreaped pid answers for seconds
//! after its process is dead), nothing waits for time where a fact can be had, and everything a wait
//! gives up on is a `false`, so that the test says what was missing. Functions panic when the
//! machine itself fails them: for a test that is the answer.

#![forbid(unsafe_code)]

mod cage;
mod caged;
pub mod endings;
mod flood;
mod gate;
mod having;
mod keeper;
mod locate;
mod oracle;
mod owner;
mod ready;
mod screen;
mod witness;
pub mod zoo;

use std::time::Duration;

pub use cage::Cage;
pub use caged::caged;
pub use flood::flood;
pub use gate::Gate;
pub use having::can_have;
pub use keeper::{Keeper, kill, wait_over};
pub use locate::{handfast, keeper, owner, puppet, reaper, sitter};
pub use oracle::{Oracle, join};
pub use owner::{Owner, Setup, Who};
pub use screen::Screen;
pub use witness::Witness;

/// How long a test waits for something that must happen: far more than it takes, as it is only
/// reached when the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a test watches to show that something does *not* happen.
///
/// Every use is a bounded wait for nothing and carries the note `// ABSENCE:`.
pub const ABSENCE: Duration = Duration::from_millis(150);

/// Splits a puppet's script at white space: `script("say ready park")`.
#[must_use]
pub fn script(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}
