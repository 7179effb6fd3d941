//! Saying how the daemon is.

use super::{launch, runtime, say};
use crate::app::DaemonStatus as Options;
use crate::explain::Failure;
use crate::show::text;
use handfast_daemon::Place;
use handfast_daemon::connect::{ConnectError, LaunchError, session};
use handfast_daemon::wire::{DaemonStatus, DaemonStatusAnswer};
use schemars::JsonSchema;
use serde::Serialize;
use std::process::ExitCode;

/// There is no daemon.
const NONE: u8 = 1;

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DaemonStatus")]
pub(crate) struct Told<'a> {
    running: bool,
    run_folder: String,
    log: String,
    #[serde(flatten)]
    status: Option<&'a DaemonStatusAnswer>,
}

pub(super) fn run(options: &Options) -> Result<ExitCode, Failure> {
    let place = Place::ours();
    let launch = launch()?;
    let status = runtime()?.block_on(async {
        let (client, _) = match session(&place, &launch).await {
            Ok(session) => session,
            Err(LaunchError::Connect(ConnectError::NoDaemon { .. })) => return Ok(None),
            Err(error) => return Err(Failure::daemon(&error)),
        };
        let status = client.call(&DaemonStatus {}).await;
        let status = status.map_err(|error| Failure::asked("ask how it is", &error))?;
        Ok(Some(status))
    })?;
    let said = if options.json {
        let told = Told {
            running: status.is_some(),
            run_folder: place.path().display().to_string(),
            log: place.log().display().to_string(),
            status: status.as_ref(),
        };
        serde_json::to_string(&told).unwrap_or_default()
    } else {
        match &status {
            Some(status) => in_words(&place, status),
            None => format!("no daemon serves in {}", place.path().display()),
        }
    };
    say(&said)?;
    Ok(match status {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::from(NONE),
    })
}

fn in_words(place: &Place, status: &DaemonStatusAnswer) -> String {
    let began = i64::try_from(status.started_at_ms).ok();
    let began = began.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    let began = began.map_or_else(|| "?".to_owned(), |time| format!("{time:.0}"));
    let leaves = match status.idle_exit_ms {
        Some(ms) => format!("after {} s without client and process", ms / 1000),
        None => "when it is told to".to_owned(),
    };
    format!(
        "serves     pid {}, version {}, since {began}\n\
         socket     {}\n\
         log        {}\n\
         clients    {}, {}\n\
         processes  {}\n\
         leaves     {leaves}",
        status.pid,
        status.version,
        place.path().join("socket").display(),
        place.log().display(),
        text::count(status.connections, "connection"),
        text::count(status.sessions, "session"),
        status.processes,
    )
}
