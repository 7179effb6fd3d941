//! Who may be the next host, and that it is one.

use crate::stage::{ECHO, Stage};
use handfast_reaper::wire::{Reply, Request, VERSION, Why};
use handfast_sys::channel::Channel;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says to the inner run of [`a_stranger_is_refused`] where the socket is.
const SOCKET: &str = "HANDFAST_TEST_SOCKET";

/// `nobody`.
const NOBODY: u32 = 65534;

fn socket(stage: &Stage) -> PathBuf {
    stage.folder().join(format!("reaper-{}", stage.rung.word()))
}

/// What a reaper says to who wants to have it.
fn ask(socket: &Path, version: u32) -> Option<Reply> {
    let channel = Channel::connect(socket).unwrap();
    // One that has refused already does not hear it.
    let _ = channel.send(&Request::Resume(version).encode(), &[]);
    let answer = channel.receive().unwrap()?;
    Reply::decode(&answer.bytes).ok()
}

fn why(answer: Option<Reply>) -> Why {
    match answer {
        Some(Reply::NotResumed(not)) => Why::from_byte(not.why),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn of_two_hosts_one_has_the_folder(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", ECHO);
    host.kill();
    let (one, other) = std::thread::scope(|scope| {
        let two = [0, 1].map(|_| scope.spawn(|| stage.host()));
        let [one, other] = two.map(|one| one.join().unwrap());
        (one, other)
    });
    let refused = "refused manager.kept-taken";
    let (mut winner, loser) = match one.up() == refused {
        true => (other, one),
        false => (one, other),
    };
    assert_eq!(loser.up(), refused);
    assert_eq!(winner.up(), "up adopted=1 ended=0 lost=0 remembered=0");
    assert_eq!(winner.ask(&format!("status {handle}")), "running");
    winner.ask(&format!("stop {handle}"));
    // Control: the folder is free once its host is gone.
    winner.kill();
    let host = stage.finds("adopted=0 ended=0 lost=0 remembered=1");
    stage.close(host);
}

pub(crate) fn a_reaper_with_an_owner_refuses_another(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", ECHO);
    assert_eq!(why(ask(&socket(&stage), VERSION)), Why::Owned);
    assert_eq!(host.ask(&format!("status {handle}")), "running");
    host.kill();
    // Control: without one it is whoever asks.
    let answer = ask(&socket(&stage), VERSION);
    assert!(matches!(answer, Some(Reply::Resumed(_))), "{answer:?}");
    let mut host = stage.finds("adopted=1 ended=0 lost=0 remembered=0");
    host.ask(&format!("stop {handle}"));
    stage.close(host);
}

pub(crate) fn another_version_is_refused_and_told_so(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", ECHO);
    host.kill();
    assert_eq!(why(ask(&socket(&stage), VERSION + 1)), Why::Version);
    let mut host = stage.finds("adopted=1 ended=0 lost=0 remembered=0");
    host.ask(&format!("stop {handle}"));
    stage.close(host);
}

pub(crate) fn a_stranger_is_refused(stage: Stage) {
    if !rustix::process::geteuid().is_root() {
        return eprintln!("skipped: only root can be somebody else");
    }
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", ECHO);
    host.kill();
    // As if the folder let it in.
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    open(stage.folder().parent().unwrap(), 0o711);
    open(&stage.folder(), 0o711);
    open(&socket(&stage), 0o666);
    let own = std::env::current_exe().unwrap();
    let inner = Command::new(own)
        .args(["owners::as_somebody_else", "--exact", "--nocapture"])
        .env(SOCKET, socket(&stage))
        .uid(NOBODY)
        .status();
    assert!(inner.unwrap().success(), "a stranger was not refused");
    open(&stage.folder(), 0o700);
    let mut host = stage.finds("adopted=1 ended=0 lost=0 remembered=0");
    host.ask(&format!("stop {handle}"));
    stage.close(host);
}

/// The inner run of [`a_stranger_is_refused`].
#[test]
fn as_somebody_else() {
    if let Some(socket) = std::env::var_os(SOCKET) {
        assert_eq!(rustix::process::geteuid().as_raw(), NOBODY);
        assert_eq!(why(ask(Path::new(&socket), VERSION)), Why::User);
    }
}

pub(crate) fn who_says_nothing_is_in_nobodys_way(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", ECHO);
    host.kill();
    let silent: Vec<Channel> = (0..3)
        .map(|_| Channel::connect(&socket(&stage)).unwrap())
        .collect();
    let odd = Channel::connect(&socket(&stage)).unwrap();
    odd.send(b"anything", &[]).unwrap();
    let mut host = stage.finds("adopted=1 ended=0 lost=0 remembered=0");
    drop((silent, odd));
    host.ask(&format!("stop {handle}"));
    stage.close(host);
}

pub(crate) fn no_handle_is_given_twice(stage: Stage) {
    let mut given = Vec::new();
    for _ in 0..3 {
        let mut host = stage.host();
        for _ in 0..3 {
            let handle = host.begin("session", "pipes", "exit 0");
            assert_eq!(host.ask(&format!("wait {handle}")), "exited 0");
            given.push(handle);
        }
        host.kill();
    }
    let count = given.len();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), count);
    let mut host = stage.host();
    for handle in &given {
        assert_eq!(host.ask(&format!("status {handle}")), "exited 0");
    }
    stage.close(host);
}
