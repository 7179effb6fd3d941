//! The one line of `--json`.

use crate::kit::{
    Running, code, command, file, forced, handfast, holds_daemons, puppet, text, until,
};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs with the receipt in a file, and reads it.
fn receipt(options: &str, command: &[String]) -> (Value, i32) {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "receipt.json", "old\n");
    let output = handfast(options)
        .args(["--json", &path])
        .args(command)
        .output()
        .unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(
        text.ends_with('\n') && text.lines().count() == 1,
        "{text:?}"
    );
    (serde_json::from_str(&text).unwrap(), code(output.status))
}

/// Takes a field out and hands it over.
fn take(value: &mut Value, field: &str) -> Value {
    value
        .as_object_mut()
        .unwrap()
        .remove(field)
        .unwrap_or_else(|| panic!("no {field}"))
}

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap();
    text.len() == "2026-01-01T00:00:00.000Z".len() && text.parse::<jiff::Timestamp>().is_ok()
}

#[test]
fn every_field_is_there_and_says_what_happened() {
    let command = puppet("exit 3");
    let (mut line, code) = receipt("--name web --containment group", &command);
    assert_eq!(code, 3);
    assert!(
        take(&mut line, "id")
            .as_str()
            .unwrap()
            .parse::<handfast::ProcessHandle>()
            .is_ok()
    );
    let (started, ended) = (take(&mut line, "started"), take(&mut line, "ended"));
    assert!(is_time(&started) && is_time(&ended) && started.as_str() <= ended.as_str());
    assert!(take(&mut line, "duration_ms").as_u64().unwrap() < 60_000);
    let mut end = take(&mut line, "receipt");
    assert!(take(&mut end, "took_ms").as_u64().unwrap() < 60_000);
    let nothing = json!({"members_before": 0, "asked": 0, "killed": 0, "survivors": []});
    assert_eq!(end, nothing);
    let rest = json!({
        "name": "web", "program": command[1], "args": ["exit", "3"],
        "rung": "group", "grade": "cooperative", "status": "exited", "exit_code": 3,
        "signal": null, "cause": "itself", "warnings": [], "error": null,
    });
    assert_eq!(line, rest);
}

#[test]
fn the_cause_is_why_the_program_ended() {
    let cause = |options: &str, words: &str| {
        let (line, code) = receipt(options, &puppet(words));
        (
            line["status"].clone(),
            line["cause"].clone(),
            line["signal"].clone(),
            code,
        )
    };
    let timed = ("--timeout 50ms --grace 5s", "park");
    assert_eq!(
        cause(timed.0, timed.1),
        ("terminated".into(), "deadline".into(), 15.into(), 124)
    );
    let own = cause("", "die USR1");
    assert_eq!(own, ("terminated".into(), "itself".into(), 10.into(), 138));
}

#[test]
fn the_receipt_counts_who_was_left_asked_and_killed() {
    let left = "ignore TERM members 1 exit 0";
    let (line, code) = receipt("--grace 100ms", &puppet(left));
    assert_eq!(
        (line["status"].clone(), line["exit_code"].clone(), code),
        ("exited".into(), 0.into(), 0)
    );
    let end = &line["receipt"];
    assert_eq!(
        (&end["survivors"], &end["killed"]),
        (&json!([]), &json!(1)),
        "{line}"
    );
    assert_eq!(
        (&end["members_before"], &end["asked"]),
        (&json!(1), &json!(1)),
        "{line}"
    );
}

#[test]
fn the_rung_and_the_grade_are_those_in_force() {
    let (line, _) = receipt("", &puppet("exit 0"));
    if let Some(forced) = forced() {
        assert_eq!(line["rung"], forced);
    }
    let grades = if holds_daemons() {
        &["kernel", "swept"][..]
    } else {
        &["cooperative"][..]
    };
    assert!(grades.contains(&line["grade"].as_str().unwrap()), "{line}");
}

#[test]
fn a_start_that_failed_has_a_line_too() {
    let (line, code) = receipt("", &["--".into(), "no-such-program".into(), "x".into()]);
    assert_eq!(code, 127);
    assert_eq!(line["status"], "failed");
    assert_eq!(
        (&line["program"], &line["args"]),
        (&"no-such-program".into(), &json!(["x"]))
    );
    assert_eq!(line["error"]["code"], "config.program-not-found");
    assert_eq!(
        line["error"]["message"],
        "no program `no-such-program` in the given PATH"
    );
    assert!(line["id"].is_null() && line["receipt"].is_null());
}

/// `handfast run --json NUMBER …` with shell redirections.
fn shell(redirections: &str, number: u32, words: &str) -> Command {
    let (handfast, words) = (testkit::handfast(), puppet(words).join(" "));
    let script = format!(
        "exec {} run --json {number} {words} {redirections}",
        handfast.display()
    );
    let mut command = command("sh");
    command.args(["-c", &script]);
    command
}

#[test]
fn a_descriptor_gets_the_line_and_the_program_does_not_get_the_descriptor() {
    let output = shell("9>&1 >&2", 9, "print-fds exit 0").output().unwrap();
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["exit_code"], 0);
    let descriptors = text(&output.stderr);
    assert_eq!(descriptors.lines().count(), 3, "{descriptors}");
}

#[test]
fn nobody_but_handfast_holds_the_descriptor() {
    let mut running = Running::start(&mut shell("9>&1", 9, "say up close 1 close 2 park"));
    assert_eq!(running.line(), "up");
    let handfast = running.child.id();
    let own = fs::read_link(format!("/proc/{handfast}/fd/9")).unwrap();
    // The program closes its own copy right after it spoke.
    let mut others = Vec::new();
    until("the last other holder's end", || {
        others = holders(&own);
        others.retain(|pid| *pid != handfast && *pid != std::process::id());
        others.is_empty()
    });
    running.signal("TERM");
    let (line, code) = running.end();
    let line: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((line["cause"].as_str(), code), (Some("stop"), 143));
}

/// Who has this file open, as far as we may know.
fn holders(target: &Path) -> Vec<u32> {
    let pids = fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let open = fs::read_dir(format!("/proc/{pid}/fd"))
            .into_iter()
            .flatten()
            .flatten();
        open.filter_map(|entry| fs::read_link(entry.path()).ok())
            .any(|held| held == target)
    })
    .collect()
}

#[test]
fn a_descriptor_that_cannot_be_written_to_is_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let oracle = testkit::Oracle::new();
    let words = format!("join {} exit 0", oracle.dir().display());
    for (redirection, number) in [("9>&-", 9), ("9</dev/null", 9), ("", 0), ("", 2)] {
        let output = shell(redirection, number, &words).output().unwrap();
        assert_eq!(output.status.code(), Some(125), "{redirection}");
        assert_eq!(text(&output.stderr).lines().count(), 3, "{output:?}");
    }
    let path = folder.path().join("no/such/folder");
    let mut command = handfast("--json");
    let output = command.arg(path).args(puppet(&words)).output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    assert_eq!(oracle.joined(), 0);
}

#[test]
fn a_line_that_nobody_reads_is_said_and_changes_no_code() {
    let output = shell("9>/dev/full", 9, "exit 4").output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(text(&output.stderr).starts_with("handfast: failed to write the receipt to `9`"));
}
