//! The schema that is checked in is that of the code, and describes all that is said.

use super::said;
use handfast_daemon::wire::{METHODS, NOTES, schema};
use std::fs;
use std::path::PathBuf;

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schema/wire-v1.json")
}

/// With `HANDFAST_BLESS=1` the file is written anew.
#[test]
fn the_published_schema_is_current() {
    let now = format!("{:#}\n", schema());
    if std::env::var_os("HANDFAST_BLESS").is_some() {
        fs::create_dir_all(file().parent().unwrap()).unwrap();
        fs::write(file(), &now).unwrap();
    }
    let published = fs::read_to_string(file()).unwrap();
    assert!(
        published == now,
        "the schema has changed: HANDFAST_BLESS=1 cargo test -p handfast-daemon --test wire"
    );
}

#[test]
fn every_method_and_every_notification_is_in_the_schema_and_among_the_golden_frames() {
    let schema = schema();
    for method in METHODS {
        assert!(schema["methods"][method]["params"].is_object(), "{method}");
        let said = said::calls().into_iter().any(|said| said.method == *method);
        assert!(said, "{method} has no golden frame");
    }
    for note in NOTES {
        assert!(
            schema["notifications"][note]["params"].is_object(),
            "{note}"
        );
        let said = said::notes().iter().any(|(name, _)| name == note);
        assert!(said, "{note} has no golden frame");
    }
}

/// No definition is referred to and missing.
#[test]
fn every_reference_of_the_schema_leads_somewhere() {
    let schema = schema();
    let text = schema.to_string();
    let mut references = 0;
    for part in text.split("\"$ref\":\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"][name].is_object(), "{name}");
        references += 1;
    }
    assert!(references > 30, "{references}");
}
