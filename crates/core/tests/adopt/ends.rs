//! Ends that nobody saw, and those that somebody did.

use crate::stage::{ECHO, Stage, number, open};
use testkit::{PATIENCE, kill, wait_over};

pub(crate) fn an_exit_while_nobody_is_there_is_told(stage: Stage) {
    let witness = stage.witness("ends");
    // One each: who opens the only one for both lets both go, and one of them is then not there any more.
    let (gate, second) = (stage.gate("gate"), stage.gate("second"));
    let mut host = stage.host();
    let script = format!(
        "{}echo said; read l <{}; exit 7",
        witness.held(),
        gate.display()
    );
    let handle = host.begin("user", "pipes", &script);
    let script = format!(
        "{}read l <{}; echo late; kill -USR1 $$",
        witness.held(),
        second.display()
    );
    let other = host.begin("user", "pipes", &script);
    witness.joined();
    host.kill();
    witness.lives();
    open(&gate);
    open(&second);
    witness.ended();
    let mut host = stage.host();
    assert_eq!(number(host.up(), "lost"), 0);
    assert_eq!(host.ask(&format!("wait {handle}")), "exited 7");
    let status = host.ask(&format!("wait {other}"));
    assert_eq!(status, "terminated itself signal=10");
    assert_eq!(host.ask(&format!("text {handle}")), "text said\\n");
    // What was in the pipe when it ended, and that nobody had read.
    assert_eq!(host.ask(&format!("seen {other} late")), "seen");
    // It is known from here on, whoever is killed.
    host.kill();
    let mut host = stage.finds("adopted=0 ended=0 lost=0 remembered=2");
    assert_eq!(host.ask(&format!("status {handle}")), "exited 7");
    assert_eq!(host.ask(&format!("text {other}")), "text late\\n");
    stage.close(host);
}

pub(crate) fn what_was_not_declared_is_dead_before_it_is_asked_for(stage: Stage) {
    let (dies, lives) = (stage.witness("dies"), stage.witness("lives"));
    let mut host = stage.host();
    let session = format!("{}sleep 1000 & exec sleep 1000", dies.held());
    let session = host.begin("session", "pipes", &session);
    let lease = format!("{}exec sleep 1000", dies.held());
    let lease = host.begin("lease", "pipes", &lease);
    // Control: the same, declared to survive.
    let user = format!("{}exec sleep 1000", lives.held());
    let user = host.begin("user", "pipes", &user);
    dies.joined();
    lives.joined();
    host.kill();
    dies.ended();
    lives.lives();
    let mut host = stage.finds("adopted=1 ended=2 lost=0 remembered=0");
    for handle in [session, lease] {
        let status = host.ask(&format!("status {handle}"));
        assert_eq!(status, "terminated host-lost signal=9");
    }
    assert_eq!(host.ask(&format!("status {user}")), "running");
    assert_eq!(host.ask("list"), format!("list {user}"));
    host.ask(&format!("stop {user}"));
    lives.ended();
    stage.close(host);
}

pub(crate) fn an_end_that_was_seen_is_remembered_with_its_output(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("session", "pipes", "echo said; exit 3");
    assert_eq!(host.ask(&format!("wait {handle}")), "exited 3");
    let failed = host.ask("start session pipes exit 127");
    let failed = failed.strip_prefix("started ").unwrap().to_owned();
    assert_eq!(host.ask(&format!("wait {failed}")), "exited 127");
    for _ in 0..2 {
        host.kill();
        host = stage.host();
        assert_eq!(
            number(host.up(), "remembered") + number(host.up(), "ended"),
            2
        );
        assert_eq!(host.ask(&format!("status {handle}")), "exited 3");
        assert_eq!(host.ask(&format!("text {handle}")), "text said\\n");
    }
    stage.close(host);
}

pub(crate) fn who_lost_its_reaper_too_is_said_to_be_lost(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("user", "pipes", "echo said; exec sleep 1000");
    assert_eq!(host.ask(&format!("seen {handle} said")), "seen");
    let reaper = host.reaper();
    host.kill();
    kill(&reaper);
    let mut host = stage.finds("adopted=0 ended=0 lost=1 remembered=0");
    let status = host.ask(&format!("status {handle}"));
    assert_eq!(status.trim(), "terminated reaper-lost");
    assert_eq!(host.ask(&format!("text {handle}")), "text said\\n");
    let next = host.begin("session", "pipes", ECHO);
    host.ask(&format!("close {next}"));
    assert_eq!(host.ask(&format!("wait {next}")), "exited 5");
    host.kill();
    let mut host = stage.host();
    let status = host.ask(&format!("status {handle}"));
    assert_eq!(status.trim(), "terminated reaper-lost");
    host.end("drop\nexit");
    // The group that is only asked lets it live: the cage does not.
}

pub(crate) fn a_reaper_leaves_once_all_is_told(stage: Stage) {
    let mut host = stage.host();
    let handle = host.begin("session", "pipes", "exec sleep 1000");
    host.kill();
    // It has something to tell.
    let mut host = stage.finds("adopted=0 ended=1 lost=0 remembered=0");
    let status = host.ask(&format!("status {handle}"));
    assert_eq!(status, "terminated host-lost signal=9");
    stage.close(host);
}

pub(crate) fn an_end_is_forgotten_after_its_stay(stage: Stage) {
    let mut host = stage.host_with(&["--stay", "1"]);
    let handle = host.begin("session", "pipes", "exec sleep 1000");
    let reaper = host.reaper();
    host.kill();
    // Nobody has come in time.
    assert!(wait_over(&reaper, PATIENCE));
    let mut host = stage.finds("adopted=0 ended=0 lost=1 remembered=0");
    let status = host.ask(&format!("status {handle}"));
    assert_eq!(status.trim(), "terminated reaper-lost");
    stage.close(host);
}
