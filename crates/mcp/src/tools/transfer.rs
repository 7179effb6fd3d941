//! `transfer_process`: a process gets another owner.

use super::Done;
use super::arguments::{session, which};
use crate::link::{Link, Trouble};
use handfast_daemon::wire::{Detach, Transfer, Transferred};
use serde::{Deserialize, Serialize};

/// The owner above all others, who needs no session to have processes.
const USER: &str = "user";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(default, deserialize_with = "session")]
    session_id: Option<i32>,
    #[serde(default)]
    process_id: Option<String>,
    #[serde(default)]
    to: Option<String>,
}

#[derive(Debug, Serialize)]
struct Given {
    process_id: String,
    owner: String,
}

pub(super) async fn transfer(link: &Link, wanted: Wanted) -> Result<Done, Trouble> {
    let process_id = which(link, wanted.session_id, wanted.process_id).await?;
    let to = wanted.to.unwrap_or_else(|| USER.to_owned());
    if to == USER {
        let detach = Detach {
            process_id: Some(process_id.clone()),
        };
        link.call(&detach).await?;
    }
    let transfer = Transfer { process_id, to };
    let Transferred {
        process_id, owner, ..
    } = link.call(&transfer).await?;
    let text = format!("process {process_id} belongs to {owner} now and is not yours any more\n");
    Done::new(text, &Given { process_id, owner })
}
