//! The properties P1 to P25 whose inputs vary, with inputs that vary.
//!
//! What has only one input is shown by the other parts; `docs/guarantees.md` has the whole list. All
//! cases of a property share one manager, as the processes of a host do.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use handfast::config::ProcessConfig;
use handfast::plugins::{ConfigurationPlugin, PluginError, Plugins};
use handfast::{ProcessStatus, Scope, StartError};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::stage::{Stage, puppet, sh};

/// Each case starts a process.
const CASES: u32 = 24;

/// Runs `body` for inputs of `strategy`, all on one stage.
fn hold<S: Strategy>(strategy: &S, body: impl AsyncFn(&Stage, S::Value)) {
    let runtime = Runtime::new().expect("a runtime can be made");
    let Some(stage) = runtime.block_on(Stage::open()) else {
        return;
    };
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(CASES)
    };
    let mut runner = TestRunner::new(config);
    let run = runner.run(strategy, |value| {
        runtime.block_on(body(&stage, value));
        Ok(())
    });
    if let Err(broken) = run {
        unreachable!("{broken}");
    }
    runtime.block_on(stage.manager.shutdown());
}

/// Any bytes that an argument or a value may have.
fn bytes() -> impl Strategy<Value = OsString> {
    vec(1_u8..=255, 0..40).prop_map(OsString::from_vec)
}

fn key() -> impl Strategy<Value = OsString> {
    let byte = (1_u8..=255).prop_filter("ends a key", |byte| *byte != b'=');
    vec(byte, 1..12).prop_map(OsString::from_vec)
}

#[test]
fn p1_every_valid_config_starts_and_its_handle_is_its_own() {
    hold(&vec(bytes(), 1..8), async |stage, args| {
        let config = sh(r#"printf '%s\0' "$@""#).arg("name").args(args.clone());
        let (handle, out, _, ended) = stage.run_bytes(config).await;
        assert!(ended.success());
        let one = |argument: &OsString| [argument.as_bytes(), b"\0"].concat();
        let wanted: Vec<u8> = args.iter().flat_map(one).collect();
        assert_eq!(out, wanted);
        let info = stage.manager.info(handle).unwrap();
        assert_eq!((info.handle, &info.config.args()[3..]), (handle, &args[..]));
    });
}

/// What a process says of its environment.
fn variables(environ: &[u8]) -> BTreeMap<OsString, OsString> {
    let all = environ.split(|byte| *byte == 0);
    let parts = all.filter_map(|text| {
        let end = text.iter().position(|byte| *byte == b'=')?;
        let owned = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
        Some((owned(&text[..end]), owned(&text[end + 1..])))
    });
    parts.collect()
}

#[test]
fn p2_and_p4_a_child_has_exactly_the_given_environment() {
    hold(&btree_map(key(), bytes(), 0..8), async |stage, given| {
        let environ = ProcessConfig::builder("/bin/cat").arg("/proc/self/environ");
        let (_, out, _, _) = stage.run_bytes(environ.envs(given.clone())).await;
        assert_eq!(variables(&out), given);
    });
}

#[test]
fn p3_a_child_starts_in_the_given_directory() {
    let name = key().prop_filter("no name of a directory", |name| {
        let bytes = name.as_bytes();
        !bytes.contains(&b'/') && bytes != b"." && bytes != b".."
    });
    let place = tempfile::tempdir().unwrap();
    hold(&name, async |stage, name| {
        let directory = place.path().join(&name);
        std::fs::create_dir_all(&directory).unwrap();
        let config = sh("readlink -n /proc/$$/cwd; :").env("PATH", "/usr/bin:/bin");
        let config = config.working_directory(&directory);
        let (_, out, _, _) = stage.run_bytes(config).await;
        let directory = directory.canonicalize().unwrap();
        assert_eq!(OsStr::from_bytes(&out), directory.as_os_str());
    });
}

/// A tree of processes as a script, and how many they are: all in the session of their leader.
fn tree() -> impl Strategy<Value = (usize, String)> {
    let leaf = Just((1, String::from("say up park")));
    leaf.prop_recursive(4, 12, 3, |inner| {
        vec(inner, 0..3).prop_map(|below| {
            let count = below.iter().map(|(count, _)| count).sum::<usize>() + 1;
            let spawns = below.iter().map(|(_, words)| format!("spawn [ {words} ] "));
            (count, spawns.collect::<String>() + "say up park")
        })
    })
}

#[test]
fn p5_and_p8_a_stop_ends_every_member_of_any_tree_and_counts_them() {
    hold(&(tree(), any::<bool>()), async |stage, input| {
        let ((members, script), kill) = input;
        let (handle, mut lines) = stage.start_talking(puppet(&script)).await;
        for _ in 0..members {
            assert_eq!(lines.next().await.as_deref(), Some("up"));
        }
        let receipt = if kill {
            stage.manager.kill(handle).await.unwrap()
        } else {
            stage.manager.stop_process(handle).await.unwrap()
        };
        let counted = (receipt.members_before, receipt.survivors.len());
        assert_eq!(counted, (members, 0));
        // All of them held the output, and none does any more.
        assert_eq!(lines.next().await, None);
        assert!(stage.manager.list_processes().is_empty());
    });
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Stop,
    Kill,
    Signal,
    Query,
    Renew,
}

/// SIGWINCH, which nobody minds.
const HARMLESS: i32 = 28;

#[test]
fn p7_p18_p19_no_order_of_verbs_makes_an_end_unknown_or_changes_it() {
    let all = vec![Act::Stop, Act::Kill, Act::Signal, Act::Query, Act::Renew];
    let acts = vec(prop::sample::select(all), 1..8);
    hold(&(acts, 0..=255_i32), async |stage, (acts, code)| {
        let config = puppet(&format!("on TERM [ exit {code} ] say ready park"));
        let (handle, _lines) = stage.start_ready(config).await;
        let manager = &stage.manager;
        let mut end = None;
        for act in acts {
            let status = match act {
                Act::Stop => manager.stop_process(handle).await.unwrap().status,
                Act::Kill => manager.kill(handle).await.unwrap().status,
                Act::Query => manager.query_status(handle).unwrap(),
                Act::Renew => {
                    manager.renew_lease(handle).unwrap();
                    continue;
                }
                Act::Signal => {
                    let sent = manager.signal(handle, HARMLESS, Scope::Tree).await;
                    assert_eq!(sent.is_ok(), end.is_none());
                    continue;
                }
            };
            match (&end, &status) {
                (None, ProcessStatus::Running { .. }) => {}
                (
                    None,
                    ProcessStatus::Terminated {
                        signal, exit_code, ..
                    },
                ) => {
                    assert!(*exit_code == Some(code) || *signal == Some(9));
                    end = Some(status);
                }
                (end, _) => assert_eq!(end.as_ref(), Some(&status)),
            }
        }
    });
}

/// Of three plugins one fails, one improves the config and one spoils it; of five one has nothing to do.
struct Numbered {
    name: String,
    number: i32,
}

impl ConfigurationPlugin for Numbered {
    fn name(&self) -> &str {
        &self.name
    }

    fn priority(&self) -> i32 {
        self.number
    }

    fn is_applicable(&self, _config: &ProcessConfig) -> bool {
        self.number % 5 != 0
    }

    fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError> {
        let config = config.to_builder();
        match self.number % 3 {
            0 => Err(PluginError::EnhancementFailed {
                reason: "a third fails".into(),
            }),
            1 => Ok(config.arg(self.number.to_string()).build()),
            _ => Ok(config.env("", "").build()),
        }
    }
}

#[test]
fn p13_to_p16_plugins_run_in_one_order_and_only_good_changes_stay() {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let run = runner.run(&vec(0..100_i32, 0..12), |numbers| {
        let plugins = Plugins::new();
        for (place, number) in numbers.iter().enumerate() {
            plugins.register(Numbered {
                name: place.to_string(),
                number: *number,
            });
        }
        let (config, warnings) = plugins.apply(sh("").clear_args().build());
        let mut applied: Vec<i32> = numbers.into_iter().filter(|n| n % 5 != 0).collect();
        applied.sort_unstable();
        let (kept, failed): (Vec<i32>, Vec<i32>) = applied.iter().partition(|n| **n % 3 == 1);
        let kept: Vec<OsString> = kept.iter().map(|n| n.to_string().into()).collect();
        prop_assert_eq!(config.args(), kept);
        prop_assert_eq!(warnings.len(), failed.len());
        prop_assert!(config.check().is_ok());
        Ok(())
    });
    run.unwrap();
}

#[test]
fn p20_the_list_is_what_was_started_and_has_not_ended() {
    let actions = vec((any::<bool>(), any::<prop::sample::Index>()), 1..12);
    hold(&actions, async |stage, actions| {
        let mut running = Vec::new();
        for (start, which) in actions {
            if start || running.is_empty() {
                running.push(stage.start(puppet("park")).await);
            } else {
                let handle = running.remove(which.index(running.len()));
                stage.manager.kill(handle).await.unwrap();
            }
            let listed = stage.manager.list_processes();
            let listed: Vec<_> = listed.iter().map(|info| info.handle).collect();
            assert_eq!(listed, running);
        }
        for handle in running {
            stage.manager.kill(handle).await.unwrap();
        }
    });
}

#[test]
fn p23_a_log_has_all_that_was_written_to_both_streams_in_order() {
    let place = tempfile::tempdir().unwrap();
    let writes = vec((any::<bool>(), "[a-z]{1,8}"), 0..20);
    hold(&writes, async |stage, writes| {
        let log = tempfile::NamedTempFile::new_in(&place).unwrap();
        let words = writes.iter().map(|(out, text)| {
            let word = if *out { "say" } else { "err" };
            format!("{word} {text} ")
        });
        let config = puppet(&words.collect::<String>()).log_file(log.path());
        assert!(stage.end_of(config).await.success());
        let wanted: String = writes.iter().map(|(_, text)| format!("{text}\n")).collect();
        assert_eq!(std::fs::read_to_string(log.path()).unwrap(), wanted);
    });
}

#[test]
fn r6_4_whatever_would_depend_on_the_hosts_directory_is_refused() {
    let relative = "[a-z]{1,6}(/[a-z]{1,6}){1,3}";
    hold(&(relative, 0..3), async |stage, (relative, field)| {
        let (config, code) = match field {
            0 => (ProcessConfig::builder(relative), "config.program-relative"),
            1 => (
                sh("exit 0").working_directory(relative),
                "config.directory-relative",
            ),
            _ => (sh("exit 0").log_file(relative), "config.log-relative"),
        };
        let refused = stage.manager.start_process(config.build()).await;
        let Err(StartError::Config(refused)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(refused.code(), code);
    });
}
