//! The schemas of arguments and results, as short as they can be: a model pays for each word.
//!
//! Written by hand, since made ones say much that nobody needs. A test holds them against the types
//! that read the arguments.

use serde_json::{Value, json};

fn arguments(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn result(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn number(about: &str) -> Value {
    json!({ "type": "number", "description": about })
}

fn flag(about: &str) -> Value {
    json!({ "type": "boolean", "description": about })
}

fn which(mut others: Value) -> Value {
    others["session_id"] = number("Of exec_command; or give process_id");
    others["process_id"] = text("Of list_processes");
    others
}

pub(super) fn exec_command() -> Value {
    let properties = json!({
        "cmd": text("Shell command"),
        "workdir": text("Where it runs; default: where this server was started"),
        "shell": text("Shell, by path or name"),
        "login": flag("Login shell; default true"),
        "tty": flag("Give it a terminal; default false: pipes, and no input"),
        "yield_time_ms": number("How long to wait for its end: 250 to 30000, default 10000"),
        "max_output_tokens": number("Output budget; default 10000"),
        "timeout_ms": number("Stop it after this time, whoever waits"),
        "stdin": text("Text for its input, which then ends unless stdin_open"),
        "stdin_open": flag("Keep its input open for write_stdin, without a terminal"),
        "request_key": text("A second call with the same key starts nothing and answers for the first"),
        "purpose": text("What it is for, shown in lists"),
        "until": text("Regular expression that ends the wait early"),
        "lifetime": {
            "type": "string", "enum": ["session", "user"],
            "description": "user: it survives this server until it is stopped"
        },
    });
    arguments(&["cmd"], properties)
}

pub(super) fn write_stdin() -> Value {
    let properties = json!({
        "session_id": number("Of exec_command"),
        "chars": text("What to write; default empty: only wait"),
        "yield_time_ms": number("How long to wait: default 250, or 5000 where nothing is written"),
        "max_output_tokens": number("Output budget; default 10000"),
        "close_stdin": flag("End its input behind chars"),
        "write_id": text("A repeated write with the same id is not written again"),
        "until": text("Regular expression that ends the wait early"),
    });
    arguments(&["session_id"], properties)
}

pub(super) fn exec_answer() -> Value {
    let properties = json!({
        "chunk_id": { "type": "string" },
        "wall_time_seconds": { "type": "number" },
        "exit_code": { "type": "integer" },
        "session_id": { "type": "integer" },
        "original_token_count": { "type": "integer" },
        "output": { "type": "string" },
        "process_id": { "type": "string" },
        "cause": { "type": "string" },
        "leader": { "enum": ["starting", "running", "exited"] },
        "output_open": { "type": "boolean" },
        "tree": { "type": "integer" },
        "output_holders": { "type": "array" },
        "wait_requested_ms": { "type": "integer" },
        "wait_applied_ms": { "type": "integer" },
        "capped": { "type": "boolean" },
        "matched": { "type": "boolean" },
        "omitted_bytes": { "type": "integer" },
        "notices": { "type": "array", "items": { "type": "string" } },
    });
    result(&["wall_time_seconds", "output"], properties)
}

pub(super) fn list_processes() -> Value {
    arguments(&[], json!({ "all": flag("Also those that have ended") }))
}

pub(super) fn listed() -> Value {
    let row = result(
        &["process_id", "command", "state"],
        json!({
            "session_id": { "type": "integer" },
            "process_id": { "type": "string" },
            "command": { "type": "string" },
            "state": { "type": "string" },
            "exit_code": { "type": "integer" },
        }),
    );
    let properties = json!({
        "processes": { "type": "array", "items": row },
        "more": { "type": "boolean" },
    });
    result(&["processes"], properties)
}

pub(super) fn read_output() -> Value {
    let properties = which(json!({
        "after": number("Cursor of the last read; default 0: from the beginning"),
        "grep": text("Only lines with this text"),
        "tail_lines": number("Only so many last lines"),
        "max_output_tokens": number("Output budget; default 10000"),
    }));
    arguments(&[], properties)
}

pub(super) fn output() -> Value {
    let properties = json!({
        "process_id": { "type": "string" },
        "output": { "type": "string" },
        "cursor": { "type": "integer" },
        "truncated": { "type": "boolean" },
        "omitted_bytes": { "type": "integer" },
        "exited": { "type": "boolean" },
        "exit_code": { "type": "integer" },
        "closed": { "type": "boolean" },
    });
    result(&["process_id", "output", "cursor"], properties)
}

pub(super) fn wait_for() -> Value {
    let properties = which(json!({
        "for": {
            "type": "string", "enum": ["exit", "tree_empty", "output", "match", "quiet", "port"],
            "description": "Default exit"
        },
        "pattern": text("match: regular expression, looked for in all output"),
        "port": number("port: TCP port of this machine"),
        "quiet_ms": number("quiet: how long; default 2000"),
        "timeout_ms": number("How long to wait; at most, and by default, 50000"),
    }));
    arguments(&[], properties)
}

pub(super) fn waited() -> Value {
    let properties = json!({
        "process_id": { "type": "string" },
        "outcome": { "type": "string" },
        "state": { "type": "string" },
        "exit_code": { "type": "integer" },
        "cause": { "type": "string" },
        "matched_at": { "type": "integer" },
        "took_ms": { "type": "integer" },
        "wait_requested_ms": { "type": "integer" },
        "wait_applied_ms": { "type": "integer" },
        "capped": { "type": "boolean" },
    });
    result(&["process_id", "outcome", "state"], properties)
}

pub(super) fn stop_process() -> Value {
    let properties = which(json!({
        "port": number("Or whichever of your processes listens at this TCP port"),
        "grace_ms": number("How long it may take to end by itself; 0 kills at once"),
    }));
    arguments(&[], properties)
}

pub(super) fn stopped() -> Value {
    let properties = json!({
        "process_id": { "type": "string" },
        "state": { "type": "string" },
        "exit_code": { "type": "integer" },
        "cause": { "type": "string" },
        "members_before": { "type": "integer" },
        "asked": { "type": "integer" },
        "killed": { "type": "integer" },
        "survivors": { "type": "array", "items": { "type": "integer" } },
        "took_ms": { "type": "integer" },
        "grade": { "type": "string" },
    });
    result(&["process_id", "state", "survivors"], properties)
}

pub(super) fn transfer_process() -> Value {
    let properties = which(json!({ "to": text("Owner; default user") }));
    arguments(&[], properties)
}

pub(super) fn transferred() -> Value {
    let properties = json!({
        "process_id": { "type": "string" },
        "owner": { "type": "string" },
    });
    result(&["process_id", "owner"], properties)
}

#[cfg(test)]
mod tests {
    use super::super::{exec, list, read, stop, transfer, wait};
    use super::*;
    use serde::de::DeserializeOwned;

    /// An argument of the type that its schema says.
    fn sample(property: &Value) -> Value {
        match property["type"].as_str() {
            Some("string") => property
                .get("enum")
                .map_or(json!("x"), |words| words[0].clone()),
            Some("number") => json!(1),
            Some("boolean") => json!(true),
            other => panic!("what is {other:?}?"),
        }
    }

    fn read_all<T: DeserializeOwned>(schema: &Value) {
        let properties = schema["properties"].as_object().unwrap();
        let all = properties
            .iter()
            .map(|(name, about)| (name.clone(), sample(about)));
        let all = Value::Object(all.collect());
        assert!(serde_json::from_value::<T>(all.clone()).is_ok(), "{all}");
        let mut odd = all;
        odd["odd"] = json!(1);
        let error = serde_json::from_value::<T>(odd).err().unwrap().to_string();
        // The control: what is in no schema is refused.
        assert!(error.contains("`odd`"), "{error}");
        // And what no schema has is in no type either: the error names them all.
        for known in error.split('`').skip(3).step_by(2) {
            let is_sandbox =
                ["sandbox_permissions", "justification", "prefix_rule"].contains(&known);
            assert!(is_sandbox || properties.contains_key(known), "{known}");
        }
    }

    #[test]
    fn every_argument_of_a_schema_is_read_and_no_other() {
        read_all::<exec::Command>(&exec_command());
        read_all::<exec::Write>(&write_stdin());
        read_all::<list::Wanted>(&list_processes());
        read_all::<read::Wanted>(&read_output());
        read_all::<wait::Wanted>(&wait_for());
        read_all::<stop::Wanted>(&stop_process());
        read_all::<transfer::Wanted>(&transfer_process());
    }
}
