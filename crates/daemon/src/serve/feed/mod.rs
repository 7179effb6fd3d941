//! What happens to one process, with numbers, for whoever reads it or is told of it.
//!
//! The bytes stay in the library's store; here is only where they are. Nothing is pushed: whoever is
//! told reads at their own pace, and who is too slow finds a gap that is counted.

mod log;
mod sequence;

pub(crate) use log::Log;
use log::Step;
pub(crate) use sequence::{Exit, Mark, Sequence};

use crate::wire::{Bytes, OutputChunk, ReadAnswer, StreamName};
use handfast::output::{Captured, Chunk, Stream};
use handfast::{ProcessHandle, ProcessManager};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::watch;
use tokio::time::timeout;

/// How much output is numbered at once, and the most bytes of one chunk.
const PIECE: usize = 64 * 1024;

/// The most bytes of one answer, so that it fits into a frame in Base64.
const ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// What happens to one process.
#[derive(Debug)]
pub(crate) struct Feed {
    captured: Option<Captured>,
    sequence: Mutex<Sequence>,
    /// Where it is written down first, if anywhere. Its lock is taken after that of the sequence.
    log: Option<Mutex<Log>>,
    /// Changes with the sequence.
    changed: watch::Sender<()>,
}

impl Feed {
    /// Follows a process until nothing more can happen to it.
    pub(crate) fn of(
        manager: &ProcessManager,
        handle: ProcessHandle,
        log: Option<Log>,
    ) -> Arc<Feed> {
        Feed::going_on(manager, handle, (log, Sequence::default()))
    }

    /// Goes on with a process where another daemon was.
    pub(crate) fn restored(
        manager: &ProcessManager,
        handle: ProcessHandle,
        log: Log,
        sequence: Sequence,
    ) -> Arc<Feed> {
        Feed::going_on(manager, handle, (Some(log), sequence))
    }

    fn going_on(
        manager: &ProcessManager,
        handle: ProcessHandle,
        (log, sequence): (Option<Log>, Sequence),
    ) -> Arc<Feed> {
        let captured = manager.output(handle).ok().flatten();
        let feed = Arc::new(Feed {
            captured: captured.clone(),
            sequence: Mutex::new(sequence),
            log: log.map(Mutex::new),
            changed: watch::Sender::new(()),
        });
        match captured {
            Some(captured) => {
                tokio::spawn(Arc::clone(&feed).number_output(captured));
            }
            None => feed.happened(&[Step::OutputEnded]),
        }
        tokio::spawn(Arc::clone(&feed).number_exit(manager.clone(), handle));
        feed
    }

    async fn number_output(self: Arc<Self>, captured: Captured) {
        let mut from = self.look(Sequence::end);
        let began = captured.began();
        loop {
            let chunk = captured.read(from, PIECE);
            from = chunk.next.offset();
            if chunk.omitted_before > 0 || !chunk.segments.is_empty() {
                self.happened(&steps(&chunk, began));
            }
            if chunk.ended {
                return self.happened(&[Step::OutputEnded]);
            }
            if chunk.bytes.is_empty() {
                captured.wait_for_output(from).await;
            } else {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn number_exit(self: Arc<Self>, manager: ProcessManager, handle: ProcessHandle) {
        let ended = manager.wait(handle).await;
        let exit = ended.map_or_else(
            |_| Exit::default(),
            |ended| Exit {
                code: ended.exit_code,
                signal: ended.signal,
            },
        );
        self.happened(&[Step::Exit(exit)]);
    }

    /// Numbers what has happened, once; it is written down before anybody sees it.
    fn happened(&self, steps: &[Step]) {
        {
            // Nothing under this lock panics half-way through a change.
            let sequence = self.sequence.lock();
            let mut sequence = sequence.unwrap_or_else(PoisonError::into_inner);
            let news = steps.iter().filter(|step| sequence.is_news(**step));
            let news: Vec<Step> = news.copied().collect();
            if let (Some(log), false) = (&self.log, news.is_empty()) {
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.note(&sequence, &news);
            }
            news.into_iter().for_each(|step| sequence.step(step));
        }
        self.changed.send_replace(());
    }

    pub(crate) fn look<T>(&self, what: impl FnOnce(&Sequence) -> T) -> T {
        what(&self.sequence.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until there is news after a number, for `within` at the most.
    pub(crate) async fn news(&self, after: u64, within: Duration) {
        let mut changed = self.changed.subscribe();
        let news = changed.wait_for(|()| self.look(|sequence| sequence.has_news(after)));
        // Either way the caller looks for itself.
        let _ = timeout(within, news).await;
    }

    /// Waits until everything before a byte has its number, or has ended without.
    ///
    /// The library sees output before it is numbered here: whoever was told of a match must find it in what is
    /// read next.
    pub(crate) async fn reaches(&self, offset: u64) {
        let mut changed = self.changed.subscribe();
        let there = || self.look(|sequence| sequence.end() >= offset || sequence.is_over());
        // Without a sender nothing comes any more.
        let _ = changed.wait_for(|()| there()).await;
    }

    /// What has come after a number.
    pub(crate) fn read(&self, after: u64, max_bytes: Option<u64>) -> ReadAnswer {
        let limit = max_bytes.unwrap_or(ANSWER_BYTES).min(ANSWER_BYTES);
        let (mut marks, mut bytes, mut is_all) = (Vec::new(), 0, true);
        let mut answer = self.look(|sequence| {
            for mark in sequence.after(after) {
                let more = bytes + mark.len as u64;
                if !marks.is_empty() && (bytes >= limit || more > limit) {
                    is_all = false;
                    break;
                }
                bytes = more;
                marks.push(*mark);
            }
            facts(sequence)
        });
        for mark in &marks {
            let (chunk, gone) = self.chunk(mark);
            answer.omitted_bytes += gone + mark.lost;
            answer.chunks.extend(chunk);
        }
        // With a limit, where to go on is after what was returned; without, after all there is.
        if let Some(last) = marks.last()
            && (max_bytes.is_some() || !is_all)
        {
            answer.next_seq = last.seq + 1;
        }
        if is_all {
            answer.omitted_bytes += self.look(Sequence::lost_at_the_end);
        } else {
            // Who stops reading at the close must have had everything before it.
            answer.closed = false;
        }
        answer
    }

    /// The bytes of a chunk as far as they are kept, and how many are not.
    pub(crate) fn chunk(&self, mark: &Mark) -> (Option<OutputChunk>, u64) {
        let Some(captured) = &self.captured else {
            return (None, mark.len as u64);
        };
        let end = mark.offset + mark.len as u64;
        let read = captured.read(mark.offset, mark.len);
        let kept = usize::try_from(end.saturating_sub(read.offset)).unwrap_or(0);
        let bytes = read.bytes.get(..kept).unwrap_or(&read.bytes);
        let gone = mark.len - bytes.len();
        let chunk = (!bytes.is_empty()).then(|| OutputChunk {
            seq: mark.seq,
            stream: mark.stream,
            chunk: Bytes::from(bytes),
            offset: read.offset,
            at_ms: Some(mark.at_ms),
        });
        (chunk, gone as u64)
    }

    pub(crate) fn captured(&self) -> Option<&Captured> {
        self.captured.as_ref()
    }
}

/// The pieces of a chunk of the store, each of which gets a number.
fn steps(chunk: &Chunk, began: SystemTime) -> Vec<Step> {
    let pieces = chunk.segments.iter().map(|segment| {
        let offset = chunk.offset + segment.start as u64;
        let at = super::describe::at_ms(began + segment.at);
        Step::Output(segment.stream.into(), (offset, segment.len), at)
    });
    let lost = (chunk.omitted_before > 0).then_some(Step::LostUntil(chunk.offset));
    lost.into_iter().chain(pieces).collect()
}

/// An answer without chunks.
fn facts(sequence: &Sequence) -> ReadAnswer {
    let exit = sequence.exited().map(|(_, exit)| exit);
    ReadAnswer {
        chunks: Vec::new(),
        next_seq: sequence.next(),
        exited: exit.is_some(),
        exit_code: exit.and_then(Exit::told),
        signal: exit.and_then(|exit| exit.signal),
        closed: sequence.closed().is_some(),
        failure: None,
        sandbox_denied: false,
        omitted_bytes: 0,
    }
}

impl From<Stream> for StreamName {
    fn from(stream: Stream) -> StreamName {
        match stream {
            Stream::Stdout => StreamName::Stdout,
            Stream::Stderr => StreamName::Stderr,
            Stream::Terminal => StreamName::Pty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn a_match_is_told_when_its_bytes_have_their_numbers() {
        let feed = Feed {
            captured: None,
            sequence: Mutex::new(Sequence::default()),
            log: None,
            changed: watch::Sender::new(()),
        };
        let mut context = Context::from_waker(Waker::noop());
        let mut reaches = pin!(feed.reaches(7));
        assert_eq!(reaches.as_mut().poll(&mut context), Poll::Pending);
        feed.happened(&[Step::Output(StreamName::Stdout, (0, 6), 0)]);
        assert_eq!(reaches.as_mut().poll(&mut context), Poll::Pending);
        feed.happened(&[Step::Output(StreamName::Stdout, (6, 1), 0)]);
        assert_eq!(reaches.as_mut().poll(&mut context), Poll::Ready(()));
        let mut never = pin!(feed.reaches(8));
        assert_eq!(never.as_mut().poll(&mut context), Poll::Pending);
        feed.happened(&[Step::OutputEnded]);
        assert_eq!(never.as_mut().poll(&mut context), Poll::Ready(()));
    }
}
