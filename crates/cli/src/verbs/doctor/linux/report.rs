//! What doctor found, as data. The names here are those of `--json`, and are documented in
//! `docs/cli.md`: they do not change.

use super::advice;
use super::host::Host;
use super::tree;
use super::words::{Failure, Started, Stopped};
use handfast::{Grade, Rung};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// Everything.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Diagnosis")]
pub(crate) struct Report {
    pub(super) version: &'static str,
    pub(super) promises_kept: bool,
    /// The rung that a program gets which asks for none.
    pub(super) auto: Option<&'static str>,
    #[serde(flatten)]
    pub(super) host: Host,
    pub(super) rungs: Vec<RungReport>,
}

/// One rung.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct RungReport {
    pub(super) rung: &'static str,
    pub(super) grade: &'static str,
    /// A tree could be started.
    pub(super) works: bool,
    /// It works, and nobody got away that the grade holds.
    pub(super) proved: bool,
    pub(super) user_namespace: Option<bool>,
    /// Set-uid programs get what they expect.
    pub(super) set_uid: Option<bool>,
    /// Where the groups of managers are made, where there are any.
    pub(super) group: Option<PathBuf>,
    pub(super) start_ms: Option<f64>,
    pub(super) owner_killed: Option<Killed>,
    pub(super) stop: Option<Stop>,
    pub(super) failure: Option<Failed>,
}

/// What became of a tree whose owner was killed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "OwnerKilled")]
pub(super) struct Killed {
    pub(super) members: usize,
    /// The roles of those that lived on.
    pub(super) left: Vec<&'static str>,
    /// How long after the kill the last one was gone.
    pub(super) gone_ms: Option<f64>,
}

/// What a stop did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "StopOfTree")]
pub(super) struct Stop {
    /// The receipt names no survivors.
    pub(super) held: bool,
    #[serde(flatten)]
    pub(super) receipt: Stopped,
    /// The roles of those that lived on.
    pub(super) left: Vec<&'static str>,
}

/// Why a rung does not work.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "RungFailure")]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) causes: Vec<String>,
    pub(super) advice: Vec<String>,
}

/// A trial that went to its end.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) started: Started,
    pub(super) group: Option<PathBuf>,
    pub(super) stop: Stop,
    pub(super) killed: Killed,
}

impl Outcome {
    /// Whether the grade's promise was kept, in both ends.
    fn keeps(&self, grade: Grade) -> bool {
        // A session does not hold who leaves it, and that is what the lowest grade says.
        let may_stay = |role: &&str| grade == Grade::Cooperative && *role == tree::DAEMON;
        let killed = &self.killed;
        let named = killed.members == tree::ROLES.len();
        let left_or_gone = killed.gone_ms.is_some() || !killed.left.is_empty();
        named
            && left_or_gone
            && self.stop.held
            && self.stop.left.iter().chain(&killed.left).all(may_stay)
    }
}

impl RungReport {
    pub(super) fn new(rung: Rung, outcome: Result<Outcome, Failure>) -> RungReport {
        let grade = rung.grade();
        let empty = RungReport {
            rung: rung.word(),
            grade: grade.word(),
            works: false,
            proved: false,
            user_namespace: None,
            set_uid: None,
            group: None,
            start_ms: None,
            owner_killed: None,
            stop: None,
            failure: None,
        };
        match outcome {
            Ok(outcome) => RungReport {
                works: true,
                proved: outcome.keeps(grade),
                user_namespace: Some(outcome.started.user_namespace),
                set_uid: Some(
                    !outcome.started.user_namespace && !outcome.started.no_new_privileges,
                ),
                group: outcome.group,
                start_ms: Some(outcome.started.took_ms),
                owner_killed: Some(outcome.killed),
                stop: Some(outcome.stop),
                ..empty
            },
            Err(failure) => RungReport {
                failure: Some(Failed {
                    advice: advice::advice(rung, &failure),
                    code: failure.code,
                    causes: failure.causes,
                }),
                ..empty
            },
        }
    }

    /// It was started, and something went wrong that no refusal explains.
    fn broke_its_word(&self) -> bool {
        let failed = self.failure.as_ref();
        let odd = failed.is_some_and(|failed| failed.code.starts_with("doctor."));
        odd || (self.works && !self.proved)
    }
}

impl Report {
    pub(super) fn new(host: Host, rungs: Vec<RungReport>) -> Report {
        let auto = rungs.iter().find(|rung| rung.works).map(|rung| rung.rung);
        let promises_kept = auto.is_some() && !rungs.iter().any(RungReport::broke_its_word);
        Report {
            version: env!("CARGO_PKG_VERSION"),
            promises_kept,
            auto,
            host,
            rungs,
        }
    }
}
