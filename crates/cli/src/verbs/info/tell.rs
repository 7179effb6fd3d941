//! A process in words. Pure but for the clock.

use crate::show::state::{hue, why};
use crate::show::{Out, safe, text};
use handfast_daemon::wire::{HolderOf, Info, TreeUsage};

/// Everything about it, one thing a line.
pub(super) fn lines(info: &Info, tree: Option<&TreeUsage>, out: &Out) -> Vec<String> {
    let status = &info.status;
    let mut lines = Vec::new();
    let mut say = |what: &str, how: String| {
        let what = format!("{what:<9}");
        lines.push(format!("{} {how}", out.paint(crate::show::Hue::Dim, &what)));
    };
    say("id", safe::word(&info.process_id));
    if info.handle != info.process_id {
        say("handle", info.handle.clone());
    }
    if let Some(name) = &info.name {
        say("name", safe::word(name));
    }
    if let Some(purpose) = &info.purpose {
        say("for", safe::word(purpose));
    }
    say("command", text::command_line(&info.argv));
    if let Some(directory) = &info.cwd {
        say("in", safe::word(&text::word(directory)));
    }
    say("owner", safe::word(&info.owner));
    let state = out.paint(hue(status), &status.state);
    say("state", format!("{state}{}", why(status)));
    if let Some(ready) = &info.ready {
        let why = ready
            .why
            .as_ref()
            .map(|why| format!(": {}", safe::word(why)));
        say(
            "ready",
            format!("{}{}", ready.state, why.unwrap_or_default()),
        );
    }
    say("lifetime", lifetime(info));
    say("held", format!("{} ({})", info.rung, info.grade));
    let began = text::moment(info.started_at_ms).unwrap_or_default();
    say("started", began);
    if let Some(ended) = status.exited_at_ms {
        let lasted = text::lasted(ended.saturating_sub(info.started_at_ms));
        let at = text::moment(ended).unwrap_or_default();
        say("ended", format!("{at}, after {lasted}"));
    }
    for warning in &info.warnings {
        say("warning", safe::word(warning));
    }
    if let Some(tree) = tree.filter(|tree| tree.member_count > 0) {
        say("uses", uses(tree));
        for member in tree.members.iter().flatten() {
            say(
                "member",
                format!("{} {}", member.pid, safe::word(&member.command)),
            );
        }
        for port in tree.ports.iter().flatten() {
            say(
                "listens",
                format!("{} port {}, by {}", port.address, port.port, port.pid),
            );
        }
    }
    if let Some(output) = output(info) {
        say("output", output);
    }
    for holder in holders(info) {
        say("held open", holder);
    }
    let variables = info.env_keys.len() as u64;
    say("gets", text::count(variables, "variable"));
    lines
}

fn uses(tree: &TreeUsage) -> String {
    let members = text::count(tree.member_count, "member");
    let memory = text::bytes(tree.resident_bytes);
    format!(
        "{members}, {memory}, {} of processors",
        text::lasted(tree.cpu_ms)
    )
}

fn lifetime(info: &Info) -> String {
    let lifetime = text::lifetime(info.lifetime);
    if info.bound {
        format!("{lifetime}, ends with its session")
    } else {
        lifetime
    }
}

fn output(info: &Info) -> Option<String> {
    let output = info.output.as_ref()?;
    let mut said = text::bytes(output.bytes);
    if output.omitted_bytes > 0 {
        said = format!(
            "{said}, of which {} are not kept",
            text::bytes(output.omitted_bytes)
        );
    }
    if let Some(last) = output.last_at_ms {
        said = format!("{said}, the last {} ago", text::lasted(text::since(last)));
    }
    Some(said)
}

/// Who keeps the output of a program open that has ended.
fn holders(info: &Info) -> Vec<String> {
    let output = info.output.as_ref().filter(|output| output.open);
    let holders = output.and_then(|output| output.holders.clone());
    let runs = matches!(info.status.state.as_str(), "starting" | "running");
    let holders = holders.filter(|_| !runs);
    let one = |holder: HolderOf| {
        let whose = if holder.member {
            "a member"
        } else {
            "no member"
        };
        format!(
            "by {} ({}, {whose})",
            holder.pid,
            safe::word(&holder.command)
        )
    };
    holders.unwrap_or_default().into_iter().map(one).collect()
}
