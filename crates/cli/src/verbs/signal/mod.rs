//! `handfast signal`: sends a signal to a program, its group or its whole tree.

use super::talk::with_daemon;
use crate::app::{Signal, Whom};
use crate::show::line::Signalled as Line;
use crate::show::{safe, state, text};
use handfast_daemon::wire::{ScopeOf, Signal as Ask, SignalName};
use std::process::ExitCode;

pub(crate) fn run(options: &Signal) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        let found = link.find("signal", &options.id).await?;
        let number = options.signal.0;
        let ask = Ask {
            process_id: found.handle,
            signal: SignalName::Number(number),
            scope: Some(match options.to {
                Whom::Leader => ScopeOf::Leader,
                Whom::Group => ScopeOf::Group,
                Whom::Tree => ScopeOf::Tree,
            }),
        };
        let name = state::signal_name(number);
        let what = format!("send {name} to `{}`", safe::word(&options.id));
        let reached = link.ask(&what, &ask).await?.reached;
        if options.answers.json {
            out.json(&Line {
                id: found.process_id,
                signal: number,
                reached,
            })?;
        } else {
            // A group counts as one, however many are in it.
            let whom = match options.to {
                Whom::Leader => "its program".to_owned(),
                Whom::Group => "the group of its program".to_owned(),
                Whom::Tree => text::count(u64::from(reached), "member"),
            };
            out.line(&format!("{name} sent to {whom}"))?;
        }
        Ok(0)
    })
}
