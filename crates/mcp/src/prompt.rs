//! The skill: what an agent should know of these tools, as a prompt and as a file.

use rmcp::model::{GetPromptResult, Prompt, PromptMessage, Role};

/// What an agent should know, in Markdown with the head of a skill file.
pub const SKILL: &str = include_str!("skill.md");

/// The name of the prompt.
pub(crate) const NAME: &str = "handfast";

const ABOUT: &str = "How to start, wait for, read and stop processes with the tools of handfast.";

/// What a client is told first.
pub(crate) const INSTRUCTIONS: &str = "Starts commands and holds their whole process trees: \
    everything ends with this server unless it was started with lifetime \"user\". Wait with wait_for \
    or one long empty write_stdin instead of polling; stop with stop_process; list_processes finds \
    what was forgotten.";

pub(crate) fn prompt() -> Prompt {
    Prompt::new(NAME, Some(ABOUT), None).with_title("Processes with handfast")
}

/// The skill without its head.
pub(crate) fn result() -> GetPromptResult {
    let mut parts = SKILL.splitn(3, "---\n");
    let text = parts.nth(2).unwrap_or(SKILL).trim_start();
    let message = PromptMessage::new_text(Role::User, text);
    let mut result = GetPromptResult::new(vec![message]);
    result.description = Some(ABOUT.to_owned());
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::TOOLS;

    #[test]
    fn the_skill_has_a_head_and_names_every_tool() {
        assert!(SKILL.starts_with("---\nname: handfast\ndescription: "));
        for tool in TOOLS {
            assert!(SKILL.contains(&format!("`{}`", tool.name)), "{}", tool.name);
        }
        let said = serde_json::to_value(result()).unwrap();
        let text = said["messages"][0]["content"]["text"].as_str().unwrap();
        assert!(text.starts_with("# ") && !text.contains("---\n"), "{text}");
        assert!(text.len() < 4096, "{}", text.len());
    }
}
