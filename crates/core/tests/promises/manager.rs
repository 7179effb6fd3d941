//! Many processes of one owner: lists, changes, clones, plugins, ends.

use std::time::Duration;

use handfast::config::{Lifetime, Stdin};
use handfast::plugins::{ConfigurationPlugin, PluginError};
use handfast::{Cause, ProcessConfig, ProcessStatus, Scope};
use rustix::process::Signal;
use testkit::Oracle;

use crate::stage::{Named, Stage, builder, puppet, sh};

#[tokio::test]
async fn the_list_has_what_is_active_in_the_order_of_the_starts() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    assert!(manager.list_processes().is_empty());
    let mut handles = Vec::new();
    for _ in 0..5 {
        handles.push(stage.start(puppet("park")).await);
    }
    let exited = stage.start(sh("exit 0")).await;
    manager.wait_tree(exited).await.unwrap();
    let listed = || -> Vec<_> {
        let all = manager.list_processes();
        all.iter().map(|info| info.handle).collect()
    };
    assert_eq!(listed(), handles);
    manager.kill(handles.remove(2)).await.unwrap();
    assert_eq!(listed(), handles);
    manager.shutdown().await;
    assert!(listed().is_empty());
}

#[tokio::test]
async fn every_change_is_told_in_its_order_to_every_subscriber() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let mut subscribers = [stage.manager.subscribe(), stage.manager.subscribe()];
    let config = puppet("spawn [ wait-eof ] exit 0").stdin(Stdin::Pipe);
    let handle = stage.start(config).await;
    stage.manager.wait(handle).await.unwrap();
    drop(stage.manager.take_stdio(handle).unwrap());
    stage.manager.wait_tree(handle).await.unwrap();
    let killed = stage.start(puppet("park")).await;
    stage.manager.kill(killed).await.unwrap();
    for changes in &mut subscribers {
        for (whose, word) in [
            (handle, "running"),
            (handle, "running-detached"),
            (handle, "exited"),
            (killed, "running"),
            (killed, "terminated"),
        ] {
            let change = changes.next().await.unwrap().unwrap();
            assert_eq!((change.handle, change.word), (whose, word));
        }
    }
    // The end of the manager ends the subscription.
    drop(stage);
    let [mut changes, _] = subscribers;
    assert_eq!(changes.next().await, Ok(None));
}

#[tokio::test]
async fn only_the_last_clone_ends_what_runs() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} say ready park", oracle.dir().display());
    let (handle, mut lines) = stage.start_ready(puppet(&join)).await;
    let clone = stage.manager.clone();
    drop(stage);
    // ABSENCE: the end of one clone ends nothing.
    tokio::time::sleep(testkit::ABSENCE).await;
    assert_eq!(oracle.alive(), 1);
    assert!(matches!(
        clone.query_status(handle),
        Ok(ProcessStatus::Running { .. })
    ));
    drop(clone);
    assert_eq!(lines.next().await, None);
    assert!(oracle.wait_empty(testkit::PATIENCE));
}

#[tokio::test]
async fn the_end_of_the_owner_gives_the_grace_and_then_kills() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let polite = puppet("on TERM [ say asked exit 0 ] say ready park");
    let (_, mut polite) = stage.start_ready(polite).await;
    let grace = Duration::from_millis(100);
    let deaf = puppet("ignore TERM say ready park").grace(grace);
    let (_, mut deaf) = stage.start_ready(deaf).await;
    let reaper = Named::open(stage.reaper());
    drop(stage);
    assert_eq!(polite.rest().await, ["asked"]);
    assert_eq!(deaf.next().await, None);
    assert!(reaper.wait_end(testkit::PATIENCE).await);
}

/// The negative control of dying with the owner: what was declared to survive does.
#[tokio::test]
async fn what_was_declared_to_survive_outlives_its_owner() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let oracle = Oracle::new();
    let join = format!("join {} say ready park", oracle.dir().display());
    let (handle, _lines) = stage
        .start_ready(puppet(&join).lifetime(Lifetime::User))
        .await;
    let Ok(ProcessStatus::Running { pid }) = stage.manager.query_status(handle) else {
        panic!("it runs")
    };
    let (survivor, reaper) = (Named::open(pid), Named::open(stage.reaper()));
    let receipts = stage.manager.shutdown().await;
    assert!(receipts.is_empty());
    drop(stage);
    // ABSENCE: neither it nor its reaper ends.
    tokio::time::sleep(testkit::ABSENCE).await;
    assert_eq!(oracle.alive(), 1);
    assert!(!reaper.wait_end(Duration::ZERO).await);
    survivor.signal(Signal::KILL);
    assert!(oracle.wait_empty(testkit::PATIENCE));
    assert!(reaper.wait_end(testkit::PATIENCE).await);
}

/// Adds a variable, or fails to.
struct Adds(&'static str);

impl ConfigurationPlugin for Adds {
    fn name(&self) -> &str {
        self.0
    }

    fn is_applicable(&self, config: &ProcessConfig) -> bool {
        config.name() != Some("left alone")
    }

    fn enhance_config(&self, config: ProcessConfig) -> Result<ProcessConfig, PluginError> {
        let config = config.to_builder();
        match self.0 {
            "fails" => Err(PluginError::SystemIntegrationUnavailable {
                tool: "jenv".into(),
            }),
            "spoils" => Ok(config
                .env("SPOILT", "1")
                .working_directory("/no/such")
                .build()),
            "panics" => unreachable!("a plugin of this test panics"),
            name => Ok(config.env(name, "1").build()),
        }
    }
}

#[tokio::test]
async fn plugins_improve_a_config_and_failing_ones_cost_nothing_but_a_warning() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let clone = stage.manager.clone();
    for name in ["FIRST", "fails", "spoils", "panics", "LAST"] {
        clone.register_plugin(Adds(name));
    }
    let run = stage.run(puppet("print-env").env("OWN", "1")).await;
    assert_eq!(run.out, "env OWN=1\nenv FIRST=1\nenv LAST=1\n");
    let info = stage.manager.info(run.handle).unwrap();
    assert_eq!(info.config.environment().len(), 3);
    let warned: Vec<_> = info
        .warnings
        .iter()
        .filter_map(|warning| warning.split('`').nth(1))
        .collect();
    assert_eq!(warned, ["fails", "spoils", "panics"]);
    assert!(info.warnings[0].contains("`jenv` is not available"));
    // The negative control: where they do not apply nothing changes.
    let run = stage.run(puppet("print-env").name("left alone")).await;
    assert_eq!(run.out, "");
    assert!(stage.manager.info(run.handle).unwrap().warnings.is_empty());
}

#[tokio::test]
async fn a_shutdown_ends_all_and_closes_the_manager() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    let handle = stage.start(puppet("park")).await;
    let (deaf, _lines) = stage
        .start_ready(puppet("ignore TERM say ready park"))
        .await;
    let receipts = manager.shutdown_within(Duration::from_millis(100)).await;
    let mut ended: Vec<_> = receipts.iter().map(|receipt| receipt.handle).collect();
    ended.sort();
    assert_eq!(ended, [handle, deaf]);
    for receipt in &receipts {
        assert!(receipt.survivors.is_empty());
        let ended = manager.wait(receipt.handle).await.unwrap();
        assert_eq!(ended.cause, Cause::Shutdown);
    }
    assert!(manager.list_processes().is_empty());
    let refused = manager.start_process(puppet("park").build()).await;
    assert_eq!(refused.unwrap_err().code(), "start.closed");
    assert!(manager.shutdown().await.is_empty());
}

#[tokio::test]
async fn a_manager_that_was_closed_unused_starts_no_reaper() {
    let manager = builder().build().unwrap();
    manager.shutdown().await;
    let refused = manager.start_process(puppet("park").build()).await;
    assert_eq!(refused.unwrap_err().code(), "start.closed");
    assert!(manager.reaper_pids().is_empty());
}

#[tokio::test]
async fn the_end_of_a_turn_ends_what_belongs_to_the_turn() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    let start = async |lifetime| stage.start(puppet("park").lifetime(lifetime)).await;
    let of_turn = [start(Lifetime::Turn).await, start(Lifetime::Turn).await];
    let others = [
        start(Lifetime::Session).await,
        start(Lifetime::Lease(Duration::from_secs(3600))).await,
    ];
    let mut ended: Vec<_> = manager.end_turn().await;
    ended.sort_by_key(|receipt| receipt.handle);
    let ended: Vec<_> = ended.iter().map(|receipt| receipt.handle).collect();
    assert_eq!(ended, of_turn);
    let left: Vec<_> = manager.list_processes();
    let left: Vec<_> = left.iter().map(|info| info.handle).collect();
    assert_eq!(left, others);
    assert!(manager.end_turn().await.is_empty());
}

#[tokio::test]
async fn a_lease_ends_what_is_not_renewed_and_only_that() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let manager = &stage.manager;
    let ttl = testkit::ABSENCE * 4;
    let (renewed, _lines) = stage
        .start_ready(puppet("say ready park").lifetime(Lifetime::Lease(ttl)))
        .await;
    let (left_alone, _lines) = stage
        .start_ready(puppet("say ready park").lifetime(Lifetime::Lease(ttl)))
        .await;
    for _ in 0..8 {
        manager.renew_lease(renewed).unwrap();
        // ABSENCE: it does not end while it is renewed, for twice its time.
        tokio::time::sleep(testkit::ABSENCE).await;
    }
    assert!(matches!(
        manager.query_status(renewed),
        Ok(ProcessStatus::Running { .. })
    ));
    assert!(manager.query_status(left_alone).unwrap().is_over());
    manager.wait_tree(renewed).await.unwrap();
    for handle in [renewed, left_alone] {
        assert_eq!(manager.wait(handle).await.unwrap().cause, Cause::LeaseOver);
    }
}

#[tokio::test]
async fn a_handle_is_no_authority_over_another_managers_process() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, mut lines) = stage
        .start_ready(puppet("on TERM [ say asked ] say ready park"))
        .await;
    let other = builder().build().unwrap();
    let never: handfast::ProcessHandle = "6f1c0b1e-94d2-8a77-8000-00000000002a".parse().unwrap();
    for (manager, handle) in [(&other, handle), (&stage.manager, never)] {
        let code = "process.unknown";
        assert_eq!(manager.stop_process(handle).await.unwrap_err().code(), code);
        assert_eq!(manager.kill(handle).await.unwrap_err().code(), code);
        let signal = manager.signal(handle, 15, Scope::Tree).await;
        assert_eq!(signal.unwrap_err().code(), code);
        assert_eq!(manager.query_status(handle).unwrap_err().code(), code);
        assert_eq!(manager.info(handle).unwrap_err().code(), code);
        assert_eq!(manager.members(handle).unwrap_err().code(), code);
        assert_eq!(manager.take_stdio(handle).unwrap_err().code(), code);
        assert_eq!(manager.renew_lease(handle).unwrap_err().code(), code);
        assert_eq!(manager.wait(handle).await.unwrap_err().code(), code);
        assert_eq!(manager.wait_tree(handle).await.unwrap_err().code(), code);
    }
    assert!(other.shutdown().await.is_empty());
    // It was not touched: it still answers its own manager, and nobody has asked it before.
    stage.manager.kill(handle).await.unwrap();
    assert!(lines.rest().await.is_empty());
}

#[tokio::test]
async fn a_number_that_is_no_signal_is_refused() {
    let Some(stage) = Stage::open().await else {
        return;
    };
    let (handle, _lines) = stage.start_ready(puppet("say ready park")).await;
    for signal in [0, -1, -9, 65, i32::MIN, i32::MAX] {
        let refused = stage.manager.signal(handle, signal, Scope::Tree).await;
        assert_eq!(refused.unwrap_err().code(), "signal.no-such-signal");
    }
    assert!(matches!(
        stage.manager.query_status(handle),
        Ok(ProcessStatus::Running { .. })
    ));
}
