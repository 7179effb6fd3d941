//! Units for service managers.

use super::home::Home;
use std::fs;

fn shown(text: &str) -> String {
    text.replace(testkit::handfast().to_str().unwrap(), "/usr/bin/handfast")
}

fn printed(manager: &str) -> String {
    let home = Home::new();
    let mut command = home.handfast(&format!("daemon install --print --for {manager}"));
    command
        .env("HANDFAST_HOME", "/srv/a b")
        .env("HOME", home.path());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    shown(&String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_unit_of_systemd() {
    insta::assert_snapshot!(printed("systemd"));
}

#[test]
fn the_agent_of_launchd() {
    insta::assert_snapshot!(printed("launchd"));
}

#[test]
fn a_unit_is_written_and_removed_and_one_that_is_not_ours_is_left() {
    let home = Home::new();
    let run = |words: &str| {
        let mut command = home.handfast(words);
        command.env("HOME", home.path()).output().unwrap()
    };
    let unit = home.path().join(".config/systemd/user/handfast.service");
    let said = run("daemon install --for systemd");
    assert!(said.status.success(), "{said:?}");
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("loginctl enable-linger"), "{said}");
    assert!(fs::read_to_string(&unit).unwrap().contains("Delegate=yes"));
    assert!(
        run("daemon install --for systemd").status.success(),
        "again"
    );
    assert!(run("daemon uninstall --for systemd").status.success());
    assert!(!unit.exists());
    assert!(
        run("daemon uninstall --for systemd").status.success(),
        "none is no error"
    );
    fs::write(&unit, "[Service]\n").unwrap();
    for words in [
        "daemon install --for systemd",
        "daemon uninstall --for systemd",
    ] {
        let said = run(words);
        assert_eq!(said.status.code(), Some(125));
        let why = String::from_utf8(said.stderr).unwrap();
        assert!(
            why.contains("was not made by this program") && why.contains("--force"),
            "{why}"
        );
        assert_eq!(fs::read_to_string(&unit).unwrap(), "[Service]\n");
    }
    assert!(run("daemon install --for systemd --force").status.success());
    assert!(fs::read_to_string(&unit).unwrap().contains("Delegate=yes"));
}

#[test]
fn a_service_manager_that_waits_is_told_that_it_serves() {
    let home = Home::new();
    let socket = home.path().join("notify");
    let listener = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    let mut command = home.handfast("daemon run");
    let mut daemon = command.env("NOTIFY_SOCKET", &socket).spawn().unwrap();
    let mut said = [0; 64];
    let length = listener.recv(&mut said).unwrap();
    assert_eq!(&said[..length], b"READY=1");
    home.said("daemon stop");
    assert!(daemon.wait().unwrap().success());
}
