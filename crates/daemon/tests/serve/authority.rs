//! Two owners: whatever one asks of the other's things is answered in the words for what never was.
//!
//! The methods are read from the published schema, so one that is added is missing here until somebody has
//! decided about it.

use super::raw::Shim;
use super::stage::Stage;
use handfast_daemon::connect::connect;
use handfast_daemon::wire::{METHODS, schema};
use serde_json::{Value, json};

/// What a method needs besides the id; `None` where the id is a new name and not one that must be there.
fn rest_of(method: &str) -> Option<Value> {
    Some(match method {
        "process/start" => return None,
        "process/write" => json!({"chunk": "aGkK"}),
        "process/press" => json!({"keys": "enter"}),
        "process/signal" => json!({"signal": 15}),
        "process/resize" => json!({"size": {"rows": 10, "columns": 20}}),
        "process/transfer" => json!({"to": "user"}),
        "process/wait" => json!({"waitMs": 1}),
        _ => json!({}),
    })
}

/// The methods whose parameters have an id of a process in them.
fn about_processes() -> Vec<&'static str> {
    let schema = schema();
    let has_id = |method: &str| {
        let params = &schema["methods"][method]["params"];
        let name = params["$ref"]
            .as_str()
            .and_then(|path| path.rsplit('/').next());
        let params = name.map_or(params, |name| &schema["$defs"][name]);
        !params["properties"]["processId"].is_null()
    };
    METHODS
        .iter()
        .copied()
        .filter(|method| has_id(method))
        .collect()
}

fn asked(shim: &mut Shim, method: &str, id: &str) -> Option<String> {
    let mut params = rest_of(method)?;
    params["processId"] = json!(id);
    let mut answer = shim.ask(method, params);
    answer["id"] = Value::Null;
    Some(answer.to_string().replace(id, "ID"))
}

fn started(shim: &mut Shim) -> String {
    let start = json!({
        "processId": "mine", "name": "label", "argv": ["/bin/sleep", "1000"], "env": {}, "tty": true, "notify": false,
        "lifetime": {"lease": {"ms": 600_000}},
    });
    let started = shim.ask("process/start", start);
    started["result"]["handle"].as_str().unwrap().to_owned()
}

/// A handle of the same daemon that was never given out.
fn never(handle: &str) -> String {
    let (front, back) = handle.split_at(handle.len() - 4);
    assert_ne!(back, "fff0");
    format!("{front}fff0")
}

fn talk(one: &mut Shim, other: &mut Shim) -> usize {
    let handle = started(one);
    let never = never(&handle);
    let mut tried = 0;
    for method in about_processes() {
        for (id, nothing) in [
            (handle.as_str(), never.as_str()),
            ("mine", "none"),
            ("label", "nobody"),
        ] {
            let Some(theirs) = asked(other, method, id) else {
                continue;
            };
            assert_eq!(
                theirs,
                asked(other, method, nothing).unwrap(),
                "{method} {id}"
            );
            tried += 1;
        }
        // The control: to whom it belongs it is there.
        if !ends(method)
            && let Some(own) = asked(one, method, "mine")
        {
            assert_ne!(own, asked(one, method, "none").unwrap(), "{method}");
        }
    }
    let info = one.ask("process/info", json!({"processId": "mine"}));
    assert_eq!(
        info["result"]["status"]["state"], "running",
        "nothing of it was done"
    );
    assert_eq!(
        info["result"]["owner"]
            .as_str()
            .unwrap()
            .matches("session-")
            .count(),
        1
    );
    for list in [
        "process/list",
        "process/usage",
        "events/read",
        "process/clean",
    ] {
        let answer = other.ask(list, json!({}));
        assert!(!answer.to_string().contains(&handle), "{list}: {answer}");
    }
    for method in ["process/terminate", "process/stop"] {
        let own = asked(one, method, "mine").unwrap();
        assert_ne!(own, asked(one, method, "none").unwrap(), "{method}");
    }
    tried
}

/// What the control must not do before the end, or what says nothing of a process that is there.
fn ends(method: &str) -> bool {
    matches!(
        method,
        "process/terminate"
            | "process/stop"
            | "process/signal"
            | "process/transfer"
            | "process/clean"
    )
}

#[tokio::test]
async fn whatever_is_asked_of_anothers_process_is_answered_as_of_one_that_never_was() {
    let stage = Stage::new();
    let [one, other] = [(); 2].map(|()| connect(&stage.place).unwrap().0);
    let talk = move || {
        let [mut one, mut other] = [one, other].map(Shim::new);
        one.greet(None);
        other.greet(None);
        talk(&mut one, &mut other)
    };
    let tried = tokio::task::spawn_blocking(talk).await.unwrap();
    assert!(tried >= 60, "{tried}");
    stage.end().await;
}
