//! `stop`: the whole tree, and a receipt that says what was done.

use crate::stage::{Stage, fifo, text};
use std::fs::File;
use std::io::Read;

#[test]
fn a_tree_ends_with_all_its_members_and_the_receipt_says_so() {
    let stage = Stage::new();
    let held = fifo(&stage, "held");
    let script = format!(
        "exec 9>{}; (trap '' TERM; while :; do sleep 1000; done) & echo up; wait",
        held.display()
    );
    let mut command = stage.handfast(&["start", "--name", "web", "--ready-when", "up"]);
    let mut starting = command
        .args(["--grace", "50ms", "--", "sh", "-c", &script])
        .spawn()
        .unwrap();
    let mut tree = File::open(&held).unwrap();
    assert!(starting.wait().unwrap().success());
    let [receipt] = stage.json(&["stop", "web"]).try_into().unwrap();
    // The last member that held it is gone.
    tree.read_to_end(&mut Vec::new()).unwrap();
    assert_eq!(receipt["survivors"], serde_json::json!([]));
    assert!(
        receipt["members_before"].as_u64().unwrap() >= 3,
        "{receipt}"
    );
    assert!(receipt["killed"].as_u64().unwrap() >= 1, "{receipt}");
    assert_eq!(
        (&receipt["status"], &receipt["cause"]),
        (&"terminated".into(), &"stop".into())
    );
    // Again it is over, which is no error.
    assert_eq!(stage.said(&["stop", "web"]), "web: was over (terminated)\n");
}

#[test]
fn several_are_stopped_though_one_is_not_there() {
    let stage = Stage::new();
    let (one, two) = (
        stage.start(&[], "sleep 1000"),
        stage.start(&[], "sleep 1000"),
    );
    let output = stage.output(&["stop", &one, "nobody", &two]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stdout).lines().count(), 2, "{output:?}");
    assert_eq!(text(&output.stderr).lines().count(), 3, "{output:?}");
    assert_eq!(stage.json(&["ps"]), [0; 0]);
}

#[test]
fn of_a_stranger_at_a_port_only_who_it_is_is_said() {
    let stage = Stage::new();
    let ours = stage.start(&[], "sleep 1000");
    // The test itself is none of the daemon's trees.
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port().to_string();
    let refused = stage.refused(&["stop", "--port", &port]);
    let pid = format!("process {} (", std::process::id());
    assert!(
        refused.contains(&pid) && refused.contains("none of ours"),
        "{refused}"
    );
    assert!(refused.ends_with("exit code 1\n"), "{refused}");
    std::net::TcpStream::connect(stranger.local_addr().unwrap()).unwrap();
    drop(stranger);
    let refused = stage.refused(&["stop", "--port", &port]);
    assert!(refused.contains("nobody listens there"), "{refused}");
    assert!(refused.ends_with("exit code 3\n"), "{refused}");
    assert_eq!(stage.json(&["ps"])[0]["id"], ours);
}

#[test]
fn all_of_an_owner_are_stopped() {
    let stage = Stage::new();
    stage.start(&[], "sleep 1000");
    stage.start(&[], "sleep 1000");
    assert_eq!(stage.said(&["stop", "--owner", "user"]).lines().count(), 2);
    assert_eq!(stage.json(&["ps"]), [0; 0]);
    // Nobody is nobody, and not everybody.
    let kept = stage.start(&[], "sleep 1000");
    assert_eq!(stage.said(&["stop", "--owner", "nobody"]), "");
    assert_eq!(stage.json(&["ps"])[0]["id"], kept);
}
