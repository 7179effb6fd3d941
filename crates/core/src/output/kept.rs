//! What the output of a process takes of memory, and how it gives that up.
//!
//! Apart because it is for the limits of owners and for nobody who reads. What must stay true: whoever
//! looks at an output keeps nothing of it alive; what is given up is counted, and nothing waits for it.

use super::captured::Captured;
use super::head_tail::HeadTail;
use super::shared::Shared;
use std::sync::{Arc, Weak};

/// The memory of an output, for as long as it has any.
#[derive(Debug, Clone)]
pub(crate) struct Kept(Weak<Shared>);

impl Kept {
    pub(super) fn of(shared: &Arc<Shared>) -> Kept {
        Kept(Arc::downgrade(shared))
    }

    /// How many bytes it takes; `None` while more may come, so that nobody knows yet.
    ///
    /// What a reader has taken for an answer is the answer's.
    pub(crate) fn measure(&self) -> Option<u64> {
        let Some(shared) = self.0.upgrade() else {
            return Some(0);
        };
        shared.with(|state| {
            let tap = state.tap.as_ref().map_or(0, HeadTail::memory);
            let bytes = (state.store.memory_of_bytes() + tap) as u64;
            (state.given_up || state.store.is_closed()).then_some(bytes)
        })
    }

    /// Has it keep nothing from here on, whoever has not read it.
    pub(crate) fn give_up(&self) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        // Whoever waits for room to write has all of it now.
        shared.change_holds(|state| {
            state.given_up = true;
            state.store.give_up();
            if let Some(tap) = &mut state.tap {
                let mut nothing = HeadTail::new(0);
                nothing.omit(tap.total());
                *tap = nothing;
            }
        });
    }
}

impl Captured {
    /// Whether it had to make room for others.
    pub(crate) fn is_given_up(&self) -> bool {
        self.shared().with(|state| state.given_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Stream;
    use crate::output::Capture;
    use crate::runtime::Runtime;
    use tokio::io::AsyncWriteExt;

    const MAX: usize = 1000;

    /// One that is written to in pieces of 100 bytes.
    fn tapped() -> (Captured, tokio::io::DuplexStream) {
        let runtime = Runtime::current().unwrap();
        let capture = Capture::default().keep(MAX).tapped(MAX);
        let captured = Captured::new(&runtime, &capture, &[Stream::Stdout]);
        let (writer, end) = tokio::io::duplex(100);
        captured.follow(&runtime, Stream::Stdout, (end, None));
        (captured, writer)
    }

    async fn write(captured: &Captured, writer: &mut tokio::io::DuplexStream, pieces: u64) {
        let (_, come) = captured.progress();
        for _ in 0..pieces {
            writer.write_all(&[7; 100]).await.unwrap();
        }
        captured.wait_for_output(come + 100 * pieces - 1).await;
    }

    #[tokio::test]
    async fn what_is_given_up_is_counted_and_so_is_what_comes_after_it() {
        let (captured, mut writer) = tapped();
        let kept = captured.kept();
        write(&captured, &mut writer, 5).await;
        assert_eq!(kept.measure(), None, "more may come");
        let taken = captured.drain().taken;
        write(&captured, &mut writer, 1).await;
        kept.give_up();
        assert!(captured.status().given_up);
        assert_eq!(kept.measure(), Some(0));
        // What a reader had taken comes back as a number.
        captured.give_back(taken);
        let drained = captured.drain();
        assert_eq!(
            (drained.taken.retained(), drained.taken.omitted()),
            (0, 600)
        );
        write(&captured, &mut writer, 20).await;
        drop(writer);
        let totals = captured.wait_for_output(u64::MAX).await;
        let status = captured.status();
        assert_eq!((totals.sum(), status.omitted), (2600, totals));
        assert_eq!(captured.drain().taken.omitted(), 2000);
        assert_eq!(kept.measure(), Some(0));
        let chunk = captured.read(100, MAX);
        assert_eq!((chunk.omitted_before, chunk.bytes.len()), (2500, 0));
        assert!(chunk.ended);
        assert_eq!(
            captured.read_stream(Stream::Stdout, 0, 9).omitted_before,
            2600
        );
    }

    /// The control: what is not given up is there, and is measured once nothing more can come.
    #[tokio::test]
    async fn what_is_kept_is_measured_when_no_more_can_come() {
        let (captured, mut writer) = tapped();
        let kept = captured.kept();
        write(&captured, &mut writer, 30).await;
        drop(writer);
        captured.wait_for_output(u64::MAX).await;
        assert_eq!(kept.measure(), Some(2 * MAX as u64));
        assert_eq!(captured.read(0, MAX).bytes, [7; MAX / 2]);
        drop(captured.drain());
        assert_eq!(kept.measure(), Some(MAX as u64));
        drop(captured);
        assert_eq!(kept.measure(), Some(0));
    }

    /// Who holds the output back is told of a gap, and the writer goes on.
    #[tokio::test]
    async fn a_hold_does_not_keep_what_is_given_up() {
        let (captured, mut writer) = tapped();
        let hold = captured.hold("slow");
        let writing = tokio::spawn(async move {
            for _ in 0..30 {
                writer.write_all(&[7; 100]).await.unwrap();
            }
        });
        captured.wait_for_output(MAX as u64 - 1).await;
        assert!(!writing.is_finished());
        captured.kept().give_up();
        writing.await.unwrap();
        let totals = captured.wait_for_output(u64::MAX).await;
        assert_eq!(totals.sum(), 3000);
        let chunk = hold.take(MAX);
        assert_eq!((chunk.omitted_before, chunk.ended), (3000, true));
    }
}
