//! Where a process stands, in a word, a colour and a reason. Pure.

use super::{Hue, safe};
use handfast_daemon::wire::{Info, Status};
use handfast_sys::signals;

/// The colour of a state.
pub(crate) fn hue(status: &Status) -> Hue {
    match status.state.as_str() {
        "running" => Hue::Good,
        "starting" | "running-detached" => Hue::Busy,
        "exited" if status.exit_code == Some(0) => Hue::Dim,
        "terminated" if matches!(status.cause.as_deref(), Some("stop" | "kill")) => Hue::Dim,
        _ => Hue::Bad,
    }
}

/// The state and how it ended, as short as can be.
pub(crate) fn short(info: &Info) -> String {
    let status = &info.status;
    match (status.state.as_str(), status.exit_code, status.signal) {
        ("exited" | "terminated", Some(code), _) => format!("{} {code}", status.state),
        ("exited" | "terminated", None, Some(signal)) => {
            format!("{} {}", status.state, signal_name(signal))
        }
        ("running-detached", _, _) => "left behind".to_owned(),
        (_, _, _) => match info.unresponsive {
            Some('T' | 't') => format!("{} (stopped)", status.state),
            Some(_) => format!("{} (stuck)", status.state),
            None => status.state.clone(),
        },
    }
}

/// Why it stands there, in words that follow the state.
pub(crate) fn why(status: &Status) -> String {
    let mut said = String::new();
    if let Some(error) = &status.error {
        said = format!(": {}", safe::word(error));
    }
    if let Some(code) = status.exit_code {
        said = format!(" with code {code}");
    }
    if let Some(signal) = status.signal {
        said = format!(" by {}", signal_name(signal));
    }
    if let Some(pid) = status.pid.filter(|_| status.exited_at_ms.is_none()) {
        said = format!(", pid {pid}");
    }
    if let Some(cause) = status.cause.as_deref() {
        said = format!("{said}: {}", cause_in_words(cause));
    }
    if let Some(pids) = status.child_pids.as_ref().filter(|pids| !pids.is_empty()) {
        let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
        said = format!(
            "{said}; its program has ended, these live on: {}",
            pids.join(" ")
        );
    }
    said
}

/// What a cause means.
fn cause_in_words(cause: &str) -> &str {
    match cause {
        "itself" => "nobody asked for it",
        "stop" => "it was asked to stop",
        "kill" => "it was killed",
        "signal" => "it was sent that signal",
        "deadline" => "its time was over",
        "lease-over" => "nobody renewed its lease",
        "turn-over" => "its turn was over",
        "too-old" => "it was too old",
        "owner-ended" => "its owner was ended",
        "owner-gone" => "whoever it belonged to is gone",
        "shutdown" => "the daemon was shut down",
        "cleaned" => "it was cleaned away",
        "replaced" => "another took its place",
        "reaper-lost" => "its helper was lost",
        "unknown" => "nobody could say why",
        other => other,
    }
}

/// The name of a signal of this system, else its number.
pub(crate) fn signal_name(number: i32) -> String {
    signals::name(number).map_or_else(|| format!("signal {number}"), |name| format!("SIG{name}"))
}
