//! The clients that are known: where each keeps its servers, and in which form.

use crate::app::SetupTarget;
use std::path::{Path, PathBuf};

/// In which form settings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON, with the servers below this key; whether each says its type.
    Json(&'static str, bool),
    /// TOML, with a table for each server below this key.
    Toml(&'static str),
}

/// What is known of a client.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) form: Form,
    /// Its settings for the user, from the home directory on.
    user: &'static str,
    /// The variable that names another folder for them, and what they are called there.
    moved: Option<(&'static str, &'static str)>,
    /// Its settings for a project, from its directory on.
    project: &'static str,
}

/// What is known of this client; nothing where it is none.
pub(super) fn known(client: SetupTarget) -> Option<Known> {
    let known = |form, user, project| Known {
        form,
        user,
        moved: None,
        project,
    };
    Some(match client {
        SetupTarget::Skill => return None,
        SetupTarget::ClaudeCode => {
            known(Form::Json("mcpServers", true), ".claude.json", ".mcp.json")
        }
        SetupTarget::Codex => Known {
            moved: Some(("CODEX_HOME", "config.toml")),
            ..known(
                Form::Toml("mcp_servers"),
                ".codex/config.toml",
                ".codex/config.toml",
            )
        },
        SetupTarget::Cursor => known(
            Form::Json("mcpServers", false),
            ".cursor/mcp.json",
            ".cursor/mcp.json",
        ),
        SetupTarget::Vscode => Known {
            moved: Some(("XDG_CONFIG_HOME", "Code/User/mcp.json")),
            ..known(
                Form::Json("servers", true),
                ".config/Code/User/mcp.json",
                ".vscode/mcp.json",
            )
        },
        SetupTarget::Gemini => known(
            Form::Json("mcpServers", false),
            ".gemini/settings.json",
            ".gemini/settings.json",
        ),
        SetupTarget::Zed => Known {
            moved: Some(("XDG_CONFIG_HOME", "zed/settings.json")),
            ..known(
                Form::Json("context_servers", false),
                ".config/zed/settings.json",
                ".zed/settings.json",
            )
        },
    })
}

impl Known {
    /// Its file, for the user or for the project in a directory; `None` where there is no home.
    pub(super) fn file(
        &self,
        project: Option<&Path>,
        variable: impl Fn(&str) -> Option<PathBuf>,
    ) -> Option<PathBuf> {
        if let Some(directory) = project {
            return Some(directory.join(self.project));
        }
        let absolute = |name| variable(name).filter(|path| path.is_absolute());
        let moved = self
            .moved
            .and_then(|(name, file)| Some(absolute(name)?.join(file)));
        moved.or_else(|| Some(absolute("HOME")?.join(self.user)))
    }
}
