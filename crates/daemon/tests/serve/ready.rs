//! Being ready: seen by a line, a port, a page or an exit, waited for, and told.

use super::stage::{Stage, code, named, sh};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;
use std::net::TcpListener;

async fn ready(client: &Client, name: &str) -> Waited {
    let wait = Wait {
        process_id: name.into(),
        conditions: vec![Condition::Ready {}],
        wait_ms: None,
    };
    client.call(&wait).await.unwrap()
}

async fn info(client: &Client, name: &str) -> Info {
    let of = InfoOf {
        process_id: name.into(),
        members: false,
    };
    client.call(&of).await.unwrap()
}

fn when(start: Start, when: ReadyWhen) -> Start {
    Start {
        ready_when: Some(when),
        ..start
    }
}

/// Waits until it is known, and says how it stands: state and reason.
async fn seen(client: &Client, start: Start) -> (String, Option<String>) {
    let name = start.process_id.clone().unwrap();
    client.call(&start).await.unwrap();
    let waited = ready(client, &name).await;
    assert_eq!(waited.condition, Some(0));
    let ready = info(client, &name).await.ready.unwrap();
    let is_ready = ready.state == "ready";
    assert_eq!(waited.outcome, if is_ready { "ready" } else { "not-ready" });
    (ready.state, ready.why)
}

fn is(state: &str, why: Option<&str>) -> (String, Option<String>) {
    (state.to_owned(), why.map(str::to_owned))
}

#[tokio::test]
async fn a_line_makes_it_ready_and_without_one_it_never_is() {
    let stage = Stage::new();
    let client = stage.client().await;
    let line = |pattern: &str| ReadyWhen::Match {
        pattern: pattern.into(),
    };
    let up = named("up", sh("echo listening on 3000; sleep 1000"));
    let seen_up = seen(&client, when(up, line("listening on [0-9]+"))).await;
    assert_eq!(seen_up, is("ready", None));
    let down = named("down", sh("echo failed"));
    assert_eq!(
        seen(&client, when(down, line("listening"))).await,
        is("failed", Some("ended"))
    );
    // While it says nothing it is waited for, and whoever has waited enough is told so.
    let mute = when(
        named("mute", sh("read x; echo listening; sleep 1000")),
        line("listening"),
    );
    let mute = Start {
        pipe_stdin: true,
        ..mute
    };
    client.call(&mute).await.unwrap();
    assert_eq!(info(&client, "mute").await.ready.unwrap().state, "waiting");
    let wait = Wait {
        process_id: "mute".into(),
        conditions: vec![Condition::Ready {}],
        wait_ms: Some(1),
    };
    assert_eq!(client.call(&wait).await.unwrap().outcome, "timed-out");
    super::stage::write(&client, "mute", "\n").await;
    assert_eq!(ready(&client, "mute").await.outcome, "ready");
    // One of which nothing was said is ready.
    client
        .call(&named("plain", sh("sleep 1000")))
        .await
        .unwrap();
    assert_eq!(ready(&client, "plain").await.outcome, "ready");
    assert_eq!(info(&client, "plain").await.ready, None);
    stage.end().await;
}

#[tokio::test]
async fn an_exit_with_zero_makes_it_ready() {
    let stage = Stage::new();
    let client = stage.client().await;
    let exit = ReadyWhen::Exit {};
    let good = named("good", sh("exit 0"));
    assert_eq!(
        seen(&client, when(good, exit.clone())).await,
        is("ready", None)
    );
    let bad = named("bad", sh("exit 3"));
    assert_eq!(
        seen(&client, when(bad, exit.clone())).await,
        is("failed", Some("exit-code"))
    );
    let late = Start {
        ready_within_ms: Some(1),
        ..when(named("late", sh("sleep 1000")), exit)
    };
    assert_eq!(seen(&client, late).await, is("failed", Some("timed-out")));
    assert_eq!(info(&client, "late").await.status.state, "running");
    stage.end().await;
}

/// A puppet that listens at the port that its argument says; a shell cannot.
fn server(name: &str, script: &str) -> Start {
    let python = "/usr/bin/python3";
    let mut start = named(name, sh(""));
    start.argv = [python, "-u", "-c", script].map(Word::from).to_vec();
    start
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

fn page(port: u16, status: &str) -> String {
    format!(
        "import socket\ns=socket.create_server(('127.0.0.1',{port}))\nprint('up',flush=True)\nwhile True:\n  c,_=s.accept()\n  \
         c.recv(1000)\n  c.sendall(b'HTTP/1.1 {status} x\\r\\n\\r\\n')\n  c.close()"
    )
}

#[tokio::test]
async fn a_port_or_a_page_makes_it_ready_and_a_strangers_does_not() {
    if !std::path::Path::new("/usr/bin/python3").exists() {
        eprintln!("skipped: no python3 to listen with");
        return;
    }
    let stage = Stage::new();
    let client = stage.client().await;
    let port = free_port();
    let by_port = when(server("port", &page(port, "200")), ReadyWhen::Port { port });
    assert_eq!(seen(&client, by_port).await, is("ready", None));
    let url = format!("http://127.0.0.1:{port}/up");
    let who = client.call(&PortWho { port }).await.unwrap().listeners;
    assert_eq!(who.len(), 1);
    assert_eq!(who[0].process_id.as_deref(), Some("port"));
    // That page is somebody else's.
    let stranger = when(named("stranger", sh("sleep 1000")), ReadyWhen::Http { url });
    let stranger = Start {
        ready_within_ms: Some(1500),
        ..stranger
    };
    assert_eq!(
        seen(&client, stranger).await,
        is("failed", Some("timed-out"))
    );
    let port = free_port();
    let url = format!("http://localhost:{port}/");
    let good = when(server("page", &page(port, "204")), ReadyWhen::Http { url });
    assert_eq!(seen(&client, good).await, is("ready", None));
    // One that answers with an error is not ready.
    let port = free_port();
    let url = format!("http://localhost:{port}/");
    let bad = when(server("error", &page(port, "503")), ReadyWhen::Http { url });
    let bad = Start {
        ready_within_ms: Some(1500),
        ..bad
    };
    assert_eq!(seen(&client, bad).await, is("failed", Some("timed-out")));
    let usage = UsageOf {
        process_id: Some("page".into()),
        members: true,
        ports: true,
    };
    let usage = client.call(&usage).await.unwrap();
    let tree = &usage.trees[0];
    let members = tree.members.as_ref().unwrap();
    assert!(
        members
            .iter()
            .any(|member| member.command.contains("create_server")),
        "{members:?}"
    );
    assert!(tree.resident_bytes > 1_000_000 && tree.member_count as usize == members.len());
    assert_eq!(tree.ports.as_ref().unwrap().len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn who_listens_is_told_also_of_strangers() {
    let stage = Stage::new();
    let client = stage.client().await;
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let who = client.call(&PortWho { port }).await.unwrap().listeners;
    assert_eq!((who.len(), who[0].process_id.clone()), (1, None));
    assert_eq!(who[0].pid, Some(std::process::id()));
    assert!(
        who[0].command.as_ref().unwrap().contains("serve"),
        "{who:?}"
    );
    drop(socket);
    assert_eq!(client.call(&PortWho { port }).await.unwrap().listeners, []);
    stage.end().await;
}

#[tokio::test]
async fn what_can_never_be_seen_is_refused() {
    let stage = Stage::new();
    let client = stage.client().await;
    for (wanted, name) in [
        (
            ReadyWhen::Match {
                pattern: "(".into(),
            },
            "wait.bad-pattern",
        ),
        (ReadyWhen::Port { port: 0 }, "start.bad-ready"),
        (
            ReadyWhen::Http {
                url: "http://example.org/".into(),
            },
            "start.bad-ready",
        ),
    ] {
        let start = when(named("x", sh("sleep 1000")), wanted);
        assert_eq!(code(client.call(&start).await), name);
    }
    stage.end().await;
}
