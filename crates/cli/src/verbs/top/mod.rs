//! `handfast top`: what processes use, as it changes, with keys to stop and to attach.
//!
//! `model.rs` knows what there is and what is selected (pure), `draw.rs` draws it, `keys.rs` reads what
//! is typed, `task.rs` puts them together. What must stay true: the caller's terminal is restored on
//! every way out but SIGKILL; nothing is stopped that was not confirmed by name.

mod draw;
mod keys;
mod model;
mod screen;
mod task;

use super::talk::with_daemon;
use crate::app::Top;
use crate::explain::Failure;
use crate::link::Link;
use crate::settings;
use crate::show::line::Used;
use crate::show::{Out, text};
use handfast_daemon::wire::UsageOf;
use model::Model;
use std::io::{IsTerminal, stdin, stdout};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::sleep;

pub(crate) fn run(options: &Top) -> ExitCode {
    with_daemon(&options.answers, async |link, out| {
        let every = link.settings.value(&settings::EVERY, options.every)?;
        if options.answers.json {
            return once(&link, out, every).await;
        }
        if !stdin().is_terminal() || !stdout().is_terminal() {
            let why = std::io::Error::other("it is drawn on a terminal, and read from it");
            return Err(Failure::new("cli.no-terminal", "show what is used", &why));
        }
        task::until_left(link, (options, every)).await
    })
}

/// Looks twice, so that there is a rate, and prints a line for each.
async fn once(link: &Link, mut out: Out, every: Duration) -> Result<u8, Failure> {
    let mut model = Model::default();
    look(link, &mut model).await?;
    sleep(every).await;
    look(link, &mut model).await?;
    for row in model.rows() {
        out.json(&Used {
            id: row.id.clone(),
            handle: row.handle.clone(),
            name: row.name.clone(),
            owner: row.owner.clone(),
            status: row.state.clone(),
            members: row.members,
            cpu_percent: row.cpu,
            cpu_ms: row.cpu_ms,
            resident_bytes: row.resident,
            duration_ms: text::since(row.started_at_ms),
        })?;
    }
    Ok(0)
}

/// Takes in what there is now.
async fn look(link: &Link, model: &mut Model) -> Result<(), Failure> {
    let usage = link
        .ask("look at what is used", &UsageOf::default())
        .await?;
    let live = link.list(false).await?;
    model.take(&live, &usage);
    Ok(())
}
