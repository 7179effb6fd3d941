//! Starts: what comes back, what the program was given, what is refused.

use crate::puppet::ARGUMENTS;
use crate::stage::{manager, play, puppet, until_closed};
use handfast::config::{Lifetime, Output, Stdin};
use handfast::output::Capture;
use handfast::session::{ScreenSize, WriteOptions};
use handfast::{Cause, Grade, ProcessConfig, ProcessStatus, Rung};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_program_runs_in_a_job_and_its_code_comes_back_whole() {
    let manager = manager();
    let mut played = play(&manager, puppet("say hello gate exit 3000000000")).await;
    assert_eq!(played.said().await, "hello");
    let info = manager.info(played.handle).unwrap();
    assert_eq!((info.rung, info.grade), (Rung::Job, Grade::Kernel));
    let ProcessStatus::Running { pid } = info.status else {
        panic!("{:?}", info.status)
    };
    assert_eq!(manager.members(played.handle).unwrap(), [pid]);
    played.input = None;
    let ended = manager.wait(played.handle).await.unwrap();
    assert_eq!(ended.exit_code, Some(3_000_000_000_u32.cast_signed()));
    assert_eq!(ended.cause, Cause::Itself);
    let status = manager.wait_tree(played.handle).await.unwrap();
    assert!(matches!(status, ProcessStatus::Exited { .. }), "{status:?}");
    played.until_all_are_gone().await;
}

#[tokio::test]
async fn what_is_written_is_read_and_what_is_said_comes_back() {
    let manager = manager();
    let mut played = play(&manager, puppet("echo")).await;
    let input = played.input.as_mut().unwrap();
    // More than one piece, and more than a pipe holds.
    let long = "x".repeat(100_000);
    input.write_all(b"one\n").await.unwrap();
    input
        .write_all(format!("{long}\n").as_bytes())
        .await
        .unwrap();
    assert_eq!(played.said().await, "<one>");
    assert_eq!(played.said().await, format!("<{long}>"));
    played.input = None;
    assert_eq!(played.next().await, None);
    assert_eq!(
        manager.wait(played.handle).await.unwrap().exit_code,
        Some(0)
    );
}

#[tokio::test]
async fn captured_output_is_kept_and_counted() {
    let manager = manager();
    let flood = puppet("flood 1000000 say end")
        .stdin(Stdin::Null)
        .output(Output::Captured)
        .capture(Capture::default().keep(64 * 1024));
    let handle = manager.start_process(flood.build()).await.unwrap();
    manager.wait_tree(handle).await.unwrap();
    let output = manager.output(handle).unwrap().unwrap();
    until_closed(&output).await;
    let status = output.status();
    assert!(status.totals.stdout >= 1_000_000, "{status:?}");
    assert!(status.omitted.stdout > 900_000, "{status:?}");
}

#[tokio::test]
async fn the_manager_writes_and_closes_the_input() {
    let manager = manager();
    let config = puppet("echo")
        .stdin(Stdin::Written)
        .output(Output::Captured);
    let handle = manager.start_process(config.build()).await.unwrap();
    let written = manager
        .write(handle, b"typed\r\n".to_vec(), WriteOptions::default())
        .await
        .unwrap();
    assert!(written.is_complete());
    manager.close_stdin(handle).await.unwrap();
    assert_eq!(manager.wait(handle).await.unwrap().exit_code, Some(0));
}

#[tokio::test]
async fn it_is_given_exactly_what_the_config_says() {
    let manager = manager();
    let odd = ["a b", "", "quote\"d", "back\\slash\\", "ä€", "%PATH%"];
    let config = puppet("told").arg("--").args(odd).env("Ä", "ö=x");
    let mut played = play(&manager, config).await;
    let said = played.rest().await;
    let told = |prefix: &str| -> Vec<String> {
        let told = said.iter().filter_map(|line| line.strip_prefix(prefix));
        told.map(str::to_owned).collect()
    };
    assert_eq!(told("argument "), odd.map(|word| format!("<{word}>")));
    assert_eq!(told("directory "), ["C:\\"]);
    let mut names: Vec<String> = told("variable ")
        .iter()
        .filter_map(|variable| variable.split_once('=').map(|(name, _)| name.to_owned()))
        .filter(|name| !name.is_empty() && !is_of_wine(name))
        .collect();
    names.sort();
    assert_eq!(names, ["HANDFAST_PUPPET", "SystemRoot", "Ä"]);
    assert!(told("variable ").contains(&"Ä=ö=x".to_owned()));
}

/// What Wine's own loader adds.
fn is_of_wine(name: &str) -> bool {
    name.starts_with("WINE") || name == "SystemDrive"
}

#[tokio::test]
async fn a_bare_name_is_found_in_the_given_path_with_the_given_endings_only() {
    let own = std::env::current_exe().unwrap();
    let folder = own.parent().unwrap().to_owned();
    let stem = own.file_stem().unwrap().to_owned();
    let bare = || ProcessConfig::builder(&stem).args(ARGUMENTS);
    let code = |config: handfast::config::ProcessConfigBuilder| {
        config
            .build()
            .check()
            .map(|checked| checked.program().to_owned())
    };
    let found = code(bare().env("Path", &folder)).unwrap();
    assert!(found.is_file(), "{}", found.display());
    let refused = |config| code(config).unwrap_err().code();
    assert_eq!(refused(bare()), "config.program-needs-path");
    let other = bare().env("PATH", &folder).env("PATHEXT", ".NOT");
    // A test program has a dot in no part of its name but the ending.
    assert_eq!(refused(other), "config.program-not-found");
    assert_eq!(
        refused(ProcessConfig::builder("x\\y.exe").env("PATH", &folder)),
        "config.program-relative"
    );
}

#[tokio::test]
async fn a_batch_file_is_refused_and_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let batch = folder.path().join("run.BAT");
    std::fs::write(&batch, "exit 0").unwrap();
    let refused = ProcessConfig::builder(&batch).build().check().unwrap_err();
    assert_eq!(refused.code(), "config.not-a-program");
}

#[tokio::test]
async fn what_windows_has_not_is_refused_by_name() {
    let manager = manager();
    // Its console would end with its host.
    let survivor = ProcessConfig::builder(std::env::current_exe().unwrap())
        .lifetime(Lifetime::User)
        .terminal(ScreenSize::default());
    let refused = manager.start_process(survivor.build()).await.unwrap_err();
    assert_eq!(refused.code(), "start.system");
    assert!(manager.list_processes().is_empty());
    let linux = puppet("say ran").containment(handfast::Containment::Rung(Rung::Cgroup));
    let refused = manager.start_process(linux.build()).await.unwrap_err();
    assert_eq!(refused.code(), "start.rung-unavailable");
}

#[tokio::test]
async fn a_program_that_is_none_is_an_error_of_the_start() {
    let manager = manager();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("text.exe");
    std::fs::write(&file, "no program").unwrap();
    let refused = manager
        .start_process(ProcessConfig::builder(&file).build())
        .await
        .unwrap_err();
    assert!(refused.code().starts_with("config."), "{refused:?}");
    assert!(manager.list_processes().is_empty());
}

#[tokio::test]
async fn both_outputs_go_to_a_log_in_the_order_of_writing() {
    let manager = manager();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    std::fs::write(&log, "before\n").unwrap();
    let program = std::env::current_exe().unwrap();
    let config = ProcessConfig::builder(program)
        .args(ARGUMENTS)
        .envs(crate::puppet::variables("say one say two"))
        .log_file(&log);
    let handle = manager.start_process(config.build()).await.unwrap();
    manager.wait_tree(handle).await.unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let said: Vec<&str> = text.lines().filter(|line| line.starts_with('@')).collect();
    assert!(text.starts_with("before\n"), "{text}");
    assert_eq!(said, ["@one", "@two"]);
}
