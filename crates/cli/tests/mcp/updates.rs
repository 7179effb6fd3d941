//! Clients are told when there is more to read, in both versions of the protocol.

use super::client::Client;
use super::stage::Home;
use serde_json::{Value, json};

const UPDATED: &str = "notifications/resources/updated";

/// Starts what says back what it is told; answers its number and the resource of its output.
fn cat(client: &mut Client) -> (Value, String) {
    let cat = client.ready("echo ready; cat", json!({}));
    let process = cat["process_id"].as_str().unwrap();
    let uri = format!("handfast://process/{process}/output");
    (cat["session_id"].clone(), uri)
}

fn write(client: &mut Client, session: &Value, chars: &str) {
    let write = json!({
        "session_id": session, "chars": chars, "until": chars.trim(), "yield_time_ms": 30_000,
    });
    client.done("write_stdin", write);
}

/// Waits for the next word of this kind; what was said before counts.
fn told(client: &mut Client, method: &str) -> Value {
    loop {
        let is_it = |note: &Value| note["method"] == method;
        if let Some(at) = client.notes.iter().position(is_it) {
            return client.notes.remove(at)["params"].clone();
        }
        let line = client.line().unwrap();
        assert!(line["id"].is_null(), "{line}");
        client.notes.push(line);
    }
}

#[test]
fn a_subscriber_is_told_of_output_and_of_its_end() {
    let home = Home::new();
    let mut client = Client::old(&home);
    let (session, uri) = cat(&mut client);
    let subscribed = client.ask("resources/subscribe", json!({ "uri": uri }));
    assert_eq!(subscribed["result"], json!({}), "{subscribed}");
    // Once is enough, and twice is no error.
    client.ask("resources/subscribe", json!({ "uri": uri }));
    write(&mut client, &session, "one\n");
    assert_eq!(told(&mut client, UPDATED)["uri"], uri);
    let read = client.ask("resources/read", json!({ "uri": uri }));
    assert_eq!(read["result"]["contents"][0]["text"], "ready\none\n");
    client.done("stop_process", json!({ "session_id": session }));
    assert_eq!(told(&mut client, UPDATED)["uri"], uri);
    client.close();
}

#[test]
fn a_listener_is_told_of_what_was_accepted_and_of_nothing_else() {
    let home = Home::new();
    let mut client = Client::new(&home);
    let (session, uri) = cat(&mut client);
    let (other, _) = cat(&mut client);
    let wanted = json!({
        "toolsListChanged": true, "resourceSubscriptions": [uri, "file:///etc/passwd"],
    });
    let listen = client.send("subscriptions/listen", json!({ "notifications": wanted }));
    let accepted = told(&mut client, "notifications/subscriptions/acknowledged");
    assert_eq!(
        accepted["notifications"],
        json!({ "resourceSubscriptions": [uri] })
    );
    write(&mut client, &other, "not this\n");
    write(&mut client, &session, "this\n");
    let note = told(&mut client, UPDATED);
    assert_eq!(note["uri"], uri);
    assert_eq!(
        note["_meta"]["io.modelcontextprotocol/subscriptionId"],
        listen
    );
    client.tell("notifications/cancelled", json!({ "requestId": listen }));
    write(&mut client, &session, "after\n");
    client.close();
}

/// A client that leaves while it is subscribed to something is not waited for.
#[test]
fn subscriptions_end_with_their_client() {
    let home = Home::new();
    let mut old = Client::old(&home);
    let (_, uri) = cat(&mut old);
    old.send("resources/subscribe", json!({ "uri": uri }));
    old.close();
    let mut new = Client::new(&home);
    let (_, uri) = cat(&mut new);
    let wanted = json!({ "resourceSubscriptions": [uri] });
    new.send("subscriptions/listen", json!({ "notifications": wanted }));
    told(&mut new, "notifications/subscriptions/acknowledged");
    new.close();
    assert_eq!(home.processes_left(), 0);
}

#[test]
fn what_is_no_resource_and_too_much_are_refused() {
    let home = Home::new();
    let mut client = Client::old(&home);
    for odd in ["handfast://process/odd/output", "file:///etc/passwd"] {
        let answer = client.ask("resources/subscribe", json!({ "uri": odd }));
        assert_eq!(answer["error"]["code"], -32002, "{answer}");
        assert_eq!(answer["error"]["data"]["uri"], odd, "{answer}");
    }
    // None was begun, and to end what was not begun is no error.
    let ended = client.ask("resources/unsubscribe", json!({ "uri": "odd" }));
    assert_eq!(ended["result"], json!({}), "{ended}");
    client.close();
    let mut client = Client::new(&home);
    let many = |count: usize| -> Vec<String> {
        let uri = |number| format!("handfast://process/{number}/output");
        (0..count).map(uri).collect()
    };
    let wanted = json!({ "resourceSubscriptions": many(60) });
    client.send("subscriptions/listen", json!({ "notifications": wanted }));
    told(&mut client, "notifications/subscriptions/acknowledged");
    let wanted = json!({ "resourceSubscriptions": many(1000) });
    let refused = client.ask("subscriptions/listen", json!({ "notifications": wanted }));
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    client.close();
}
