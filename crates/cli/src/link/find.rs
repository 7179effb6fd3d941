//! Which processes there are, and which is meant by a word.

use super::Asker;
use crate::explain::Failure;
use crate::show::safe;
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::{Info, InfoOf, List, WireError};

impl Asker {
    /// All processes that may be seen, the newest first; `all` also those that are over.
    pub(crate) async fn list(&self, all: bool) -> Result<Vec<Info>, Failure> {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let list = List {
                all,
                cursor,
                ..List::default()
            };
            let page = self.ask("list the processes", &list).await?;
            found.extend(page.processes);
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// The process that a word means; the daemon decides. `what` is what is wanted with it, as a verb.
    pub(crate) async fn find(&self, what: &str, word: &str) -> Result<Info, Failure> {
        let (process_id, members) = (word.to_owned(), false);
        let asked = InfoOf {
            process_id,
            members,
        };
        let found = self.try_ask(&asked).await;
        found.map_err(|error| {
            let what = format!("{what} `{}`", safe::word(word));
            Failure::asked(what, &with_candidates(error))
        })
    }
}

/// Several that have the name are told by their ids.
fn with_candidates(error: ClientError) -> ClientError {
    let ClientError::Refused(refused) = &error else {
        return error;
    };
    let candidates = refused
        .data
        .as_ref()
        .and_then(|data| data.details.get("candidates"));
    let ids = candidates.and_then(|all| all.as_array()).map(|all| {
        let ids = all.iter().filter_map(|one| one.get("processId")?.as_str());
        ids.collect::<Vec<&str>>().join(", ")
    });
    match ids {
        Some(ids) if error.code() == "process.ambiguous" => {
            let message = format!("{}: {ids}", refused.message);
            ClientError::Refused(WireError::invalid("process.ambiguous", message))
        }
        _ => error,
    }
}

/// Whether nothing of it runs any more.
pub(crate) fn is_over(info: &Info) -> bool {
    matches!(
        info.status.state.as_str(),
        "exited" | "terminated" | "failed"
    )
}

/// Whether an owner is the one of this name, or below it. The name may leave out what all of the
/// caller's begin with.
pub(crate) fn is_of(owner: &str, caller: &str, name: &str) -> bool {
    let full = format!("{caller}/{name}");
    let within = |above: &str| {
        owner == above
            || owner
                .strip_prefix(above)
                .is_some_and(|rest| rest.starts_with('/'))
    };
    within(name) || within(&full)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn an_owner_is_named_in_full_or_from_the_caller_on() {
        for (owner, name, want) in [
            ("user", "user", true),
            ("user/a", "user", true),
            ("user/a", "a", true),
            ("user/a/b", "a", true),
            ("user/a/b", "user/a", true),
            ("user/ab", "a", false),
            ("user", "a", false),
        ] {
            assert_eq!(is_of(owner, "user", name), want, "{owner} {name}");
        }
    }
}
