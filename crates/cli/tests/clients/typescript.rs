//! The client in TypeScript: its own tests, compiled here, against a real daemon.
//!
//! `HANDFAST_NODE` names a Node where that in `PATH` is too old. The compiler is that of `npm ci`.

use super::stage::{Home, clients, found, left_out};
use std::path::{Path, PathBuf};
use std::process::Command;

const TESTS: [&str; 3] = ["talk", "life", "end"];

/// The oldest version that the client is for.
const OLDEST: u32 = 20;

#[test]
fn the_client_in_typescript_keeps_what_it_promises() {
    let what = "the client in TypeScript";
    let named = std::env::var_os("HANDFAST_NODE").map(PathBuf::from);
    let Some(node) = named.or_else(|| found("node")) else {
        return left_out(
            what,
            "there is no node in PATH, and HANDFAST_NODE names none",
        );
    };
    if version(&node) < OLDEST {
        return left_out(what, "this node is too old: HANDFAST_NODE may name another");
    }
    let folder = clients().join("typescript");
    let compiler = folder.join("node_modules/typescript/bin/tsc");
    if !compiler.exists() {
        return left_out(what, "run `npm ci` in clients/typescript first");
    }
    let home = Home::new();
    let built = home.path().join("built");
    std::fs::create_dir(&built).unwrap();
    std::fs::write(built.join("package.json"), r#"{"type":"module"}"#).unwrap();
    let mut compile = Command::new(&node);
    compile
        .arg(&compiler)
        .args(["--strict", "--noEmit", "false"]);
    compile.arg("--outDir").arg(&built).current_dir(&folder);
    let output = compile.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut tests = home.command(&node);
    tests
        .args(["--test", "--test-reporter=tap"])
        .current_dir(folder);
    tests.args(TESTS.map(|name| built.join(format!("test/{name}.test.js"))));
    let said = home.passes(&mut tests);
    // Without this, a run that finds no test would pass.
    let passed = said.lines().find_map(|line| line.strip_prefix("# pass "));
    let passed: u32 = passed.unwrap().parse().unwrap();
    assert!(passed >= 20, "{said}");
}

/// The first number of a version.
fn version(node: &Path) -> u32 {
    let output = Command::new(node).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let first = said.trim_start_matches('v').split('.').next().unwrap();
    first.parse().unwrap()
}
