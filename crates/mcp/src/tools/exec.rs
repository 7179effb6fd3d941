//! `exec_command` and `write_stdin`.

use super::Done;
use super::arguments::{one_session, whole};
use crate::link::{Link, Trouble};
use crate::text::DEFAULT_TOKENS;
use handfast_daemon::wire::{ExecAnswer, ExecCommand, ExecWrite, HolderOf, LifetimeName, Word};
use serde::{Deserialize, Serialize};

/// What `exec_command` takes. The words for sandboxes are taken as models write them; there is none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Command {
    cmd: String,
    #[serde(default)]
    workdir: Option<String>,
    #[serde(default)]
    shell: Option<String>,
    #[serde(default)]
    login: Option<bool>,
    #[serde(default)]
    tty: bool,
    #[serde(default, deserialize_with = "whole")]
    yield_time_ms: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    max_output_tokens: Option<u64>,
    #[serde(default)]
    sandbox_permissions: Option<String>,
    #[serde(default)]
    justification: Option<String>,
    #[serde(default)]
    prefix_rule: Option<Vec<String>>,
    #[serde(default, deserialize_with = "whole")]
    timeout_ms: Option<u64>,
    #[serde(default)]
    stdin: Option<String>,
    #[serde(default)]
    stdin_open: bool,
    #[serde(default)]
    request_key: Option<String>,
    #[serde(default)]
    purpose: Option<String>,
    #[serde(default)]
    until: Option<String>,
    #[serde(default)]
    lifetime: Lifetime,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lifetime {
    #[default]
    Session,
    User,
}

/// What `write_stdin` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Write {
    #[serde(deserialize_with = "one_session")]
    session_id: i32,
    #[serde(default)]
    chars: String,
    #[serde(default, deserialize_with = "whole")]
    yield_time_ms: Option<u64>,
    #[serde(default, deserialize_with = "whole")]
    max_output_tokens: Option<u64>,
    #[serde(default)]
    close_stdin: bool,
    #[serde(default)]
    write_id: Option<String>,
    #[serde(default)]
    until: Option<String>,
}

/// What both give.
#[derive(Debug, Serialize)]
struct Given {
    chunk_id: String,
    wall_time_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<i32>,
    original_token_count: u64,
    output: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    leader: String,
    output_open: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_holders: Vec<HolderOf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_requested_ms: Option<u64>,
    wait_applied_ms: u64,
    capped: bool,
    matched: bool,
    omitted_bytes: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<String>,
}

pub(super) async fn command(link: &Link, wanted: Command) -> Result<Done, Trouble> {
    let tokens = wanted.max_output_tokens.unwrap_or(DEFAULT_TOKENS);
    let word = |text: Option<String>| text.map(|text| Word::from(text.as_str()));
    let command = ExecCommand {
        cmd: wanted.cmd,
        workdir: word(wanted.workdir),
        shell: word(wanted.shell),
        login: wanted.login,
        tty: wanted.tty,
        yield_time_ms: wanted.yield_time_ms,
        max_output_tokens: Some(tokens),
        sandbox_permissions: wanted.sandbox_permissions,
        justification: wanted.justification,
        prefix_rule: wanted.prefix_rule,
        timeout_ms: wanted.timeout_ms,
        stdin: wanted.stdin,
        stdin_open: wanted.stdin_open,
        request_key: wanted.request_key,
        call_id: None,
        purpose: wanted.purpose,
        until: wanted.until,
        lifetime: match wanted.lifetime {
            Lifetime::Session => None,
            Lifetime::User => Some(LifetimeName::User),
        },
    };
    given(link, link.call(&command).await?)
}

pub(super) async fn write(link: &Link, wanted: Write) -> Result<Done, Trouble> {
    let write = ExecWrite {
        session_id: wanted.session_id,
        chars: wanted.chars,
        yield_time_ms: wanted.yield_time_ms,
        max_output_tokens: Some(wanted.max_output_tokens.unwrap_or(DEFAULT_TOKENS)),
        close_stdin: wanted.close_stdin,
        write_id: wanted.write_id,
        until: wanted.until,
    };
    given(link, link.call(&write).await?)
}

fn given(link: &Link, answer: ExecAnswer) -> Result<Done, Trouble> {
    link.learn(answer.session_id, answer.process_id.as_ref());
    let mut text = answer.text;
    if answer.capped {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let applied = answer.wait_applied_ms;
        text.push_str(&format!(
            "[the wait was cut to {applied} ms; call again to go on]\n"
        ));
    }
    let given = Given {
        chunk_id: answer.chunk_id,
        wall_time_seconds: answer.wall_time_ms / 1000.0,
        exit_code: answer.exit_code,
        session_id: answer.session_id,
        original_token_count: answer.original_token_count,
        output: answer.output,
        process_id: answer.process_id,
        cause: answer.ended.map(|ended| ended.cause),
        leader: answer.leader,
        output_open: answer.output_open,
        tree: answer.tree,
        output_holders: answer.output_holders,
        wait_requested_ms: answer.wait_requested_ms,
        wait_applied_ms: answer.wait_applied_ms,
        capped: answer.capped,
        matched: answer.matched,
        omitted_bytes: answer.omitted_bytes,
        notices: answer.notices,
    };
    Done::new(text, &given)
}
