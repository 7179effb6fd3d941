//! `handfast events`: what has happened to processes, and what happens.

use super::talk::with_daemon;
use crate::app::Events;
use crate::explain::Failure;
use crate::link::{Link, is_of};
use crate::show::line::{Ended, Event as Line};
use crate::show::{Hue, Out, safe, state, text};
use handfast_daemon::wire::{EventNote, Events as Page, EventsRead};
use std::io::Write;
use std::process::ExitCode;

pub(crate) fn run(options: &Events) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let mut after = 0;
        loop {
            let page = page(&link, after, options.follow).await?;
            missed(&page, after);
            for event in page
                .events
                .iter()
                .filter(|event| is_wanted(&link, options, event))
            {
                show(&mut out, options, event)?;
            }
            if !options.follow && page.last_seq == after {
                return Ok(0);
            }
            after = page.last_seq;
        }
    })
}

async fn page(link: &Link, after_seq: u64, follows: bool) -> Result<Page, Failure> {
    let read = EventsRead {
        after_seq,
        limit: None,
        wait_ms: if follows { link.longest_wait() } else { 0 },
    };
    link.ask("read the events", &read).await
}

/// What was before the first one that is kept concerns nobody who has not read anything yet.
fn missed(page: &Page, after: u64) {
    if page.missed > 0 && after > 0 {
        let events = text::count(page.missed, "event");
        // Where nobody can be told, the rest is still shown.
        let _ = writeln!(
            std::io::stderr(),
            "handfast: {events} came too fast to be told"
        );
    }
}

fn is_wanted(link: &Link, options: &Events, event: &EventNote) -> bool {
    let is_theirs = |name: &String| is_of(&event.owner, link.owner(), name);
    let is_named = |id: &String| {
        [
            Some(&event.process_id),
            Some(&event.handle),
            event.name.as_ref(),
        ]
        .contains(&Some(id))
    };
    options.owner.as_ref().is_none_or(is_theirs)
        && (options.ids.is_empty() || options.ids.iter().any(is_named))
}

fn show(out: &mut Out, options: &Events, event: &EventNote) -> Result<(), Failure> {
    if options.answers.json {
        return out.json(&Line {
            seq: event.seq,
            at: text::moment(event.at_ms),
            id: event.process_id.clone(),
            handle: event.handle.clone(),
            name: event.name.clone(),
            owner: event.owner.clone(),
            event: event.word.clone(),
            now: Ended::from(&event.status),
        });
    }
    let at = text::moment(event.at_ms).unwrap_or_default();
    let at = out.paint(Hue::Dim, &at);
    let id = safe::word(event.name.as_ref().unwrap_or(&event.process_id));
    let word = out.paint(state::hue(&event.status), &safe::word(&event.word));
    let why = match event.word == event.status.state {
        true => state::why(&event.status),
        false => String::new(),
    };
    out.line(&format!("{at} {id} {word}{why}"))
}
