//! The conformance suite of the protocol, behind a bridge, since it speaks only HTTP to servers.
//!
//! What does not pass is listed in `exceptions.txt`, and that list is exact: a check that fails and is
//! not in it fails the test, and so does one that is in it and passes. Why each is an exception is said
//! in `docs/mcp.md`.

use super::super::stage::Home;
use super::{Node, beside};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

const SUITE: &str = "@modelcontextprotocol/conformance/dist/index.js";

/// Each version, and how many scenarios the suite has for servers of it.
const VERSIONS: [(&str, usize); 2] = [("2025-11-25", 33), ("2026-07-28", 50)];

/// Servers behind HTTP, which end with this.
struct Bridge {
    child: Child,
    url: String,
}

impl Bridge {
    fn new(node: &Node, home: &Home) -> Bridge {
        let mut command = node.run(home, &beside("bridge.mjs"));
        command.arg(testkit::handfast()).arg("mcp");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        said.read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Bridge {
            child,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        // With its input it ends, and with it its servers.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// What a run of the suite says.
#[derive(Default)]
struct Found {
    scenarios: usize,
    passed: usize,
    /// `SCENARIO:CHECK` of whatever has not.
    others: BTreeSet<String>,
}

/// The results of one scenario: `server-NAME-TIME/checks.json`.
fn read(found: &mut Found, folder: &Path) {
    const TIME: &str = "-2026-11-21T21-38-49-744Z";
    let name = folder.file_name().unwrap().to_str().unwrap();
    let name = name.strip_prefix("server-").unwrap();
    let scenario = &name[..name.len() - TIME.len()];
    let checks = std::fs::read_to_string(folder.join("checks.json")).unwrap();
    let checks: Vec<Value> = serde_json::from_str(&checks).unwrap();
    found.scenarios += 1;
    for check in checks {
        match check["status"].as_str().unwrap() {
            "SUCCESS" => found.passed += 1,
            "INFO" => {}
            _ => {
                let id = check["id"].as_str().unwrap();
                found.others.insert(format!("{scenario}:{id}"));
            }
        }
    }
}

/// Runs what the suite has for one version.
fn run(node: &Node, version: &str) -> Found {
    let home = Home::new();
    let bridge = Bridge::new(node, &home);
    let results = home.path().join("results");
    let mut suite = node.run(&home, &node.file(SUITE));
    suite.args([
        "server",
        "--url",
        &bridge.url,
        "--requirements",
        version,
        "-o",
    ]);
    // Its exit code tells of failures, which are counted here.
    suite.arg(&results).output().unwrap();
    let mut found = Found::default();
    for folder in std::fs::read_dir(results).unwrap() {
        read(&mut found, &folder.unwrap().path());
    }
    found
}

/// The exceptions of one version, and why each is one: lines of `VERSION REASON SCENARIO:CHECK`.
fn exceptions(list: &str, version: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| line.split(' ').collect::<Vec<_>>());
    let ours = words.filter(|words| words.first() == Some(&version));
    let one = |words: Vec<&str>| match words.as_slice() {
        [_, reason, check] => ((*check).to_owned(), (*reason).to_owned()),
        other => panic!("what is {other:?}?"),
    };
    ours.map(one).unzip()
}

/// What is wrong with the list, in words.
fn differences(found: &BTreeSet<String>, listed: &BTreeSet<String>) -> Vec<String> {
    let new = found.difference(listed);
    let new = new.map(|check| format!("does not pass and is no exception: {check}"));
    let stale = listed.difference(found);
    let stale = stale.map(|check| format!("is an exception and passes: {check}"));
    new.chain(stale).collect()
}

#[test]
fn the_suite_passes_but_for_the_exceptions() {
    let Some(node) = Node::here() else { return };
    let list = std::fs::read_to_string(beside("exceptions.txt")).unwrap();
    for (version, scenarios) in VERSIONS {
        let found = run(&node, version);
        let (listed, _) = exceptions(&list, version);
        let (passed, others) = (found.passed, found.others.len());
        println!("{version}: {passed} checks have passed, {others} others are known");
        let wrong = differences(&found.others, &listed);
        assert_eq!(wrong, Vec::<String>::new(), "{version}");
        assert_eq!(found.scenarios, scenarios, "{version}");
    }
}

#[test]
fn an_exception_that_passes_and_a_failure_that_is_none_are_both_told() {
    let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    let list = "# why\nv1 a x:1\nv1 b y:2\nv2 a z:3\n";
    let (listed, reasons) = exceptions(list, "v1");
    assert_eq!(listed, set(&["x:1", "y:2"]));
    assert_eq!(reasons, set(&["a", "b"]));
    assert_eq!(differences(&set(&["x:1", "y:2"]), &listed), [""; 0]);
    assert_eq!(
        differences(&set(&["x:1", "n:4"]), &listed),
        [
            "does not pass and is no exception: n:4",
            "is an exception and passes: y:2"
        ]
    );
}

#[test]
fn each_reason_of_an_exception_is_explained() {
    let list = std::fs::read_to_string(beside("exceptions.txt")).unwrap();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mcp.md");
    let page = std::fs::read_to_string(page).unwrap();
    for (version, _) in VERSIONS {
        let (listed, reasons) = exceptions(&list, version);
        assert!(!listed.is_empty(), "{version}");
        for reason in reasons {
            assert!(page.contains(&format!("\n| `{reason}` |")), "{reason}");
        }
    }
}
