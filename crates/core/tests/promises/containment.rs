//! How surely a process is held is always said, can be demanded, and is never quietly less.

use std::collections::BTreeSet;
use std::fs;

use handfast::reaper::ReaperError;
use handfast::{Containment, Grade, ManagerError, ProcessStatus, Rung, StartError};
use testkit::Oracle;

use crate::stage::{Stage, apart, builder, expect_true, puppet, sh, succeed};

#[tokio::test]
async fn every_process_says_what_holds_it_and_how_surely() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let handle = stage.start(puppet("park")).await;
    let info = stage.manager.info(handle).unwrap();
    assert_eq!((info.rung, info.grade), (stage.rung, stage.rung.grade()));
    let receipt = stage.manager.kill(handle).await.unwrap();
    assert_eq!((receipt.rung, receipt.grade), (info.rung, info.grade));
    // The tombstone says it too.
    let info = stage.manager.info(handle).unwrap();
    assert_eq!((info.rung, info.grade), (stage.rung, stage.rung.grade()));
}

#[tokio::test]
async fn a_named_rung_is_taken_or_refused_and_never_replaced() {
    let manager = builder().build().unwrap();
    for rung in Rung::LADDER {
        let config = puppet("park").containment(Containment::Rung(rung));
        match manager.start_process(config.build()).await {
            Ok(handle) => assert_eq!(manager.info(handle).unwrap().rung, rung),
            Err(StartError::Rung {
                rung: named,
                source,
            }) => {
                assert_eq!(named, rung);
                expect_true(rung, &source);
            }
            Err(other) => panic!("{rung}: {other:?}"),
        }
    }
    manager.shutdown().await;
}

#[tokio::test]
async fn what_is_chosen_by_itself_is_the_most_robust_rung_that_works_here() {
    let path = "containment::what_is_chosen_by_itself_is_the_most_robust_rung_that_works_here";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command.env_remove("HANDFAST_FORCE");
        return succeed(command);
    }
    let manager = builder().build().unwrap();
    let mut strongest = None;
    for rung in Rung::LADDER {
        match manager.probe(rung).await {
            Ok(offer) => {
                assert_eq!((offer.rung, offer.grade), (rung, rung.grade()));
                strongest = strongest.or(Some(rung));
            }
            Err(refused) => expect_true(rung, &refused),
        }
    }
    let handle = manager.start_process(puppet("park").build()).await.unwrap();
    assert_eq!(Some(manager.info(handle).unwrap().rung), strongest);
    manager.shutdown().await;
}

#[tokio::test]
async fn a_grade_above_what_there_is_is_refused_with_every_try_named() {
    let oracle = Oracle::new();
    let demanding = puppet(&format!("join {} park", oracle.dir().display()));
    let demanding = demanding.least_grade(Grade::Swept).build();
    let manager = builder().force(Rung::Group).build().unwrap();
    let refused = manager.start_process(demanding.clone()).await.unwrap_err();
    let StartError::TooWeak { wanted, tried } = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(*wanted, Grade::Swept);
    assert_eq!(
        tried.as_slice(),
        [(Rung::Group, "gives only grade `cooperative`".to_owned())]
    );
    assert_eq!(refused.code(), "start.too-weak");
    assert!(manager.list_processes().is_empty());
    assert_eq!(oracle.joined(), 0);
    // The negative control: without the demand the weak rung is taken, and says that it is weak.
    let modest = demanding.to_builder().least_grade(Grade::Cooperative);
    let handle = manager.start_process(modest.build()).await.unwrap();
    assert_eq!(manager.info(handle).unwrap().grade, Grade::Cooperative);
    manager.kill(handle).await.unwrap();
}

#[tokio::test]
async fn a_host_on_which_nothing_works_is_told_of_each_try() {
    let path = "containment::a_host_on_which_nothing_works_is_told_of_each_try";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command.env_remove("HANDFAST_FORCE");
        return succeed(command);
    }
    // A reaper that ends before it is ready: every rung fails.
    let manager = handfast::ProcessManager::builder().reaper("/bin/true");
    let manager = manager.build().unwrap();
    let refused = manager.start_process(puppet("park").build()).await;
    let Err(StartError::NoRung { tried }) = refused else {
        panic!("{refused:?}")
    };
    let rungs: Vec<Rung> = tried.iter().map(|(rung, _)| *rung).collect();
    assert_eq!(rungs, Rung::LADDER);
    assert!(tried.iter().all(|(_, why)| why.contains("/bin/true")));
    let demanding = puppet("park").least_grade(Grade::Kernel).build();
    let refused = manager.start_process(demanding).await.unwrap_err();
    let shown = refused.to_string();
    assert_eq!(refused.code(), "start.too-weak");
    for word in [
        "kernel",
        "namespace (",
        "cgroup (",
        "subreaper (",
        "group (",
    ] {
        assert!(shown.contains(word), "{shown}");
    }
}

#[tokio::test]
async fn a_missing_reaper_is_an_error_and_no_weaker_mode() {
    let manager = handfast::ProcessManager::builder().reaper("/no/such/reaper");
    let manager = manager.build().unwrap();
    let refused = manager.start_process(puppet("park").build()).await;
    let Err(StartError::Rung {
        source: ReaperError::NotFound { looked },
        ..
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(looked, [std::path::PathBuf::from("/no/such/reaper")]);
}

#[test]
fn a_word_that_is_no_rung_forces_nothing_and_is_refused() {
    let path = "containment::a_word_that_is_no_rung_forces_nothing_and_is_refused";
    if let Some(again) = apart(path) {
        let mut command = again.command();
        command.env("HANDFAST_FORCE", "kernel");
        return succeed(command);
    }
    assert_eq!(builder().build().unwrap_err(), ManagerError::NoRuntime);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let refused = builder().build().unwrap_err();
    assert_eq!(refused.code(), "manager.force");
    assert!(refused.to_string().contains("`kernel`"), "{refused}");
}

/// The pids of a process in every namespace that it is in, from ours inwards.
fn pids_of(pid: u32) -> Vec<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    let numbers = line.expect("every status has it").split_whitespace();
    numbers.filter_map(|number| number.parse().ok()).collect()
}

#[tokio::test]
async fn pids_are_shown_as_the_caller_sees_them() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage
        .start_talking(puppet("spawn [ say-pid park ] say-pid park"))
        .await;
    let mut told = BTreeSet::new();
    for _ in 0..2 {
        let line = lines.next().await.unwrap();
        told.insert(line.strip_prefix("pid ").unwrap().parse::<u32>().unwrap());
    }
    let members = stage.manager.members(handle).unwrap();
    assert_eq!(members.len(), 2);
    let Ok(ProcessStatus::Running { pid }) = stage.manager.query_status(handle) else {
        panic!("it runs")
    };
    assert!(members.contains(&pid));
    // Theirs are the innermost of the numbers that the system knows them by, ours the outermost.
    let inner: BTreeSet<u32> = members
        .iter()
        .filter_map(|pid| pids_of(*pid).last().copied())
        .collect();
    assert_eq!(inner, told);
    for pid in members {
        let all = pids_of(pid);
        assert_eq!(all[0], pid);
        assert_eq!(all.len() > 1, stage.rung == Rung::Namespace, "{all:?}");
    }
}

#[tokio::test]
async fn inside_a_namespace_only_its_own_processes_are_to_be_seen() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let _other = stage.start_ready(puppet("say ready park")).await;
    let script = "for i in /proc/[0-9]*; do read -r n <$i/comm && echo $n; done 2>/dev/null; :";
    let run = stage.run(sh(script)).await;
    let seen: BTreeSet<&str> = run.out.lines().collect();
    let own = fs::read_to_string(format!("/proc/{}/comm", std::process::id())).unwrap();
    assert!(seen.contains("sh"), "{seen:?}");
    if stage.rung == Rung::Namespace {
        let known = BTreeSet::from(["handfast-reaper", "puppet", "sh"]);
        assert!(seen.is_subset(&known), "{seen:?}");
    } else {
        // The negative control: without one we are to be seen ourselves.
        assert!(seen.contains(own.trim()), "{seen:?}");
    }
}
