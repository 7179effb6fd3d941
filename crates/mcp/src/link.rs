//! The connection to the daemon: made when it is needed, made anew when it was lost.
//!
//! What must stay true: however many calls come at once they share one connection, since that is the
//! life line of all that they start; one that was lost is replaced once, and who waited on it is told
//! that what it held is gone.

use crate::Settings;
use handfast_daemon::connect::{Client, ClientError, LaunchError, connect_or_start};
use handfast_daemon::wire::{ExecList, Method};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// How many numbers of commands are remembered with their processes. A daemon keeps 64 that run and 256 that
/// have ended.
const KNOWN: usize = 1024;

/// Why a tool has no result: what a model reads, and the name of the error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The text of the tools of unified-exec, which says it all.
    pub(crate) whole: Option<String>,
}

impl Trouble {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Trouble {
        Trouble {
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            whole: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Trouble {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<LaunchError> for Trouble {
    fn from(error: LaunchError) -> Trouble {
        let mut message = format!("cannot reach the daemon: {error}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Trouble {
            hint: error.hint(),
            ..Trouble::new(error.code(), message)
        }
    }
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Trouble {
        match &error {
            ClientError::Refused(refused) => {
                let data = refused.data.as_ref();
                let text = data.and_then(|data| data.details.get("text")?.as_str());
                Trouble {
                    whole: text.map(str::to_owned),
                    hint: data.and_then(|data| data.hint.clone()),
                    ..Trouble::new(refused.name(), format!("failed to {refused}"))
                }
            }
            ClientError::Closed | ClientError::System(_) => {
                let message = "the daemon is gone, and what it held was ended with it";
                Trouble::new(error.code(), message)
                    .hint("call again: another daemon is started; its sessions are new ones")
            }
            _ => Trouble::new(error.code(), error.to_string()),
        }
    }
}

/// The processes of commands, by their numbers; those that were learnt first are forgotten first.
#[derive(Debug, Default)]
struct Known {
    processes: BTreeMap<i32, String>,
    order: VecDeque<i32>,
}

impl Known {
    fn learn(&mut self, number: i32, process: &str) {
        // A number is drawn again one day, for another process.
        if self.processes.insert(number, process.to_owned()).is_none() {
            self.order.push_back(number);
        }
        if self.order.len() > KNOWN
            && let Some(first) = self.order.pop_front()
        {
            self.processes.remove(&first);
        }
    }

    fn process_of(&self, number: i32) -> Option<String> {
        self.processes.get(&number).cloned()
    }

    fn number_of(&self, process: &str) -> Option<i32> {
        let mut all = self.processes.iter();
        all.find_map(|(number, known)| (known == process).then_some(*number))
    }
}

/// One session with the daemon.
#[derive(Debug)]
struct Connection {
    client: Client,
    known: Mutex<Known>,
}

/// The way to the daemon.
#[derive(Debug)]
pub(crate) struct Link {
    settings: Settings,
    now: Mutex<Arc<OnceCell<Arc<Connection>>>>,
}

impl Link {
    pub(crate) fn new(settings: Settings) -> Link {
        Link {
            settings,
            now: Mutex::default(),
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn connection(&self) -> Result<Arc<Connection>, Trouble> {
        let now = Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner));
        let made = now.get_or_try_init(|| self.connect()).await;
        made.map(Arc::clone)
    }

    async fn connect(&self) -> Result<Arc<Connection>, Trouble> {
        let Settings { place, launch, .. } = &self.settings;
        let (client, _) = connect_or_start(place, launch).await?;
        let mut profile = self.settings.profile.clone();
        let longest = self.settings.longest_wait.as_millis();
        profile.max_poll_ms = Some(u64::try_from(longest).unwrap_or(u64::MAX));
        client.call(&profile).await?;
        Ok(Arc::new(Connection {
            client,
            known: Mutex::default(),
        }))
    }

    /// Whoever comes next connects anew; unless somebody has noticed before.
    fn lost(&self, connection: &Arc<Connection>) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = now.get().is_some_and(|now| Arc::ptr_eq(now, connection));
        if is_it {
            *now = Arc::default();
        }
    }

    /// Lets go of the connection: it closes when the calls that use it have been given up.
    pub(crate) fn close(&self) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::default();
    }

    /// Asks the daemon.
    ///
    /// Cancel safe: a wait is given up at the daemon too.
    pub(crate) async fn call<M>(&self, params: &M) -> Result<M::Answer, Trouble>
    where
        M: Method + Sync,
        M::Answer: Send,
    {
        let connection = self.connection().await?;
        let answer = connection.client.call(params).await;
        if matches!(answer, Err(ClientError::Closed | ClientError::System(_))) {
            self.lost(&connection);
        }
        Ok(answer?)
    }

    /// Remembers the process of a command.
    pub(crate) fn learn(&self, session_id: Option<i32>, process_id: Option<&String>) {
        let (Some(number), Some(process)) = (session_id, process_id) else {
            return;
        };
        self.known(|known| known.learn(number, process));
    }

    fn known<T: Default>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        let now = Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner));
        let work = |connection: &Arc<Connection>| {
            let known = connection.known.lock();
            work(&mut known.unwrap_or_else(PoisonError::into_inner))
        };
        now.get().map(work).unwrap_or_default()
    }

    /// The number of the command whose process this is.
    pub(crate) fn number_of(&self, process: &str) -> Option<i32> {
        self.known(|known| known.number_of(process))
    }

    /// The process of a command.
    pub(crate) async fn process_of(&self, session_id: i32) -> Result<String, Trouble> {
        if let Some(process) = self.known(|known| known.process_of(session_id)) {
            return Ok(process);
        }
        for session in self.call(&ExecList {}).await?.sessions {
            self.learn(Some(session.session_id), session.process_id.as_ref());
        }
        let found = self.known(|known| known.process_of(session_id));
        found.ok_or_else(|| {
            let message = format!("there is no session {session_id} here, and none is known");
            Trouble::new("exec.unknown-process-id", message)
                .hint("list_processes names all that there are")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers are drawn by chance: a low one is no old one.
    #[test]
    fn what_was_learnt_first_is_forgotten_first() {
        let mut known = Known::default();
        for number in 0..KNOWN {
            known.learn(99_999 - number as i32, "old");
        }
        known.learn(1_000, "new");
        assert_eq!(known.process_of(1_000).as_deref(), Some("new"));
        assert_eq!(known.number_of("new"), Some(1_000));
        assert_eq!(known.process_of(99_999), None);
        assert_eq!(known.process_of(99_998).as_deref(), Some("old"));
        // Learnt again it is the same one, and takes no place from another.
        known.learn(1_000, "again");
        assert_eq!(known.process_of(1_000).as_deref(), Some("again"));
        assert_eq!(known.process_of(99_998).as_deref(), Some("old"));
        assert_eq!(known.order.len(), KNOWN);
    }
}
