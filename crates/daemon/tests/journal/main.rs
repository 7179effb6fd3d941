//! What is kept of processes, by the files that a daemon leaves behind.

#![cfg(unix)]
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "a test says what was wrong by ending")]

use handfast::ProcessHandle;
use handfast_daemon::journal::{
    Bounds, ConfigEntry, EventEntry, Journal, JournalError, Kept, Spoiled,
};
use handfast_daemon::wire::{LifetimeName, Word};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

const FILES: [&str; 2] = ["config", "events"];

fn handle(number: u8) -> ProcessHandle {
    let text = format!("6f1c0b1e-94d2-8a77-8000-0000000000{number:02x}");
    text.parse().unwrap()
}

fn config(handle: ProcessHandle) -> ConfigEntry {
    ConfigEntry {
        process_id: "web".into(),
        handle: handle.to_string(),
        owner: "user".into(),
        name: None,
        argv: vec![Word::from("sleep"), Word::from(&b"\xff"[..])],
        cwd: None,
        env_keys: vec!["PATH".into()],
        tty: false,
        lifetime: LifetimeName::Lease { ms: 5 },
        started_at_ms: 1,
        rung: "cgroup".into(),
        grade: "kernel".into(),
        request_key: None,
    }
}

fn event(at_ms: u64) -> EventEntry {
    EventEntry {
        at_ms,
        word: "renewed".into(),
        about: serde_json::json!({"by": "user"}),
    }
}

/// Writes some of everything.
fn write(journal: &Journal, handle: ProcessHandle) {
    let mut folder = journal.begin(handle, &config(handle)).unwrap();
    (1..4).for_each(|at| folder.event(&event(at)).unwrap());
}

#[test]
fn what_was_written_is_read_by_the_next_daemon() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("journal");
    let one = handle(1);
    let journal = Journal::open(&path).unwrap();
    assert_eq!(Journal::open(&path).unwrap_err().code(), "journal.taken");
    assert!(journal.read(one).is_none());
    write(&journal, one);
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    let kept = Kept {
        config: Some(config(one)),
        events: (1..4).map(event).collect(),
        spoiled: Vec::new(),
    };
    assert_eq!(journal.read(one), Some(kept));
    assert_eq!(journal.handles().unwrap(), [one]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = path.join(one.to_string());
    assert_eq!((mode(&path), mode(&folder)), (0o700, 0o700));
    for file in FILES {
        assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
    }
}

/// Every byte of every file is cut off and changed once.
#[test]
fn a_damaged_file_costs_its_last_record_only_and_says_so() {
    let above = tempfile::tempdir().unwrap();
    let journal = Journal::open(&above.path().join("journal")).unwrap();
    let one = handle(1);
    write(&journal, one);
    let whole = journal.read(one).unwrap();
    let folder = above.path().join("journal").join(one.to_string());
    for name in FILES {
        let path = folder.join(name);
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            for damaged in [&bytes[..at], &changed] {
                fs::write(&path, damaged).unwrap();
                let read = journal.read(one).unwrap();
                let of = |spoiled: &&Spoiled| spoiled.file == name;
                let said = read.spoiled.iter().filter(of).count();
                // Where it was cut between two records there is nothing to see.
                let between =
                    damaged.is_empty() || damaged.ends_with(b"\n") && damaged.len() < bytes.len();
                assert!(said == 1 || between, "{name} at {at}: {read:?}");
                assert!(read != whole, "{name} at {at}");
                assert_eq!(read.events[..], whole.events[..read.events.len()]);
                // No other file is concerned.
                assert!(name == "config" || read.config == whole.config);
                assert!(name == "events" || read.events == whole.events);
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert_eq!(journal.read(one).unwrap(), whole);
}

#[test]
fn whoever_goes_on_writes_after_what_is_whole() {
    let above = tempfile::tempdir().unwrap();
    let journal = Journal::open(&above.path().join("journal")).unwrap();
    let one = handle(1);
    write(&journal, one);
    let folder = above.path().join("journal").join(one.to_string());
    let bytes = fs::read(folder.join("events")).unwrap();
    fs::write(folder.join("events"), &bytes[..bytes.len() - 1]).unwrap();
    let mut again = journal.resume(one).unwrap();
    again.event(&event(9)).unwrap();
    let kept = journal.read(one).unwrap();
    let at: Vec<u64> = kept.events.iter().map(|event| event.at_ms).collect();
    assert_eq!((at, kept.spoiled.len()), (vec![1, 2, 9], 0));
}

#[test]
fn a_sweep_takes_what_is_too_old_or_too_much_and_says_what_it_left() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("journal");
    let journal = Journal::open(&path).unwrap();
    (1..4).for_each(|number| write(&journal, handle(number)));
    fs::write(path.join("stranger"), "").unwrap();
    let lives = |other| other == handle(2);
    let now = SystemTime::now();
    let nothing = journal.sweep(Bounds::default(), now, lives).unwrap();
    assert_eq!((nothing.removed.len(), nothing.left.len()), (0, 1));
    assert!(nothing.bytes > 0);
    let later = now + Duration::from_secs(8 * 24 * 60 * 60);
    let mut swept = journal.sweep(Bounds::default(), later, lives).unwrap();
    swept.removed.sort_unstable();
    assert_eq!(swept.removed, [handle(1), handle(3)]);
    assert_eq!(journal.handles().unwrap(), [handle(2)]);
    assert!(journal.read(handle(2)).unwrap().spoiled.is_empty());
}

#[test]
fn a_journal_that_others_may_read_is_closed_to_them_and_a_link_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let (real, link) = (above.path().join("real"), above.path().join("link"));
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let Err(JournalError::Folder(_)) = Journal::open(&link) else {
        panic!("a link was followed")
    };
    assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
}
