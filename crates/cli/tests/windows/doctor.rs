//! `handfast doctor`: it tries the job, and says what the system is.

use crate::stage::{handfast, text};
use serde_json::Value;
use std::path::Path;

/// A program that Wine has and Windows has not.
const OF_WINE: &str = "C:\\windows\\system32\\winecfg.exe";

#[test]
fn the_job_holds_and_the_system_is_named() {
    let output = handfast(&["doctor"]).output().unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    for word in [
        "job",
        "kernel",
        "Everything that is promised here was held.",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(
        said.contains("which is Wine"),
        Path::new(OF_WINE).exists(),
        "{said}"
    );
}

#[test]
fn as_json_it_is_one_object() {
    let output = handfast(&["doctor", "--json"]).output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["auto"], "job", "{said}");
    assert_eq!(said["rungs"][0]["proved"], true, "{said}");
    assert_eq!(said["wine"].is_string(), Path::new(OF_WINE).exists());
}
