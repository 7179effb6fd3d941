//! `handfast ps`: which processes there are.

mod tree;
mod watch;

use super::talk::with_daemon;
use crate::app::Ps;
use crate::explain::Failure;
use crate::link::{Link, is_of};
use crate::show::line::Process;
use crate::show::state::{hue, short};
use crate::show::table::{Field, Table};
use crate::show::{Hue, Out, safe, text};
use handfast_daemon::wire::{Info, TreeUsage, UsageOf};
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::seat;
use std::process::ExitCode;

pub(crate) fn run(options: &Ps) -> ExitCode {
    with_daemon(&options.answers, async |mut link, mut out| {
        if options.watch {
            return watch::until_interrupted(&mut link, &mut out, options).await;
        }
        let found = wanted(&link, options).await?;
        if options.answers.json {
            for info in &found.processes {
                out.json(&found.line(info))?;
            }
        } else {
            for line in lines(&found, options, (&out, width(&out))) {
                out.line(&line)?;
            }
        }
        Ok(0)
    })
}

/// Those that are to be shown, and what their trees use, if that is too.
async fn wanted(link: &Link, options: &Ps) -> Result<Found, Failure> {
    let mut processes = link.list(options.all).await?;
    if let Some(owner) = &options.owner {
        processes.retain(|info| is_of(&info.owner, link.owner(), owner));
    }
    let mut trees = Vec::new();
    if options.tree {
        let usage = UsageOf {
            process_id: None,
            members: true,
            ports: true,
        };
        trees = link.ask("look at their trees", &usage).await?.trees;
    }
    Ok(Found { processes, trees })
}

/// What is to be shown.
struct Found {
    processes: Vec<Info>,
    trees: Vec<TreeUsage>,
}

impl Found {
    fn tree(&self, info: &Info) -> Option<&TreeUsage> {
        self.trees.iter().find(|tree| tree.handle == info.handle)
    }

    fn line(&self, info: &Info) -> Process {
        let line = Process::from(info);
        match self.tree(info) {
            Some(tree) => line.using(tree),
            None => line,
        }
    }
}

/// How wide the terminal is, if it is one.
fn width(out: &Out) -> Option<usize> {
    if !out.is_terminal() {
        return None;
    }
    let size = seat::size(std::io::stdout().as_descriptor()).ok()?;
    Some(usize::from(size.columns)).filter(|columns| *columns > 0)
}

fn lines(found: &Found, options: &Ps, shown: (&Out, Option<usize>)) -> Vec<String> {
    if options.tree {
        return tree::lines(found, shown);
    }
    let mut table = Table::new(&["ID", "NAME", "STATE", "AGE", "GRADE", "OWNER", "COMMAND"]);
    for info in &found.processes {
        table.row(vec![
            safe::word(&info.process_id).into(),
            safe::word(info.name.as_deref().unwrap_or_default()).into(),
            Field::hued(short(info), hue(&info.status)),
            text::lasted(text::since(info.started_at_ms)).into(),
            info.grade.clone().into(),
            safe::word(&info.owner).into(),
            text::command_line(&info.argv).into(),
        ]);
    }
    table.lines(shown.0, shown.1)
}

/// One process on one line, where there are no columns.
fn one_line(info: &Info, out: &Out) -> String {
    let name = info
        .name
        .as_deref()
        .map(|name| format!(" ({})", safe::word(name)));
    let state = out.paint(hue(&info.status), &short(info));
    let age = text::lasted(text::since(info.started_at_ms));
    let about = out.paint(Hue::Dim, &format!("{age}, {}", info.grade));
    let id = safe::word(&info.process_id);
    let command = text::command_line(&info.argv);
    format!(
        "{id}{} {state} {about}  {command}",
        name.unwrap_or_default()
    )
}
