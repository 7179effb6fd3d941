//! `handfast __complete VERB`: the ids and names that may follow a verb, one a line, with what they are
//! behind a tab.
//!
//! What must stay true: nothing is started for it, nothing is said on standard error, and nobody waits
//! for long: where there is no daemon, or it does not answer, there is nothing to complete.

use super::VERB;
use crate::app::When;
use crate::link::is_over;
use crate::show::{Out, safe, text};
use crate::verbs::daemon::launch;
use handfast_daemon::Place;
use handfast_daemon::connect::session;
use handfast_daemon::wire::{Info, List};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

/// How long a shell waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// The most that are offered.
const MOST: u32 = 200;

/// Answers a shell, if one asks.
pub(crate) fn hidden() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    if words.next()? != VERB {
        return None;
    }
    let verb = words.next().unwrap_or_default();
    // These have something to say of what is over.
    let all = ["logs", "info", "wait", "transfer", "clean", "ids"]
        .iter()
        .any(|one| verb == *one);
    for line in found(all).unwrap_or_default() {
        if Out::new(When::Never).line(&line).is_err() {
            break;
        }
    }
    Some(ExitCode::SUCCESS)
}

fn found(all: bool) -> Option<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let asked = async {
        let (client, _notes) = session(&Place::ours(), &launch().ok()?).await.ok()?;
        let list = List {
            all,
            limit: Some(MOST),
            ..List::default()
        };
        client.call(&list).await.ok()
    };
    let listed = runtime
        .ok()?
        .block_on(async { timeout(PATIENCE, asked).await });
    Some(offered(&listed.ok()??.processes))
}

/// Names first, where one has them, then ids.
fn offered(processes: &[Info]) -> Vec<String> {
    let about = |info: &Info| {
        let state = if is_over(info) { "over" } else { "running" };
        format!("{state}: {}", text::command_line(&info.argv))
    };
    let is_word = |word: &&String| {
        !word.is_empty() && safe::word(word) == **word && !word.contains(char::is_whitespace)
    };
    let mut lines: Vec<String> = Vec::new();
    for info in processes {
        if let Some(name) = info.name.as_ref().filter(is_word) {
            let line = format!("{name}\t{}", about(info));
            let begins = format!("{name}\t");
            if !lines.iter().any(|other| other.starts_with(&begins)) {
                lines.push(line);
            }
        }
    }
    let ids = processes.iter().filter(|info| is_word(&&info.process_id));
    lines.extend(ids.map(|info| format!("{}\t{}", info.process_id, about(info))));
    lines
}
