//! The folder of one process: written by the daemon that has it, read by whichever comes next.

use super::entry::{ConfigEntry, EventEntry};
use super::record::{Damage, Why, record, records};
use handfast_sys::files::private;
use serde::de::DeserializeOwned;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const CONFIG: &str = "config";
const EVENTS: &str = "events";

/// How long the events of one process may become, in bytes. Later ones are not written.
const EVENTS_BYTES: u64 = 1024 * 1024;

/// Writes what becomes of a process.
#[derive(Debug)]
pub struct ProcessFolder {
    path: PathBuf,
    /// Made with the first event: most processes have none, and a file costs as much as all the rest.
    events: Option<Events>,
}

#[derive(Debug)]
struct Events {
    file: File,
    bytes: u64,
}

/// A file that is not whole, or not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoiled {
    /// Which.
    pub file: String,
    /// What is wrong with it; `None` where it could not be read at all.
    pub damage: Option<Damage>,
}

/// What is kept of a process.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Kept {
    /// What was asked for.
    pub config: Option<ConfigEntry>,
    /// What happened to it.
    pub events: Vec<EventEntry>,
    /// Files that are not whole: what is missing here.
    pub spoiled: Vec<Spoiled>,
}

impl ProcessFolder {
    /// Begins the folder of a new process, in a folder that is there and has nothing. A half of the one record is
    /// known by its checksum, so it is written in its place.
    pub(super) fn begin(path: &Path, config: &ConfigEntry) -> io::Result<ProcessFolder> {
        let mut options = OpenOptions::new();
        let options = private(options.write(true).create(true).truncate(true));
        let payload = serde_json::to_vec(config)?;
        options
            .open(path.join(CONFIG))?
            .write_all(&record(&payload))?;
        Ok(ProcessFolder {
            path: path.to_owned(),
            events: None,
        })
    }

    /// Goes on where another daemon was cut off: what is damaged at the end of a file is taken away.
    pub(super) fn resume(path: &Path) -> io::Result<ProcessFolder> {
        Ok(ProcessFolder {
            path: path.to_owned(),
            events: Some(Events::open(path)?),
        })
    }

    /// Says that something has happened. Past 1 MiB of events nothing is written any more.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn event(&mut self, event: &EventEntry) -> io::Result<()> {
        let record = record(&serde_json::to_vec(event)?);
        let events = match &mut self.events {
            Some(events) => events,
            none => none.insert(Events::open(&self.path)?),
        };
        if events.bytes + record.len() as u64 > EVENTS_BYTES {
            return Ok(());
        }
        events.bytes += record.len() as u64;
        events.file.write_all(&record)
    }
}

impl Events {
    fn open(path: &Path) -> io::Result<Events> {
        let mut options = OpenOptions::new();
        let options = private(options.read(true).append(true).create(true));
        let mut file = options.open(path.join(EVENTS))?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut file)
            .take(EVENTS_BYTES * 2)
            .read_to_end(&mut bytes)?;
        let whole = records(&bytes).1.map(|damage| damage.at);
        if let Some(whole) = whole {
            file.set_len(whole as u64)?;
        }
        let bytes = whole.unwrap_or(bytes.len()) as u64;
        Ok(Events { file, bytes })
    }
}

/// Writes a file of one record beside and renames it, so that nobody reads a half of it.
pub(crate) fn replace(path: &Path, payload: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    let options = private(options.write(true).create(true).truncate(true));
    options.open(&new)?.write_all(&record(payload))?;
    fs::rename(&new, path)
}

/// Reads what is kept of a process; what is damaged is said and left out.
pub(super) fn read(folder: &Path) -> Kept {
    let mut spoiled = Vec::new();
    let config = entries(folder, CONFIG, &mut spoiled).pop();
    let events = entries(folder, EVENTS, &mut spoiled);
    Kept {
        config,
        events,
        spoiled,
    }
}

fn entries<T: DeserializeOwned>(folder: &Path, name: &str, spoiled: &mut Vec<Spoiled>) -> Vec<T> {
    let mut note = |damage| {
        let file = name.to_owned();
        spoiled.push(Spoiled { file, damage });
    };
    let bytes = match bytes(&folder.join(name)) {
        Ok(bytes) => bytes,
        // Nothing has happened yet.
        Err(error) if name == EVENTS && error.kind() == io::ErrorKind::NotFound => {
            return Vec::new();
        }
        Err(_) => {
            note(None);
            return Vec::new();
        }
    };
    let (payloads, damage) = records(&bytes);
    if damage.is_some() {
        note(damage);
    }
    let mut entries = Vec::new();
    let mut at = 0;
    for payload in payloads {
        match serde_json::from_slice(payload) {
            Ok(entry) => entries.push(entry),
            Err(_) => {
                let (lost, why) = (payload.len(), Why::Form);
                note(Some(Damage { at, lost, why }));
            }
        }
        at += record(payload).len();
    }
    entries
}

/// A file, as far as one of ours can go.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(EVENTS_BYTES * 2).read_to_end(&mut bytes)?;
    Ok(bytes)
}
