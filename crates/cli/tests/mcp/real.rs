//! A client that others have written: that of the PyPI package `mcp`, where this machine has it.
//!
//! `HANDFAST_MCP_PYTHON` names a Python that has the package (`python3 -m venv`, `pip install mcp`).

use super::stage::Home;
use std::path::Path;
use std::process::Stdio;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/real_client.py");

#[test]
fn the_client_of_the_python_package_is_served_in_both_versions() {
    let Some(python) = std::env::var_os("HANDFAST_MCP_PYTHON") else {
        println!("skipped: HANDFAST_MCP_PYTHON names no Python with the package `mcp`");
        return;
    };
    for mode in ["legacy", "2026-07-28", "auto"] {
        let home = Home::new();
        let mut client = home.command(Path::new(&python));
        client
            .arg(SCRIPT)
            .arg(testkit::handfast())
            .arg(mode)
            .arg(home.path());
        let output = client.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{mode}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "ok\n", "{mode}");
    }
}
