//! `handfast info`: everything about a process, and why it ended.

mod tell;

use super::talk::{each, with_daemon};
use crate::app::Info;
use crate::explain::Failure;
use crate::link::Link;
use crate::show::Out;
use crate::show::line::Process;
use handfast_daemon::wire::{InfoOf, UsageOf};
use std::process::ExitCode;

pub(crate) fn run(options: &Info) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let mut first = true;
        Ok(each(&options.ids, async |id| {
            if !first && !options.answers.json {
                out.line("")?;
            }
            first = false;
            one(&link, &mut out, (id, options.answers.json)).await
        })
        .await)
    })
}

async fn one(link: &Link, out: &mut Out, (id, json): (&str, bool)) -> Result<u8, Failure> {
    let found = link.find("find", id).await?;
    let (process_id, members) = (found.handle, true);
    let asked = InfoOf {
        process_id,
        members,
    };
    let info = link.ask(&format!("look at `{id}`"), &asked).await?;
    let usage = UsageOf {
        process_id: Some(info.handle.clone()),
        members: true,
        ports: true,
    };
    let used = link.ask(&format!("look at `{id}`"), &usage).await?;
    let tree = used.trees.first();
    if json {
        let line = Process::from(&info);
        out.json(&match tree {
            Some(tree) => line.using(tree),
            None => line,
        })?;
    } else {
        for line in tell::lines(&info, tree, out) {
            out.line(&line)?;
        }
    }
    Ok(0)
}
