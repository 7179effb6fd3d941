//! A child gets what was asked for and nothing else: arguments, environment, directory, program.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use handfast::config::ProcessConfig;
use handfast::{ProcessStatus, StartError};

use crate::stage::{Stage, apart, puppet, sh, succeed};

#[tokio::test]
async fn a_config_becomes_a_running_process_with_a_handle() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = stage.start_ready(puppet("say ready park")).await;
    let status = stage.manager.query_status(handle).unwrap();
    assert!(
        matches!(status, ProcessStatus::Running { pid } if pid > 0),
        "{status:?}"
    );
    let info = stage.manager.info(handle).unwrap();
    assert_eq!(info.handle, handle);
    assert_eq!(info.config.args(), ["say", "ready", "park"]);
}

#[tokio::test]
async fn the_directory_is_the_root_unless_one_is_given() {
    let path = "spawn::the_directory_is_the_root_unless_one_is_given";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command.current_dir("/usr");
        return succeed(command);
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    assert_eq!(stage.run(puppet("print-cwd")).await.out, "cwd /\n");
    let here = stage
        .run(puppet("print-cwd").working_directory("/usr/../tmp"))
        .await;
    assert_eq!(here.out, "cwd /tmp\n");
    // The negative control: without us the host's directory shows.
    assert_eq!(plain("print-cwd"), "cwd /usr\n");
}

#[tokio::test]
async fn nothing_of_the_hosts_environment_reaches_the_child() {
    let path = "spawn::nothing_of_the_hosts_environment_reaches_the_child";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command.env("LD_PRELOAD", "").env("SECRET", "hush");
        return succeed(command);
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    assert_eq!(stage.run(puppet("print-env")).await.out, "");
    // The negative control: without us it shows.
    assert!(plain("print-env").contains("env SECRET=hush\n"));
}

#[tokio::test]
async fn exactly_the_given_environment_reaches_the_child() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let config = puppet("print-env")
        .env("B", "2")
        .env("A", "")
        .env("PATH", "/x");
    let run = stage.run(config).await;
    assert_eq!(run.out, "env B=2\nenv A=\nenv PATH=/x\n");
}

#[tokio::test]
async fn an_environment_of_a_mebibyte_arrives_whole() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let variables: BTreeMap<String, String> = (0..10)
        .map(|number| (format!("V{number}"), number.to_string().repeat(110_000)))
        .collect();
    let run = stage.run(puppet("print-env").envs(&variables)).await;
    let told: BTreeMap<String, String> = run
        .told("env ")
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    assert!(run.out.len() > 1 << 20);
    assert!(
        told == variables,
        "{} of {} bytes",
        run.out.len(),
        10 * 110_000
    );
}

#[tokio::test]
async fn bytes_that_are_no_text_arrive_as_they_are() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let odd = OsString::from_vec((1..=255).filter(|byte| *byte != b'=').collect());
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join(OsStr::from_bytes(b"caf\xe9 \n"));
    std::fs::create_dir(&directory).unwrap();
    let program = directory.join(OsStr::from_bytes(b"\xff\xfe"));
    symlink("/bin/sh", &program).unwrap();
    let config = ProcessConfig::builder(&program)
        .args(["-c", r#"printf '%s|' "$0" "$@" "$V"; pwd"#])
        .arg(&odd)
        .arg("")
        .env("V", &odd)
        .working_directory(&directory);
    let (_, out, _, _) = stage.run_bytes(config).await;
    let directory = directory.canonicalize().unwrap();
    let odd = odd.as_bytes();
    let want = [
        odd,
        b"||",
        odd,
        b"|",
        directory.as_os_str().as_bytes(),
        b"\n",
    ]
    .concat();
    assert_eq!(out, want);
}

#[tokio::test]
async fn the_program_is_told_its_name_and_arguments_as_given() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let run = stage.run(puppet("print-argv")).await;
    let name = testkit::puppet();
    assert_eq!(run.told("argv "), [name.to_str().unwrap(), "print-argv"]);
}

#[tokio::test]
async fn a_bare_name_is_found_in_the_configs_own_path_only() {
    let path = "spawn::a_bare_name_is_found_in_the_configs_own_path_only";
    let place = tempfile::tempdir().unwrap();
    if let Some(again) = apart(path) {
        symlink("/bin/sh", place.path().join("only-here")).unwrap();
        let mut command = again.command();
        command.env("PATH", format!("{}:/usr/bin:/bin", place.path().display()));
        return succeed(command);
    }
    let Some(stage) = Stage::open().await else {
        return;
    };
    // The host finds it, so a look into the host's PATH would.
    assert!(
        Command::new("only-here")
            .args(["-c", "true"])
            .status()
            .unwrap()
            .success()
    );
    let named = || ProcessConfig::builder("only-here").args(["-c", "true"]);
    let start = async |config: ProcessConfig| stage.manager.start_process(config).await;
    let refused = start(named().build()).await.unwrap_err();
    assert_eq!(refused.code(), "config.program-needs-path");
    let refused = start(named().env("PATH", "/usr/bin").build())
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "config.program-not-found");
    // And in its own PATH it is found.
    symlink("/bin/sh", place.path().join("only-there")).unwrap();
    let there = ProcessConfig::builder("only-there").args(["-c", "exit 5"]);
    let ended = stage.end_of(there.env("PATH", place.path())).await;
    assert_eq!(ended.exit_code, Some(5));
}

#[tokio::test]
async fn a_program_that_cannot_be_executed_is_an_error_of_the_start_and_no_exit_code() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let place = tempfile::tempdir().unwrap();
    // Written by somebody else: a descriptor of ours would live on in a fork of another test.
    let write = |name: &str, text: &str| {
        let path = place.path().join(name);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", r#"printf %s "$1" >"$0" && chmod 755 "$0""#]);
        succeed({
            shell.arg(&path).arg(text);
            shell
        });
        path
    };
    let code = async |program: &Path| {
        let config = ProcessConfig::builder(program).build();
        let refused = stage.manager.start_process(config).await;
        let refused = refused.expect_err("it cannot be executed");
        assert!(matches!(refused, StartError::Config(_)), "{refused:?}");
        assert!(
            refused.to_string().contains(program.to_str().unwrap()),
            "{refused}"
        );
        refused.code().to_owned()
    };
    let script = write("script", "#!/no/such/interpreter\n");
    assert_eq!(code(&script).await, "config.bad-interpreter");
    // What only the exec itself can find out.
    assert_eq!(
        code(&write("text", "just words\n")).await,
        "config.not-a-program"
    );
    let busy = write("busy", "#!/bin/sh\n");
    let _writer = std::fs::OpenOptions::new()
        .append(true)
        .open(&busy)
        .unwrap();
    assert_eq!(code(&busy).await, "config.program-busy");
    assert!(stage.manager.list_processes().is_empty());
    // The negative control: a program that says 127 itself.
    let ended = stage.end_of(sh("exit 127")).await;
    assert_eq!(ended.exit_code, Some(127));
}

/// What a puppet says that this test starts by itself, the ordinary way.
fn plain(words: &str) -> String {
    let mut command = Command::new(testkit::puppet());
    let output = command.args(testkit::script(words)).output();
    let output = output.expect("a puppet starts");
    String::from_utf8(output.stdout).expect("it writes text")
}
