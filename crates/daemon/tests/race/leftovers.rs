//! What lies in the folder before a start, by accident or on purpose.

use super::crowd::{Sitter, race};
use handfast_daemon::Place;
use handfast_daemon::connect::{ConnectError, connect};
use handfast_daemon::listen::{Claimed, ListenError, claim};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

/// What may lie there when a daemon is to start.
type Leftover = fn(&Path, &Path);

const LEFTOVERS: &[(&str, Leftover)] = &[
    ("nothing", |_, _| {}),
    ("an empty folder", |folder, _| {
        fs::create_dir(folder).unwrap()
    }),
    ("a folder that is open to others", |folder, _| {
        fs::create_dir(folder).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    }),
    ("locks without a socket", |folder, _| {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("lock"), "").unwrap();
        fs::write(folder.join("starting"), "").unwrap();
    }),
    ("a stale socket without locks", |folder, _| {
        fs::create_dir(folder).unwrap();
        drop(UnixListener::bind(folder.join("socket")).unwrap());
    }),
    ("a start that was cut off", |folder, _| {
        fs::create_dir(folder).unwrap();
        drop(UnixListener::bind(folder.join("socket.new")).unwrap());
    }),
    ("a file in the place of the socket", |folder, _| {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("socket"), "x").unwrap();
    }),
    ("links in the place of the sockets", |folder, target| {
        fs::create_dir(folder).unwrap();
        symlink(target, folder.join("socket")).unwrap();
        symlink(target, folder.join("socket.new")).unwrap();
    }),
];

#[test]
fn whatever_was_left_behind_one_daemon_starts_and_is_reached() {
    for (what, leave) in LEFTOVERS {
        let above = tempfile::tempdir().unwrap();
        let (folder, target) = (above.path().join("daemon"), above.path().join("target"));
        fs::write(&target, "mine").unwrap();
        leave(&folder, &target);
        let mut daemon = race((0..3).map(|_| Sitter::waiting(&folder)).collect());
        let (_, peer) =
            connect(&Place::at(&folder)).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(peer.pid, daemon.pid(), "{what}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "mine", "{what}");
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700, "{what}");
        daemon.kill();
    }
}

#[test]
fn a_folder_that_is_a_trap_is_refused_and_nothing_is_put_there() {
    let above = tempfile::tempdir().unwrap();
    let (folder, elsewhere) = (above.path().join("daemon"), above.path().join("elsewhere"));
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    let refused = claim(&Place::at(&folder)).unwrap_err();
    assert_eq!(refused.code(), "listen.folder-not-private");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert!(matches!(
        connect(&Place::at(&folder)),
        Err(ConnectError::Folder(_))
    ));

    let inside = elsewhere.join("lock");
    symlink(above.path().join("nowhere"), inside).unwrap();
    let refused = claim(&Place::at(&elsewhere)).unwrap_err();
    assert!(matches!(refused, ListenError::System { .. }), "{refused}");
    assert!(!above.path().join("nowhere").exists());
}

#[test]
fn a_daemon_that_left_in_order_leaves_no_socket() {
    let above = tempfile::tempdir().unwrap();
    let place = Place::at(above.path().join("daemon"));
    let Claimed::Ours(seat) = claim(&place).unwrap() else {
        panic!("the seat was free")
    };
    let socket = place.path().join("socket");
    assert!(socket.exists());
    let gone = seat.leave(|| !socket.exists());
    assert!(gone);
    assert!(matches!(
        connect(&place),
        Err(ConnectError::NoDaemon { .. })
    ));
    assert!(matches!(claim(&place).unwrap(), Claimed::Ours(_)));
}

/// A stale socket is nobody's; that the lock decides is seen where the socket is gone and the daemon lives.
#[test]
fn the_lock_decides_and_not_the_socket() {
    let above = tempfile::tempdir().unwrap();
    let place = Place::at(above.path().join("daemon"));
    let Claimed::Ours(seat) = claim(&place).unwrap() else {
        panic!("the seat was free")
    };
    fs::remove_file(place.path().join("socket")).unwrap();
    assert!(matches!(claim(&place).unwrap(), Claimed::Taken));
    drop(seat);
    assert!(matches!(claim(&place).unwrap(), Claimed::Ours(_)));
}
