//! What is written down of a process: its config without its secrets, whose it is, and how it ended.
//!
//! Not in it: values of variables, users, limits of resources. They are the business of a start, and nobody
//! starts it again.

use crate::config::{Lifetime, Output, ProcessConfig, Stdin, Terminal};
use crate::manager::registry::Record;
use crate::output::Capture;
use crate::owner::OwnerId;
use crate::process::Cause;
use crate::process::life::LeaderEnd;
use crate::session::ScreenSize;
use crate::tree::Rung;
use handfast_reaper::wire;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A note of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note(wire::Note);

/// How it ended, as far as its note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotedEnd {
    pub(crate) leader: Option<LeaderEnd>,
    /// The step that failed, and what the system said.
    pub(crate) failed: Option<(u8, i32)>,
    pub(crate) at: SystemTime,
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn time(nanos: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanos)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Note {
    /// Of one that begins.
    pub(crate) fn of(record: &Record, owner: &OwnerId) -> Note {
        let config = &*record.config;
        let rung = Rung::LADDER.iter().position(|rung| *rung == record.rung);
        let bytes = |text: &str| text.as_bytes().to_vec();
        let string = |text: &OsStr| handfast_sys::text::bytes(text).into_owned();
        let terminal = config.terminal().map(|terminal| {
            let size = terminal.size();
            let size = (u32::from(size.rows), u32::from(size.columns));
            (size, terminal.is_answering())
        });
        let outputs =
            [config.stdout(), config.stderr()].map(|output| u8::from(is_captured(output)));
        let stdin = u8::from(matches!(config.stdin(), Stdin::Written));
        let together = u8::from(config.is_output_together());
        Note(wire::Note {
            owner: bytes(owner.as_str()),
            rung: rung
                .and_then(|rung| u8::try_from(rung).ok())
                .unwrap_or(u8::MAX),
            started_at: nanos(record.start_time),
            name: config.name().map(bytes),
            purpose: config.purpose().map(bytes),
            program: string(config.program().as_os_str()),
            arguments: config.args().iter().map(|word| string(word)).collect(),
            directory: config
                .working_directory()
                .map(|path| string(path.as_os_str())),
            lifetime: lifetime_number(config.lifetime()),
            grace_ms: millis(config.grace()),
            deadline_ms: config.deadline().map(millis),
            unresponsive_ms: millis(config.unresponsive_after()),
            streams: vec![stdin, outputs[0], outputs[1], together],
            terminal,
            keep: config.capture().kept() as u64,
            warnings: record
                .warnings
                .iter()
                .map(|warning| bytes(warning))
                .collect(),
            end: None,
        })
    }

    /// Of one whose note is not there, as far as its reaper says.
    pub(crate) fn unknown(rung: Rung) -> Note {
        let config = ProcessConfig::builder("unknown").build();
        let record = Record {
            id: 0,
            handle: crate::process::Mark::nobody(),
            config: config.into(),
            start_time: SystemTime::now(),
            began: std::time::Instant::now(),
            rung,
            warnings: [String::from("what was written down of it is lost")].into(),
        };
        Note::of(&record, &OwnerId::host())
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.encode()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Note> {
        wire::Note::decode(bytes).ok().map(Note)
    }

    pub(crate) fn owner(&self) -> OwnerId {
        OwnerId::new(text(&self.0.owner)).unwrap_or_else(|_| OwnerId::host())
    }

    pub(crate) fn set_owner(&mut self, owner: &OwnerId) {
        self.0.owner = owner.as_str().as_bytes().to_vec();
    }

    pub(crate) fn rung(&self) -> Option<Rung> {
        Rung::LADDER.get(usize::from(self.0.rung)).copied()
    }

    pub(crate) fn started_at(&self) -> SystemTime {
        time(self.0.started_at)
    }

    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        self.0.warnings.iter().map(|warning| text(warning))
    }

    /// What it was started from, as far as that is written down.
    pub(crate) fn config(&self) -> ProcessConfig {
        let note = &self.0;
        let word = |bytes: &Vec<u8>| handfast_sys::text::string(bytes).into_owned();
        let mut config = ProcessConfig::builder(PathBuf::from(word(&note.program)))
            .args(note.arguments.iter().map(word))
            .lifetime(lifetime(note.lifetime))
            .grace(Duration::from_millis(note.grace_ms))
            .unresponsive_after(Duration::from_millis(note.unresponsive_ms))
            .capture(Capture::default().keep(usize::try_from(note.keep).unwrap_or(usize::MAX)));
        if let Some(name) = &note.name {
            config = config.name(text(name));
        }
        if let Some(purpose) = &note.purpose {
            config = config.purpose(text(purpose));
        }
        if let Some(directory) = &note.directory {
            config = config.working_directory(PathBuf::from(word(directory)));
        }
        if let Some(deadline) = note.deadline_ms {
            config = config.deadline(Duration::from_millis(deadline));
        }
        if let Some(((rows, columns), answers)) = note.terminal {
            let side = |size: u32| u16::try_from(size).unwrap_or(u16::MAX);
            let (rows, columns) = (side(rows), side(columns));
            let terminal = Terminal::from(ScreenSize { rows, columns });
            return config.terminal(terminal.answers(answers)).build();
        }
        let [stdin, stdout, stderr, together] = [0, 1, 2, 3].map(|place| {
            let number = note.streams.get(place);
            number.is_some_and(|number| *number == 1)
        });
        let output = |captured| {
            if captured {
                Output::Captured
            } else {
                Output::Null
            }
        };
        config = config.stdin(if stdin { Stdin::Written } else { Stdin::Null });
        match together {
            true => config.output(output(stdout)).build(),
            false => config.stdout(output(stdout)).stderr(output(stderr)).build(),
        }
    }

    /// How it ended, if it did.
    pub(crate) fn end(&self) -> Option<NotedEnd> {
        let end = self.0.end.as_ref()?;
        Some(NotedEnd {
            leader: end.leader.as_ref().map(|leader| LeaderEnd {
                exit: leader.exit.clone().into(),
                at: time(leader.at),
                cause: cause(leader.cause, leader.signal),
            }),
            failed: end.failed,
            at: time(end.at),
        })
    }

    pub(crate) fn set_end(&mut self, end: &NotedEnd) {
        self.0.end = Some(wire::NoteEnd {
            leader: end.leader.as_ref().map(|leader| {
                let (cause, signal) = cause_number(leader.cause);
                wire::LeaderEnd {
                    exit: leader.exit.into(),
                    at: nanos(leader.at),
                    cause,
                    signal,
                }
            }),
            failed: end.failed,
            at: nanos(end.at),
        });
    }
}

fn is_captured(output: &Output) -> bool {
    matches!(output, Output::Captured)
}

fn lifetime_number(lifetime: Lifetime) -> (u8, u64) {
    match lifetime {
        Lifetime::Turn => (0, 0),
        Lifetime::Session => (1, 0),
        Lifetime::Lease(ttl) => (2, millis(ttl)),
        Lifetime::User => (3, 0),
    }
}

fn lifetime((number, millis): (u8, u64)) -> Lifetime {
    match number {
        0 => Lifetime::Turn,
        2 => Lifetime::Lease(Duration::from_millis(millis)),
        3 => Lifetime::User,
        _ => Lifetime::Session,
    }
}

/// All causes, in the order of their numbers. A new one goes to the end.
const CAUSES: [Cause; 16] = [
    Cause::Unknown,
    Cause::Itself,
    Cause::Stop,
    Cause::Kill,
    Cause::Signal { signal: 0 },
    Cause::Deadline,
    Cause::LeaseOver,
    Cause::TurnOver,
    Cause::TooOld,
    Cause::OwnerEnded,
    Cause::OwnerGone,
    Cause::Shutdown,
    Cause::Cleaned,
    Cause::Replaced,
    Cause::ReaperLost,
    Cause::HostLost,
];

fn cause_number(cause: Cause) -> (u8, i32) {
    let signal = match cause {
        Cause::Signal { signal } => signal,
        _ => 0,
    };
    let place = CAUSES.iter().position(|other| other.word() == cause.word());
    let number = place.and_then(|place| u8::try_from(place).ok());
    (number.unwrap_or(0), signal)
}

fn cause(number: u8, signal: i32) -> Cause {
    match CAUSES.get(usize::from(number)) {
        Some(Cause::Signal { .. }) => Cause::Signal { signal },
        Some(cause) => *cause,
        None => Cause::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use handfast_sys::child::Exit;

    fn record(config: ProcessConfig) -> Record {
        Record {
            id: 7,
            handle: crate::process::Mark::nobody(),
            config: config.into(),
            start_time: time(1_234_567),
            began: std::time::Instant::now(),
            rung: Rung::LADDER[0],
            warnings: [String::from("a plugin failed")].into(),
        }
    }

    #[test]
    fn what_is_written_down_reads_back_without_a_value_of_a_variable() {
        let config = ProcessConfig::builder("/bin/sh")
            .args(["-c", "exit"])
            .env("KEY", "a-secret-value")
            .name("one")
            .purpose("to see")
            .working_directory("/tmp")
            .deadline(Duration::from_secs(5))
            .lifetime(Lifetime::User)
            .stdin(Stdin::Written)
            .stdout(Output::Captured)
            .build();
        let owner = OwnerId::new("somebody").unwrap();
        let note = Note::of(&record(config), &owner);
        let bytes = note.to_bytes();
        assert!(!text(&bytes).contains("a-secret-value"));
        let read = Note::from_bytes(&bytes).unwrap();
        assert_eq!((read.owner(), read.rung()), (owner, Some(Rung::LADDER[0])));
        assert_eq!((read.started_at(), read.end()), (time(1_234_567), None));
        let config = read.config();
        assert_eq!(
            (config.name(), config.purpose()),
            (Some("one"), Some("to see"))
        );
        assert_eq!(config.args(), ["-c", "exit"]);
        assert_eq!(config.deadline(), Some(Duration::from_secs(5)));
        assert!(matches!(config.stdin(), Stdin::Written));
        assert!(matches!(config.stdout(), Output::Captured));
        assert!(matches!(config.stderr(), Output::Null));
        assert!(config.lifetime().survives_owner());
        for len in 0..bytes.len() {
            assert_eq!(Note::from_bytes(&bytes[..len]), None, "cut after {len}");
        }
    }

    #[test]
    fn every_end_reads_back() {
        for cause in CAUSES {
            let end = NotedEnd {
                leader: Some(LeaderEnd {
                    exit: Exit::Code(3),
                    at: time(9),
                    cause,
                }),
                failed: None,
                at: time(10),
            };
            let mut note = Note::unknown(Rung::Group);
            note.set_end(&end);
            let note = Note::from_bytes(&note.to_bytes()).unwrap();
            assert_eq!(note.end(), Some(end));
        }
        let (number, signal) = cause_number(Cause::Signal { signal: 12 });
        assert_eq!(cause(number, signal), Cause::Signal { signal: 12 });
    }
}
