//! Channels within one process: two queues, one for each direction.
//!
//! On Windows the host holds its trees by handles of its own, which the system closes with it; so
//! both ends are threads of one process, and a descriptor that is sent is a duplicate. What must stay
//! true is what a socket gives: a packet is whole, a queue has a bound at which senders wait, and the
//! end of one side is seen after its last packet.

use super::{Channel, LONGEST, MOST_DESCRIPTORS, Packet};
use std::collections::VecDeque;
use std::io;
use std::os::windows::io::BorrowedHandle;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// How many bytes a queue holds before senders wait; one packet fits into an empty queue always.
const MOST_BYTES: usize = 256 << 10;

/// What a packet counts for besides its bytes, so that empty ones are bounded too.
const OVERHEAD: usize = 256;

/// Whether a call may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    No,
}

/// Called whenever something has happened to a queue.
type Call = Box<dyn Fn() + Send>;

#[derive(Default)]
struct State {
    packets: VecDeque<Packet>,
    bytes: usize,
    /// One of both ends is gone.
    closed: bool,
    arrival: Option<Call>,
    room: Option<Call>,
}

/// One direction.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

/// One end of both directions.
pub(super) struct End {
    /// What we send.
    there: Arc<Queue>,
    /// What we are sent.
    here: Arc<Queue>,
}

impl std::fmt::Debug for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("End")
            .field("unread", &self.here.lock().packets.len())
            .finish_non_exhaustive()
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under this lock panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        tell(state.arrival.as_ref());
        tell(state.room.as_ref());
        self.changed.notify_all();
    }
}

fn tell(call: Option<&Call>) {
    if let Some(call) = call {
        call();
    }
}

impl Drop for End {
    fn drop(&mut self) {
        // The peer reads what is left; what it sends from here on is refused.
        self.there.close();
        self.here.close();
    }
}

pub(super) fn pair() -> io::Result<(End, End)> {
    let (one, other) = (Arc::new(Queue::default()), Arc::new(Queue::default()));
    let first = End {
        there: Arc::clone(&one),
        here: Arc::clone(&other),
    };
    let second = End {
        there: other,
        here: one,
    };
    Ok((first, second))
}

impl Channel {
    /// Whether the peer is a process of our own user: it is a thread of this one.
    ///
    /// # Errors
    ///
    /// None here.
    pub fn is_with_our_user(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Calls a function whenever a packet, or the end of the peer, has arrived, and once now. It is
    /// called by whoever sends, so it must neither wait nor use this channel.
    pub fn on_arrival(&self, arrival: impl Fn() + Send + 'static) {
        let mut state = self.0.here.lock();
        arrival();
        state.arrival = Some(Box::new(arrival));
    }

    /// Calls a function whenever the peer has taken a packet of ours, or has ended. As with
    /// [`Channel::on_arrival`], it must neither wait nor use this channel.
    pub fn on_room(&self, room: impl Fn() + Send + 'static) {
        self.0.there.lock().room = Some(Box::new(room));
    }
}

pub(super) fn send(
    end: &End,
    bytes: &[u8],
    descriptors: &[BorrowedHandle<'_>],
    wait: Wait,
) -> io::Result<()> {
    if bytes.len() > LONGEST || descriptors.len() > MOST_DESCRIPTORS {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "packet too large",
        ));
    }
    let own = descriptors.iter().map(BorrowedHandle::try_clone_to_owned);
    let packet = Packet {
        bytes: bytes.to_vec(),
        descriptors: own.collect::<io::Result<_>>()?,
        truncated: false,
    };
    let size = bytes.len() + OVERHEAD;
    let mut state = end.there.lock();
    while !state.closed && state.bytes > 0 && state.bytes + size > MOST_BYTES {
        if wait == Wait::No {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state = end.there.wait(state);
    }
    if state.closed {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    state.bytes += size;
    state.packets.push_back(packet);
    tell(state.arrival.as_ref());
    end.there.changed.notify_all();
    Ok(())
}

pub(super) fn receive(end: &End, wait: Wait) -> io::Result<Option<Packet>> {
    let mut state = end.here.lock();
    loop {
        if let Some(packet) = state.packets.pop_front() {
            state.bytes -= packet.bytes.len() + OVERHEAD;
            tell(state.room.as_ref());
            end.here.changed.notify_all();
            return Ok(Some(packet));
        }
        if state.closed {
            return Ok(None);
        }
        if wait == Wait::No {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state = end.here.wait(state);
    }
}

#[cfg(test)]
pub(super) fn borrow(pipe: &io::PipeWriter) -> BorrowedHandle<'_> {
    std::os::windows::io::AsHandle::as_handle(pipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_full_queue_makes_its_sender_wait_and_loses_nothing() {
        let (ours, theirs) = Channel::pair().unwrap();
        let packet = vec![7; 60 << 10];
        let mut sent = 0;
        while ours.try_send(&packet, &[]).is_ok() {
            sent += 1;
        }
        assert_eq!(sent, 4);
        let sending = std::thread::spawn(move || ours.send(b"last", &[]).unwrap());
        for _ in 0..sent {
            assert_eq!(theirs.receive().unwrap().unwrap().bytes, packet);
        }
        assert_eq!(theirs.receive().unwrap().unwrap().bytes, b"last");
        sending.join().unwrap();
        assert!(theirs.receive().unwrap().is_none());
    }

    #[test]
    fn a_sender_that_waits_is_told_of_the_end() {
        let (ours, theirs) = Channel::pair().unwrap();
        while ours.try_send(&[0; 4096], &[]).is_ok() {}
        let sending = std::thread::spawn(move || ours.send(&[0; 4096], &[]));
        drop(theirs);
        let refused = sending.join().unwrap().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn every_arrival_and_the_end_are_told() {
        let (ours, theirs) = Channel::pair().unwrap();
        let count = Arc::new(AtomicUsize::new(0));
        let told = Arc::clone(&count);
        theirs.on_arrival(move || {
            told.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(count.load(Ordering::SeqCst), 1);
        ours.send(b"a", &[]).unwrap();
        assert_eq!(count.load(Ordering::SeqCst), 2);
        drop(ours);
        assert_eq!(count.load(Ordering::SeqCst), 3);
    }
}
