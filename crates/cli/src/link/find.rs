//! Which process is meant: an id, a handle, or a name that only one has.

use super::Asker;
use crate::explain::Failure;
use handfast_daemon::connect::ClientError;
use handfast_daemon::wire::{Info, InfoOf, List, WireError};

/// What a word can mean.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    /// This one, by its place.
    One(usize),
    /// Nobody.
    Nobody,
    /// One of these, by their places.
    Several(Vec<usize>),
}

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

    /// The process that a word means. `what` is what is wanted with it, as a verb.
    ///
    /// One that lives wins over those of its name that are over.
    pub(crate) async fn find(&self, what: &str, word: &str) -> Result<Info, Failure> {
        let (process_id, members) = (word.to_owned(), false);
        let asked = InfoOf {
            process_id,
            members,
        };
        let unknown = match self.try_ask(&asked).await {
            Ok(info) => return Ok(info),
            Err(error) if error.code() == "process.unknown" => error,
            Err(error) => return Err(Failure::asked(format!("{what} `{word}`"), &error)),
        };
        let mut all = self.list(true).await?;
        match meant(&all, word) {
            Meant::One(place) => Ok(all.swap_remove(place)),
            Meant::Nobody => Err(Failure::asked(format!("{what} `{word}`"), &unknown)),
            Meant::Several(places) => {
                let ids = places.iter().filter_map(|place| all.get(*place));
                let ids: Vec<&str> = ids.map(|info| info.process_id.as_str()).collect();
                let message = format!("tell which is meant: {}", ids.join(", "));
                let error = ClientError::Refused(WireError::invalid("process.ambiguous", message));
                Err(Failure::asked(format!("{what} `{word}`"), &error))
            }
        }
    }
}

/// What a name means among processes, the newest first.
fn meant(all: &[Info], name: &str) -> Meant {
    let places = all.iter().enumerate();
    let named: Vec<(usize, &Info)> = places
        .filter(|(_, info)| info.name.as_deref() == Some(name))
        .collect();
    let live = named.iter().filter(|(_, info)| !is_over(info));
    let live: Vec<usize> = live.map(|(place, _)| *place).collect();
    match (live.as_slice(), named.as_slice()) {
        ([one], _) => Meant::One(*one),
        // Of those that are over the newest is meant.
        ([], [(newest, _), ..]) => Meant::One(*newest),
        ([], []) => Meant::Nobody,
        (several, _) => Meant::Several(several.to_vec()),
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
    use serde_json::{Value, json};

    fn process(id: &str, name: Option<&str>, state: &str) -> Info {
        let mut value: Value = json!({
            "processId": id, "handle": id, "owner": "user", "argv": ["x"], "envKeys": [], "tty": false,
            "lifetime": "user", "bound": false, "startedAtMs": 0, "status": {"state": state},
            "rung": "group", "grade": "cooperative",
        });
        value["name"] = json!(name);
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn one_that_lives_wins_over_those_that_are_over() {
        let all = [
            process("a", Some("web"), "exited"),
            process("b", Some("web"), "running"),
            process("c", Some("web"), "terminated"),
            process("d", Some("db"), "failed"),
            process("e", Some("db"), "exited"),
            process("f", Some("twice"), "running"),
            process("g", Some("twice"), "running-detached"),
            process("h", None, "running"),
        ];
        assert_eq!(meant(&all, "web"), Meant::One(1));
        assert_eq!(meant(&all, "db"), Meant::One(3));
        assert_eq!(meant(&all, "twice"), Meant::Several(vec![5, 6]));
        assert_eq!(meant(&all, "h"), Meant::Nobody);
    }

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
