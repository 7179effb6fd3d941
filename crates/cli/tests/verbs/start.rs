//! `start`: what the program gets, when it counts as ready, and how long it lives.

use crate::stage::{Running, Stage, fifo, text};
use std::fs::File;
use std::io::Read;

#[test]
fn what_is_printed_is_an_id_that_answers() {
    let stage = Stage::new();
    let id = stage.start(&["--name", "web"], "echo up; sleep 1000");
    assert_eq!(id.len(), 6, "{id}");
    let [info] = stage.json(&["info", &id]).try_into().unwrap();
    assert_eq!((&info["id"], &info["name"]), (&id.into(), &"web".into()));
    assert_eq!(info["status"], "running");
    assert_eq!(info["lifetime"], "user");
    assert_eq!(info["bound"], false);
    // By its name and by its handle it is the same one.
    for word in ["web", info["handle"].as_str().unwrap()] {
        assert_eq!(stage.json(&["info", word])[0]["handle"], info["handle"]);
    }
}

#[test]
fn it_gets_the_callers_environment_directory_and_umask_and_what_is_said() {
    let stage = Stage::new();
    let file = stage.file("variables", "FROM_FILE=1\nBOTH=file\n");
    let script = "umask; pwd; echo $FROM_CALLER-$FROM_FILE-$BOTH; cat; exit 3";
    let mut command = std::process::Command::new("sh");
    let program = testkit::handfast();
    command
        .args(["-c", r#"umask 027; cd /usr; exec "$0" "$@""#])
        .arg(program)
        .args(["start", "--ready-when", "exit", "--env", "BOTH=option"])
        .arg("--env-file")
        .arg(file)
        .args(["--name", "it", "--", "sh", "-c", script])
        .env("FROM_CALLER", "yes");
    stage.at_home(&mut command);
    // It ends with another code than 0, so it is not ready; its input is at its end at once.
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(stage.said(&["logs", "it"]), "0027\n/usr\nyes-1-option\n");
    assert_eq!(stage.json(&["info", "it"])[0]["exit_code"], 3);
}

#[test]
fn a_clean_environment_is_empty() {
    let stage = Stage::new();
    let words = [
        "start",
        "--clean-env",
        "--env",
        "A=1",
        "--ready-when",
        "exit",
    ];
    let id = stage.said(&[&words[..], &["--", "/usr/bin/env"]].concat());
    assert_eq!(stage.said(&["logs", id.trim()]), "A=1\n");
}

#[test]
fn ready_is_when_its_output_matches() {
    let stage = Stage::new();
    let gate = fifo(&stage, "gate");
    let script = format!(
        "echo not yet; cat {}; echo now ready; sleep 1000",
        gate.display()
    );
    let mut command = stage.handfast(&["start", "--json", "--ready-when", "now \\w+"]);
    let mut starting = Running::start(command.args(["--", "sh", "-c", &script]));
    // It waits for as long as the program does.
    drop(File::options().write(true).open(&gate).unwrap());
    let line: serde_json::Value = serde_json::from_str(&starting.line()).unwrap();
    assert_eq!(
        (&line["ready"], &line["not_ready"]),
        (&true.into(), &serde_json::Value::Null)
    );
    assert_eq!(starting.end(), (String::new(), Some(0)));
}

#[test]
fn one_that_ends_before_it_is_ready_is_told_at_once() {
    let stage = Stage::new();
    let words = [
        "start",
        "--ready-when",
        "never said",
        "--ready-within",
        "1h",
        "--name",
        "x",
    ];
    let output = stage.output(&[&words[..], &["--", "sh", "-c", "exit 7"]].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(
        said.contains("why: it has ended: exited with code 7"),
        "{said}"
    );
    // Its id is told all the same.
    assert_eq!(text(&output.stdout).trim().len(), 6);
}

#[test]
fn one_that_is_not_ready_in_time_goes_on() {
    let stage = Stage::new();
    let words = [
        "start",
        "--ready-when",
        "never said",
        "--ready-within",
        "10ms",
    ];
    let output = stage.output(&[&words[..], &["--", "sleep", "1000"]].concat());
    assert_eq!(output.status.code(), Some(124));
    let id = text(&output.stdout).trim().to_owned();
    assert_eq!(stage.json(&["info", &id])[0]["status"], "running");
}

#[test]
fn ready_is_when_its_port_takes_connections_or_a_page_is_there() {
    let stage = Stage::new();
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let script = format!("exec python3 -m http.server --bind 127.0.0.1 {port}");
    let when = format!("http:http://127.0.0.1:{port}/");
    let words = [
        "start",
        "--json",
        "--name",
        "web",
        "--ready-when",
        &when,
        "--purpose",
        "pages",
    ];
    let words = [&words[..], &["--cwd", stage.folder().to_str().unwrap()]].concat();
    let output = stage.output(&[&words[..], &["--", "sh", "-c", &script]].concat());
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["ready"], true, "{output:?}");
    let [info] = stage.json(&["info", "web"]).try_into().unwrap();
    assert_eq!(
        (&info["ready"], &info["purpose"]),
        (&"ready".into(), &"pages".into())
    );
    assert_eq!(info["ports"][0]["port"], port);
    assert_eq!(
        stage.json(&["wait", "web", "--for", "ready"])[0]["outcome"],
        "ready"
    );
    // By its port it is found, and nobody else is touched.
    let other = stage.start(&["--name", "other"], "sleep 1000");
    let stopped = stage.json(&["stop", "--port", &port.to_string()]);
    assert_eq!(stopped[0]["id"], info["id"]);
    assert_eq!(stage.json(&["ps"])[0]["id"], other);
}

#[test]
fn it_may_belong_to_an_owner_below() {
    let stage = Stage::new();
    let id = stage.start(&["--owner", "agent-7"], "sleep 1000");
    assert_eq!(stage.json(&["info", &id])[0]["owner"], "user/agent-7");
    stage.said(&["stop", "--owner", "agent-7"]);
    assert_eq!(stage.json(&["ps"]), [0; 0]);
}

/// Its tree holds a pipe open, whose end is the end of the tree.
#[test]
fn what_lives_for_the_session_ends_with_the_command() {
    let stage = Stage::new();
    let held = fifo(&stage, "held");
    let script = format!("exec 9>{}; sleep 1000 & wait", held.display());
    let mut command = stage.handfast(&["start", "--lifetime", "session"]);
    let mut starting = Running::start(command.args(["--", "sh", "-c", &script]));
    let mut tree = File::open(&held).unwrap();
    let id = starting.line();
    assert_eq!(stage.json(&["info", &id])[0]["bound"], true);
    starting.child.kill().unwrap();
    tree.read_to_end(&mut Vec::new()).unwrap();
    let ended = stage.json(&["wait", &id]);
    assert_eq!(ended[0]["cause"], "owner-gone");
}

#[test]
fn what_lives_for_the_session_gives_the_command_its_code() {
    let stage = Stage::new();
    let words = ["start", "--lifetime", "turn", "--", "sh", "-c", "exit 9"];
    assert_eq!(stage.output(&words).status.code(), Some(9));
}
