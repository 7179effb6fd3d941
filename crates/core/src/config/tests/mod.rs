//! Tests of the config that need no files of their own: each field, each way to be wrong.

#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use super::*;
use crate::tree::Rung;

mod any;

fn sh() -> ProcessConfigBuilder {
    ProcessConfig::builder("/bin/sh")
}

fn wrong(builder: ProcessConfigBuilder) -> ConfigError {
    builder.build().check().unwrap_err()
}

fn bytes(raw: &[u8]) -> OsString {
    OsString::from_vec(raw.to_vec())
}

#[test]
fn what_is_not_set_has_its_default() {
    let config = sh().build();
    assert_eq!(config.working_directory(), None);
    assert!(config.environment().is_empty());
    assert!(matches!(config.stdin(), Stdin::Null));
    assert!(matches!(
        (config.stdout(), config.stderr()),
        (Output::Null, Output::Null)
    ));
    assert!(config.limits().is_empty());
    assert_eq!(
        (config.umask(), config.nice(), config.user()),
        (Some(0o022), None, None)
    );
    assert_eq!(
        (config.grace(), config.deadline()),
        (Duration::from_secs(5), None)
    );
    assert_eq!(config.unresponsive_after(), Duration::from_secs(10));
    assert_eq!(
        (config.containment(), config.least_grade()),
        (Containment::Auto, None)
    );
    assert_eq!(config.lifetime(), Lifetime::Session);
    assert_eq!((config.name(), config.log_file()), (None, None));
    assert!(config.controlling_terminal().is_none());
}

#[test]
fn an_omitted_environment_is_empty_and_an_omitted_directory_is_the_root() {
    // The host has variables, so an inherited one would show.
    assert!(std::env::vars_os().next().is_some());
    let checked = sh().build().check().unwrap();
    assert_eq!(checked.environment().count(), 0);
    assert!(checked.envp().next().is_none());
    assert_eq!(checked.working_directory(), "/");
    assert_eq!(checked.directory_c().to_bytes(), b"/");
}

#[test]
fn what_the_starter_reads_is_what_was_given() {
    let config = sh()
        .args(["-c", "true"])
        .env("A", "1")
        .env("B", "x=y")
        .env("A", "2")
        .build();
    let checked = config.check().unwrap();
    assert_eq!(checked.program_c(), c"/bin/sh");
    assert_eq!(
        checked.argv().collect::<Vec<_>>(),
        [c"/bin/sh", c"-c", c"true"]
    );
    assert_eq!(checked.envp().collect::<Vec<_>>(), [c"A=2", c"B=x=y"]);
    assert_eq!(checked.args().collect::<Vec<_>>(), ["-c", "true"]);
    let want = [("A", "2"), ("B", "x=y")].map(|(k, v)| (OsStr::new(k), OsStr::new(v)));
    assert_eq!(checked.environment().collect::<Vec<_>>(), want);
}

#[test]
fn no_value_of_the_environment_is_printed() {
    let builder = sh().env("TOKEN", "hush");
    let config = builder.clone().build();
    let shown = format!("{builder:?} {config:#?} {:?}", config.check().unwrap());
    assert!(
        shown.contains("TOKEN") && !shown.contains("hush"),
        "{shown}"
    );
    // Errors carry keys and no values either.
    for error in [
        wrong(sh().env("TOKEN", "hush\0")),
        wrong(sh().env("TOKEN", "hush".repeat(40_000))),
        wrong(sh().env("TO=KEN", "hush")),
    ] {
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(shown.contains("TO") && !shown.contains("hush"), "{shown}");
    }
}

#[test]
fn changing_a_config_keeps_what_is_not_changed() {
    let config = sh()
        .arg("-c")
        .env("A", "1")
        .name("web")
        .nice(5)
        .deadline(None)
        .build();
    let changed = config
        .to_builder()
        .clear_args()
        .env_remove("A")
        .umask(None)
        .build();
    assert!(changed.args().is_empty() && changed.environment().is_empty());
    assert_eq!(
        (changed.name(), changed.nice(), changed.umask()),
        (Some("web"), Some(5), None)
    );
}

#[test]
fn a_nul_byte_is_refused_and_its_place_is_named() {
    use ConfigError as E;
    let nul = "a\0b";
    assert!(matches!(wrong(ProcessConfig::builder(nul)),
        E::NulInProgram { program } if program == Path::new(nul)));
    assert!(matches!(
        wrong(sh().args(["fine", nul])),
        E::NulInArgument { index: 2 }
    ));
    assert!(matches!(wrong(sh().env(nul, "v")), E::NulInKey { key } if key == nul));
    assert!(matches!(wrong(sh().env("K", nul)), E::NulInValue { key } if key == "K"));
    assert!(matches!(wrong(sh().working_directory("/\0")),
        E::NulInDirectory { directory } if directory == Path::new("/\0")));
    for builder in [
        sh().log_file("/tmp/\0"),
        sh().stdout(Output::File("/tmp/\0".into())),
        sh().stderr(Output::File("/tmp/\0".into())),
    ] {
        assert!(matches!(wrong(builder), E::NulInLog { log } if log == Path::new("/tmp/\0")));
    }
}

#[test]
fn a_bad_key_is_refused_and_named() {
    assert!(matches!(wrong(sh().env("", "v")), ConfigError::EmptyKey));
    assert!(matches!(wrong(sh().env("A=B", "v")),
        ConfigError::EqualsInKey { key } if key == "A=B"));
}

#[test]
fn a_program_that_would_need_something_implicit_is_refused() {
    assert!(matches!(
        wrong(ProcessConfig::builder("")),
        ConfigError::EmptyProgram
    ));
    assert!(
        matches!(wrong(ProcessConfig::builder("./sh").env("PATH", "/bin")),
        ConfigError::ProgramRelative { program } if program == Path::new("./sh"))
    );
    // The host has a PATH; it must not help.
    assert!(std::env::var_os("PATH").is_some());
    let needs = wrong(ProcessConfig::builder("sh"));
    assert!(
        matches!(&needs, ConfigError::ProgramNeedsPath { program } if program == Path::new("sh"))
    );
    assert_eq!(
        needs.hint().unwrap(),
        "the environment is explicit: pass PATH=... or give a full path"
    );
}

#[test]
fn relative_directories_and_logs_are_refused_and_named() {
    assert!(matches!(wrong(sh().working_directory("tmp")),
        ConfigError::DirectoryRelative { directory } if directory == Path::new("tmp")));
    for log in ["", "log.txt", "./log"] {
        assert!(matches!(wrong(sh().log_file(log)),
            ConfigError::LogRelative { log: named } if named == Path::new(log)));
    }
}

#[test]
fn a_log_for_both_streams_excludes_every_other_setting_of_them() {
    let log = || sh().log_file("/tmp/log");
    assert!(log().build().check().is_ok());
    for (builder, want) in [
        (log().stdout(Output::Pipe), Stream::Stdout),
        (log().stderr(Output::Null), Stream::Stderr),
    ] {
        assert!(matches!(wrong(builder),
            ConfigError::LogConflict { log, stream } if stream == want && log == Path::new("/tmp/log")));
    }
}

#[test]
fn numbers_out_of_range_are_refused_and_named() {
    use ConfigError as E;
    assert!(matches!(
        wrong(sh().umask(0o1000)),
        E::BadUmask { umask: 0o1000 }
    ));
    assert!(matches!(wrong(sh().nice(20)), E::BadNice { nice: 20 }));
    assert!(matches!(wrong(sh().nice(-21)), E::BadNice { nice: -21 }));
    for fine in [
        sh().umask(0),
        sh().umask(0o777),
        sh().nice(-20),
        sh().nice(19),
    ] {
        assert!(fine.build().check().is_ok());
    }
    let (cpu, value) = (Resource::Cpu, Limit::Value);
    assert!(matches!(
        wrong(sh().limit(cpu, value(2), value(1))),
        E::SoftAboveHard {
            resource: Resource::Cpu,
            soft: Limit::Value(2),
            ..
        }
    ));
    assert!(matches!(
        wrong(sh().limit(cpu, Limit::Unlimited, value(1))),
        E::SoftAboveHard {
            soft: Limit::Unlimited,
            ..
        }
    ));
    for fine in [
        sh().limit(cpu, value(1), value(1)),
        sh().limit(cpu, value(1), Limit::Unlimited),
    ] {
        assert!(fine.build().check().is_ok());
    }
}

#[test]
fn an_id_that_means_no_change_is_refused() {
    let with = |uid, gid, groups| sh().user(Credentials { uid, gid, groups });
    let kinds = [
        (with(u32::MAX, 1, vec![]), "user id"),
        (with(1, u32::MAX, vec![]), "group id"),
        (with(1, 1, vec![2, u32::MAX]), "group id"),
    ];
    for (builder, want) in kinds {
        assert!(
            matches!(wrong(builder), ConfigError::BadId { kind, id: u32::MAX } if kind == want)
        );
    }
}

#[test]
fn a_rung_that_cannot_give_the_grade_is_refused() {
    let group = |least| {
        sh().containment(Containment::Rung(Rung::Group))
            .least_grade(least)
    };
    assert!(matches!(
        wrong(group(Grade::Swept)),
        ConfigError::GradeOutOfReach {
            rung: Rung::Group,
            least: Grade::Swept
        }
    ));
    assert!(group(Grade::Cooperative).build().check().is_ok());
    assert!(sh().least_grade(Grade::Kernel).build().check().is_ok());
}

#[test]
fn a_single_string_that_is_too_long_is_refused_and_named() {
    // "A=" and the NUL belong to it.
    let most = 131_072 - 3;
    assert!(sh().env("A", "x".repeat(most)).build().check().is_ok());
    assert!(matches!(wrong(sh().env("A", "x".repeat(most + 1))),
        ConfigError::VariableTooLong { key, bytes: 131_073, limit: 131_072 } if key == "A"));
    assert!(sh().arg("x".repeat(131_071)).build().check().is_ok());
    assert!(matches!(
        wrong(sh().arg("").arg("x".repeat(131_072))),
        ConfigError::ArgumentTooLong {
            index: 2,
            bytes: 131_073,
            ..
        }
    ));
}

#[test]
fn an_environment_of_one_mebibyte_passes_and_a_seven_times_larger_one_does_not() {
    let stack = |builder: ProcessConfigBuilder| {
        builder.limit(Resource::Stack, Limit::Value(8 << 20), Limit::Unlimited)
    };
    let large = |mebibytes: usize| {
        let variables = (0..16 * mebibytes).map(|n| (format!("V{n}"), "x".repeat(65_536)));
        stack(sh().envs(variables)).build().check()
    };
    let checked = large(1).unwrap();
    assert!(checked.envp().map(|v| v.to_bytes().len()).sum::<usize>() > 1 << 20);
    assert!(
        matches!(large(7), Err(ConfigError::TooLarge { bytes, limit })
        if limit == 2 << 20 && bytes > 7 << 20)
    );
}

#[test]
fn every_error_reads_as_a_lowercase_fragment_with_a_code_of_this_feature() {
    let errors = [
        wrong(ProcessConfig::builder("")),
        wrong(sh().umask(0o7777)),
        wrong(sh().nice(99)),
        wrong(sh().env("", "")),
        wrong(sh().working_directory("x")),
        wrong(ProcessConfig::builder("/nowhere/at/all")),
    ];
    for error in errors {
        let text = error.to_string();
        assert!(
            text.starts_with(|first: char| first.is_lowercase()),
            "{text}"
        );
        assert!(!text.ends_with('.'), "{text}");
        assert!(error.code().starts_with("config."), "{}", error.code());
    }
}
