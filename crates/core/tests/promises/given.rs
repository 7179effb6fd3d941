//! What else a child starts with: limits, umask, priority, user, session, signals, descriptors.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use handfast::StartError;
use handfast::config::{Credentials, Limit, Resource};

use crate::stage::{Stage, apart, is_root, note, puppet, succeed};

/// Sets of signals in the text of `/proc/<pid>/status`, by their keys.
fn signal_sets(text: &str) -> BTreeMap<String, u64> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(key, mask)| {
            let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask is hexadecimal");
            (key.to_owned(), mask)
        })
        .collect()
}

/// What a puppet says that is started the ordinary way. It is not waited for: a host that ignores
/// SIGCHLD has nobody to wait for.
fn plain_signals() -> String {
    let mut command = Command::new(testkit::puppet());
    let plain = command.arg("print-sigs").stdout(Stdio::piped()).spawn();
    let said = plain.expect("a puppet starts").stdout;
    std::io::read_to_string(said.expect("it is a pipe")).expect("it can be read")
}

#[tokio::test]
async fn signals_are_in_their_default_state_even_if_the_host_ignores_and_blocks_all() {
    let path = "given::signals_are_in_their_default_state_even_if_the_host_ignores_and_blocks_all";
    if let Some(again) = apart(path) {
        return succeed(again.after("ignore all block all"));
    }
    // The negative control: what a host hands down without us.
    assert_ne!(signal_sets(&plain_signals())["SigIgn"], 0);
    let own = fs::read_to_string("/proc/thread-self/status").unwrap();
    let own: String = own
        .lines()
        .filter(|line| line.starts_with("SigBlk"))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_ne!(signal_sets(&own)["SigBlk"], 0);

    let Some(stage) = Stage::open().await else {
        return;
    };
    let run = stage.run(puppet("print-sigs")).await;
    let sets = signal_sets(&run.out);
    assert_eq!((sets["SigIgn"], sets["SigBlk"]), (0, 0), "{}", run.out);
    // And such a host can still stop what it started.
    let (handle, _lines) = stage.start_ready(puppet("say ready park")).await;
    let receipt = stage.manager.stop_process(handle).await.unwrap();
    assert_eq!((receipt.asked, receipt.killed), (1, 0));
}

#[tokio::test]
async fn no_descriptor_of_the_host_reaches_the_child() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    // Each of these is opened so that it survives an exec.
    let leaked: Vec<OwnedFd> = (0..20)
        .map(|_| testkit::join(place.path()).unwrap())
        .collect();
    let run = stage.run(puppet("print-fds")).await;
    let told = run.told("fd ");
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "0 -> /dev/null");
    assert!(told[1].starts_with("1 -> pipe:") && told[2].starts_with("2 -> pipe:"));
    // The negative control: without us they show.
    let plain = Command::new(testkit::puppet()).arg("print-fds").output();
    let plain = String::from_utf8(plain.unwrap().stdout).unwrap();
    let shown = plain.lines().filter(|line| line.contains("member-"));
    assert_eq!(shown.count(), leaked.len(), "{plain}");
}

#[tokio::test]
async fn every_process_leads_a_session_and_a_group_of_its_own_without_a_terminal() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let run = stage.run(puppet("say-pid tty")).await;
    let pid = run.told("pid ")[0];
    let tty = run.told("tty ")[0];
    assert!(
        tty.contains(&format!("sid={pid} pgrp={pid} ")),
        "{}",
        run.out
    );
    assert!(tty.starts_with("0=no 1=no 2=no") && tty.contains("foreground=none"));
}

/// The rows of `/proc/<pid>/limits`, by what they limit: soft and hard.
fn limits(rows: &str) -> BTreeMap<String, (String, String)> {
    rows.lines()
        .filter(|row| row.len() > 60)
        .map(|row| {
            let mut words = row[26..].split_whitespace();
            let soft = words.next().unwrap_or_default().to_owned();
            let hard = words.next().unwrap_or_default().to_owned();
            (row[..26].trim().to_owned(), (soft, hard))
        })
        .collect()
}

fn own_limits() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string("/proc/self/limits").expect("our own limits can be read");
    let mut rows = limits(&text);
    rows.remove("Limit");
    rows
}

#[tokio::test]
async fn limits_that_are_not_named_stay_as_the_host_has_them() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let run = stage.run(puppet("print-limits")).await;
    let told = limits(&run.told("limit ").join("\n"));
    assert_eq!(told, own_limits());
}

#[tokio::test]
async fn the_given_limits_are_those_of_the_child() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let row = |resource: Resource| match resource {
        Resource::NoFile => Some("Max open files"),
        Resource::Core => Some("Max core file size"),
        Resource::Cpu => Some("Max cpu time"),
        Resource::FSize => Some("Max file size"),
        Resource::MsgQueue => Some("Max msgqueue size"),
        Resource::SigPending => Some("Max pending signals"),
        Resource::MemLock => Some("Max locked memory"),
        Resource::Stack => Some("Max stack size"),
        _ => None,
    };
    let mut config = puppet("print-limits");
    let mut wanted = own_limits();
    for resource in Resource::ALL {
        let Some(row) = row(resource) else { continue };
        // Not above what an ordinary user may raise to.
        let (soft, hard) = (60_000_u64, 60_001_u64);
        let most = wanted[row].1.parse().unwrap_or(u64::MAX);
        let (soft, hard) = (soft.min(most), hard.min(most));
        config = config.limit(resource, soft.into(), hard.into());
        wanted.insert(row.to_owned(), (soft.to_string(), hard.to_string()));
    }
    let run = stage.run(config).await;
    assert_eq!(limits(&run.told("limit ").join("\n")), wanted);
}

#[tokio::test]
async fn a_limit_that_the_user_may_not_have_is_refused_by_name() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let most = own_limits()["Max open files"].1.parse::<u64>();
    if is_root() || most.is_err() {
        return note("root may raise every limit");
    }
    let more = Limit::Value(most.unwrap() + 1);
    let config = puppet("park").limit(Resource::NoFile, more, more).build();
    let refused = stage.manager.start_process(config).await.unwrap_err();
    assert_eq!(refused.to_string(), "set the resource limits");
    assert!(stage.manager.list_processes().is_empty());
}

#[tokio::test]
async fn the_umask_is_the_given_one_and_by_default_lets_nobody_else_write() {
    let path = "given::the_umask_is_the_given_one_and_by_default_lets_nobody_else_write";
    if let Some(again) = apart(path) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", r#"umask 0027; exec "$0" "$@""#]);
        let own = again.command();
        command.arg(own.get_program()).args(own.get_args());
        command.envs(
            own.get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        return succeed(command);
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    let told = async |config| stage.run(config).await.told("Umask:\t")[0].to_owned();
    assert_eq!(told(puppet("print-umask")).await, "0022");
    assert_eq!(told(puppet("print-umask").umask(0o077)).await, "0077");
    // The host's own, and only because that was asked for.
    assert_eq!(told(puppet("print-umask").umask(None)).await, "0027");
}

#[tokio::test]
async fn the_priority_is_the_given_one_or_that_of_the_host() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let own = rustix::process::getpriority_process(None).unwrap();
    let told = async |config| stage.run(config).await.told("nice ")[0].to_owned();
    assert_eq!(told(puppet("print-nice")).await, own.to_string());
    assert_eq!(told(puppet("print-nice").nice(19)).await, "19");
    let better = stage
        .manager
        .start_process(puppet("exit 0").nice(-5).build());
    match better.await {
        Ok(_) => assert!(is_root(), "an ordinary user may not be favoured"),
        Err(refused) => assert_eq!(refused.to_string(), "set the priority"),
    }
}

#[tokio::test]
async fn the_user_and_all_groups_are_the_given_ones() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let user = Credentials {
        uid: 1234,
        gid: 1235,
        groups: vec![7, 9],
    };
    if !is_root() {
        let config = puppet("park").user(user).build();
        let refused = stage.manager.start_process(config).await.unwrap_err();
        assert!(matches!(refused, StartError::System { .. }), "{refused:?}");
        assert_eq!(
            (refused.code(), refused.to_string().as_str()),
            ("start.system", "become the user")
        );
        assert!(stage.manager.list_processes().is_empty());
        return;
    }
    let run = stage.run(puppet("print-ids").user(user)).await;
    assert_eq!(run.told("Uid:\t"), ["1234\t1234\t1234\t1234"]);
    assert_eq!(run.told("Gid:\t"), ["1235\t1235\t1235\t1235"]);
    assert_eq!(run.told("Groups:\t")[0].trim(), "7 9");
    assert_eq!(run.told("CapEff:\t"), ["0000000000000000"]);
    assert_eq!(run.told("CapPrm:\t"), ["0000000000000000"]);
    // Without groups none are left of the host's.
    let alone = puppet("print-ids").user(Credentials::new(1234, 1235));
    assert_eq!(stage.run(alone).await.told("Groups:\t")[0].trim(), "");
    // The negative control: without a user it is the host's.
    assert_eq!(
        stage.run(puppet("print-ids")).await.told("Uid:\t"),
        ["0\t0\t0\t0"]
    );
}
