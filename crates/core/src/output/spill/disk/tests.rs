//! Disks against what was written to them.

use super::*;
use crate::config::Stream;
use crate::output::Counts;
use crate::output::store::Store;
use proptest::prelude::*;
use std::time::Duration;
use tempfile::TempDir;

fn place() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A store that keeps everything, from which chunks for disks come.
fn everything(pieces: &[(bool, usize)]) -> Store {
    let mut store = Store::new(1 << 20);
    for (number, (err, len)) in pieces.iter().enumerate() {
        let stream = if *err { Stream::Stderr } else { Stream::Stdout };
        let bytes: Vec<u8> = (0..*len).map(|place| (place * 7 + number) as u8).collect();
        store.push(stream, &bytes, Duration::from_millis(number as u64 * 3));
    }
    store
}

/// Writes all of a store, in pieces; every `missed`th is never shown to the disk.
fn write(disk: &Disk, store: &Store, missed: usize) {
    let (mut from, mut number) = (0, 0);
    loop {
        let mut chunk = store.read(from, disk.piece());
        if chunk.bytes.is_empty() {
            break;
        }
        number += 1;
        let next = chunk.next.offset();
        if missed > 0 && number % missed == 0 && next < store.totals().sum() {
            let after = store.read(next, disk.piece());
            chunk = Chunk {
                omitted_before: next - from,
                ..after
            };
        }
        from = chunk.next.offset();
        disk.append(&chunk);
    }
}

/// Reads all that is there; answers how many bytes were, and checks each.
fn read_all(disk: &Disk, store: &Store, limit: usize) -> (u64, u64) {
    let (mut from, mut got, mut omitted) = (0, 0, 0);
    while let Some(chunk) = disk.read(from, limit) {
        let expected = store.read(chunk.offset, chunk.bytes.len());
        assert_eq!(chunk.bytes, expected.bytes);
        assert_eq!((chunk.before, chunk.next), (expected.before, expected.next));
        let whose = |chunk: &Chunk| -> Vec<_> {
            let each = chunk.segments.iter();
            each.flat_map(|part| (0..part.len as u64).map(|n| (part.stream, part.offset + n)))
                .collect()
        };
        assert_eq!(whose(&chunk), whose(&expected));
        assert_eq!(chunk.offset, from + chunk.omitted_before);
        got += chunk.bytes.len() as u64;
        omitted += chunk.omitted_before;
        from = chunk.next.offset();
    }
    (got, omitted + store.totals().sum() - from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_read_what_was_dropped_and_what_was_missed_is_all(
        pieces in prop::collection::vec((any::<bool>(), 1_usize..400), 0..40),
        (segment, limit) in (100_u64..3000, 400_u64..20_000),
        (missed, read) in (0_usize..5, 1_usize..700),
    ) {
        let place = place();
        let quota = Quota::new(limit);
        let disk = Disk::new(&Spill::into(place.path(), &quota).segment(segment));
        let store = everything(&pieces);
        write(&disk, &store, missed);
        let (got, omitted) = read_all(&disk, &store, read);
        let status = disk.status();
        prop_assert_eq!(status.error, None);
        prop_assert_eq!(got, status.on_disk);
        prop_assert_eq!(omitted, status.dropped + status.missed);
        prop_assert_eq!(got + omitted, store.totals().sum());
        prop_assert!(quota.used() <= quota.limit());
        drop(disk);
        prop_assert_eq!(quota.used(), 0);
        prop_assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn files_are_private_and_stay_within_the_quota() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let quota = Quota::new(10_000);
    let disk = Disk::new(&Spill::into(place.path(), &quota));
    write(&disk, &everything(&[(false, 50_000)]), 0);
    let directory = disk.status().directory.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    let mut sum = 0;
    for entry in fs::read_dir(&directory).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != LOCK {
            assert_eq!(mode(&entry.path()), 0o600);
            sum += entry.metadata().unwrap().len();
        }
    }
    assert!(sum <= 10_000 && sum == quota.used(), "{sum}");
}

#[test]
fn two_stores_share_one_quota_and_the_oldest_goes() {
    let place = place();
    let quota = Quota::new(4000);
    let spill = Spill::into(place.path(), &quota);
    let (old, new) = (Disk::new(&spill), Disk::new(&spill));
    let store = everything(&[(false, 2000)]);
    write(&old, &store, 0);
    assert_eq!(old.status().dropped, 0);
    write(&new, &everything(&[(false, 10_000)]), 0);
    assert_eq!((old.status().on_disk, old.status().dropped), (0, 2000));
    assert!(old.read(0, 100).is_none());
    assert!(new.status().on_disk > 2000 && new.status().dropped > 5000);
    new.forget_dropped();
    let left = lock(&new.segments)
        .iter()
        .map(|(_, it)| it.cost())
        .sum::<u64>();
    assert_eq!(quota.used(), left);
}

#[test]
fn a_disk_that_refuses_is_an_attribute() {
    let place = place();
    let disk = Disk::new(&Spill::into(
        place.path().join("missing"),
        &Quota::new(1 << 20),
    ));
    write(&disk, &everything(&[(false, 500)]), 0);
    let status = disk.status();
    assert_eq!(
        (status.missed, status.on_disk, status.directory),
        (500, 0, None)
    );
    assert!(status.error.is_some());
    assert!(disk.read(0, 10).is_none());
    // It is asked again, so one that comes back is used.
    fs::create_dir(place.path().join("missing")).unwrap();
    let later = everything(&[(true, 600)]).read(500, 10);
    disk.append(&Chunk {
        omitted_before: 0,
        ..later
    });
    assert_eq!(disk.status().on_disk, 10);
    assert_eq!(disk.read(0, 100).unwrap().offset, 500);

    let none = Disk::new(&Spill::into(place.path(), &Quota::new(0)));
    write(&none, &everything(&[(false, 5)]), 0);
    assert_eq!((none.status().missed, none.status().on_disk), (5, 0));
}

#[test]
fn files_that_somebody_removed_are_a_gap() {
    let place = place();
    let disk = Disk::new(&Spill::into(place.path(), &Quota::new(1 << 20)).segment(1000));
    let store = everything(&[(false, 5000)]);
    write(&disk, &store, 0);
    let directory = disk.status().directory.unwrap();
    fs::remove_file(directory.join(format!("{:020}.bytes", 0))).unwrap();
    let (got, omitted) = read_all(&disk, &store, 100);
    assert_eq!(
        (got, omitted),
        (disk.status().on_disk, disk.status().dropped)
    );
    assert!(omitted > 0 && got > 0);
}

#[test]
fn what_a_killed_program_left_is_swept_and_nothing_else() {
    let place = place();
    let quota = Quota::new(1 << 20);
    let store = everything(&[(false, 10)]);
    let spill = Spill::into(place.path(), &quota);
    let (dead, alive) = (Disk::new(&spill), Disk::new(&spill));
    let kept = Disk::new(&spill.clone().keep_files());
    for disk in [&dead, &alive, &kept] {
        write(disk, &store, 0);
    }
    let kept_in = kept.status().directory.unwrap();
    drop(kept);
    fs::create_dir(place.path().join("a stranger")).unwrap();
    assert_eq!(Spill::sweep(place.path()).unwrap(), 0);
    // As if the program were gone: the kernel closes its files and gives its lock back.
    drop(lock(&dead.writer).take());
    lock(&dead.place).as_mut().unwrap()._lock = None;
    assert_eq!(Spill::sweep(place.path()).unwrap(), 1);
    assert!(!dead.status().directory.unwrap().exists());
    assert_eq!(read_all(&alive, &store, 100), (10, 0));
    assert_eq!(
        fs::read(kept_in.join(format!("{:020}.bytes", 0)))
            .unwrap()
            .len(),
        10
    );
}

#[test]
fn whose_a_byte_is_survives_any_turns_and_the_cost_is_bounded() {
    let place = place();
    let disk = Disk::new(&Spill::into(place.path(), &Quota::new(1 << 24)));
    let pieces: Vec<_> = (0..20_000).map(|number| (number % 2 == 0, 1)).collect();
    let store = everything(&pieces);
    write(&disk, &store, 0);
    let end = disk.read(9_999, 2).unwrap();
    let counts = Counts {
        stdout: 4_999,
        stderr: 5_000,
        terminal: 0,
    };
    assert_eq!((end.before, end.segments.len()), (counts, 2));
    assert_eq!(
        disk.status().on_disk,
        store.read(0, usize::MAX).bytes.len() as u64
    );
}

/// Two owners below a third one, and the third's own: nobody's sum is ever above a limit.
#[test]
fn what_is_in_a_part_of_a_quota_is_in_the_whole_too() {
    let place = place();
    let whole = Quota::new(6000);
    let parts = [whole.below(4000), whole.below(5000), whole.clone()];
    let spill = |quota| Spill::into(place.path(), quota).segment(500);
    let disks = parts.each_ref().map(|quota| Disk::new(&spill(quota)));
    let store = everything(&[(false, 20_000)]);
    let sum = || disks.iter().map(|disk| disk.status().on_disk).sum::<u64>();
    for turn in 0..30 {
        let chunk = store.read(turn * 500, 500);
        let disk = &disks[turn as usize % 3];
        // Each begins where it is, as if it had missed what the others have.
        disk.append(&Chunk {
            omitted_before: if turn < 3 { 0 } else { 1000 },
            ..chunk
        });
        assert!(parts.iter().all(|quota| quota.used() <= quota.limit()));
        assert!(sum() <= 6000);
    }
    assert!(whole.used() > 3000, "the control: it was filled");
    assert!(parts[0].used() > 0 && parts[0].used() < whole.used());
    assert_eq!((parts[0].least(), parts[1].least()), (4000, 5000));
    assert_eq!(whole.below(9000).least(), 6000);
    drop(disks);
    assert!(parts.iter().all(|quota| quota.used() == 0));
}
