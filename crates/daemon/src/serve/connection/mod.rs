//! One connection: its lines come in, are answered, and go out.

mod outbox;
mod task;

pub(crate) use outbox::{Gone, Outbox};
pub(super) use task::serve;
