//! The program gets what the caller has, what it was given by name, and nothing else.

use crate::kit::{FORCE, code, command, file, forced, handfast, puppet, text};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

const ODD: &[u8] = b"caf\xe9 \"quoted\" $HOME\nsecond line";

/// The same variables for a program with and without handfast.
fn with_caller(command: &mut Command) -> Output {
    command
        .env_clear()
        .envs(forced().map(|rung| (FORCE, rung)))
        .env("PATH", "/usr/bin:/bin")
        .env("EMPTY", "")
        .env("ODD", OsStr::from_bytes(ODD))
        .env(OsStr::from_bytes(b"N\xe9ME"), "value")
        .output()
        .unwrap()
}

/// The variables that the program gets, without the one that a forced rung needs.
fn variables(options: &[&str]) -> Vec<String> {
    let mut command = handfast("");
    let output = with_caller(command.args(options).args(puppet("print-env")));
    assert_eq!(code(output.status), 0, "{output:?}");
    let said = text(&output.stdout);
    let ours = |line: &&str| !line.starts_with("env HANDFAST_FORCE=");
    said.lines()
        .filter(ours)
        .map(|line| line[4..].to_owned())
        .collect()
}

#[test]
fn the_callers_variables_are_passed_on_to_the_byte_and_none_is_added() {
    let with = with_caller(handfast("").args(puppet("print-env")));
    let without = with_caller(Command::new(testkit::puppet()).arg("print-env"));
    assert!(text(&without.stdout).contains("caf\\xe9"), "{without:?}");
    assert_eq!(text(&with.stdout), text(&without.stdout));
}

#[test]
fn a_clean_environment_has_what_is_named_and_nothing_else() {
    assert_eq!(variables(&["--clean-env"]), [""; 0]);
    assert_eq!(variables(&["--keep-env", "EMPTY,UNKNOWN"]), ["EMPTY="]);
    assert_eq!(
        variables(&["--clean-env", "--keep-env", "PATH"]),
        ["PATH=/usr/bin:/bin"]
    );
    assert_eq!(variables(&["--clean-env", "--env", "A=b=c d"]), ["A=b=c d"]);
}

#[test]
fn files_win_over_the_caller_and_options_over_files() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "# comment\n\nEMPTY=file\nA=1\nexport B='2' # kept\n";
    let one = file(folder.path(), "one", lines);
    let two = file(folder.path(), "two", "A=3\nC=4\r\n");
    let options = [
        "--keep-env",
        "EMPTY",
        "--env",
        "C=5",
        "--env-file",
        &one,
        "--env-file",
        &two,
    ];
    let got = variables(&[&options[..], &["--env", "C=6"]].concat());
    assert_eq!(got, ["EMPTY=file", "A=3", "B=\\'2\\' # kept", "C=6"]);
}

#[test]
fn it_runs_where_the_caller_is_or_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().canonicalize().unwrap();
    fs::create_dir(there.join("below")).unwrap();
    let cwd = |options: &[&str]| {
        let mut command = handfast("");
        command.args(options).args(puppet("print-cwd print-env"));
        let output = command
            .current_dir(&there)
            .env("PWD", "/as/it/was")
            .output()
            .unwrap();
        let said = text(&output.stdout);
        assert!(said.contains("env PWD=/as/it/was\n"), "{output:?}");
        said.lines().next().unwrap().to_owned()
    };
    assert_eq!(cwd(&[]), format!("cwd {}", there.display()));
    assert_eq!(
        cwd(&["--cwd", "below"]),
        format!("cwd {}/below", there.display())
    );
    assert_eq!(cwd(&["--cwd", "/"]), "cwd /");
}

fn script(path: &Path, says: &str) {
    fs::write(path, format!("#!/bin/sh\necho {says} \"$@\"\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_relative_program_is_found_from_where_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    script(&folder.path().join("bin/greet"), "below");
    script(&folder.path().join("greet"), "here");
    let said = |options: &[&str], program: &str, path: &str| {
        let mut command = handfast("");
        command
            .args(options)
            .args(["--", program, "you"])
            .current_dir(folder.path());
        let output = command
            .env("PATH", format!("{path}:/usr/bin:/bin"))
            .output()
            .unwrap();
        text(&output.stdout).trim_end().to_owned()
    };
    assert_eq!(said(&[], "./greet", "/nowhere"), "here you");
    assert_eq!(said(&["--cwd", "bin"], "./greet", "/nowhere"), "below you");
    assert_eq!(said(&[], "bin/greet", "/nowhere"), "below you");
    // As `execvp` does with entries of PATH that are relative or empty.
    assert_eq!(said(&[], "greet", "bin"), "below you");
    assert_eq!(said(&[], "greet", ""), "here you");
}

#[test]
fn umask_limits_priority_and_score_are_the_callers() {
    let puppet = testkit::puppet();
    let says = format!(
        "{} print-umask print-limits print-nice print-ids && cat /proc/self/oom_score_adj",
        puppet.display()
    );
    let ours = "ulimit -n 50; ulimit -c 0; ulimit -s 4096; umask 027; exec nice -n 5 \"$@\"";
    let said = |with: &[&OsStr]| {
        let mut command = command("sh");
        command
            .args(["-c", ours, "sh"])
            .args(with)
            .args(["sh", "-c", &says]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout)
    };
    let handfast = testkit::handfast();
    let with = said(&[handfast.as_os_str(), OsStr::new("run"), OsStr::new("--")]);
    let without = said(&[]);
    assert!(
        without.contains("Umask:\t0027") && without.contains("nice 5"),
        "{without}"
    );
    let user_namespace = with.contains("Groups:\t65534") || with != without;
    if user_namespace {
        // In a user namespace ids and capabilities differ; all else must not.
        let plain = |said: &str| -> Vec<String> {
            let ids = ["Uid", "Gid", "Groups", "Cap"];
            let kept = said
                .lines()
                .filter(|line| !ids.iter().any(|id| line.starts_with(id)));
            kept.map(str::to_owned).collect()
        };
        assert_eq!(plain(&with), plain(&without));
    }
}

#[test]
fn every_signal_has_its_default_in_the_program() {
    let mut command = command(testkit::puppet());
    command
        .args(["ignore", "all", "block", "all", "exec"])
        .arg(testkit::handfast())
        .arg("run");
    let output = command
        .args(["--", "grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])
        .output();
    let said = text(&output.unwrap().stdout);
    assert_eq!(
        said,
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
    );
}
