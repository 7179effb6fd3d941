//! What doctor found, as data. The names here are those of `--json`, and are documented in `docs/cli.md`: they do not
//! change.

use super::RUNG;
use super::facts::Facts;
use schemars::JsonSchema;
use serde::Serialize;

/// Everything.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Diagnosis")]
pub(crate) struct Report {
    pub(super) version: &'static str,
    pub(super) promises_kept: bool,
    /// The rung that a program gets which asks for none.
    pub(super) auto: Option<&'static str>,
    #[serde(flatten)]
    pub(super) facts: Facts,
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
    /// How long after the kill the last one was gone; `null` where somebody lived on.
    pub(super) gone_ms: Option<f64>,
}

/// What a stop did.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "StopOfTree")]
pub(super) struct Stop {
    /// All members were there, and the receipt names no survivors.
    pub(super) held: bool,
    pub(super) members: usize,
    pub(super) killed: usize,
    pub(super) survivors: usize,
    pub(super) took_ms: f64,
}

/// Why a rung does not work.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "RungFailure")]
pub(super) struct Failed {
    pub(super) code: String,
    pub(super) causes: Vec<String>,
}

/// A trial that went to its end.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) start_ms: f64,
    pub(super) stop: Stop,
    pub(super) killed: Killed,
}

impl Report {
    pub(super) fn new(facts: Facts, outcome: Result<Outcome, Failed>) -> Report {
        let rung = RUNG;
        let empty = RungReport {
            rung: rung.word(),
            grade: rung.grade().word(),
            works: false,
            proved: false,
            start_ms: None,
            owner_killed: None,
            stop: None,
            failure: None,
        };
        let report = match outcome {
            Ok(outcome) => RungReport {
                works: true,
                proved: outcome.stop.held && outcome.killed.gone_ms.is_some(),
                start_ms: Some(outcome.start_ms),
                owner_killed: Some(outcome.killed),
                stop: Some(outcome.stop),
                ..empty
            },
            Err(failure) => RungReport {
                failure: Some(failure),
                ..empty
            },
        };
        Report {
            version: env!("CARGO_PKG_VERSION"),
            promises_kept: report.proved,
            auto: report.works.then_some(report.rung),
            facts,
            rungs: vec![report],
        }
    }
}
