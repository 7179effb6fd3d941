//! Folders that are private, and those that only look so; and who is found in them.

use super::*;
use crate::child::calls::check;
use crate::child::wide;
use crate::wine;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, SetFileSecurityW,
};

/// Everybody may do this with a folder, besides our user, who may do everything.
fn let_everybody(path: &Path, rights: &str) {
    let text = format!("D:P(A;OICI;FA;;;{})(A;;{rights};;;WD)", user());
    let (text, path) = (
        wide(text.as_ref()).unwrap(),
        wide(path.as_os_str()).unwrap(),
    );
    let mut list: PSECURITY_DESCRIPTOR = std::ptr::null_mut();
    // SAFETY: the strings end with zeroes; the system allocates the list, which is freed once.
    unsafe {
        let made = ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut list,
            std::ptr::null_mut(),
        );
        check(made).unwrap();
        let set = SetFileSecurityW(path.as_ptr(), DACL_SECURITY_INFORMATION, list);
        LocalFree(list);
        check(set).unwrap();
    }
}

#[test]
fn a_folder_is_made_private_and_one_of_ours_is_closed_to_others() {
    let above = tempfile::tempdir().unwrap();
    let path = above.path().join("made");
    let folder = Folder::open_or_make(&path).unwrap();
    assert_eq!(folder.path(), path);
    drop(folder);
    Folder::open(&path).unwrap();
    let_everybody(&path, "FR");
    let Err(FolderError::Shared { with, .. }) = Folder::open(&path) else {
        panic!("everybody may read it")
    };
    assert_eq!(with, "S-1-1-0");
    Folder::open_or_make(&path).unwrap();
    Folder::open(&path).unwrap();
}

#[test]
fn what_is_no_folder_of_ours_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let at = |name: &str| above.path().join(name);
    fs::write(at("file"), "").unwrap();
    let refused = Folder::open_or_make(&at("file"));
    assert!(
        matches!(refused, Err(FolderError::NoFolder { .. })),
        "{refused:?}"
    );
    assert!(Folder::open_or_make(Path::new("relative")).is_err());
    let missing = Folder::open(&at("missing"));
    let Err(FolderError::System {
        attempt, source, ..
    }) = missing
    else {
        panic!("{missing:?}")
    };
    assert_eq!((attempt, source.kind()), ("open", io::ErrorKind::NotFound));
}

#[test]
fn a_folder_in_a_place_that_others_may_change_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let open = above.path().join("open");
    fs::create_dir(&open).unwrap();
    Folder::open_or_make(&open.join("in it")).unwrap();
    let_everybody(&open, "FA");
    let refused = Folder::open_or_make(&open.join("in it"));
    assert!(
        matches!(refused, Err(FolderError::Shared { .. })),
        "{refused:?}"
    );
    let_everybody(&open, "FR");
    Folder::open_or_make(&open.join("in it")).unwrap();
}

#[test]
fn a_file_is_known_by_what_it_is_and_not_by_its_name() {
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let file = folder.file("lock").unwrap();
    assert!(folder.is_named(&file, "lock").unwrap());
    let other = folder.file("other").unwrap();
    assert!(!folder.is_named(&other, "lock").unwrap());
    assert!(!folder.is_named(&file, "nothing").unwrap());
    drop((file, other));
    folder.remove("lock").unwrap();
    folder.remove("lock").unwrap();
}

#[test]
fn a_removed_file_is_not_the_one_of_its_name() {
    if wine::cannot("a_removed_file_is_not_the_one_of_its_name") {
        return;
    }
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let file = folder.file("lock").unwrap();
    folder.remove("lock").unwrap();
    assert!(!folder.is_named(&file, "lock").unwrap());
    let _other = folder.file("lock").unwrap();
    assert!(!folder.is_named(&file, "lock").unwrap());
}

#[test]
fn a_lock_is_one_programs_and_free_when_that_lets_go() {
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let (one, other) = (folder.file("lock").unwrap(), folder.file("lock").unwrap());
    one.try_lock().unwrap();
    assert!(matches!(
        other.try_lock(),
        Err(fs::TryLockError::WouldBlock)
    ));
    assert!(folder.is_named(&other, "lock").unwrap());
    drop(one);
    other.try_lock().unwrap();
}

#[test]
fn who_listens_is_found_and_who_is_gone_is_told_from_nobody() {
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let kind = |folder: &Folder| folder.connect("socket").unwrap_err().kind();
    assert_eq!(kind(&folder), io::ErrorKind::NotFound);
    drop(folder.listen("socket").unwrap());
    assert_eq!(kind(&folder), io::ErrorKind::ConnectionRefused);
    let _listens = folder.listen("socket").unwrap();
    let connected = folder.connect("socket").unwrap();
    let there = peer(connected.as_handle()).unwrap();
    assert_eq!((there.user, there.pid), (user(), std::process::id()));
    folder.remove("socket").unwrap();
    assert_eq!(kind(&folder), io::ErrorKind::NotFound);
    let mut file = folder.file("socket").unwrap();
    for odd in ["x", "\\\\.\\pipe\\other\n"] {
        file.set_len(0).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        file.write_all(odd.as_bytes()).unwrap();
        assert_eq!(kind(&folder), io::ErrorKind::InvalidData, "{odd}");
    }
}

#[test]
fn what_windows_has_not_is_refused_by_name() {
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let socket = folder.listen("socket").unwrap();
    let file = folder.file("lock").unwrap();
    let refused = [
        can_hand_over().unwrap_err(),
        folder.listen_for_channels("x").unwrap_err(),
        folder.connect_channel("x").unwrap_err(),
        socket.hand_with(&file, b"x").unwrap_err(),
        Socket::take_handed(b"x").unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("Windows"), "{error}");
    }
}

#[test]
fn the_usual_folder_is_the_users_own() {
    let folder = usual_folder("handfast", &user());
    assert!(folder.is_absolute() && folder.ends_with("handfast"));
    assert!(folder.starts_with(crate::files::of_user().unwrap()));
}

#[cfg(feature = "async")]
#[test]
fn a_listener_gives_its_place_to_the_next_one() {
    use crate::connection::Listener;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let above = tempfile::tempdir().unwrap();
    let folder = Folder::open_or_make(&above.path().join("f")).unwrap();
    let socket = folder.listen("socket").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut first = Listener::new(&socket).unwrap();
        let twice = Listener::new(&socket).unwrap_err();
        assert_eq!(twice.kind(), io::ErrorKind::AddrInUse);
        // A wait that is given up loses nobody.
        let mut waiting = Box::pin(first.accept());
        let looked = std::future::poll_fn(|context| {
            std::task::Poll::Ready(waiting.as_mut().poll(context).is_ready())
        });
        assert!(!looked.await);
        drop(waiting);
        let mut one = fs::File::from(folder.connect("socket").unwrap().pipe);
        drop(first);
        let mut second = Listener::new(&socket).unwrap();
        let mut accepted = second.accept().await.unwrap();
        let peer = accepted.peer.unwrap();
        assert_eq!((peer.user, peer.pid), (user(), std::process::id()));
        one.write_all(b"there").unwrap();
        let mut said = [0; 5];
        accepted.incoming.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"there");
        accepted.outgoing.write_all(b"back").await.unwrap();
        let mut said = [0; 4];
        one.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"back");
        drop(one);
        assert_eq!(accepted.incoming.read(&mut [0]).await.unwrap(), 0);
        // Somebody who is gone before anybody has looked is nobody's trouble.
        drop(folder.connect("socket").unwrap());
        let gone = second.accept().await;
        if let Ok(mut gone) = gone {
            assert_eq!(gone.incoming.read(&mut [0]).await.unwrap(), 0);
        }
        drop(folder.connect("socket").unwrap());
    });
}
