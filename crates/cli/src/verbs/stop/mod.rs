//! `handfast stop`: ends processes with their whole trees, and says what was done.

use super::talk::{each, with_daemon};
use crate::app::Stop;
use crate::explain::{Failure, NO};
use crate::link::{Link, is_of, patiently};
use crate::show::line::Receipt as Line;
use crate::show::{Hue, Out, safe, text};
use handfast_daemon::wire::{Info, PortListener, PortWho, Receipt, Stop as Ask};
use std::collections::BTreeSet;
use std::process::ExitCode;

pub(crate) fn run(options: &Stop) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let mut code = each(&options.ids, async |id| {
            let found = link.find("stop", id).await?;
            one(&link, &mut out, (options, found)).await
        })
        .await;
        if let Some(owner) = &options.owner {
            let live = link.list(false).await?;
            let theirs = live
                .into_iter()
                .filter(|info| is_of(&info.owner, link.owner(), owner));
            let all = each(theirs, async |found| {
                one(&link, &mut out, (options, found)).await
            });
            let ended = all.await;
            code = if code == 0 { ended } else { code };
        }
        if let Some(port) = options.port {
            let ended = at_port(&link, &mut out, (options, port)).await?;
            code = if code == 0 { ended } else { code };
        }
        Ok(code)
    })
}

/// Whoever of ours listens there; of a stranger only who it is.
async fn at_port(link: &Link, out: &mut Out, (options, port): (&Stop, u16)) -> Result<u8, Failure> {
    let what = format!("stop whoever listens at port {port}");
    let who = link.ask(&what, &PortWho { port }).await?;
    let ours = who.listeners.iter().filter_map(|one| one.handle.clone());
    let ours: BTreeSet<String> = ours.collect();
    if ours.is_empty() {
        let (name, why) = match who.listeners.first() {
            None => ("cli.port-free", "nobody listens there".to_owned()),
            Some(stranger) => ("cli.port-of-stranger", stranger_in_words(stranger)),
        };
        return Err(Failure::new(name, what, &std::io::Error::other(why)));
    }
    Ok(each(ours, async |handle| {
        let found = link.find("stop", &handle).await?;
        one(link, out, (options, found)).await
    })
    .await)
}

fn stranger_in_words(stranger: &PortListener) -> String {
    let command = stranger
        .command
        .as_ref()
        .map(|command| format!(" ({})", safe::word(command)));
    let command = command.unwrap_or_default();
    let user = stranger.user.map(|user| format!(" of user {user}"));
    let user = user.unwrap_or_default();
    match stranger.pid {
        Some(pid) => format!("process {pid}{command}{user} has it, which is none of ours"),
        None => format!("a process{user} has it, which is none of ours"),
    }
}

async fn one(link: &Link, out: &mut Out, (options, found): (&Stop, Info)) -> Result<u8, Failure> {
    let shown = shown(&found);
    let ask = Ask {
        process_id: found.handle,
        grace_ms: options.grace.map(text::milliseconds),
    };
    let what = format!("stop `{shown}`");
    let end = format!("`{shown}` to end");
    let receipt = patiently(&end, link.ask(&what, &ask)).await?;
    if options.answers.json {
        out.json(&Line::from(&receipt))?;
    } else {
        let line = in_words(&shown, &receipt, out);
        out.line(&line)?;
    }
    Ok(if receipt.survivors.is_empty() { 0 } else { NO })
}

/// What people call it.
fn shown(info: &Info) -> String {
    safe::word(info.name.as_ref().unwrap_or(&info.process_id))
}

fn in_words(shown: &str, receipt: &Receipt, out: &Out) -> String {
    let took = text::lasted(receipt.took_ms);
    if !receipt.survivors.is_empty() {
        let pids: Vec<String> = receipt.survivors.iter().map(ToString::to_string).collect();
        let lives = format!("alive although killed: {}", pids.join(", "));
        return format!("{shown}: {}", out.paint(Hue::Bad, &lives));
    }
    if receipt.members_before == 0 {
        return format!("{shown}: was over ({})", receipt.status.state);
    }
    let members = text::count(receipt.members_before, "member");
    let killed = match receipt.killed {
        0 => "none had to be killed".to_owned(),
        killed => format!("{killed} had to be killed"),
    };
    format!("{shown}: {members}, all gone after {took}; {killed}")
}
