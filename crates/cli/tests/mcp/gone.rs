//! However the server or its client ends, nothing is left that has no owner.

use super::client::Client;
use super::stage::Home;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Child, Stdio};

fn kill(child: &Child) {
    let pid = Pid::from_child(child);
    kill_process(pid, Signal::KILL).unwrap();
}

#[test]
fn what_was_not_declared_to_survive_ends_with_the_input() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let (dies, lives, given) = (home.fifo("dies"), home.fifo("lives"), home.fifo("given"));
    client.ready(&dies.tree(), json!({}));
    let lasting = client.ready(&lives.tree(), json!({ "lifetime": "user" }));
    let away = client.ready(&given.tree(), json!({}));
    let (dies, lives, given) = (dies.held(), lives.held(), given.held());
    let handed = client.done(
        "transfer_process",
        json!({ "session_id": away["session_id"] }),
    );
    assert_eq!(handed["owner"], "user");
    // It is not its any more.
    let refused = client.refused("stop_process", json!({ "process_id": away["process_id"] }));
    assert!(refused.contains("process.unknown"), "{refused}");
    client.close();
    dies.ended();
    // The control: what was declared to survive does.
    assert!(home.processes_left() >= 2);
    assert!(lives.is_held() && given.is_held());
    assert!(lasting["process_id"].is_string());
    let stopped = home.handfast("daemon stop").status().unwrap();
    assert!(stopped.success());
    lives.ended();
    given.ended();
}

#[test]
fn a_server_that_is_killed_takes_everything_along() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let fifo = home.fifo("f");
    client.ready(&fifo.tree(), json!({}));
    let held = fifo.held();
    kill(&client.server);
    held.ended();
    assert_eq!(left(&home), 0);
}

/// Processes of which something is left.
fn left(home: &Home) -> u64 {
    loop {
        // Their ends are noted a moment after the last of them is gone.
        let left = home.processes_left();
        if left == 0 {
            return left;
        }
        std::thread::yield_now();
    }
}

/// The client itself, a shell here, is killed: its pipes close.
#[test]
fn a_client_that_is_killed_takes_everything_along() {
    let home = Home::new();
    let fifo = home.fifo("f");
    let handfast = testkit::handfast();
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": { "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } },
    });
    let over = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let call = json!({
        "jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": { "name": "exec_command", "arguments": { "cmd": fifo.tree() } },
    });
    let says = home.path().join("says");
    std::fs::write(&says, format!("{hello}\n{over}\n{call}\n")).unwrap();
    // It holds the other end of the server's input, and so does nobody else.
    let script = format!(
        "(cat {}; exec sleep 1000) | {} mcp >/dev/null",
        says.display(),
        handfast.display()
    );
    let mut client = home.command("/bin/sh".as_ref());
    client.args(["-c", &script]).stdout(Stdio::null());
    let mut client = client.spawn().unwrap();
    let held = fifo.held();
    kill_pid(child_of(client.id(), "sleep"));
    held.ended();
    client.wait().unwrap();
    assert_eq!(left(&home), 0);
}

/// A child of a process, by the name of its program.
fn child_named(parent: u32, name: &str) -> Option<u32> {
    let path = format!("/proc/{parent}/task/{parent}/children");
    let children = std::fs::read_to_string(path).unwrap();
    let mut children = children.split_whitespace();
    let is_it = |pid: &&str| {
        let comm = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        comm.is_ok_and(|comm| comm.trim() == name)
    };
    children.find(is_it)?.parse().ok()
}

/// Calls say that it is gone, with all that it held; the next ones reach another.
#[test]
fn a_daemon_that_is_killed_is_replaced_and_said_to_be_gone() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let fifo = home.fifo("f");
    let tree = client.ready(&fifo.tree(), json!({}));
    let held = fifo.held();
    let waiting = client.send_call("wait_for", json!({ "session_id": tree["session_id"] }));
    // It is known to wait: the next answer comes after it has begun.
    client.done("list_processes", json!({}));
    let daemon = home.status()["pid"].as_i64().unwrap();
    let daemon = Pid::from_raw(i32::try_from(daemon).unwrap()).unwrap();
    kill_process(daemon, Signal::KILL).unwrap();
    held.ended();
    let answer = client.answer(waiting)["result"].clone();
    assert_eq!(answer["isError"], true);
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("the daemon is gone"), "{text}");
    let done = client.done("exec_command", json!({ "cmd": "echo again" }));
    assert_eq!(done["output"], "again\n");
    client.close();
    assert_eq!(left(&home), 0);
}

/// Who ends, and how, in one round.
#[derive(Debug, Clone, Copy)]
enum End {
    /// The server is killed.
    Server,
    /// The client closes the server's input.
    Input,
    /// The client is killed.
    Client,
    /// What has started client and server is killed: they go on, until the client leaves.
    Parent,
    /// The daemon is killed, and then the client leaves.
    Daemon,
}

const ENDS: [End; 5] = [
    End::Server,
    End::Input,
    End::Client,
    End::Parent,
    End::Daemon,
];

fn kill_pid(pid: u32) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
}

/// Waits until a process has a child of this name.
fn child_of(parent: u32, name: &str) -> u32 {
    loop {
        if let Some(child) = child_named(parent, name) {
            return child;
        }
        std::thread::yield_now();
    }
}

/// One of them ends at some moment of a few calls. Answers the ids that were given by then.
fn round(home: &Home, end: End, answers: usize) -> BTreeSet<String> {
    let mut client = match end {
        End::Client | End::Parent => Client::behind(home),
        End::Server | End::Input | End::Daemon => Client::old(home),
    };
    for cmd in ["setsid sleep 1000 & sleep 1000", "echo x"]
        .iter()
        .cycle()
        .take(6)
    {
        let arguments = json!({ "cmd": cmd, "login": false, "yield_time_ms": 250 });
        client.send_call("exec_command", arguments);
    }
    client.send_call("list_processes", json!({}));
    let mut lines: Vec<_> = (0..answers).filter_map(|_| client.line()).collect();
    match end {
        End::Server => kill(&client.server),
        End::Input => {}
        End::Client => kill_pid(child_of(client.server.id(), "cat")),
        End::Parent => {
            kill(&client.server);
            // Client and server have lost nothing by it.
            client.ask("ping", json!({}));
            lines.extend(client.early());
        }
        End::Daemon => kill_pid(u32::try_from(home.status()["pid"].as_u64().unwrap()).unwrap()),
    }
    client.hang_up();
    // A line may end in its middle where its writer was killed.
    lines.extend(std::iter::from_fn(|| client.some_line()));
    client.server.wait().unwrap();
    let ids = lines.iter().flat_map(|line| {
        let given = &line["result"]["structuredContent"];
        let rows = given["processes"].as_array().into_iter().flatten();
        rows.chain([given]).map(|of| of["process_id"].clone())
    });
    let ids = ids.filter_map(|id| Some(id.as_str()?.to_owned()));
    ids.collect()
}

/// Whoever ends at whatever moment: nothing is left, and each id that was given answers. `HANDFAST_ROUNDS`
/// says how many rounds.
#[test]
fn whoever_ends_nothing_is_left_and_no_id_is_lost() {
    let home = Home::new();
    let rounds = std::env::var("HANDFAST_ROUNDS").ok();
    let rounds: usize = rounds.map_or(2 * ENDS.len(), |rounds| rounds.parse().unwrap());
    let mut given = 0;
    for number in 0..rounds {
        let end = ENDS[number % ENDS.len()];
        // Each way to end meets each number of answers in turn.
        let ids = round(&home, end, (number / ENDS.len() + 3) % 8);
        let again = home.handfast("daemon start").output().unwrap();
        assert!(again.status.success(), "{again:?}");
        assert_eq!(left(&home), 0, "round {number}: {end:?}");
        assert_eq!(sleepers(&home), Vec::<String>::new(), "{number}: {end:?}");
        given += ids.len();
        for id in ids {
            let info = home
                .handfast(&format!("info {id} --json"))
                .output()
                .unwrap();
            assert!(info.status.success(), "{number}: {end:?}: {info:?}");
            let info: Value = serde_json::from_slice(&info.stdout).unwrap();
            let state = info["status"].as_str().unwrap();
            let is_over = ["exited", "terminated"].contains(&state);
            assert!(is_over, "{number}: {end:?}: {info}");
        }
    }
    println!("{rounds} rounds, {given} ids");
    // The control: ids were given, so they were asked after.
    assert!(given >= rounds, "{given}");
    let odd = home.handfast("info 00000000-0000-0000-8000-000000000000");
    assert!(!{ odd }.output().unwrap().status.success());
}

/// Processes whose directory is that of this home: what commands of its servers run in.
fn sleepers(home: &Home) -> Vec<String> {
    let folder = home.path().canonicalize().unwrap();
    loop {
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap() {
            let path = entry.unwrap().path();
            let is_here = std::fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd == folder);
            let mut comm = String::new();
            let named = std::fs::File::open(path.join("comm"))
                .and_then(|mut file| file.read_to_string(&mut comm));
            if is_here && named.is_ok() && comm.trim() == "sleep" {
                found.push(format!("{}", path.display()));
            }
        }
        // The dead are seen until they are reaped; those who live are seen for ever.
        if found.is_empty() {
            return found;
        }
        std::thread::yield_now();
    }
}
