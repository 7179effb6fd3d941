//! What a call answers.
//!
//! The text for language models is that of unified-exec 1.3 and 1.4, to the byte; what is known
//! besides is in fields of its own. What must stay true: the end of the process, of its output and of
//! its tree are three facts, and each is said; so is everything that was left out.

use super::clock;
use super::response::{ChunkId, Response};
use super::session::{ExecSession, Phase, SessionEnd};
use super::waits::Wait;
use crate::output::view::{Collected, Policy, estimate_tokens};
use crate::output::{self, HeadTail, OutputHolders};
use crate::process::ProcessHandle;
use crate::process::seen::Seen;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long is looked for who is left of a tree.
const LOOK: Duration = Duration::from_millis(250);

/// Where the first process of a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Leader {
    /// It is being started.
    Starting,
    /// It runs.
    Running,
    /// It has ended.
    Exited,
}

/// The three facts about a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionState {
    /// Its first process.
    pub leader: Leader,
    /// Whether more output can come.
    #[serde(serialize_with = "open_or_closed", rename = "output")]
    pub output_open: bool,
    /// How many processes of it live, the first included; none where that could not be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<usize>,
}

fn open_or_closed<S: Serializer>(open: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(if *open { "open" } else { "closed" })
}

/// The answer of `exec_command` and of `write_stdin`.
///
/// Serialized it has the fields of unified-exec 1.3, `chunk_id`, `wall_time_seconds`, `exit_code`,
/// `session_id`, `original_token_count` and `output`, and behind them `call_id`, `ended`, `state`,
/// `output_holders`, `wait_requested_ms`, `wait_applied_ms`, `wait_capped`, `matched`,
/// `omitted_bytes` and `notices`. What does not apply is left out. Its `output` is cut only where
/// the call said how much it wants.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExecResponse {
    /// Names this answer.
    pub chunk_id: ChunkId,
    /// The call that started the session.
    pub call_id: String,
    /// The process of the session for the other verbs of the manager, once there is one.
    pub handle: Option<ProcessHandle>,
    /// How long was waited.
    pub wall_time: Duration,
    /// The code of the command, if it has ended: with 128 added to the number of a signal.
    pub exit_code: Option<i32>,
    /// By which number the session is found, while it is.
    pub session_id: Option<i32>,
    /// How it ended, if it has.
    pub ended: Option<SessionEnd>,
    /// The three facts about it.
    pub state: SessionState,
    /// Who keeps the output open of a command that has ended.
    pub output_holders: OutputHolders,
    /// How long the call was to wait.
    pub wait: Wait,
    /// The pattern that was waited for has come.
    pub matched: bool,
    /// How many bytes came and are not in the output.
    pub omitted_bytes: u64,
    /// What somebody should know besides, each a sentence.
    pub notices: Vec<String>,
    /// The call came after the end had been told to another one, or nobody was there to be told.
    pub late: bool,
    pub(super) text: String,
    pub(super) original_tokens: u64,
    pub(super) max_output_tokens: Option<usize>,
    pub(super) model: Policy,
}

/// What a call says about its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub(super) wait: Wait,
    pub(super) max_output_tokens: Option<usize>,
    pub(super) model: Policy,
}

impl ExecResponse {
    /// All of the output that was kept, with a line in it where bytes are left out.
    #[must_use]
    pub fn output(&self) -> &str {
        &self.text
    }

    /// The output, cut to what the call said it wants; all that was kept where it said nothing.
    #[must_use]
    pub fn output_as_wanted(&self) -> Cow<'_, str> {
        let wanted = self.max_output_tokens.map(Policy::Tokens);
        wanted.map_or(Cow::Borrowed(self.output()), |policy| {
            self.collected().within(policy)
        })
    }

    /// About how many tokens came, what is left out included.
    #[must_use]
    pub fn original_token_count(&self) -> u64 {
        self.original_tokens
    }

    /// The text for a language model, within its budget.
    #[must_use]
    pub fn text(&self) -> String {
        let wanted = self
            .max_output_tokens
            .map_or_else(Policy::default, Policy::Tokens);
        let response = Response {
            chunk_id: Some(self.chunk_id),
            wall_time: self.wall_time,
            exit_code: self.exit_code,
            session_id: self.session_id,
            output: self.collected(),
        };
        response.text(wanted, self.model)
    }

    /// The same, with a line for each notice and each fact that the text has no place for.
    #[must_use]
    pub fn text_with_facts(&self) -> String {
        let mut text = self.text();
        for fact in self.facts() {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("[{fact}]"));
            text.push('\n');
        }
        text
    }

    fn facts(&self) -> Vec<String> {
        if self.late {
            // Its text begins with all of them.
            return Vec::new();
        }
        let mut facts = self.notices.clone();
        if let Some(end) = self
            .ended
            .filter(|end| end.cause != super::EndCause::Itself)
        {
            facts.push(format!("the process has ended: {}", end.cause));
        }
        if self.state.leader == Leader::Exited && self.state.output_open {
            let holders = self.output_holders.found.iter();
            let holders = holders.map(|holder| format!("{} ({})", holder.pid, holder.command));
            let holders: Vec<_> = holders.collect();
            facts.push(match holders.is_empty() {
                true => "its output is still open".to_owned(),
                false => format!("its output is still open, held by {}", holders.join(", ")),
            });
        }
        match self.state.tree {
            Some(left) if self.state.leader == Leader::Exited && left > 0 => {
                facts.push(format!("{left} processes that it started still run"));
            }
            _ => {}
        }
        facts
    }

    pub(super) fn collected(&self) -> Collected<'_> {
        Collected {
            text: &self.text,
            omitted_bytes: self.omitted_bytes,
            original_tokens: self.original_tokens,
        }
    }

    /// Takes the output over.
    pub(super) fn with_output(mut self, bytes: &HeadTail) -> ExecResponse {
        self.text = String::from_utf8_lossy(&bytes.to_marked_bytes()).into_owned();
        self.omitted_bytes = bytes.omitted();
        self.original_tokens = estimate_tokens(bytes.total());
        self
    }

    /// An answer without output.
    pub(super) fn new(chunk_id: ChunkId, call_id: &str, asking: Asking) -> ExecResponse {
        ExecResponse {
            chunk_id,
            call_id: call_id.to_owned(),
            handle: None,
            wall_time: Duration::ZERO,
            exit_code: None,
            session_id: None,
            ended: None,
            state: SessionState {
                leader: Leader::Starting,
                output_open: true,
                tree: None,
            },
            output_holders: OutputHolders::default(),
            wait: asking.wait,
            matched: false,
            omitted_bytes: 0,
            notices: Vec::new(),
            late: false,
            text: String::new(),
            original_tokens: 0,
            max_output_tokens: asking.max_output_tokens,
            model: asking.model,
        }
    }

    /// Says how a session stands.
    pub(super) async fn look_at(mut self, session: &Arc<ExecSession>) -> ExecResponse {
        self.handle = session.handle();
        self.ended = session.end();
        self.exit_code = self.ended.and_then(|end| end.exit_code);
        let Phase::Up(entry) = session.phase() else {
            return self;
        };
        let seen = entry.seen.borrow().clone();
        let open = |captured: &crate::output::Captured| !captured.progress().0;
        self.state = SessionState {
            leader: match session.is_exited() {
                true => Leader::Exited,
                false => Leader::Running,
            },
            output_open: entry.output.as_ref().is_some_and(open),
            tree: seen.is_over().then_some(0),
        };
        if !seen.is_over() {
            let wants_holders = self.state.leader == Leader::Exited && self.state.output_open;
            let captured = entry.output.clone().filter(|_| wants_holders);
            // It reads `/proc`, which may take a while on a busy host.
            let look = clock::blocking(move || left(&seen, captured.as_ref()));
            if let Some(Some((tree, holders))) = clock::timeout(LOOK, look).await {
                self.state.tree = Some(tree);
                self.output_holders = holders;
            }
        }
        self
    }
}

/// Who is left of a tree, and who of all keeps its output open.
fn left(seen: &Seen, captured: Option<&crate::output::Captured>) -> (usize, OutputHolders) {
    let members = seen.members();
    let holders = captured.map(|captured| output::holders(captured, &members));
    (members.len(), holders.unwrap_or_default())
}

/// The answer as it is serialized.
#[derive(Serialize)]
struct Wire<'a> {
    chunk_id: String,
    wall_time_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<i32>,
    original_token_count: u64,
    output: &'a str,
    call_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<WireEnd>,
    state: SessionState,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    output_holders: Vec<WireHolder<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_requested_ms: Option<u64>,
    wait_applied_ms: u64,
    wait_capped: bool,
    #[serde(skip_serializing_if = "is_false")]
    matched: bool,
    #[serde(skip_serializing_if = "is_false")]
    late: bool,
    #[serde(skip_serializing_if = "is_zero")]
    omitted_bytes: u64,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notices: &'a [String],
}

#[derive(Serialize)]
struct WireEnd {
    cause: super::EndCause,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_unix_ms: Option<u64>,
}

#[derive(Serialize)]
struct WireHolder<'a> {
    pid: u32,
    command: &'a str,
    member: bool,
    stream: String,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn unix_ms(at: SystemTime) -> Option<u64> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok()
}

impl Serialize for ExecResponse {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let output = self.output_as_wanted();
        let holders = self.output_holders.found.iter();
        let holder = |holder: &'_ crate::output::OutputHolder| holder.stream.to_string();
        let wire = Wire {
            chunk_id: self.chunk_id.to_string(),
            wall_time_seconds: self.wall_time.as_secs_f64(),
            exit_code: self.exit_code,
            session_id: self.session_id,
            original_token_count: self.original_tokens,
            output: &output,
            call_id: &self.call_id,
            ended: self.ended.map(|end| WireEnd {
                cause: end.cause,
                at_unix_ms: end.at.and_then(unix_ms),
            }),
            state: self.state,
            output_holders: holders
                .map(|one| WireHolder {
                    pid: one.pid,
                    command: &one.command,
                    member: one.member,
                    stream: holder(one),
                })
                .collect(),
            wait_requested_ms: self.wait.requested_ms,
            wait_applied_ms: u64::try_from(self.wait.applied.as_millis()).unwrap_or(u64::MAX),
            wait_capped: self.wait.is_capped(),
            matched: self.matched,
            late: self.late,
            omitted_bytes: self.omitted_bytes,
            notices: &self.notices,
        };
        wire.serialize(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::EndCause;

    fn asking(max_output_tokens: Option<usize>) -> Asking {
        Asking {
            wait: Wait::of_write(Some(90_000)),
            max_output_tokens,
            model: Policy::default(),
        }
    }

    fn answer(bytes: &[u8], max: usize, tokens: Option<usize>) -> ExecResponse {
        let mut kept = HeadTail::new(max);
        kept.push(bytes);
        let new = ExecResponse::new(ChunkId::new([1, 2, 3]), "call_1", asking(tokens));
        new.with_output(&kept)
    }

    #[test]
    fn the_text_is_that_of_the_tools() {
        let mut running = answer(b"hello\n", 100, None);
        running.session_id = Some(1234);
        running.wall_time = Duration::from_micros(250_449);
        assert_eq!(
            running.text(),
            "Chunk ID: 010203\nWall time: 0.2504 seconds\n\
             Process running with session ID 1234\nOriginal token count: 2\nOutput:\nhello\n"
        );
        assert_eq!(running.text_with_facts(), running.text());
    }

    #[test]
    fn tokens_count_what_was_left_out() {
        let cut = answer(b"0123456789abcdef", 8, None);
        assert_eq!(cut.output(), "0123\n... 8 bytes omitted ...\ncdef");
        assert_eq!((cut.original_token_count(), cut.omitted_bytes), (4, 8));
    }

    #[test]
    fn serialized_it_has_the_fields_of_the_tools_and_ours_and_nothing_that_does_not_apply() {
        let mut ended = answer(b"hello\n", 100, None);
        ended.exit_code = Some(137);
        ended.state.leader = Leader::Exited;
        ended.state.output_open = false;
        ended.state.tree = Some(0);
        ended.ended = Some(SessionEnd {
            exit_code: Some(137),
            cause: EndCause::Deadline,
            at: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(5)),
        });
        let json = serde_json::to_value(&ended).unwrap();
        let want = serde_json::json!({
            "chunk_id": "010203", "wall_time_seconds": 0.0, "exit_code": 137,
            "original_token_count": 2, "output": "hello\n", "call_id": "call_1",
            "ended": {"cause": "deadline", "at_unix_ms": 5},
            "state": {"leader": "exited", "output": "closed", "tree": 0},
            "wait_requested_ms": 90_000, "wait_applied_ms": 30_000, "wait_capped": true,
        });
        assert_eq!(json, want);
        assert!(
            ended
                .text_with_facts()
                .ends_with("[the process has ended: its timeout was reached]\n")
        );
    }

    #[test]
    fn serialized_it_is_cut_only_where_the_call_said_so() {
        let text = "x".repeat(50_000);
        let output = |tokens| {
            let json = serde_json::to_value(answer(text.as_bytes(), 100_000, tokens)).unwrap();
            json["output"].as_str().unwrap().to_owned()
        };
        assert_eq!(output(None), text);
        assert!(output(Some(10)).contains("tokens truncated"));
        assert!(answer(text.as_bytes(), 100_000, None).text().len() < 50_000);
    }
}
