//! Lines of JSON: one for each object, of the shapes that are published in `schema/`.
//!
//! They are the command line's own promise and not those of the wire, so that neither changes with the
//! other. What must stay true: fields are added and never renamed or removed; none is ever left out.

mod process;
mod said;

pub(crate) use process::{Ended, Process};
pub(crate) use said::{
    Attached, Cleaned, Event, Executed, LogLine, NewToken, Receipt, Revoked, Sent, Setting,
    Signalled, Started, Token, Transferred, Used, Waited,
};

use crate::verbs::{daemon, doctor, run};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The schema of what every verb prints with `--json`: `verbs` by name, and `$defs` for what they share.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut verbs = Map::new();
    for (verb, shape) in shapes() {
        let shape = shape(&mut generator);
        verbs.insert(verb.to_owned(), shape.to_value());
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What the command line of handfast prints with --json, one object a line",
        "version": 1,
        "verbs": verbs,
        "$defs": generator.take_definitions(true),
    })
}

type Shape = fn(&mut SchemaGenerator) -> schemars::Schema;

fn shape<T: JsonSchema>() -> Shape {
    SchemaGenerator::subschema_for::<T>
}

/// What each verb prints.
fn shapes() -> Vec<(&'static str, Shape)> {
    vec![
        ("attach", shape::<Attached>()),
        ("clean", shape::<Cleaned>()),
        ("config show", shape::<Setting>()),
        ("daemon status", shape::<daemon::Told<'_>>()),
        ("doctor", shape::<doctor::Report>()),
        ("events", shape::<Event>()),
        ("exec", shape::<Executed>()),
        ("info", shape::<Process>()),
        ("logs", shape::<LogLine>()),
        ("ps", shape::<Process>()),
        ("run", shape::<run::Line>()),
        ("send", shape::<Sent>()),
        ("signal", shape::<Signalled>()),
        ("start", shape::<Started>()),
        ("stop", shape::<Receipt>()),
        ("token create", shape::<NewToken>()),
        ("token list", shape::<Token>()),
        ("token revoke", shape::<Revoked>()),
        ("top", shape::<Used>()),
        ("transfer", shape::<Transferred>()),
        ("wait", shape::<Waited>()),
    ]
}
