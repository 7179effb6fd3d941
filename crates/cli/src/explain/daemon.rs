//! What could not be done with the daemon, ready to be told.

use super::verdicts::{Verdict, verdict};
use super::{FAILED, Failure, advice, cannot, chain};
use handfast_daemon::connect::{ClientError, LaunchError};
use handfast_daemon::program::ProgramError;

/// Of what only the daemon's own verbs do.
pub(super) const VERDICTS: &[Verdict] = &[
    verdict(
        &["cli.unit"],
        FAILED,
        "see what it is with --print, and write it where you want it",
    ),
    verdict(
        &["cli.unit-foreign"],
        FAILED,
        "look at the file, and give --force if it may go",
    ),
];

impl Failure {
    /// A daemon that was not reached, or could not be started.
    pub fn daemon(error: &LaunchError) -> Failure {
        Failure {
            what: "reach the daemon".into(),
            why: match error {
                LaunchError::Died { said, .. } if !said.is_empty() => {
                    format!("{}: {}", cannot(error), said.trim_end())
                }
                _ => cannot(error),
            },
            advice: advice(error.code(), error.hint()),
            code: error.code().to_owned().into(),
            log: error.log().to_vec(),
        }
    }

    /// A daemon that could not be.
    pub fn program(error: &ProgramError) -> Failure {
        Failure {
            what: "be the daemon".into(),
            why: cannot(error),
            advice: advice(error.code(), error.hint()),
            code: error.code().into(),
            log: Vec::new(),
        }
    }

    /// Something that was asked of the daemon and that it could not do.
    pub fn asked(what: impl Into<String>, error: &ClientError) -> Failure {
        let hint = match error {
            ClientError::Refused(error) => error.data.as_ref().and_then(|data| data.hint.clone()),
            _ => None,
        };
        Failure {
            what: what.into(),
            why: match error.code() {
                // What is wrong with a config is said as it is, everything else as what failed.
                code if code.starts_with("config.") => chain(error),
                // Its last line says what is wrong; those before it draw where.
                "wait.bad-pattern" => {
                    let said = error.to_string();
                    let last = said.lines().last().unwrap_or_default();
                    last.trim_start_matches("error: ").to_owned()
                }
                _ => cannot(error),
            },
            advice: advice(error.code(), hint),
            code: error.code().to_owned().into(),
            log: Vec::new(),
        }
    }
}
