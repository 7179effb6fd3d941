//! Those who read and write while the daemon is killed, and what they know by then.

use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;
use std::collections::BTreeMap;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What was said of a process.
#[derive(Default)]
pub(crate) struct Told {
    /// What it has said, as the one who has read the most of it was told.
    pub(crate) chunks: Vec<OutputChunk>,
    /// How many lines were taken for it.
    pub(crate) lines: u64,
}

impl Told {
    pub(crate) fn bytes(&self) -> u64 {
        let bytes = self.chunks.iter().map(|chunk| chunk.chunk.0.len() as u64);
        bytes.sum()
    }
}

type Known = BTreeMap<String, Told>;

pub(crate) struct AtWork {
    tasks: JoinSet<Known>,
    answers: watch::Sender<u64>,
}

impl Default for AtWork {
    fn default() -> AtWork {
        AtWork {
            tasks: JoinSet::new(),
            answers: watch::Sender::new(0),
        }
    }
}

impl AtWork {
    /// One who tells all of these to begin.
    pub(crate) fn begin(&mut self, client: Client, names: Vec<String>) {
        let answers = self.answers.clone();
        self.tasks.spawn(async move {
            for process_id in names {
                let write = Write {
                    process_id,
                    chunk: Bytes::from(&b"go\n"[..]),
                    write_id: None,
                    wait_ms: None,
                };
                if client.call(&write).await.is_err() {
                    break;
                }
                answers.send_modify(|count| *count += 1);
            }
            Known::new()
        });
    }

    /// One who reads all of these, again and again.
    pub(crate) fn read(&mut self, client: Client, names: Vec<String>) {
        let answers = self.answers.clone();
        self.tasks.spawn(async move {
            let mut known = Known::new();
            for name in names.iter().cycle() {
                let told = known.entry(name.clone()).or_default();
                let read = Read {
                    process_id: name.clone(),
                    after_seq: told.chunks.last().map_or(0, |chunk| chunk.seq),
                    max_bytes: None,
                    wait_ms: 0,
                };
                let Ok(answer) = client.call(&read).await else {
                    break;
                };
                told.chunks.extend(answer.chunks);
                answers.send_modify(|count| *count += 1);
            }
            known
        });
    }

    /// One who writes lines to all of these, counted for each.
    pub(crate) fn write(&mut self, client: Client, names: Vec<String>) {
        let answers = self.answers.clone();
        self.tasks.spawn(async move {
            let mut known = Known::new();
            for name in names.iter().cycle() {
                let told = known.entry(name.clone()).or_default();
                let write = Write {
                    process_id: name.clone(),
                    chunk: Bytes::from(format!("{}\n", told.lines).as_bytes()),
                    write_id: None,
                    wait_ms: None,
                };
                match client.call(&write).await {
                    Ok(answer) => assert_eq!(answer.status, WriteStatus::Accepted),
                    Err(_) => break,
                }
                told.lines += 1;
                answers.send_modify(|count| *count += 1);
            }
            known
        });
    }

    /// Waits until so many answers have come.
    pub(crate) async fn answered(&self, count: u64) {
        let mut answers = self.answers.subscribe();
        answers.wait_for(|now| *now >= count).await.unwrap();
    }

    /// What all of them know, once their daemon is gone.
    pub(crate) async fn over(mut self) -> Known {
        let mut all = Known::new();
        while let Some(known) = self.tasks.join_next().await {
            for (name, told) in known.unwrap() {
                let entry = all.entry(name).or_default();
                entry.lines = entry.lines.max(told.lines);
                if told.bytes() > entry.bytes() {
                    entry.chunks = told.chunks;
                }
            }
        }
        all
    }
}
