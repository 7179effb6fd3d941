//! `handfast doctor` as a program: what it says, what it returns, and what it leaves, which is
//! nothing.

#![cfg(target_os = "linux")]

use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Output, Stdio};

use handfast::Rung;
use handfast_sys::child::{self, Pid};
use handfast_sys::proc::{Stat, boot_id};
use handfast_sys::tree::linux::descendants::below;
use handfast_sys::watch::{Readiness, Watcher};
use serde_json::Value;
use testkit::{Cage, PATIENCE, handfast, puppet};

/// Doctor, without anything of the test run that it would mention.
fn doctor(arguments: &[&str]) -> Command {
    let mut command = Command::new(handfast());
    command.arg("doctor").args(arguments).stdin(Stdio::null());
    command.env_remove("HANDFAST_FORCE");
    command
}

fn output(mut command: Command) -> (Output, String) {
    let output = command.output().expect("doctor starts");
    let text = String::from_utf8(output.stdout.clone()).expect("it speaks text");
    (output, text)
}

/// What it says as JSON, and its exit code.
fn json(command: Command) -> (Value, Option<i32>) {
    let (output, text) = output(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(text.lines().count(), 1, "{text}{errors}{}", output.status);
    let said = serde_json::from_str(&text).expect("it is JSON");
    (said, output.status.code())
}

fn is_root() -> bool {
    child::effective_user() == 0
}

fn rung(said: &Value, rung: Rung) -> &Value {
    let rungs = said["rungs"].as_array().expect("rungs are a list");
    let found = rungs.iter().find(|value| value["rung"] == rung.word());
    found.expect("every rung is there")
}

/// What holds for every host on which doctor is content.
fn assert_sound(said: &Value) {
    assert_eq!(said["promises_kept"], true, "{said:#}");
    let mut strongest = None;
    for rung in Rung::LADDER {
        let found = self::rung(said, rung);
        assert_eq!(found["grade"], rung.grade().word(), "{found:#}");
        assert_eq!(found["works"], found["proved"], "{found:#}");
        if found["works"] == true {
            strongest = strongest.or(Some(rung.word()));
            assert_eq!(found["failure"], Value::Null, "{found:#}");
            assert_eq!(found["stop"]["survivors"], 0, "{found:#}");
            let left = found["owner_killed"]["left"].as_array().map(Vec::len);
            assert_eq!(left, Some(usize::from(rung == Rung::Group)), "{found:#}");
        } else {
            let causes = found["failure"]["causes"].as_array().map(Vec::len);
            assert!(causes > Some(1), "a reason and its cause: {found:#}");
        }
    }
    assert_eq!(said["auto"], Value::from(strongest), "{said:#}");
}

#[test]
fn this_host_is_sound_and_the_keys_are_the_documented_ones() {
    let (said, code) = json(doctor(&["--json"]));
    assert_eq!(code, Some(0), "{said:#}");
    assert_sound(&said);
    let page = include_str!("../../../docs/cli.md");
    let mut keys = Vec::new();
    all_keys(&said, &mut keys);
    for key in keys {
        assert!(page.contains(&format!("`{key}`")), "{key} is undocumented");
    }
}

fn all_keys(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            keys.extend(fields.keys().cloned());
            fields.values().for_each(|value| all_keys(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| all_keys(value, keys)),
        _ => {}
    }
}

#[test]
fn the_text_says_the_same_as_the_json() {
    let (output, text) = output(doctor(&[]));
    assert!(output.status.success(), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let (said, _) = json(doctor(&["--json"]));
    for rung in Rung::LADDER {
        let works = self::rung(&said, rung)["works"] == true;
        let head = format!("  {:<10} {:<11}", rung.word(), rung.grade().word());
        let line = text.lines().find(|line| line.starts_with(&head));
        let line = line.expect("every rung has a line");
        assert_eq!(line.ends_with("  works"), works, "{line}");
    }
    let auto = said["auto"].as_str().expect("something works here");
    assert!(
        text.contains(&format!("auto takes       {auto}\n")),
        "{text}"
    );
    assert!(
        text.contains("\nEverything that is promised here was held.\n"),
        "{text}"
    );
    let mut ours = text.lines().filter(|line| !line.contains('/'));
    assert!(ours.all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn an_ordinary_user_is_told_what_works_for_it() {
    if !is_root() {
        return;
    }
    let mut command = Command::new(puppet());
    command.args(["uid", "65534", "exec"]).arg(handfast());
    command.args(["doctor", "--json"]);
    command.env_remove("HANDFAST_FORCE");
    let (said, code) = json(command);
    let found = (code, &said["uid"]);
    assert_eq!(found, (Some(0), &Value::from(65534)), "{said:#}");
    assert_sound(&said);
    let namespace = rung(&said, Rung::Namespace);
    if namespace["works"] == true {
        assert_eq!(namespace["user_namespace"], true, "{namespace:#}");
        assert_eq!(namespace["set_uid"], false, "{namespace:#}");
    }
}

#[test]
fn a_forced_rung_is_mentioned_and_changes_nothing_else() {
    let (free, _) = json(doctor(&["--json"]));
    for word in ["group", "rubbish"] {
        let mut command = doctor(&["--json"]);
        command.env("HANDFAST_FORCE", word);
        let (forced, code) = json(command);
        assert_eq!(code, Some(0), "{forced:#}");
        assert_eq!(forced["forced"], word, "{forced:#}");
        assert_eq!(forced["auto"], free["auto"], "{forced:#}");
        assert_sound(&forced);
    }
}

/// Runs doctor after a line of shell that changes its world; `None` where that is not possible.
fn in_world(unshare: &[&str], change: &str) -> Option<(Value, Option<i32>)> {
    let mut command = Command::new("unshare");
    let line = format!("{change} && echo changed >&2 && exec \"$0\" doctor --json");
    command
        .args(unshare)
        .args(["sh", "-c", &line])
        .arg(handfast());
    command.env_remove("HANDFAST_FORCE").stdin(Stdio::null());
    let output = command.output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !said.contains("changed") {
        return None;
    }
    let said = serde_json::from_slice(&output.stdout).expect("it is JSON");
    Some((said, output.status.code()))
}

#[test]
fn where_cgroups_are_read_only_the_rung_is_refused_with_its_reason() {
    let change = "point=$(awk '/ - cgroup2 /{print $5; exit}' /proc/self/mountinfo) && \
                  mount -o remount,ro,bind \"$point\"";
    let Some((said, code)) = in_world(&["-m"], change) else {
        return;
    };
    assert_eq!(code, Some(0), "{said:#}");
    assert_sound(&said);
    let failure = &rung(&said, Rung::Cgroup)["failure"];
    assert_eq!(failure["code"], "start.rung-unavailable", "{failure:#}");
    let causes = failure["causes"].to_string();
    assert!(
        causes.contains("make a cgroup: Read-only file system"),
        "{causes}"
    );
    let advice = failure["advice"].to_string();
    assert!(advice.contains("Delegate=yes"), "{advice}");
}

#[test]
fn where_there_is_no_namespace_to_be_had_the_next_rung_is_taken() {
    let Some((said, code)) = in_world(&["-U"], "true") else {
        return;
    };
    assert_eq!(code, Some(0), "{said:#}");
    assert_sound(&said);
    let failure = &rung(&said, Rung::Namespace)["failure"];
    let causes = failure["causes"].to_string();
    assert!(causes.contains("make a user namespace"), "{causes}");
    let advice = failure["advice"].to_string();
    assert!(advice.contains("--map-root-user"), "{advice}");
}

#[test]
fn without_a_reaper_nothing_is_promised_and_the_exit_code_says_so() {
    let mut command = doctor(&["--json"]);
    command.env("HANDFAST_REAPER", "/bin/true");
    let (said, code) = json(command);
    assert_eq!(code, Some(1), "{said:#}");
    assert_eq!(said["auto"], Value::Null, "{said:#}");
    assert_eq!(said["promises_kept"], false, "{said:#}");
    let causes = rung(&said, Rung::Group)["failure"]["causes"].to_string();
    assert!(causes.contains("before it was ready"), "{causes}");
}

#[test]
fn a_group_of_a_manager_that_is_long_gone_is_named_and_swept() {
    let Some(cage) = Cage::strong() else { return };
    let boot = boot_id().expect("the kernel has an id of this boot");
    // This pid runs, and is not that one: nothing of today started in the first tick.
    let pid = std::process::id();
    let name = format!("handfast.{boot:016x}.{pid}.1.{pid}.1");
    let left = cage.path().expect("it holds").join(&name);
    std::fs::create_dir(&left).expect("a cage can be divided");
    let mut command = cage.command(&handfast());
    command.args(["doctor", "--json"]);
    command.env_remove("HANDFAST_FORCE");
    let (said, code) = json(command);
    assert_eq!(code, Some(0), "{said:#}");
    let named = said["cgroups"]["leftovers"].to_string();
    assert!(named.contains(&name), "{said:#}");
    if rung(&said, Rung::Cgroup)["works"] == true {
        assert!(!left.exists(), "it was not swept");
    }
}

/// Doctor while it tries a rung, with everything below it named.
struct Busy {
    doctor: Child,
    below: Vec<OwnedFd>,
}

impl Busy {
    /// Starts one and looks until the host of this rung has all of its tree; `None` where the rung
    /// does not work here.
    fn on(rung: Rung) -> Option<Busy> {
        let command = doctor(&["--json"]).stdout(Stdio::piped()).spawn();
        let mut doctor = command.expect("doctor starts");
        let us = i32::try_from(doctor.id()).expect("a pid");
        loop {
            let pids = below(us).unwrap_or_default();
            let said: Vec<String> = pids.iter().map(|pid| command_line(*pid)).collect();
            let is_up = |words: &str| said.iter().any(|line| line.contains(words));
            let owner = is_up(&format!("__owner {}", rung.word()));
            if owner && is_up("__tree daemon") && is_up("__tree ignorer") {
                let named = pids.into_iter().filter_map(Pid::new);
                let below = named.filter_map(|pid| child::open_pidfd(pid).ok());
                let below = below.collect();
                return Some(Busy { doctor, below });
            }
            if doctor.try_wait().expect("it is our child").is_some() {
                return None;
            }
            std::thread::yield_now();
        }
    }

    /// Stops the reaper, and waits for what doctor says; `None` where it had left before.
    fn with_stopped_reaper(self) -> Option<(Value, Vec<OwnedFd>)> {
        let is_reaper = |process: &&OwnedFd| {
            let pid = child::pid_behind(process.as_fd()).ok().flatten();
            pid.is_some_and(|pid| command_line(pid).contains("--handfast-reaper"))
        };
        let stopped = self.below.iter().find(is_reaper).map(|reaper| {
            let stop = 19;
            child::signal_pidfd(reaper.as_fd(), stop)
        });
        let output = self.doctor.wait_with_output().expect("it is our child");
        stopped?.ok()?;
        let said: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        let kept = said["promises_kept"] == true;
        assert_eq!(output.status.success(), kept, "{said:#}");
        Some((said, self.below))
    }

    fn wait_all_gone(&self) {
        for process in &self.below {
            let mut watcher = Watcher::new().expect("the system can watch");
            let watched = watcher.add(1, process.as_fd(), Readiness::Readable);
            watched.expect("a pidfd can be watched");
            let mut ready = Vec::new();
            let waited = watcher.wait(&mut ready, Some(PATIENCE));
            waited.expect("it can be waited for");
            let pid = child::pid_behind(process.as_fd());
            assert_eq!(ready, [1], "{pid:?} lives on");
        }
    }
}

fn command_line(pid: i32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

/// The negative control: with a reaper that does nothing any more, doctor is not content.
#[test]
fn a_rung_whose_reaper_is_stopped_does_not_pass() {
    let (said, below) = loop {
        // On a busy machine the stop may come when the rung was tried already: then once more.
        let tried = Busy::on(Rung::Group).and_then(Busy::with_stopped_reaper);
        if let Some(found) = tried.filter(|(said, _)| said["promises_kept"] == false) {
            break found;
        }
    };
    assert_eq!(rung(&said, Rung::Group)["proved"], false, "{said:#}");
    assert_eq!(below.iter().filter(|one| lives(one)).count(), 0);
}

#[test]
fn killed_in_the_middle_it_leaves_nothing_on_any_rung() {
    for rung in Rung::LADDER {
        let Some(mut busy) = Busy::on(rung) else {
            continue;
        };
        busy.doctor.kill().expect("it is our child");
        busy.doctor.wait().expect("it is our child");
        busy.wait_all_gone();
    }
}

#[test]
fn asked_to_end_it_leaves_nothing_and_dies_of_that_signal() {
    for (rung, signal) in Rung::LADDER.into_iter().zip([15, 2, 1, 15]) {
        let Some(mut busy) = Busy::on(rung) else {
            continue;
        };
        let pid = i32::try_from(busy.doctor.id()).ok().and_then(Pid::new);
        child::signal_process(pid.expect("a pid"), signal).expect("it is our child");
        let status = busy.doctor.wait().expect("it is our child");
        assert_eq!(status.signal(), Some(signal), "{rung}: {status}");
        // Not later: who asked it to end sees all of it gone.
        assert_eq!(busy.below.iter().filter(|one| lives(one)).count(), 0);
    }
}

fn lives(process: &OwnedFd) -> bool {
    let pid = child::pid_behind(process.as_fd()).ok().flatten();
    pid.is_some_and(|pid| Stat::read(pid).is_ok_and(|stat| stat.is_alive()))
}
