//! Folders that are private, and those that only look so.

use super::*;
use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn a_folder_is_made_private_and_one_of_ours_is_closed_to_others() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("made");
    let folder = Folder::open_or_make(&path).unwrap();
    assert_eq!(mode(folder.path()), 0o700);
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(
        Folder::open(&path),
        Err(FolderError::Open { mode: 0o755, .. })
    ));
    Folder::open_or_make(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    assert!(Folder::open(&path).is_ok());
}

#[test]
fn what_is_no_folder_of_ours_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let at = |name: &str| above.path().join(name);
    fs::create_dir(at("real")).unwrap();
    symlink(at("real"), at("link")).unwrap();
    symlink(at("nowhere"), at("broken")).unwrap();
    fs::write(at("file"), "").unwrap();
    for name in ["link", "broken", "file"] {
        let refused = Folder::open_or_make(&at(name));
        assert!(
            matches!(refused, Err(FolderError::NoFolder { .. })),
            "{name}: {refused:?}"
        );
    }
    assert_eq!(mode(&at("real")) & 0o700, 0o700);
    assert!(!at("nowhere").exists());
    assert!(Folder::open_or_make(Path::new("relative")).is_err());
    let missing = Folder::open(&at("missing"));
    assert!(matches!(
        missing,
        Err(FolderError::System {
            attempt: "open",
            ..
        })
    ));
}

#[test]
fn a_folder_in_a_place_where_others_may_write_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let open = above.path().join("open");
    fs::create_dir(&open).unwrap();
    for (mode, is_trusted) in [
        (0o777, false),
        (0o770, false),
        (0o1777, true),
        (0o755, true),
    ] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        let made = Folder::open_or_make(&open.join("in it"));
        assert_eq!(made.is_ok(), is_trusted, "{mode:o}: {made:?}");
    }
}

#[test]
fn a_socket_takes_the_place_of_a_stale_one_and_its_path_may_be_long() {
    let above = tempfile::tempdir().unwrap();
    let length = if cfg!(target_os = "linux") { 200 } else { 8 };
    let long = above.path().join("x".repeat(length));
    let folder = Folder::open_or_make(&long).unwrap();
    let none = folder.connect("socket").unwrap_err();
    assert_eq!(none.kind(), io::ErrorKind::NotFound);
    drop(folder.listen("socket").unwrap());
    let stale = folder.connect("socket").unwrap_err();
    assert_eq!(stale.kind(), io::ErrorKind::ConnectionRefused);

    let listener = folder.listen("socket").unwrap();
    assert_eq!(mode(&long.join("socket")), 0o600);
    let mut ours = folder.connect("socket").unwrap();
    let mut theirs = listener.accept().unwrap();
    ours.write_all(b"x").unwrap();
    drop(ours);
    let mut said = String::new();
    theirs.read_to_string(&mut said).unwrap();
    assert_eq!(said, "x");
    folder.remove("socket").unwrap();
    folder.remove("socket").unwrap();
    assert!(folder.connect("socket").is_err());
}

#[test]
fn a_file_is_private_and_no_link_is_followed() {
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let file = folder.file("lock").unwrap();
    assert_eq!(mode(&folder.path().join("lock")), 0o600);
    assert!(folder.is_named(&file, "lock").unwrap());
    folder.remove("lock").unwrap();
    assert!(!folder.is_named(&file, "lock").unwrap());
    let _other = folder.file("lock").unwrap();
    assert!(!folder.is_named(&file, "lock").unwrap());
    let target = above.path().join("target");
    symlink(&target, folder.path().join("trap")).unwrap();
    assert!(folder.file("trap").is_err());
    assert!(!target.exists());
}

#[test]
fn the_kernel_says_who_is_there() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let peer = peer(ours.as_fd()).unwrap();
    assert_eq!((peer.user, peer.pid), (user(), std::process::id()));
    // Not on older kernels; where there is one, it is a pidfd.
    #[cfg(target_os = "linux")]
    if let Some(pidfd) = peer.pidfd {
        let number = std::os::fd::AsRawFd::as_raw_fd(&pidfd);
        let about = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap();
        assert!(
            about.contains(&format!("Pid:\t{}", std::process::id())),
            "{about}"
        );
    }
}
