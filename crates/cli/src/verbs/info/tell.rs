//! A process in words. Pure but for the clock.

use crate::show::state::{hue, why};
use crate::show::{Hue, Out, safe, text};
use handfast_daemon::wire::{HolderOf, Info, TreeUsage};

/// Everything about it, one thing a line.
pub(super) fn lines(info: &Info, tree: Option<&TreeUsage>, out: &Out) -> Vec<String> {
    let mut said = Said {
        out,
        lines: Vec::new(),
    };
    said.what_it_is(info);
    said.how_it_stands(info);
    if let Some(tree) = tree.filter(|tree| tree.member_count > 0) {
        said.what_it_uses(tree);
    }
    if let Some(output) = output(info) {
        said.line("output", output);
    }
    for holder in holders(info) {
        said.line("held open", holder);
    }
    let variables = info.env_keys.len() as u64;
    said.line("gets", text::count(variables, "variable"));
    said.lines
}

/// What was said so far.
struct Said<'a> {
    out: &'a Out,
    lines: Vec<String>,
}

impl Said<'_> {
    fn line(&mut self, what: &str, how: String) {
        let what = self.out.paint(Hue::Dim, &format!("{what:<9}"));
        self.lines.push(format!("{what} {how}"));
    }

    fn what_it_is(&mut self, info: &Info) {
        self.line("id", safe::word(&info.process_id));
        if info.handle != info.process_id {
            self.line("handle", info.handle.clone());
        }
        if let Some(name) = &info.name {
            self.line("name", safe::word(name));
        }
        if let Some(purpose) = &info.purpose {
            self.line("for", safe::word(purpose));
        }
        self.line("command", text::command_line(&info.argv));
        if let Some(directory) = &info.cwd {
            self.line("in", safe::word(&text::word(directory)));
        }
        self.line("owner", safe::word(&info.owner));
    }

    fn how_it_stands(&mut self, info: &Info) {
        let status = &info.status;
        let state = self.out.paint(hue(status), &status.state);
        self.line("state", format!("{state}{}", why(status)));
        if let Some(ready) = &info.ready {
            let why = ready
                .why
                .as_ref()
                .map(|why| format!(": {}", safe::word(why)));
            self.line(
                "ready",
                format!("{}{}", ready.state, why.unwrap_or_default()),
            );
        }
        self.line("lifetime", lifetime(info));
        self.line("held", format!("{} ({})", info.rung, info.grade));
        let began = text::moment(info.started_at_ms).unwrap_or_default();
        self.line("started", began);
        if let Some(ended) = status.exited_at_ms {
            let lasted = text::lasted(ended.saturating_sub(info.started_at_ms));
            let at = text::moment(ended).unwrap_or_default();
            self.line("ended", format!("{at}, after {lasted}"));
        }
        for warning in &info.warnings {
            self.line("warning", safe::word(warning));
        }
    }

    fn what_it_uses(&mut self, tree: &TreeUsage) {
        self.line("uses", uses(tree));
        for member in tree.members.iter().flatten() {
            let command = safe::word(&member.command);
            self.line("member", format!("{} {command}", member.pid));
        }
        for port in tree.ports.iter().flatten() {
            let at = format!("{} port {}, by {}", port.address, port.port, port.pid);
            self.line("listens", at);
        }
    }
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
