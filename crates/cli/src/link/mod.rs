//! The way to the daemon: one connection for each verb, on behalf of the user or of a token.
//!
//! What must stay true: no token comes from an argument or a variable, but only from a file; whatever the
//! daemon refuses becomes a [`Failure`] with its name; and who waits for longer than a second is told so
//! on the terminal before them.

mod find;
mod patience;

pub(crate) use find::{is_of, is_over};
pub(crate) use patience::patiently;

use crate::app::Answers;
use crate::explain::Failure;
use crate::settings::Settings;
use crate::verbs::daemon::launch;
use handfast_daemon::Place;
use handfast_daemon::connect::{Client, ClientError, Notes, connect_or_start};
use handfast_daemon::wire::{Method, Secret};
use std::path::Path;
use std::sync::Arc;

/// Asks the daemon. Cheap to clone; the connection is closed with the last one.
#[derive(Debug, Clone)]
pub(crate) struct Asker(Arc<Client>);

/// A connection to the daemon.
#[derive(Debug)]
pub(crate) struct Link {
    /// For who asks beside others.
    pub(crate) asker: Asker,
    /// What the daemon tells without being asked.
    pub(crate) notes: Notes,
    /// The caller's settings.
    pub(crate) settings: Settings,
}

impl Link {
    /// Connects, on behalf of whoever the command line says; a daemon is started where there is none.
    pub(crate) async fn open(answers: &Answers, settings: Settings) -> Result<Link, Failure> {
        let mut launch = launch()?;
        if let Some(file) = &answers.token_file {
            launch.hello.token = Some(token_in(file)?);
        }
        let begun = connect_or_start(&Place::ours(), &launch).await;
        let (client, notes) = begun.map_err(|error| Failure::daemon(&error))?;
        let asker = Asker(Arc::new(client));
        Ok(Link {
            asker,
            notes,
            settings,
        })
    }
}

impl std::ops::Deref for Link {
    type Target = Asker;

    fn deref(&self) -> &Asker {
        &self.asker
    }
}

impl Asker {
    /// Asks; `what` is what fails if it does, as a verb with its object.
    pub(crate) async fn ask<M: Method>(
        &self,
        what: &str,
        params: &M,
    ) -> Result<M::Answer, Failure> {
        let asked = self.try_ask(params).await;
        asked.map_err(|error| Failure::asked(what, &error))
    }

    /// As [`Link::ask`], for a refusal that is part of the answer.
    pub(crate) async fn try_ask<M: Method>(&self, params: &M) -> Result<M::Answer, ClientError> {
        self.0.call(params).await
    }

    /// The longest wait of one request, in milliseconds.
    pub(crate) fn longest_wait(&self) -> u64 {
        self.0.welcome().limits.wait_ms
    }

    /// On whose behalf it speaks.
    pub(crate) fn owner(&self) -> &str {
        &self.0.welcome().owner
    }
}

fn token_in(file: &Path) -> Result<Secret, Failure> {
    let what = || format!("read the token in `{}`", file.display());
    let failed = |error: &std::io::Error| Failure::new("cli.token-file", what(), error);
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    Ok(Secret(text.trim().to_owned()))
}
