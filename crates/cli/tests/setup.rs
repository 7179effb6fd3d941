//! `handfast setup`, for each client: what it would change, what it does, and back again.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    reason = "a test is right to fail where something cannot be had"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const CLIENTS: [&str; 6] = ["claude-code", "codex", "cursor", "vscode", "gemini", "zed"];

fn setup(home: &Path, words: &str) -> Output {
    let mut command = Command::new(testkit::handfast());
    command.arg("setup").args(words.split_whitespace());
    command.env_clear().env("HOME", home).current_dir(home);
    command.stdin(Stdio::null()).output().unwrap()
}

/// What it prints, without what differs from machine to machine.
fn said(home: &Path, words: &str) -> String {
    let output = setup(home, words);
    assert!(output.status.success(), "{words}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let program = testkit::handfast();
    let text = text.replace(&home.display().to_string(), "HOME");
    text.replace(&program.display().to_string(), "HANDFAST")
}

#[test]
fn what_would_be_changed_is_said_for_each_client_and_nothing_is() {
    let home = tempfile::tempdir().unwrap();
    let all: String = CLIENTS
        .into_iter()
        .map(|client| said(home.path(), &format!("{client} --dry-run")))
        .collect();
    insta::assert_snapshot!(all, @r#"
    HOME/.claude.json would be changed:
    + {
    +   "mcpServers": {
    +     "handfast": { "type": "stdio", "command": "HANDFAST", "args": ["mcp"] }
    +   }
    + }
    HOME/.codex/config.toml would be changed:
    + [mcp_servers.handfast]
    + command = "HANDFAST"
    + args = ["mcp"]
    HOME/.cursor/mcp.json would be changed:
    + {
    +   "mcpServers": {
    +     "handfast": { "command": "HANDFAST", "args": ["mcp"] }
    +   }
    + }
    HOME/.config/Code/User/mcp.json would be changed:
    + {
    +   "servers": {
    +     "handfast": { "type": "stdio", "command": "HANDFAST", "args": ["mcp"] }
    +   }
    + }
    HOME/.gemini/settings.json would be changed:
    + {
    +   "mcpServers": {
    +     "handfast": { "command": "HANDFAST", "args": ["mcp"] }
    +   }
    + }
    HOME/.config/zed/settings.json would be changed:
    + {
    +   "context_servers": {
    +     "handfast": { "command": "HANDFAST", "args": ["mcp"] }
    +   }
    + }
    "#);
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn it_is_done_once_and_taken_back_for_each_client() {
    for client in CLIENTS {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("settings");
        let words = format!("{client} --file {}", file.display());
        let before = if client == "codex" {
            "model = \"x\"\n\n[mcp_servers.other]\ncommand = \"npx\"\nargs = [\"-y\", \"x\"]\n"
        } else {
            "{\n  // mine\n  \"theme\": \"dark\"\n}\n"
        };
        fs::write(&file, before).unwrap();
        assert!(
            said(home.path(), &words).contains("changed\nbefore: "),
            "{client}"
        );
        let done = fs::read_to_string(&file).unwrap();
        assert!(done.contains("handfast") && done.contains("mcp"), "{done}");
        assert!(
            said(home.path(), &words).contains("nothing to change"),
            "{client}"
        );
        let kept = file.with_file_name("settings.before-handfast");
        assert_eq!(fs::read_to_string(kept).unwrap(), before);
        said(home.path(), &format!("{words} --undo"));
        let undone = fs::read_to_string(&file).unwrap();
        assert!(!undone.contains("handfast"), "{undone}");
        assert!(client != "codex" || undone == before, "{undone}");
    }
}

#[test]
fn other_servers_are_wrapped_and_unwrapped() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".mcp.json");
    let before = "{\n  \"mcpServers\": {\n    \"db\": { \"command\": \"npx\", \"args\": [\"-y\", \"db\"] }\n  }\n}\n";
    fs::write(&file, before).unwrap();
    let dry = said(home.path(), "claude-code --project --wrap --dry-run");
    insta::assert_snapshot!(dry, @r#"
    ./.mcp.json would be changed:
    -     "db": { "command": "npx", "args": ["-y", "db"] }
    +     "handfast": { "type": "stdio", "command": "HANDFAST", "args": ["mcp"] },
    +     "db": { "command": "HANDFAST", "args": ["run", "--", "npx", "-y", "db"] }
    "#);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    let done = said(home.path(), "claude-code --project --wrap");
    assert!(done.contains("wrapped: db\n"), "{done}");
    said(home.path(), "claude-code --project --undo");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn what_is_no_json_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".cursor/mcp.json");
    fs::create_dir(home.path().join(".cursor")).unwrap();
    for odd in ["{ \"mcpServers\": ", "[]", "7"] {
        fs::write(&file, odd).unwrap();
        let output = setup(home.path(), "cursor");
        assert_eq!(output.status.code(), Some(125), "{odd}: {output:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), odd);
    }
}

#[test]
fn a_link_stays_one_and_rights_stay_what_they_were() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::tempdir().unwrap();
    let real = home.path().join("dotfiles.json");
    fs::write(&real, "{}").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&real, home.path().join(".claude.json")).unwrap();
    said(home.path(), "claude-code");
    assert!(
        fs::symlink_metadata(home.path().join(".claude.json"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(
        fs::metadata(&real).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(fs::read_to_string(&real).unwrap().contains("\"mcp\""));
}

#[test]
fn the_skill_is_printed() {
    let home = tempfile::tempdir().unwrap();
    assert!(said(home.path(), "skill").starts_with("---\nname: handfast\n"));
}
