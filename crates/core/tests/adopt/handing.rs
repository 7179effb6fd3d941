//! Hosts that hand over.

use crate::stage::{ECHO, FLOOD, FLOOD_TERMINAL, Stage};

pub(crate) fn everything_is_there_after_a_hand_over(stage: Stage) {
    let mut host = stage.host();
    let echo = host.begin("session", "pipes", ECHO);
    let terminal = host.begin("lease", "terminal", FLOOD_TERMINAL);
    let writer = host.begin("turn", "pipes", FLOOD);
    for round in 1..4 {
        host.ask(&format!("write {echo} {round}\\n"));
        assert_eq!(host.ask(&format!("seen {echo} got:{round}")), "seen");
        for handle in [&terminal, &writer] {
            host.ask(&format!("more {handle} {}", round * 600_000));
        }
        // Far longer than the next one takes.
        assert_eq!(host.ask("hand-over 60000"), "handed over");
        host.kill();
        host = stage.finds("adopted=3 ended=0 lost=0 remembered=0");
        for handle in [&terminal, &writer] {
            let answer = host.ask(&format!("flood {handle}"));
            assert!(answer.starts_with("good"), "{answer}");
        }
    }
    assert_eq!(
        host.ask(&format!("text {echo}")),
        "text got:1\\ngot:2\\ngot:3\\n"
    );
    host.ask(&format!("close {echo}"));
    assert_eq!(host.ask(&format!("wait {echo}")), "exited 5");
    // It was for one end only.
    host.kill();
    let mut host = stage.finds("adopted=0 ended=2 lost=0 remembered=1");
    let status = host.ask(&format!("status {writer}"));
    assert_eq!(status, "terminated host-lost signal=9");
    stage.close(host);
}

pub(crate) fn a_hand_over_to_nobody_ends_what_was_not_declared(stage: Stage) {
    let (dies, lives) = (stage.witness("dies"), stage.witness("lives"));
    let mut host = stage.host();
    let session = format!("{}exec sleep 1000", dies.held());
    let session = host.begin("session", "pipes", &session);
    let user = format!("{}exec sleep 1000", lives.held());
    let user = host.begin("user", "pipes", &user);
    dies.joined();
    lives.joined();
    assert_eq!(host.ask("hand-over 300"), "handed over");
    host.kill();
    dies.ended();
    lives.lives();
    let mut host = stage.finds("adopted=1 ended=1 lost=0 remembered=0");
    let status = host.ask(&format!("status {session}"));
    assert_eq!(status, "terminated host-lost signal=9");
    host.ask(&format!("stop {user}"));
    stage.close(host);
}

pub(crate) fn a_hand_over_that_is_taken_back_holds_nothing(stage: Stage) {
    let dies = stage.witness("dies");
    let mut host = stage.host();
    let session = format!("{}exec sleep 1000", dies.held());
    host.begin("session", "pipes", &session);
    dies.joined();
    assert_eq!(host.ask("hand-over 600000"), "handed over");
    // Control: it holds until then.
    dies.lives();
    assert_eq!(host.ask("hand-over 0"), "handed over");
    host.kill();
    dies.ended();
    let host = stage.finds("adopted=0 ended=1 lost=0 remembered=0");
    stage.close(host);
}
