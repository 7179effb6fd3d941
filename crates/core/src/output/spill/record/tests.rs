//! Records against what was written, and against being cut off at any byte.

use super::*;
use crate::output::spill::SpillStatus;
use crate::output::store::Store;
use proptest::prelude::*;
use std::fs::{self, File};
use tempfile::TempDir;

const HEAD_BYTES: u64 = 300;

/// What comes, in pieces: `true` on the error stream.
type Pieces = Vec<(bool, usize)>;

fn stream(err: bool) -> Stream {
    if err { Stream::Stderr } else { Stream::Stdout }
}

fn bytes(number: usize, len: usize) -> Vec<u8> {
    (0..len).map(|place| (place * 7 + number) as u8).collect()
}

fn at(number: usize) -> Duration {
    Duration::from_millis(number as u64 * 3)
}

/// Takes pieces as a stream would give them; answers what had come.
fn take(disk: &Disk, pieces: &Pieces) -> Store {
    let mut store = Store::new(1 << 20);
    for (number, (err, len)) in pieces.iter().enumerate() {
        let all = bytes(number, *len);
        let mut left = &all[..];
        while !left.is_empty() {
            let mut into = vec![0; left.len()];
            let taken = disk.take((stream(*err), at(number)), &mut into, |place| {
                let count = left.len().min(place.most);
                let file = File::from(place.file.try_clone_to_owned().unwrap());
                file.write_all_at(&left[..count], place.offset).unwrap();
                Poll::Ready(Ok(count))
            });
            let Poll::Ready(Ok(count)) = taken else {
                panic!("{taken:?}")
            };
            assert_eq!(into[..count], left[..count]);
            store.push(stream(*err), &left[..count], at(number));
            left = &left[count..];
        }
    }
    store
}

/// Every chunk that is there is what had come at that place, on that stream.
fn check(disk: &Disk, store: &Store) -> u64 {
    let mut read = 0;
    for chunk in disk.all() {
        for segment in &chunk.segments {
            let came = store.read_stream(segment.stream, segment.offset, segment.len);
            assert_eq!(chunk.bytes_of(segment), came.bytes);
        }
        let came = store.read(chunk.offset, chunk.bytes.len());
        assert_eq!((&chunk.bytes, chunk.before), (&came.bytes, came.before));
        read += chunk.bytes.len() as u64;
    }
    read
}

fn pieces() -> impl Strategy<Value = Pieces> {
    prop::collection::vec((any::<bool>(), 1_usize..400), 1..40)
}

fn files(place: &TempDir, kind: &str) -> Vec<std::path::PathBuf> {
    let all = fs::read_dir(place.path()).unwrap();
    let all = all.map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = all
        .filter(|path| path.extension().is_some_and(|it| it == kind))
        .collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_was_taken_is_found_by_the_next(pieces in pieces(), more in pieces()) {
        let place = tempfile::tempdir().unwrap();
        let quota = Quota::new(1 << 30);
        let first = Disk::record(place.path(), &quota, HEAD_BYTES);
        let store = take(&first, &pieces);
        prop_assert_eq!(check(&first, &store), store.totals().sum());
        // It is killed: nothing is finished.
        drop(first);
        let second = Disk::recover(place.path(), &quota, HEAD_BYTES).unwrap();
        prop_assert_eq!(second.totals(), store.totals());
        prop_assert_eq!(check(&second, &store), store.totals().sum());
        let all: Pieces = pieces.iter().chain(&more).copied().collect();
        let again = tempfile::tempdir().unwrap();
        let whole = take(&Disk::record(again.path(), &quota, HEAD_BYTES), &all);
        let _ = take(&second, &more);
        let third = Disk::recover(place.path(), &Quota::new(1 << 30), HEAD_BYTES).unwrap();
        prop_assert_eq!(third.totals(), whole.totals());
    }

    #[test]
    fn a_file_that_was_cut_costs_what_was_behind(
        pieces in pieces(),
        at in any::<prop::sample::Index>(),
        bytes in any::<bool>(),
    ) {
        let place = tempfile::tempdir().unwrap();
        let quota = Quota::new(1 << 30);
        let store = take(&Disk::record(place.path(), &quota, HEAD_BYTES), &pieces);
        let kind = if bytes { "bytes" } else { "marks" };
        let last = files(&place, kind).pop().unwrap();
        let file = File::options().write(true).open(&last).unwrap();
        let len = file.metadata().unwrap().len();
        let cut = at.index(usize::try_from(len).unwrap() + 1) as u64;
        file.set_len(cut).unwrap();
        let found = Disk::recover(place.path(), &quota, HEAD_BYTES).unwrap();
        let read = check(&found, &store);
        prop_assert!(read <= store.totals().sum());
        prop_assert_eq!(found.totals().sum(), read);
        if bytes {
            prop_assert_eq!(read, cut);
        }
    }
}

#[test]
fn the_beginning_goes_last_and_a_gap_is_known() {
    let place = tempfile::tempdir().unwrap();
    let quota = Quota::new(40_000);
    let disk = Disk::record(place.path(), &quota, HEAD_BYTES);
    let store = take(&disk, &vec![(false, 150_000)]);
    assert!(quota.used() <= quota.limit());
    let SpillStatus {
        on_disk, dropped, ..
    } = disk.status();
    assert_eq!(on_disk + dropped, 150_000);
    assert!(dropped > 0);
    let kept = check(&disk, &store);
    assert_eq!(
        disk.read(0, 10).unwrap().offset,
        0,
        "the beginning is there"
    );
    drop(disk);
    let found = Disk::recover(place.path(), &Quota::new(40_000), HEAD_BYTES).unwrap();
    assert_eq!(found.totals(), store.totals());
    assert_eq!(check(&found, &store), kept);
    let shared = Shared::restored(1 << 20, (&[], std::time::SystemTime::now()), &found);
    let status = shared.status();
    assert_eq!(status.totals, store.totals());
    // What is not there is counted; the rest is read.
    let read: u64 = {
        let (mut from, mut read) = (0, 0);
        shared.with(|state| {
            loop {
                let chunk = state.store.read(from, 1 << 20);
                if chunk.bytes.is_empty() {
                    break;
                }
                read += chunk.bytes.len() as u64;
                from = chunk.next.offset();
            }
        });
        read
    };
    assert_eq!(read + status.omitted.sum(), 150_000);
}

#[test]
fn a_disk_that_refuses_is_counted_and_gone_on_without() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::record(place.path(), &Quota::new(10), HEAD_BYTES);
    let mut into = [0; 16];
    let taken = disk.take((Stream::Stdout, at(0)), &mut into, |_| {
        panic!("nothing is asked for where nothing can be put")
    });
    assert!(
        matches!(taken, Poll::Ready(Err(Refused::Disk(_)))),
        "{taken:?}"
    );
    disk.missed(Stream::Stdout, 16, &io::Error::other("full"));
    assert_eq!((disk.status().missed, disk.totals().stdout), (16, 16));
}

/// Killed while it makes a segment, at each step of that: what comes next is there all the same.
#[test]
fn a_segment_that_was_being_made_is_no_hindrance_to_the_next() {
    for (has_bytes, marks) in [
        (true, None),
        (true, Some(&[0_u8; 5][..])),
        (false, Some(&[])),
    ] {
        let place = tempfile::tempdir().unwrap();
        let quota = Quota::new(1 << 20);
        let mut store = take(
            &Disk::record(place.path(), &quota, HEAD_BYTES),
            &vec![(false, 9)],
        );
        if has_bytes {
            fs::write(place.path().join(format!("{:020}.bytes", 9)), "").unwrap();
        }
        if let Some(marks) = marks {
            fs::write(place.path().join(format!("{:020}.marks", 9)), marks).unwrap();
        }
        let next = Disk::recover(place.path(), &quota, HEAD_BYTES).unwrap();
        assert_eq!((check(&next, &store), next.totals()), (9, store.totals()));
        let _ = take(&next, &vec![(true, 7)]);
        store.push(Stream::Stderr, &bytes(0, 7), at(0));
        assert_eq!((check(&next, &store), next.status().missed), (16, 0));
    }
}

/// A segment that is open for writing is two descriptors. The kernel's list of them is Linux's.
#[cfg(target_os = "linux")]
#[test]
fn nothing_stays_open_once_no_more_can_come() {
    let place = tempfile::tempdir().unwrap();
    let disk = Disk::record(place.path(), &Quota::new(1 << 20), HEAD_BYTES);
    let store = take(&disk, &vec![(false, 9)]);
    assert_eq!(open_in(&place), 2, "the control");
    disk.finish();
    assert_eq!(open_in(&place), 0);
    assert_eq!(check(&disk, &store), 9);
}

/// How many descriptors of this program are of files in a place.
#[cfg(target_os = "linux")]
fn open_in(place: &TempDir) -> usize {
    let links = fs::read_dir("/proc/self/fd").unwrap();
    let links = links.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    links.filter(|link| link.starts_with(place.path())).count()
}
