//! Clients that others have written, where this machine has them: `.ci/run` installs them.
//!
//! `HANDFAST_MCP_PYTHON` names a Python that has the package `mcp` (`requirements.txt`), and
//! `HANDFAST_MCP_NODE` a folder in which `package.json` of this folder is installed. Where one is not
//! said its tests say so and pass.

mod conformance;
mod inspector;

use super::stage::Home;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What lies beside this file.
pub(crate) fn beside(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/real");
    Path::new(folder).join(name)
}

/// Programs of npm, by the folder where they are installed.
pub(crate) struct Node {
    folder: PathBuf,
}

impl Node {
    pub(crate) fn here() -> Option<Node> {
        let Some(folder) = std::env::var_os("HANDFAST_MCP_NODE") else {
            println!("skipped: HANDFAST_MCP_NODE names no folder with the packages of npm");
            return None;
        };
        Some(Node {
            folder: folder.into(),
        })
    }

    /// `node SCRIPT`, with a home of its own.
    pub(crate) fn run(&self, home: &Home, script: &Path) -> Command {
        let mut command = home.command(&self.folder.join("node_modules/.bin/node"));
        command.env("HOME", home.path()).env("NO_COLOR", "1");
        command.arg(script).stderr(Stdio::inherit());
        command
    }

    /// A file of a package.
    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.folder.join("node_modules").join(path)
    }
}

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
            .arg(beside("client.py"))
            .arg(testkit::handfast())
            .arg(mode)
            .arg(home.path());
        let output = client.stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "{mode}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "ok\n", "{mode}");
    }
}
