//! One direction of a relay: bytes from one terminal on their way to another.
//!
//! What must stay true: it never holds more than its buffer, so whoever writes faster than the
//! other side reads is made to wait by the kernel as on any terminal; and nothing that was read is
//! lost when a step is dropped half way.

use super::caller::{Reads, Writes};
use handfast_sys::terminal::ReadyTerminal;
use std::io;

/// More than any keystroke or paste in one read, less than anybody notices.
const ROOM: usize = 16 << 10;

/// How a step of a flow ended.
#[derive(Debug)]
pub(super) enum Step {
    /// There may be more.
    Moved,
    /// Nothing more comes from where it reads.
    SourceOver,
    /// Nothing more is taken where it writes.
    SinkOver,
}

/// Bytes that were read and not yet written.
#[derive(Debug)]
pub(super) struct Flow {
    buffer: Box<[u8]>,
    from: usize,
    to: usize,
    last: Option<u8>,
    /// What was written last may not have been taken yet.
    unsure: bool,
}

impl Flow {
    pub(super) fn new() -> Flow {
        Flow {
            buffer: vec![0; ROOM].into_boxed_slice(),
            from: 0,
            to: 0,
            last: None,
            unsure: false,
        }
    }

    /// Writes what is held, or reads if nothing is; before that it learns what became of what was
    /// written, since a sink with a buffer of its own tells only then that nobody reads any more.
    ///
    /// # Cancel safety
    ///
    /// Safe: bytes are counted in the same poll that moves them.
    pub(super) async fn step(&mut self, source: &mut impl Reads, sink: &mut impl Writes) -> Step {
        if self.from < self.to {
            return self.write(sink).await;
        }
        if self.unsure {
            if sink.flush().await.is_err() {
                return Step::SinkOver;
            }
            self.unsure = false;
        }
        let read = source.read(&mut self.buffer).await;
        self.filled(read)
    }

    /// Moves everything that was written to `source` until now, and does not wait for more. At most
    /// `most` bytes, for a source that is written to without end.
    pub(super) async fn drain(
        &mut self,
        source: &ReadyTerminal,
        sink: &mut impl Writes,
        most: usize,
    ) -> Step {
        let mut moved = 0;
        loop {
            while self.from < self.to {
                moved += self.to - self.from;
                if let Step::SinkOver = self.write(sink).await {
                    return Step::SinkOver;
                }
            }
            if moved >= most {
                return Step::Moved;
            }
            match source.try_read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Step::Moved,
                read => {
                    if let Step::SourceOver = self.filled(read) {
                        return Step::SourceOver;
                    }
                }
            }
        }
    }

    /// Puts a byte in by hand, if there is room.
    pub(super) fn put(&mut self, byte: u8) {
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        }
        if let Some(place) = self.buffer.get_mut(self.to) {
            *place = byte;
            self.to += 1;
        }
    }

    /// Whether the last byte that was read ended a line.
    pub(super) fn ended_line(&self) -> bool {
        self.last.is_none_or(|last| last == b'\n' || last == b'\r')
    }

    fn filled(&mut self, read: io::Result<usize>) -> Step {
        match read {
            Ok(0) | Err(_) => Step::SourceOver,
            Ok(length) => {
                (self.from, self.to) = (0, length);
                self.last = self.buffer.get(length - 1).copied();
                Step::Moved
            }
        }
    }

    async fn write(&mut self, sink: &mut impl Writes) -> Step {
        let held = self.buffer.get(self.from..self.to).unwrap_or_default();
        match sink.write(held).await {
            Ok(length) => {
                self.from += length;
                self.unsure = true;
                Step::Moved
            }
            Err(_) => Step::SinkOver,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use handfast_sys::terminal::{Opened, Pair, open_pair};
    use std::fs::File;
    use std::io::{Read, Write};

    fn ready(descriptor: std::os::fd::OwnedFd) -> ReadyTerminal {
        ReadyTerminal::new(Opened {
            descriptor,
            own: true,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn a_drain_takes_what_is_there_and_no_more() {
        let (program, shown) = (open_pair().unwrap(), open_pair().unwrap());
        File::from(program.slave.try_clone().unwrap())
            .write_all(b"last words")
            .unwrap();
        let Pair { master, slave } = shown;
        let (source, sink) = (ready(program.master), ready(slave));
        let mut flow = Flow::new();
        // The other side of the source is still open: nothing waits for its end.
        assert!(matches!(
            flow.drain(&source, &mut &sink, usize::MAX).await,
            Step::Moved
        ));
        let mut said = [0; 10];
        File::from(master).read_exact(&mut said).unwrap();
        assert_eq!(&said, b"last words");
    }

    #[tokio::test]
    async fn a_byte_put_in_by_hand_is_written_next() {
        let (one, other) = (open_pair().unwrap(), open_pair().unwrap());
        let (source, sink) = (ready(one.master), ready(other.slave));
        let mut flow = Flow::new();
        flow.put(b'x');
        assert!(matches!(
            flow.step(&mut &source, &mut &sink).await,
            Step::Moved
        ));
        let mut said = [0; 1];
        File::from(other.master).read_exact(&mut said).unwrap();
        assert_eq!(&said, b"x");
    }

    /// Takes everything, and tells only when it is asked that nobody reads.
    struct Deaf;

    impl Writes for Deaf {
        async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        async fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    #[tokio::test]
    async fn a_reader_that_is_gone_is_noticed_though_nothing_more_comes() {
        let program = open_pair().unwrap();
        File::from(program.slave.try_clone().unwrap())
            .write_all(b"the last")
            .unwrap();
        let source = ready(program.master);
        let mut flow = Flow::new();
        assert!(matches!(
            flow.step(&mut &source, &mut Deaf).await,
            Step::Moved
        ));
        assert!(matches!(
            flow.step(&mut &source, &mut Deaf).await,
            Step::Moved
        ));
        assert!(matches!(
            flow.step(&mut &source, &mut Deaf).await,
            Step::SinkOver
        ));
    }
}
