//! A config that is wrong is refused with what is wrong, and nothing is started for it.

use std::fs;
use std::path::Path;

use handfast::config::{
    Credentials, Lifetime, Limit, Output, ProcessConfig, ProcessConfigBuilder, Resource,
};
use handfast::{Containment, Grade, Rung, StartError};
use testkit::Oracle;

use crate::stage::{Stage, builder, puppet};

/// A way to be wrong: the config, its code, and what the message must name.
type Wrong = (ProcessConfigBuilder, &'static str, &'static str);

fn sh() -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
}

fn programs() -> Vec<Wrong> {
    let of = |program: &str| ProcessConfig::builder(program);
    vec![
        (of(""), "config.empty-program", "program"),
        (of("./x"), "config.program-relative", "./x"),
        (of("x"), "config.program-needs-path", "x"),
        (of("x").env("PATH", "/usr"), "config.program-not-found", "x"),
        (of("/no/such"), "config.program-missing", "/no/such"),
        (
            of("/etc/passwd/x"),
            "config.program-unreachable",
            "/etc/passwd/x",
        ),
        (of("/usr"), "config.program-is-directory", "/usr"),
        (of("/dev/null"), "config.program-not-a-file", "/dev/null"),
        (of("/etc/passwd"), "config.not-executable", "/etc/passwd"),
        (of("/bin/s\0h"), "config.nul-in-program", "/bin/s"),
    ]
}

fn words() -> Vec<Wrong> {
    let long = "x".repeat(140_000);
    let many = (0..100).map(|_| "x".repeat(100_000));
    vec![
        (
            sh().args(["a", "b\0"]),
            "config.nul-in-argument",
            "argument 2",
        ),
        (sh().env("K\0EY", "v"), "config.nul-in-key", "EY"),
        (sh().env("KEY", "v\0"), "config.nul-in-value", "KEY"),
        (sh().env("", "v"), "config.empty-key", "key is empty"),
        (sh().env("K=EY", "v"), "config.equals-in-key", "K=EY"),
        (sh().arg(&long), "config.argument-too-long", "argument 1"),
        (sh().env("KEY", &long), "config.variable-too-long", "KEY"),
        (sh().args(many), "config.too-large", "bytes"),
    ]
}

fn places(existing: &Path) -> Vec<Wrong> {
    let named = existing.to_str().unwrap_or_default();
    let below = format!("{named}/log");
    vec![
        (
            sh().working_directory("/a\0"),
            "config.nul-in-directory",
            "/a",
        ),
        (
            sh().working_directory("tmp"),
            "config.directory-relative",
            "`tmp`",
        ),
        (
            sh().working_directory("/no/such"),
            "config.directory-missing",
            "/no/such",
        ),
        (
            sh().working_directory("/etc/passwd"),
            "config.not-a-directory",
            "/etc/passwd",
        ),
        (sh().log_file("/a\0"), "config.nul-in-log", "/a"),
        (sh().log_file("log"), "config.log-relative", "`log`"),
        (
            sh().log_file("/no/such/log"),
            "config.log-parent-missing",
            "/no/such/log",
        ),
        (
            sh().log_file(below),
            "config.log-parent-not-a-directory",
            "/log",
        ),
        (sh().log_file("/tmp"), "config.log-is-directory", "/tmp"),
        (
            sh().log_file("/tmp/l").stdout(Output::Null),
            "config.log-conflict",
            "stdout",
        ),
    ]
}

fn numbers() -> Vec<Wrong> {
    let limit = |soft, hard| sh().limit(Resource::NoFile, Limit::Value(soft), Limit::Value(hard));
    let group = Containment::Rung(Rung::Group);
    vec![
        (limit(2, 1), "config.soft-above-hard", "nofile"),
        (sh().umask(0o1000), "config.bad-umask", "0o1000"),
        (sh().nice(20), "config.bad-nice", "20"),
        (sh().nice(-21), "config.bad-nice", "-21"),
        (
            sh().user(Credentials::new(u32::MAX, 0)),
            "config.bad-id",
            "user id",
        ),
        (
            sh().user(Credentials::new(0, u32::MAX)),
            "config.bad-id",
            "group id",
        ),
        (
            sh().containment(group).least_grade(Grade::Kernel),
            "config.grade-out-of-reach",
            "group",
        ),
    ]
}

#[tokio::test]
async fn each_way_to_be_wrong_is_an_error_that_names_it_and_starts_nothing() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    let manager = builder().build().unwrap();
    let all = [programs(), words(), places(&file), numbers()].concat();
    for (config, code, named) in all {
        // A wrong config must not be mended by anything else that it says.
        let config = config.lifetime(Lifetime::Turn).build();
        let refused = manager.start_process(config).await;
        let Err(StartError::Config(refused)) = refused else {
            panic!("{code}: {refused:?}")
        };
        assert_eq!(refused.code(), code);
        let shown = refused.to_string();
        assert!(
            shown.contains(named),
            "{code}: `{named}` is not in `{shown}`"
        );
    }
    assert!(manager.list_processes().is_empty());
    // Not even the reaper was started.
    assert!(manager.reaper_pids().is_empty());
    assert!(!Path::new("/tmp/l").exists());
}

/// The negative control: the same config without its fault starts.
#[tokio::test]
async fn the_same_config_without_its_fault_starts() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} exit 4", oracle.dir().display());
    let wrong = puppet(&join).env("K=EY", "v").build();
    stage
        .manager
        .start_process(wrong.clone())
        .await
        .unwrap_err();
    assert_eq!(oracle.joined(), 0);
    let right = wrong.to_builder().env_clear();
    assert_eq!(stage.end_of(right).await.exit_code, Some(4));
    assert_eq!(oracle.joined(), 1);
}

#[tokio::test]
async fn a_start_that_fails_in_the_child_leaves_nothing() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let place = tempfile::tempdir().unwrap();
    let log = place.path().join("log");
    // The directory is there when it is checked, and cannot be entered by that user.
    let closed = place.path().join("closed");
    fs::create_dir(&closed).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&closed, mode).unwrap();
    let config = puppet(&format!("join {} park", oracle.dir().display()))
        .user(Credentials::new(1234, 1234))
        .working_directory(&closed)
        .stdout(Output::File(log));
    let refused = stage.manager.start_process(config.build()).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "start.system");
    let step = if crate::stage::is_root() {
        "enter the working directory"
    } else {
        "become the user"
    };
    assert_eq!(refused.to_string(), step);
    assert_eq!(oracle.joined(), 0);
    assert!(stage.manager.list_processes().is_empty());
}
