//! What can be seen of a pair without being its session; the rest is tested by `handfast run`.

use super::*;
use std::fs::File;
use std::io::{Read, Write};

#[test]
fn a_pair_is_connected_and_named_as_one_terminal() {
    let pair = open_pair().unwrap();
    let other = open_pair().unwrap();
    assert!(is_same(pair.slave.as_fd(), pair.slave.as_fd()));
    assert!(!is_same(pair.slave.as_fd(), other.slave.as_fd()));
    let file = File::open("/dev/null").unwrap();
    assert!(!is_same(file.as_fd(), file.as_fd()));
    let again = reopen(pair.slave.as_fd()).unwrap();
    assert!(again.own);
    File::from(again.descriptor).write_all(b"hello").unwrap();
    let mut said = [0; 5];
    File::from(pair.master).read_exact(&mut said).unwrap();
    assert_eq!(&said, b"hello");
}

#[test]
fn size_and_modes_are_copied() {
    let (one, other) = (open_pair().unwrap(), open_pair().unwrap());
    let size_set = Size {
        rows: 33,
        columns: 77,
        width: 5,
        height: 6,
    };
    set_size(one.slave.as_fd(), size_set).unwrap();
    let raw = os::raw(&os::modes(one.slave.as_fd()).unwrap());
    assert!(os::change_modes(one.slave.as_fd(), &raw).unwrap());
    copy_look(one.slave.as_fd(), other.slave.as_fd()).unwrap();
    assert_eq!(size(other.master.as_fd()).unwrap(), size_set);
    let copied = os::modes(other.slave.as_fd()).unwrap();
    assert_eq!(copied.local_modes, raw.local_modes);
}

#[test]
fn raw_mode_is_left_when_it_is_dropped_also_in_a_panic() {
    let pair = open_pair().unwrap();
    let now = || os::modes(pair.slave.as_fd()).unwrap().local_modes;
    let before = now();
    let result = std::thread::scope(|scope| {
        let raw = scope.spawn(|| {
            let mut raw = RawMode::new(pair.slave.try_clone().unwrap());
            assert!(raw.enter().unwrap());
            // The second time nothing of the caller's is left to be saved.
            assert!(raw.enter().unwrap());
            assert_ne!(now(), before);
            panic!("on purpose");
        });
        raw.join()
    });
    assert!(result.is_err());
    assert_eq!(now(), before);
}

#[test]
fn the_end_of_the_other_side_is_seen() {
    let pair = open_pair().unwrap();
    assert!(!is_hung_up(pair.slave.as_fd()));
    drop(pair.master);
    assert!(is_hung_up(pair.slave.as_fd()));
}

#[test]
fn only_stop_signals_suspend() {
    for signal in [libc::SIGTERM, libc::SIGSTOP, 0] {
        assert!(suspend_group(signal).is_err());
    }
}
