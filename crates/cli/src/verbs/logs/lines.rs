//! Bytes of several streams, put together to lines. Pure.

use handfast_daemon::wire::{OutputChunk, StreamName};
use std::collections::HashMap;

/// A line that never ends is told in pieces of this length.
const LONGEST: usize = 64 * 1024;

/// A line of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) stream: StreamName,
    /// The offset of its first byte among all of the process.
    pub(super) offset: u64,
    /// When that came, in milliseconds since 1970, if that is known.
    pub(super) at_ms: Option<u64>,
    /// Without its end.
    pub(super) text: Vec<u8>,
}

/// Lines that have begun.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: HashMap<StreamName, Line>,
}

impl Lines {
    /// The lines that these bytes end.
    pub(super) fn take(&mut self, chunk: &OutputChunk) -> Vec<Line> {
        let (stream, bytes) = (chunk.stream, &chunk.chunk.0);
        let (mut ended, mut at) = (Vec::new(), chunk.offset);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = self.begun.entry(stream).or_insert_with(|| Line {
                stream,
                offset: at,
                at_ms: chunk.at_ms,
                text: Vec::new(),
            });
            line.text.extend_from_slice(piece);
            at += piece.len() as u64;
            if piece.ends_with(b"\n") || line.text.len() >= LONGEST {
                ended.extend(self.begun.remove(&stream).map(without_end));
            }
        }
        ended
    }

    /// What has no end and gets none any more, in the order in which it came.
    pub(super) fn rest(&mut self) -> Vec<Line> {
        let mut rest: Vec<Line> = self.begun.drain().map(|(_, line)| line).collect();
        rest.sort_by_key(|line| line.offset);
        rest
    }
}

fn without_end(mut line: Line) -> Line {
    if line.text.ends_with(b"\n") {
        line.text.pop();
        if line.text.ends_with(b"\r") {
            line.text.pop();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUT: StreamName = StreamName::Stdout;
    const ERR: StreamName = StreamName::Stderr;

    fn chunk(stream: StreamName, offset: u64, text: &[u8]) -> OutputChunk {
        OutputChunk {
            seq: 1,
            stream,
            chunk: text.into(),
            offset,
            at_ms: None,
        }
    }

    fn told(lines: &[Line]) -> Vec<(StreamName, u64, String)> {
        let text = |line: &Line| String::from_utf8(line.text.clone()).unwrap();
        let each = lines
            .iter()
            .map(|line| (line.stream, line.offset, text(line)));
        each.collect()
    }

    #[test]
    fn streams_do_not_mix_within_a_line() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(&chunk(OUT, 0, b"on")), []);
        assert_eq!(
            told(&lines.take(&chunk(ERR, 2, b"bad\r\n"))),
            [(ERR, 2, "bad".into())]
        );
        assert_eq!(
            told(&lines.take(&chunk(OUT, 7, b"e\n\ntwo"))),
            [(OUT, 0, "one".into()), (OUT, 9, String::new())]
        );
        assert_eq!(told(&lines.rest()), [(OUT, 10, "two".into())]);
        assert_eq!(lines.rest(), []);
    }

    #[test]
    fn a_line_without_end_is_told_in_pieces() {
        let mut lines = Lines::default();
        let long = vec![b'x'; LONGEST];
        assert_eq!(lines.take(&chunk(OUT, 0, &long)).len(), 1);
        assert_eq!(
            told(&lines.take(&chunk(OUT, LONGEST as u64, b"y\n"))),
            [(OUT, LONGEST as u64, "y".into())]
        );
    }
}
