//! A channel for the side that has a runtime, where the other side is a thread of this process.

use super::{BorrowedDescriptor, Channel, Packet};
use std::io;
use std::sync::Arc;
use tokio::sync::Notify;

/// A [`Channel`] whose waits yield to the runtime.
#[derive(Debug)]
pub struct ReadyChannel {
    channel: Channel,
    arrived: Arc<Notify>,
    room: Arc<Notify>,
}

impl ReadyChannel {
    /// Has the channel wake up whoever waits in [`ReadyChannel::receive`].
    ///
    /// # Errors
    ///
    /// None here; elsewhere what the system says when it cannot be watched.
    pub fn new(channel: Channel) -> io::Result<Self> {
        let arrived = Arc::new(Notify::new());
        let notify = Arc::clone(&arrived);
        // There is one reader, and it may be about to wait: what it is told must not be lost.
        channel.on_arrival(move || notify.notify_one());
        let room = Arc::new(Notify::new());
        let notify = Arc::clone(&room);
        channel.on_room(move || notify.notify_waiters());
        Ok(Self {
            channel,
            arrived,
            room,
        })
    }

    /// Sends one packet whole.
    ///
    /// # Errors
    ///
    /// As [`Channel::send`].
    ///
    /// # Cancel safety
    ///
    /// Safe: a packet is sent whole within one poll, so a dropped future has sent all or nothing.
    pub async fn send(
        &self,
        bytes: &[u8],
        descriptors: &[BorrowedDescriptor<'_>],
    ) -> io::Result<()> {
        loop {
            // Made before the attempt, so that room that comes in between is not missed.
            let room = self.room.notified();
            match self.channel.try_send(bytes, descriptors) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => room.await,
                done => return done,
            }
        }
    }

    /// Sends one packet now or not at all. Callable from any thread, also outside a runtime.
    ///
    /// # Errors
    ///
    /// As [`Channel::try_send`].
    pub fn try_send(&self, bytes: &[u8], descriptors: &[BorrowedDescriptor<'_>]) -> io::Result<()> {
        self.channel.try_send(bytes, descriptors)
    }

    /// Waits for the next packet; `None` is the peer's end. For one reader at a time.
    ///
    /// # Errors
    ///
    /// As [`Channel::receive`].
    ///
    /// # Cancel safety
    ///
    /// Safe: no packet is taken before the future is ready.
    pub async fn receive(&self) -> io::Result<Option<Packet>> {
        loop {
            match self.channel.try_receive() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.arrived.notified().await;
                }
                done => return done,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_go_both_ways_between_a_runtime_and_a_thread() {
        let (ours, theirs) = Channel::pair().unwrap();
        // More than a queue holds, so that both sides wait for each other.
        let echo = std::thread::spawn(move || {
            while let Some(packet) = theirs.receive().unwrap() {
                theirs.send(&packet.bytes, &[]).unwrap();
            }
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let ours = Arc::new(ReadyChannel::new(ours).unwrap());
            let sender = Arc::clone(&ours);
            let sending = tokio::task::LocalSet::new();
            sending.spawn_local(async move {
                for number in 0..200_u8 {
                    sender.send(&vec![number; 9 << 10], &[]).await.unwrap();
                }
            });
            let receiving = sending.run_until(async {
                for number in 0..200_u8 {
                    let packet = ours.receive().await.unwrap().unwrap();
                    assert_eq!(packet.bytes, vec![number; 9 << 10]);
                }
            });
            receiving.await;
        });
        echo.join().unwrap();
    }

    #[test]
    fn the_end_of_the_peer_is_seen_by_who_waits() {
        let (ours, theirs) = Channel::pair().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let ours = ReadyChannel::new(ours).unwrap();
            let ending = std::thread::spawn(move || drop(theirs));
            assert!(ours.receive().await.unwrap().is_none());
            ending.join().unwrap();
            let refused = ours.send(b"?", &[]).await.unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
        });
    }
}
