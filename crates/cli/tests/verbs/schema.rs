//! The published schema of what `--json` prints is that of the code, and describes all that is printed.

use crate::stage::Stage;
use serde_json::Value;
use std::path::PathBuf;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/lines-v1.json")
}

/// With `HANDFAST_BLESS=1` the file is written anew.
#[test]
fn the_published_schema_is_current() {
    let now = format!("{:#}\n", handfast_cli::schema());
    if std::env::var_os("HANDFAST_BLESS").is_some() {
        std::fs::create_dir_all(file().parent().unwrap()).unwrap();
        std::fs::write(file(), &now).unwrap();
    }
    let published = std::fs::read_to_string(file()).unwrap();
    assert!(
        published == now,
        "the schema has changed: HANDFAST_BLESS=1 cargo test -p handfast-cli --test verbs schema"
    );
}

/// What a shape is, with references followed.
fn followed<'a>(schema: &'a Value, mut shape: &'a Value) -> &'a Value {
    while let Some(name) = shape["$ref"].as_str() {
        shape = &schema["$defs"][name.trim_start_matches("#/$defs/")];
        assert!(shape.is_object(), "{name}");
    }
    shape
}

/// Checks the fields of objects, however deep: all that is there is described, all that is required is
/// there.
fn check(schema: &Value, shape: &Value, value: &Value, path: &str) {
    let shape = followed(schema, shape);
    match value {
        Value::Array(values) => values
            .iter()
            .for_each(|one| check(schema, &shape["items"], one, path)),
        Value::Object(fields) => {
            // What may be null is one of two shapes.
            let choices = shape["anyOf"].as_array().cloned().unwrap_or_default();
            let is_object = |shape: &&Value| followed(schema, shape)["properties"].is_object();
            let shape = choices.iter().find(is_object).unwrap_or(shape);
            let shape = followed(schema, shape);
            for (name, value) in fields {
                let described = &shape["properties"][name];
                assert!(!described.is_null(), "{path}.{name} is not described");
                check(schema, described, value, &format!("{path}.{name}"));
            }
            for name in shape["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                assert!(fields.contains_key(name), "{path}.{name} is missing");
            }
        }
        _ => {}
    }
}

#[test]
fn every_line_is_as_it_is_described_and_has_all_its_fields() {
    let stage = Stage::new();
    let schema = handfast_cli::schema();
    let mut seen = std::collections::BTreeSet::new();
    let mut printed = |verb: &str, words: &[&str]| {
        let lines = stage.json(words);
        assert!(!lines.is_empty(), "{verb}");
        for line in lines {
            let shape = followed(&schema, &schema["verbs"][verb]);
            check(&schema, shape, &line, verb);
            let fields = shape["properties"].as_object().unwrap().len();
            assert_eq!(line.as_object().unwrap().len(), fields, "{verb}: {line}");
            seen.insert(verb.to_owned());
        }
    };
    let script = ["--", "sh", "-c", "echo up; sleep 1000"];
    let words = [
        &["start", "--name", "web", "--ready-when", "up", "--json"],
        &script[..],
    ]
    .concat();
    printed_start(&stage, &schema, &words);
    stage.said(&["start", "--tty", "--name", "tty", "--", "cat"]);
    printed("ps", &["ps"]);
    printed("info", &["info", "web"]);
    printed("logs", &["logs", "web"]);
    printed("wait", &["wait", "web", "--for", "regex:up"]);
    printed("ps", &["ps", "--tree"]);
    printed("top", &["top", "--every", "10ms"]);
    printed("config show", &["config", "show"]);
    printed("send", &["send", "tty", "x"]);
    printed("signal", &["signal", "web", "WINCH"]);
    printed("token create", &["token", "create", "--owner", "agent"]);
    printed("token list", &["token", "list"]);
    printed("transfer", &["transfer", "tty", "--to", "agent"]);
    printed("events", &["events"]);
    printed("stop", &["stop", "web"]);
    printed("clean", &["clean", "--dry-run"]);
    // These have tests of their own.
    let left = [
        "attach",
        "daemon status",
        "doctor",
        "exec",
        "run",
        "start",
        "token revoke",
    ];
    let verbs = schema["verbs"].as_object().unwrap().keys();
    let missing: Vec<_> = verbs
        .filter(|verb| !seen.contains(verb.as_str()) && !left.contains(&verb.as_str()))
        .collect();
    assert_eq!(missing, [""; 0]);
}

/// Its option must stand before the program.
fn printed_start(stage: &Stage, schema: &Value, words: &[&str]) {
    let line: Value = serde_json::from_str(&stage.said(words)).unwrap();
    check(schema, &schema["verbs"]["start"], &line, "start");
}
