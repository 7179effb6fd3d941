//! What a named pipe promises: ours alone, and each side knows the other.

use super::{Connection, Listener, User, connect};
use crate::wine;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(600);

fn name(word: &str) -> OsString {
    format!(r"\\.\pipe\handfast-test-{}-{word}", std::process::id()).into()
}

/// Both ends of one connection within this process.
fn both(word: &str) -> (Connection, Connection) {
    let name = name(word);
    let mut listener = Listener::new(&name).unwrap();
    let connecting = std::thread::spawn(move || connect(&name, LONG).unwrap());
    let served = listener.accept(None).unwrap();
    (served, connecting.join().unwrap())
}

#[test]
fn bytes_go_both_ways_and_the_end_of_one_side_is_seen() {
    let (served, connected) = both("ways");
    let (mut served, mut connected) = (File::from(served.pipe), File::from(connected.pipe));
    connected.write_all(b"there").unwrap();
    let mut bytes = [0; 5];
    served.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"there");
    served.write_all(b"and back").unwrap();
    drop(served);
    let mut rest = Vec::new();
    match connected.read_to_end(&mut rest) {
        Ok(_) => assert_eq!(rest, b"and back"),
        Err(error) => assert_eq!(error.kind(), io::ErrorKind::BrokenPipe),
    }
}

#[test]
fn each_side_knows_the_process_and_the_user_of_the_other() {
    let (served, connected) = both("peer");
    for peer in [served.peer, connected.peer] {
        assert_eq!(peer.pid, std::process::id());
        assert_eq!(peer.user, User::own().unwrap());
        assert!(peer.user.to_string().starts_with("S-1-"));
    }
}

#[test]
fn a_name_that_nobody_has_is_not_found() {
    let refused = connect(&name("nobody"), LONG).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::NotFound);
}

#[test]
fn a_wait_that_is_over_leaves_the_listener_as_it_was() {
    let name = name("patience");
    let mut listener = Listener::new(&name).unwrap();
    let over = listener.accept(Some(Duration::ZERO)).unwrap_err();
    assert_eq!(over.kind(), io::ErrorKind::TimedOut);
    let connected = connect(&name, LONG).unwrap();
    let served = listener.accept(None).unwrap();
    assert_eq!(served.peer, connected.peer);
}

#[test]
fn a_name_that_is_taken_is_refused() {
    if wine::cannot("a_name_that_is_taken_is_refused") {
        return;
    }
    let name = name("taken");
    let _first = Listener::new(&name).unwrap();
    let refused = Listener::new(&name).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
}
