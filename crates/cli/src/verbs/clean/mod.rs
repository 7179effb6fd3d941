//! `handfast clean`: forgets processes that are over.

use super::talk::with_daemon;
use crate::app::Clean;
use crate::explain::Failure;
use crate::link::Link;
use crate::show::line::Cleaned as Line;
use crate::show::{Out, safe, text};
use handfast_daemon::wire::{Clean as Ask, Cleaned};
use std::process::ExitCode;

pub(crate) fn run(options: &Clean) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let older_than_ms = options.older_than.map_or(0, text::milliseconds);
        let ask = |process_id: Option<String>| Ask {
            process_id,
            owner: options.owner.clone(),
            older_than_ms,
            dry_run: options.dry_run,
        };
        let mut freed = 0;
        if options.ids.is_empty() {
            let cleaned = clean(&link, &ask(None)).await?;
            freed += cleaned.freed_bytes;
            tell(&mut out, options, &cleaned)?;
        }
        for id in &options.ids {
            let found = link.find("forget", id).await?;
            let cleaned = clean(&link, &ask(Some(found.handle))).await?;
            freed += cleaned.freed_bytes;
            tell(&mut out, options, &cleaned)?;
        }
        if !options.answers.json && freed > 0 {
            let said = if options.dry_run {
                "would be freed"
            } else {
                "freed"
            };
            out.line(&format!("{} {said}", text::bytes(freed)))?;
        }
        Ok(0)
    })
}

async fn clean(link: &Link, ask: &Ask) -> Result<Cleaned, Failure> {
    link.ask("forget what is over", ask).await
}

fn tell(out: &mut Out, options: &Clean, cleaned: &Cleaned) -> Result<(), Failure> {
    for id in &cleaned.process_ids {
        if options.answers.json {
            out.json(&Line {
                id: id.clone(),
                forgotten: !options.dry_run,
            })?;
        } else {
            out.line(&safe::word(id))?;
        }
    }
    Ok(())
}
