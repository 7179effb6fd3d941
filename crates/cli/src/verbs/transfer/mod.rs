//! `handfast transfer`: gives processes to another owner.

use super::talk::{each, with_daemon};
use crate::app::Transfer;
use crate::explain::Failure;
use crate::link::Link;
use crate::show::line::Transferred as Line;
use crate::show::safe;
use handfast_daemon::wire::{Transfer as Ask, Transferred};
use std::process::ExitCode;

pub(crate) fn run(options: &Transfer) -> ExitCode {
    with_daemon(&options.answers, async |link, mut out| {
        Ok(each(&options.ids, async |id| {
            let found = link.find("transfer", id).await?;
            let given = give(&link, (id, &found.handle), &options.to).await?;
            if options.answers.json {
                out.json(&Line {
                    id: given.process_id,
                    handle: found.handle,
                    owner: given.owner,
                })?;
            } else {
                let (id, owner) = (safe::word(&given.process_id), safe::word(&given.owner));
                out.line(&format!("{id} belongs to {owner}"))?;
            }
            Ok(0)
        })
        .await)
    })
}

/// The name of the new owner may leave out what all of the caller's begin with.
async fn give(link: &Link, (id, handle): (&str, &str), to: &str) -> Result<Transferred, Failure> {
    let ask = |to: String| Ask {
        process_id: handle.to_owned(),
        to,
    };
    let what = format!("transfer `{}` to `{}`", safe::word(id), safe::word(to));
    let below = format!("{}/{to}", link.owner());
    match link.try_ask(&ask(to.to_owned())).await {
        Err(error) if error.code() == "owner.unknown" => link.ask(&what, &ask(below)).await,
        answer => answer.map_err(|error| Failure::asked(what, &error)),
    }
}
