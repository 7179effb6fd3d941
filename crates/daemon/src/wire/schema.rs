//! The published description of the wire: a JSON Schema for everything that is said.

use super::error::WireError;
use super::method::{each_method, each_note};
use super::version::NEWEST;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The schema of this version of the wire, as one JSON document: `methods` by name with `params` and
/// `result`, `notifications` by name with `params`, the `error`, and `$defs` for what they share.
#[must_use]
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let (mut methods, mut notes) = (Map::new(), Map::new());
    each_method(&mut |name, params, result| {
        let (params, result) = (params.0(&mut generator), result.0(&mut generator));
        methods.insert(
            name.to_owned(),
            json!({ "params": params, "result": result }),
        );
    });
    each_note(&mut |name, params| {
        let params = params.0(&mut generator);
        notes.insert(name.to_owned(), json!({ "params": params }));
    });
    let error = generator.subschema_for::<WireError>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The wire of handfast",
        "version": NEWEST,
        "methods": methods,
        "notifications": notes,
        "error": error,
        "$defs": generator.take_definitions(true),
    })
}
