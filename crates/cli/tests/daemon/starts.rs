//! Starting it: what it keeps of who starts it, who gets which one, and what goes wrong.

use super::home::{Home, ended, kill, pid_of, stat};
use handfast_daemon::connect::Launch;
use rustix::process::Signal;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

#[test]
fn it_is_started_looked_at_and_stopped() {
    let home = Home::new();
    let none = home.output("daemon status");
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    let pid = home.started();
    assert_eq!(home.started(), pid, "there is one already");
    let status = home.status();
    assert_eq!(status["pid"], pid);
    assert_eq!(status["running"], true);
    assert_eq!(status["idleExitMs"], 600_000);
    assert!(home.said("daemon status").contains("serves "));
    let pidfd = home.pidfd();
    assert_eq!(home.said("daemon stop"), "the daemon has ended\n");
    ended(&pidfd);
    assert_eq!(home.said("daemon stop"), "no daemon to stop\n");
    let left: Vec<_> = fs::read_dir(home.path().join("run")).unwrap().collect();
    assert_eq!(left.len(), 2, "locks only: {left:?}");
}

/// Nobody thinks of a daemon that a verb has started, so it leaves by itself like any other.
#[test]
fn one_that_a_verb_has_started_leaves_by_itself_too() {
    let home = Home::new();
    home.said("ps");
    let status = home.status();
    let milliseconds = u64::try_from(Launch::IDLE_EXIT.as_millis()).unwrap();
    assert_eq!(status["idleExitMs"], milliseconds);
    assert!(home.said("daemon status").contains("after 600 s without"));
    home.said("daemon stop");
}

#[test]
fn a_restart_is_another_one() {
    let home = Home::new();
    let pid = home.started();
    let said = home.said("daemon restart");
    let again = pid_of(said.lines().last().unwrap());
    assert_ne!(again, pid);
    assert_eq!(home.status()["pid"], again);
}

#[test]
fn of_many_who_start_it_at_once_all_get_the_same() {
    let home = Home::new();
    for _ in 0..5 {
        let starts = (0..12).map(|_| {
            let mut start = home.handfast("daemon start");
            start.stdout(Stdio::piped()).spawn().unwrap()
        });
        let starts: Vec<_> = starts.collect();
        let mut pids = Vec::new();
        for start in starts {
            let output = start.wait_with_output().unwrap();
            assert!(output.status.success());
            pids.push(pid_of(&String::from_utf8(output.stdout).unwrap()));
        }
        pids.dedup();
        assert_eq!(pids.len(), 1, "{pids:?}");
        // What a daemon leaves behind that was killed is in nobody's way.
        let pidfd = home.pidfd();
        kill(&pidfd, Signal::KILL);
        ended(&pidfd);
    }
}

#[test]
fn it_keeps_nothing_of_who_starts_it() {
    let home = Home::new();
    let (mut held, hold) = std::io::pipe().unwrap();
    let mut command = home.command("/bin/sh".as_ref());
    // A descriptor that is open, a signal that is ignored and one that is blocked by nobody's wish.
    let script = format!(
        "trap '' USR1 HUP; umask 0077; exec 9>&1 >&2; exec {} daemon start",
        testkit::handfast().display()
    );
    command.args(["-c", &script]).env("SECRET", "x");
    command
        .env("HANDFAST_LOG", "debug")
        .current_dir(home.path());
    let mut child = command.stdout(hold).spawn().unwrap();
    drop(command);
    assert!(child.wait().unwrap().success());
    // Whoever started it is gone, and so is the last end of the pipe, though the daemon serves.
    assert_eq!(held.read_to_end(&mut Vec::new()).unwrap(), 0);
    let pid = home.status()["pid"].as_u64().unwrap();
    let pid = u32::try_from(pid).unwrap();
    let of = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap();
    let environment = String::from_utf8(of("environ")).unwrap();
    let mut names: Vec<&str> = environment
        .split_terminator('\0')
        .map(|entry| entry.split('=').next().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HANDFAST_HOME", "HANDFAST_LOG", "PATH"]);
    let directory = fs::read_link(format!("/proc/{pid}/cwd")).unwrap();
    assert_eq!(directory, std::path::Path::new("/"));
    let status = String::from_utf8(of("status")).unwrap();
    let line = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(line("Umask:"), "0022");
    assert_eq!(line("SigBlk:"), "0000000000000000");
    let ignored = u64::from_str_radix(&line("SigIgn:"), 16).unwrap();
    let bit = |signal: u32| 1_u64 << (signal - 1);
    assert_eq!(ignored & (bit(1) | bit(10)), 0, "{ignored:x}");
    assert_eq!(
        (stat(pid, 6), stat(pid, 7)),
        (pid.to_string(), "0".into()),
        "session, terminal"
    );
    assert_ne!(stat(pid, 4), child.id().to_string());
}

#[test]
fn why_it_cannot_serve_is_told_with_the_log() {
    let home = Home::new();
    // In the place of the folder in which it listens there is a file.
    fs::write(home.path().join("run"), "x").unwrap();
    let output = home.output("daemon start");
    assert_eq!(output.status.code(), Some(125));
    let said = String::from_utf8(output.stderr).unwrap();
    let first: Vec<&str> = said.lines().collect();
    assert_eq!(first[0], "handfast: failed to reach the daemon");
    assert!(first[1].contains("it is no folder"), "{said}");
    // And where the log cannot be either.
    fs::remove_file(home.path().join("run")).unwrap();
    fs::write(home.path().join("state"), "x").unwrap();
    let output = home.output("daemon start");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("open the log") || said.contains("no folder"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(125));
}

#[test]
fn the_log_comes_with_a_failure() {
    let home = Home::new();
    home.started();
    home.said("daemon stop");
    fs::remove_dir_all(home.path().join("run")).unwrap();
    fs::create_dir(home.path().join("run")).unwrap();
    let private = fs::Permissions::from_mode(0o700);
    fs::set_permissions(home.path().join("run"), private).unwrap();
    fs::create_dir(home.path().join("run/lock")).unwrap();
    let output = home.output("daemon start");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("\n  log: ") && said.contains("listen.system"),
        "{said}"
    );
}

#[test]
fn folders_that_others_may_enter_are_closed_to_them() {
    let home = Home::new();
    home.started();
    for name in ["run", "state"] {
        let about = fs::metadata(home.path().join(name)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o700, "{name}");
    }
    for name in ["run/socket", "run/token", "run/lock", "state/daemon.log"] {
        let about = fs::metadata(home.path().join(name)).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600, "{name}");
    }
}
