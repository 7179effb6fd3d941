//! A config against real files: what `check` says must be what the system does.
//!
//! Where it can, each test asks the system itself (`std::process::Command`) about the same program,
//! so that a rule that the kernel does not have cannot creep in. The user dropped to is one that
//! owns nothing here; that needs no privileges, since nothing is started as it.

#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use handfast::config::{
    Checked, ConfigError, Credentials, Limit, Output, ProcessConfig, ProcessConfigBuilder, Resource,
};
use tempfile::TempDir;

mod interpreter;
mod search;

/// Held while a file is written and while something is started. A child has copies of all
/// descriptors until its exec, and a program that anybody has open for writing cannot be executed.
static WRITING_OR_STARTING: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    WRITING_OR_STARTING
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory can be made"))
    }

    fn at(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.0.path().join(Path::new(name.as_ref()))
    }

    fn file(&self, name: impl AsRef<OsStr>, content: &[u8], mode: u32) -> PathBuf {
        let _alone = alone();
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("it is below the place")).expect("made");
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode is set");
        path
    }

    fn script(&self, name: impl AsRef<OsStr>, interpreter: &str) -> PathBuf {
        self.file(name, format!("#!{interpreter}\n").as_bytes(), 0o755)
    }
}

fn check(program: impl Into<PathBuf>) -> Result<Checked, ConfigError> {
    ProcessConfig::builder(program).build().check()
}

fn wrong(builder: ProcessConfigBuilder) -> ConfigError {
    builder.build().check().expect_err("this config is wrong")
}

/// What the system says to the same program.
fn run(program: &Path) -> io::Result<()> {
    let _alone = alone();
    let mut child = Command::new(program).env_clear().current_dir("/").spawn()?;
    child.wait().map(drop)
}

fn sh() -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
}

#[test]
fn each_way_that_a_file_is_no_program_has_its_own_error() {
    let place = Place::new();
    let missing = place.at("missing");
    assert!(
        matches!(check(&missing), Err(ConfigError::ProgramMissing { program }) if program == missing)
    );
    let plain = place.file("plain", b"#!/bin/sh\n", 0o644);
    assert!(
        matches!(check(&plain), Err(ConfigError::NotExecutable { program }) if program == plain)
    );
    let directory = place.0.path();
    assert!(matches!(check(directory),
        Err(ConfigError::ProgramIsDirectory { program }) if program == directory));
    let socket = place.at("socket");
    let _held = UnixListener::bind(&socket).unwrap();
    assert!(
        matches!(check(&socket), Err(ConfigError::ProgramNotAFile { program }) if program == socket)
    );
    let below = plain.join("x");
    assert!(
        matches!(check(&below), Err(ConfigError::ProgramUnreachable { program, .. }) if program == below)
    );
    let circle = place.at("circle");
    symlink(&circle, &circle).unwrap();
    assert!(
        matches!(check(&circle), Err(ConfigError::ProgramUnreachable { program, .. }) if program == circle)
    );
    for refused in [missing, plain, directory.into(), socket, below, circle] {
        assert!(run(&refused).is_err(), "{}", refused.display());
    }
}

/// The negative control of the test above: links and odd names are no reason to refuse.
#[test]
fn a_program_behind_a_link_passes() {
    let place = Place::new();
    let link = place.at("link");
    symlink("/bin/sh", &link).unwrap();
    assert_eq!(check(&link).unwrap().program(), link);
}

#[test]
fn a_name_that_is_no_text_survives_byte_for_byte() {
    let place = Place::new();
    let name = OsStr::from_bytes(b"caf\xe9 \xff");
    let program = place.script(name, "/bin/sh");
    let checked = check(&program).unwrap();
    assert_eq!(
        checked.program().as_os_str().as_bytes(),
        program.as_os_str().as_bytes()
    );
    let searched = ProcessConfig::builder(name)
        .env("PATH", place.0.path())
        .build()
        .check()
        .unwrap();
    assert_eq!(searched.program(), program);
    assert_eq!(searched.argv0(), name);
}

#[test]
fn whether_a_file_may_be_executed_is_asked_for_the_user_of_the_child() {
    let place = Place::new();
    let program = place.file("mine", b"#!/bin/sh\n", 0o700);
    let stranger = Credentials::new(54_321, 54_321);
    let as_stranger = || ProcessConfig::builder(&program).user(stranger.clone());
    assert!(
        matches!(wrong(as_stranger()), ConfigError::NotExecutable { program: named } if named == program)
    );
    assert!(check(&program).is_ok());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o701)).unwrap();
    assert!(as_stranger().build().check().is_ok());
}

#[test]
fn each_way_that_a_working_directory_is_wrong_has_its_own_error() {
    let place = Place::new();
    let missing = place.at("missing");
    assert!(matches!(wrong(sh().working_directory(&missing)),
        ConfigError::DirectoryMissing { directory } if directory == missing));
    let file = place.file("file", b"", 0o755);
    for no_directory in [file.clone(), file.join("below")] {
        assert!(matches!(wrong(sh().working_directory(&no_directory)),
            ConfigError::NotADirectory { directory } if directory == no_directory));
    }
    let long = place.at("x".repeat(300));
    assert!(matches!(wrong(sh().working_directory(&long)),
        ConfigError::DirectoryNotEnterable { directory, .. } if directory == long));
    let fine = sh()
        .working_directory(place.0.path())
        .build()
        .check()
        .unwrap();
    assert_eq!(fine.working_directory(), place.0.path());
}

/// Only where the mode is a hindrance: root enters everything.
#[test]
fn a_directory_that_may_not_be_entered_is_refused_unless_the_user_changes() {
    let place = Place::new();
    let locked = place.at("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o600)).unwrap();
    let kept = sh().working_directory(&locked).build().check();
    let enterable = fs::metadata(locked.join(".")).is_ok();
    assert_eq!(kept.is_ok(), enterable);
    if let Err(error) = kept {
        assert!(
            matches!(error, ConfigError::DirectoryNotEnterable { directory, .. } if directory == locked)
        );
    }
    let other = sh().working_directory(&locked).user(Credentials::new(1, 1));
    assert!(other.build().check().is_ok());
}

#[test]
fn each_way_that_a_log_is_wrong_has_its_own_error() {
    let place = Place::new();
    let file = place.file("file", b"", 0o644);
    let socket = place.at("socket");
    let _held = UnixListener::bind(&socket).unwrap();
    let closed = PathBuf::from(format!("{}/", place.at("new").display()));
    let cases = [
        (place.at("no/such/log"), "config.log-parent-missing"),
        (file.join("log"), "config.log-parent-not-a-directory"),
        (place.0.path().to_path_buf(), "config.log-is-directory"),
        (closed, "config.log-is-directory"),
        (socket, "config.log-not-a-file"),
        (place.at("x".repeat(300)), "config.log-unreachable"),
    ];
    for (log, code) in cases {
        let ways = [
            sh().log_file(&log),
            sh().stdout(Output::File(log.clone())),
            sh().stderr(Output::File(log.clone())),
        ];
        for builder in ways {
            let refused = wrong(builder);
            assert_eq!(refused.code(), code);
            assert!(
                refused.to_string().contains(log.to_str().unwrap()),
                "{refused}"
            );
        }
    }
}

#[test]
fn a_log_that_passes_is_neither_created_nor_changed() {
    let place = Place::new();
    let kept = place.file("kept", b"line\n", 0o600);
    let fresh = place.at("fresh");
    for log in [&kept, &fresh, &PathBuf::from("/dev/null")] {
        assert!(
            sh().log_file(log).build().check().is_ok(),
            "{}",
            log.display()
        );
    }
    assert_eq!(fs::read(&kept).unwrap(), b"line\n");
    assert!(!fresh.exists());
}

/// The largest load that is let through is the largest that the system takes, to the byte.
#[test]
fn the_limit_of_arguments_and_environment_is_that_of_the_system() {
    let soft = fs::read_to_string("/proc/self/limits").unwrap();
    let soft = soft
        .lines()
        .find_map(|line| line.strip_prefix("Max stack size"))
        .unwrap();
    let stack = soft
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .map_or(Limit::Unlimited, Limit::Value);
    // The smallest last argument at which the check refuses.
    let config = |last: usize| {
        let full = (0..400).map(|_| "x".repeat(16_000));
        let used = 16_001 + 8;
        let room = match stack {
            Limit::Value(bytes) => (bytes / 4).clamp(131_072, 6 << 20),
            Limit::Unlimited => 6 << 20,
        };
        let count = usize::try_from(room).unwrap() / used - 1;
        ProcessConfig::builder("/bin/true")
            .args(full.take(count))
            .env("LAST", "x".repeat(last))
            .limit(Resource::Stack, stack, Limit::Unlimited)
            .build()
    };
    let sizes: Vec<usize> = (0..40_000).collect();
    let least = sizes.partition_point(|last| config(*last).check().is_ok());
    assert!((1..40_000).contains(&least));
    let ran = |last| {
        let _alone = alone();
        let config = config(last);
        Command::new(config.program())
            .args(config.args())
            .env_clear()
            .envs(config.environment().iter())
            .status()
            .is_ok()
    };
    assert!(ran(least - 1), "what passes the check must start");
    assert!(!ran(least), "what the check refuses must not start");
}
