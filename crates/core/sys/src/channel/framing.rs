//! Packets in a stream of bytes: a kind, a length, and as many bytes. Pure.
//!
//! What must stay true: whoever reads never takes a byte of the next packet. Descriptors come with the first
//! byte of the packet that they were sent with (`unix(4)`), so they are that packet's and no other's.

use super::LONGEST;
use std::io;

/// How long the kind and the length are.
pub(super) const HEADER: usize = 5;

/// What stands before the body: what kind of packet it is, and how long the body in the stream is.
pub(super) fn header(kind: u8, length: u32) -> [u8; HEADER] {
    let [a, b, c, d] = length.to_le_bytes();
    [kind, a, b, c, d]
}

/// A packet that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Frame(Vec<u8>);

impl Frame {
    /// How many bytes may be read next, at the most; 0 where it is whole.
    ///
    /// # Errors
    ///
    /// `InvalidData` for a length that no packet has.
    pub(super) fn wanted(&self) -> io::Result<usize> {
        let Some((header, body)) = self.0.split_first_chunk::<HEADER>() else {
            return Ok(HEADER - self.0.len());
        };
        let [_, a, b, c, d] = *header;
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "malformed packet",
            ));
        }
        Ok(length.saturating_sub(body.len()))
    }

    /// Takes in what was read, which is no more than was wanted.
    pub(super) fn take_in(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The kind and the body of one that is whole; the next one begins.
    pub(super) fn finish(&mut self) -> Option<(u8, Vec<u8>)> {
        let whole = std::mem::take(&mut self.0);
        let kind = *whole.first()?;
        Some((kind, whole.get(HEADER..)?.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(packets: &[(u8, &[u8])]) -> Vec<u8> {
        let length = |body: &[u8]| u32::try_from(body.len()).unwrap();
        let framed = packets
            .iter()
            .map(|(kind, body)| [&header(*kind, length(body))[..], body].concat());
        framed.collect::<Vec<_>>().concat()
    }

    #[test]
    fn packets_come_out_as_they_went_in_however_the_stream_is_cut() {
        let sent: [(u8, &[u8]); 4] = [(0, b"one"), (1, b""), (7, &[9; 300]), (0, b"x")];
        let bytes = stream(&sent);
        for piece in 1..=bytes.len() {
            let mut rest = &bytes[..];
            let mut frame = Frame::default();
            let mut found = Vec::new();
            while !rest.is_empty() {
                let wanted = frame.wanted().unwrap();
                assert!(wanted > 0);
                let (now, later) = rest.split_at(wanted.min(piece).min(rest.len()));
                rest = later;
                frame.take_in(now);
                if frame.wanted().unwrap() == 0 {
                    found.push(frame.finish().unwrap());
                }
            }
            let expected = sent.map(|(kind, body)| (kind, body.to_vec()));
            assert_eq!(found, expected, "in pieces of {piece}");
            assert_eq!(frame.wanted().unwrap(), HEADER);
        }
    }

    #[test]
    fn a_length_that_no_packet_has_is_refused_before_its_body_is_read() {
        let mut frame = Frame::default();
        frame.take_in(&header(0, u32::try_from(LONGEST).unwrap()));
        assert_eq!(frame.wanted().unwrap(), LONGEST);
        let mut frame = Frame::default();
        frame.take_in(&header(0, u32::MAX));
        let refused = frame.wanted().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
    }
}
