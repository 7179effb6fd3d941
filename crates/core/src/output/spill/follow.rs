//! Reads a store for its disk.
//!
//! The tail of the store is the only queue. While it is full of what the disk has not taken, the
//! child waits, but never longer than the patience between two pieces; then what passes by is missed
//! and counted by the disk as the gap that any slow reader is told of.

use super::Disk;
use crate::output::shared::{Look, Shared};
use std::sync::Arc;

/// Until the output ends, or the store goes. `hold` is the number of its hold on the output.
pub(in crate::output) async fn follow(shared: Arc<Shared>, disk: Arc<Disk>, hold: Option<u64>) {
    let mut next = 0;
    loop {
        let piece = disk.piece();
        let look = |state: &mut crate::output::shared::State| {
            let chunk = state.store.read(next, piece);
            if chunk.bytes.is_empty() && !chunk.ended {
                Look::NotBefore(chunk.offset)
            } else {
                Look::Found(chunk)
            }
        };
        let chunk = shared.find(look).await;
        next = chunk.next.offset();
        let ended = chunk.ended;
        let writer = Arc::clone(&disk);
        let written = tokio::task::spawn_blocking(move || writer.append(&chunk));
        // It fails only where the runtime ends, and this task with it.
        let _ = written.await;
        if let Some(hold) = hold {
            shared.change_holds(|state| state.consumed(hold, next));
        }
        if ended {
            break;
        }
    }
    if let Some(hold) = hold {
        shared.change_holds(|state| state.release(hold));
    }
}
