//! Another user of the same machine, who reaches the socket against all odds.

use super::stage::Stage;
use handfast_daemon::wire::DaemonStatus;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

/// Connects, says hello, and prints what it is told.
const SAY: &str = "
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    s.sendall(b'{\"id\":1,\"method\":\"initialize\",\"params\":{\"clientName\":\"x\"}}\\n')
except OSError:
    pass
print(s.makefile().readline())
";

/// The user `nobody`.
const NOBODY: &str = "65534";

fn said(socket: &std::path::Path, user: Option<&str>) -> String {
    let mut command = match user {
        Some(user) => {
            let mut command = Command::new("/usr/bin/setpriv");
            command.args([
                "--reuid",
                user,
                "--regid",
                user,
                "--clear-groups",
                "/usr/bin/python3",
            ]);
            command
        }
        None => Command::new("/usr/bin/python3"),
    };
    let output = command.args(["-c", SAY]).arg(socket).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn another_user_is_refused_also_where_the_way_is_open() {
    let is_root = fs::metadata("/proc/self").unwrap();
    let has = |path: &str| std::path::Path::new(path).exists();
    if std::os::unix::fs::MetadataExt::uid(&is_root) != 0
        || !has("/usr/bin/setpriv")
        || !has("/usr/bin/python3")
    {
        eprintln!("skipped: only root can be another user, with setpriv and python3");
        return;
    }
    let stage = Stage::new();
    let socket = stage.place.path().join("socket");
    // As somebody may do who does not know better.
    let above = stage.place.path().parent().unwrap();
    for (path, mode) in [
        (above, 0o755),
        (stage.place.path(), 0o755),
        (socket.as_path(), 0o666),
    ] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let talk = {
        let socket = socket.clone();
        move || (said(&socket, Some(NOBODY)), said(&socket, None))
    };
    let (theirs, ours) = tokio::task::spawn_blocking(talk).await.unwrap();
    assert!(theirs.contains("connect.stranger"), "{theirs}");
    assert!(!theirs.contains("sessionId"), "{theirs}");
    // The control: the same words of the same user begin a session.
    assert!(ours.contains("sessionId"), "{ours}");
    // Our own clients take such a folder for nobody's, and closed again for theirs.
    assert!(handfast_daemon::connect::connect(&stage.place).is_err());
    fs::set_permissions(stage.place.path(), Permissions::from_mode(0o700)).unwrap();
    stage.client().await.call(&DaemonStatus {}).await.unwrap();
    stage.end().await;
}
