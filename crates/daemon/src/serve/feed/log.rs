//! The numbers of what happens to a process, on disk before anybody is told one.
//!
//! A file of records; each has what was numbered together, a line for each. Whoever reads them from the
//! beginning numbers the same things the same way. It is written anew, without what is forgotten, when it has
//! become long. Nothing is held open: a daemon has many.

use super::sequence::{Exit, Mark, Sequence};
use crate::journal::{record, records};
use crate::wire::StreamName;
use handfast_sys::files::private;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const NAME: &str = "numbers";

/// When it is written anew, in bytes: 8 MiB, more than all that is remembered takes.
const LONG: u64 = 8 * 1024 * 1024;

/// Something that gets a number, or ends what could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Bytes before this offset that have no number get none any more.
    LostUntil(u64),
    /// A chunk: on which stream, its offset and length, and when it came.
    Output(StreamName, (u64, usize), u64),
    Exit(Exit),
    OutputEnded,
}

/// Where the numbers of one process are.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    bytes: u64,
    was_cut: bool,
}

impl Log {
    /// For a process that begins.
    pub(crate) fn begin(place: &Path) -> Log {
        Log {
            path: place.join(NAME),
            bytes: 0,
            was_cut: false,
        }
    }

    /// Goes on where another daemon was cut off.
    pub(crate) fn resume(place: &Path) -> (Log, Sequence) {
        let mut log = Log::begin(place);
        let mut sequence = Sequence::default();
        let file = fs::read(&log.path).unwrap_or_default();
        let (payloads, damage) = records(&file);
        let whole = damage.map_or(file.len(), |damage| damage.at);
        for payload in payloads {
            let text = String::from_utf8_lossy(payload);
            text.lines().for_each(|line| read(&mut sequence, line));
        }
        if whole < file.len() {
            log.was_cut = true;
            tracing::warn!(path = %log.path.display(), "what was numbered last is lost");
            let cut = File::options().write(true).open(&log.path);
            if let Err(error) = cut.and_then(|file| file.set_len(whole as u64)) {
                tracing::warn!(%error, "and cannot be taken away");
            }
        }
        log.bytes = whole as u64;
        (log, sequence)
    }

    /// Whether something at its end was lost.
    pub(crate) fn was_cut(&self) -> bool {
        self.was_cut
    }

    /// Writes down what is numbered next; `sequence` is what was before.
    pub(crate) fn note(&mut self, sequence: &Sequence, steps: &[Step]) {
        let written = match self.bytes > LONG {
            true => self.anew(sequence).and_then(|()| self.append(steps)),
            false => self.append(steps),
        };
        if let Err(error) = written {
            tracing::warn!(%error, path = %self.path.display(), "cannot write down numbers");
        }
    }

    fn append(&mut self, steps: &[Step]) -> io::Result<()> {
        let text: String = steps.iter().map(|step| line(*step)).collect();
        let record = record(text.as_bytes());
        let mut options = File::options();
        let options = private(options.append(true).create(true));
        let mut file = options.open(&self.path)?;
        file.write_all(&record)?;
        self.bytes += record.len() as u64;
        Ok(())
    }

    /// What is remembered, in place of how it came to be.
    fn anew(&mut self, sequence: &Sequence) -> io::Result<()> {
        let mut text = String::new();
        sequence.tell(&mut |word| {
            let _ = writeln!(text, "{word}");
        });
        let new = self.path.with_extension("new");
        let mut options = File::options();
        let options = private(options.write(true).create(true).truncate(true));
        let mut file = options.open(&new)?;
        let record = record(text.as_bytes());
        file.write_all(&record)?;
        fs::rename(new, &self.path)?;
        self.bytes = record.len() as u64;
        Ok(())
    }
}

fn line(step: Step) -> String {
    let number = |number: Option<i32>| number.map_or("-".to_owned(), |number| number.to_string());
    match step {
        Step::LostUntil(offset) => format!("lost {offset}\n"),
        Step::Output(stream, (offset, len), at) => {
            format!("output {} {offset} {len} {at}\n", stream_word(stream))
        }
        Step::Exit(exit) => format!("exit {} {}\n", number(exit.code), number(exit.signal)),
        Step::OutputEnded => "ended\n".to_owned(),
    }
}

/// What cannot be read is passed over: it was written by another version.
fn read(sequence: &mut Sequence, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let number = |place: usize| words.get(place)?.parse::<u64>().ok();
    let exit = |place: usize| Exit {
        code: words.get(place).and_then(|word| word.parse().ok()),
        signal: words.get(place + 1).and_then(|word| word.parse().ok()),
    };
    let len = |place: usize| number(place).and_then(|len| usize::try_from(len).ok());
    let stream = |place: usize| words.get(place).and_then(|word| stream(word));
    let read = match words.first().copied() {
        Some("lost") => number(1).map(|offset| sequence.step(Step::LostUntil(offset))),
        Some("output") => stream(1)
            .zip(number(2).zip(len(3)))
            .zip(number(4))
            .map(|((stream, place), at)| sequence.step(Step::Output(stream, place, at))),
        Some("exit") => {
            sequence.step(Step::Exit(exit(1)));
            Some(())
        }
        Some("ended") => {
            sequence.step(Step::OutputEnded);
            Some(())
        }
        Some("state") => number(1)
            .zip(number(2).zip(number(3)))
            .map(|(given, state)| sequence.set(given, state)),
        Some("mark") => stream(2)
            .zip(number(1).zip(number(3)))
            .zip(len(4).zip(number(5).zip(number(6))))
            .map(|((stream, (seq, offset)), (len, (lost, at_ms)))| {
                sequence.remember(Mark {
                    seq,
                    stream,
                    offset,
                    len,
                    lost,
                    at_ms,
                });
            }),
        Some("exited") => number(1).map(|seq| sequence.set_exited(seq, exit(2))),
        Some("closed") => number(1).map(|seq| sequence.set_closed(seq)),
        _ => None,
    };
    if read.is_none() {
        tracing::debug!(line, "a number of another version");
    }
}

pub(super) fn stream_word(stream: StreamName) -> &'static str {
    match stream {
        StreamName::Stdout => "stdout",
        StreamName::Stderr => "stderr",
        StreamName::Pty => "pty",
    }
}

fn stream(word: &str) -> Option<StreamName> {
    Some(match word {
        "stdout" => StreamName::Stdout,
        "stderr" => StreamName::Stderr,
        "pty" => StreamName::Pty,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step() -> impl Strategy<Value = Step> {
        let stream = prop_oneof![
            Just(StreamName::Stdout),
            Just(StreamName::Stderr),
            Just(StreamName::Pty)
        ];
        prop_oneof![
            6 => (stream, 0_u64..3, 1_usize..5).prop_map(|(stream, lost, len)| Step::Output(stream, (lost, len), 7)),
            1 => (any::<Option<i32>>(), any::<Option<i32>>()).prop_map(|(code, signal)| Step::Exit(Exit { code, signal })),
            1 => Just(Step::OutputEnded),
        ]
    }

    /// With offsets that follow one another.
    fn in_order(steps: Vec<Step>) -> Vec<Step> {
        let mut at = 0;
        let place = |step| match step {
            Step::Output(stream, (lost, len), time) => {
                let offset = at + lost;
                at = offset + len as u64;
                Step::Output(stream, (offset, len), time)
            }
            other => other,
        };
        steps.into_iter().map(place).collect()
    }

    proptest! {
        #[test]
        fn who_comes_next_gives_the_same_numbers(
            steps in prop::collection::vec(step(), 1..30),
            cut in any::<prop::sample::Index>(),
            anew in any::<prop::sample::Index>(),
        ) {
            let place = tempfile::tempdir().unwrap();
            let mut log = Log::begin(place.path());
            let mut sequence = Sequence::default();
            let (steps, anew) = (in_order(steps), anew.index(30));
            let mut states = vec![format!("{sequence:?}")];
            for (number, step) in steps.iter().enumerate() {
                if number == anew {
                    log.anew(&sequence).unwrap();
                }
                log.note(&sequence, &[*step]);
                sequence.step(*step);
                states.push(format!("{sequence:?}"));
            }
            let (_, found) = Log::resume(place.path());
            prop_assert_eq!(format!("{found:?}"), format!("{sequence:?}"));
            // Cut off anywhere, it is what it was at some time before.
            let path = place.path().join(NAME);
            let len = fs::metadata(&path).unwrap().len();
            let cut = cut.index(usize::try_from(len).unwrap()) as u64;
            File::options().write(true).open(&path).unwrap().set_len(cut).unwrap();
            let (_, found) = Log::resume(place.path());
            let found = format!("{found:?}");
            prop_assert!(states.contains(&found));
        }
    }
}
