//! Packets with descriptors between two of our own processes.
//!
//! A packet arrives whole or not at all, and its descriptors arrive with it, so that two threads
//! may send at once and a reader never holds half a message. On Unix both are processes: small packets
//! travel in a socket, large ones (an environment of 1 MiB) lie in anonymous memory whose descriptor
//! travels instead. On Windows both are in one process, since there the host holds its trees itself,
//! and the packets lie in a queue.

#[cfg(any(target_os = "macos", test))]
mod framing;
#[cfg(target_os = "macos")]
mod memory;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
pub(crate) mod os;

pub use crate::descriptor::{BorrowedDescriptor, Descriptor};

use std::io;

/// The longest packet that is accepted, in bytes: above the system's argument limit of 6 MiB.
pub const LONGEST: usize = 16 << 20;

/// The most descriptors in one packet.
pub const MOST_DESCRIPTORS: usize = 16;

/// One end of a connection between two of our processes.
///
/// The end-of-file of one end is the life line of the other: it comes when the last descriptor of
/// the peer is closed, by whatever cause.
#[derive(Debug)]
pub struct Channel(os::End);

/// What arrived: the bytes and the descriptors that came with them.
#[derive(Debug, Default)]
pub struct Packet {
    /// The bytes as they were sent.
    pub bytes: Vec<u8>,
    /// The descriptors, in the order in which they were sent; all close-on-exec.
    pub descriptors: Vec<Descriptor>,
    /// Whether some of the descriptors were lost, because this process may have no more.
    pub truncated: bool,
}

impl Channel {
    /// Makes two connected ends, both close-on-exec and blocking.
    ///
    /// # Errors
    ///
    /// Where the system has no descriptor or memory left.
    pub fn pair() -> io::Result<(Channel, Channel)> {
        os::pair().map(|(a, b)| (Channel(a), Channel(b)))
    }

    /// Sends one packet whole, waiting for room.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` where the peer is gone; `InvalidInput` where it is longer than [`LONGEST`] or
    /// has more than [`MOST_DESCRIPTORS`]. After an error nothing of it was sent.
    pub fn send(&self, bytes: &[u8], descriptors: &[BorrowedDescriptor<'_>]) -> io::Result<()> {
        os::send(&self.0, bytes, descriptors, os::Wait::Yes)
    }

    /// Sends one packet whole, or fails with `WouldBlock` where there is no room for it now.
    ///
    /// # Errors
    ///
    /// As [`Channel::send`], and `WouldBlock`.
    pub fn try_send(&self, bytes: &[u8], descriptors: &[BorrowedDescriptor<'_>]) -> io::Result<()> {
        os::send(&self.0, bytes, descriptors, os::Wait::No)
    }

    /// Waits for the next packet; `None` is the peer's end.
    ///
    /// # Errors
    ///
    /// What the system says of the socket; `InvalidData` for a packet that is not of our making.
    pub fn receive(&self) -> io::Result<Option<Packet>> {
        os::receive(&self.0, os::Wait::Yes)
    }

    /// Takes the next packet if one is there, else fails with `WouldBlock`; `None` is the peer's end.
    ///
    /// # Errors
    ///
    /// As [`Channel::receive`], and `WouldBlock`.
    pub fn try_receive(&self) -> io::Result<Option<Packet>> {
        os::receive(&self.0, os::Wait::No)
    }
}

#[cfg(feature = "async")]
#[cfg_attr(unix, path = "ready.rs")]
#[cfg_attr(windows, path = "ready_windows.rs")]
mod ready;
#[cfg(feature = "async")]
pub use ready::ReadyChannel;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    fn borrowed(pipe: &io::PipeWriter) -> BorrowedDescriptor<'_> {
        os::borrow(pipe)
    }

    #[test]
    fn a_packet_arrives_whole_with_its_descriptors() {
        let (ours, theirs) = Channel::pair().unwrap();
        let (mut read, write) = io::pipe().unwrap();
        ours.send(b"take this", &[borrowed(&write)]).unwrap();
        drop(write);
        let packet = theirs.receive().unwrap().unwrap();
        assert_eq!(packet.bytes, b"take this");
        let mut file = std::fs::File::from(packet.descriptors.into_iter().next().unwrap());
        file.write_all(b"x").unwrap();
        drop(file);
        let mut text = String::new();
        read.read_to_string(&mut text).unwrap();
        assert_eq!(text, "x");
    }

    #[test]
    fn a_packet_of_megabytes_arrives_whole() {
        let (ours, theirs) = Channel::pair().unwrap();
        let big: Vec<u8> = (0..6_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
        ours.send(&big, &[]).unwrap();
        assert_eq!(theirs.receive().unwrap().unwrap().bytes, big);
        assert!(ours.send(&vec![0; LONGEST + 1], &[]).is_err());
    }

    #[test]
    fn the_end_of_the_peer_is_seen_and_packets_before_it_are_kept() {
        let (ours, theirs) = Channel::pair().unwrap();
        ours.send(b"last words", &[]).unwrap();
        drop(ours);
        assert_eq!(theirs.receive().unwrap().unwrap().bytes, b"last words");
        assert!(theirs.receive().unwrap().is_none());
        assert_eq!(
            theirs.send(b"?", &[]).unwrap_err().kind(),
            io::ErrorKind::BrokenPipe
        );
    }

    #[test]
    fn packets_of_a_peer_that_ended_without_reading_ours_are_kept() {
        let (ours, theirs) = Channel::pair().unwrap();
        theirs.send(b"unread", &[]).unwrap();
        ours.send(b"last", &[]).unwrap();
        ours.send(b"words", &[]).unwrap();
        drop(ours);
        assert_eq!(theirs.try_receive().unwrap().unwrap().bytes, b"last");
        assert_eq!(theirs.try_receive().unwrap().unwrap().bytes, b"words");
        assert!(theirs.try_receive().unwrap().is_none());
    }
}
