//! What could not be done with the daemon, ready to be told.

use super::verdicts::{Verdict, verdict};
use super::{FAILED, Failure, USAGE, advice, cannot, chain};
use handfast_daemon::connect::{ClientError, LaunchError};
use handfast_daemon::program::ProgramError;

/// Of the daemon, and of what it refuses.
pub(super) const VERDICTS: &[Verdict] = &[
    verdict(
        &["cli.unit"],
        FAILED,
        "see what it is with --print, and write it where you want it",
    ),
    verdict(
        &["cli.no-service-manager"],
        FAILED,
        "have it started when you log on: schtasks /create /tn handfast /sc onlogon /tr \"handfast daemon start\"; \
         `schtasks /delete /tn handfast` takes that back",
    ),
    verdict(
        &["cli.unit-foreign"],
        FAILED,
        "look at the file, and give --force if it may go",
    ),
    verdict(
        &["start.bad-ready"],
        USAGE,
        "give --ready-when REGEX, port:N, http:URL or exit",
    ),
    verdict(
        &[
            "start.bad-name",
            "start.bad-params",
            "start.empty-argv",
            "session.bad-size",
            "session.bad-write-id",
            "wait.too-many-conditions",
        ],
        USAGE,
        "correct it: --help of the verb says what each option takes",
    ),
    verdict(
        &[
            "token.owner-name",
            "owner.id-empty",
            "owner.id-too-long",
            "owner.id-control-character",
        ],
        USAGE,
        "give a short name without `/` and control characters",
    ),
    verdict(
        &["token.too-many"],
        FAILED,
        "take back what nobody needs: `handfast token list`, `handfast token revoke ID`",
    ),
    verdict(
        &["session.bad-keys"],
        USAGE,
        "name keys as ctrl-c, up, enter, f5 or alt-x, and quote text among them: --key \"'yes' enter\"",
    ),
    verdict(
        &["session.line-too-long", "session.too-much"],
        FAILED,
        "send it in shorter lines, or all of it with --stdin",
    ),
    verdict(
        &["session.closed"],
        FAILED,
        "nothing more can be typed to it; `handfast info ID` says how it is",
    ),
    verdict(
        &["session.no-end-of-file"],
        FAILED,
        "send what this program ends at, or `handfast stop` it",
    ),
    verdict(
        &[
            "connect.too-many",
            "session.too-many",
            "wire.busy",
            "process.starting",
            "request.cancelled",
            "request.handed-over",
        ],
        FAILED,
        "try again in a moment; `handfast daemon status` says how busy it is",
    ),
    verdict(
        &[
            "client.system",
            "connect.system",
            "session.random",
            "session.system",
            "token.random",
            "usage.system",
            "view.system",
        ],
        FAILED,
        "`handfast daemon logs` may say more, and `handfast doctor` what this host offers",
    ),
    verdict(
        &[
            "list.bad-cursor",
            "session.attached",
            "session.unknown",
            "start.not-served",
            "wire.frame-too-long",
            "wire.not-a-message",
            "wire.not-initialized",
            "wire.not-json",
            "wire.unnamed",
        ],
        FAILED,
        "client and daemon do not understand each other: `handfast daemon restart`",
    ),
];

/// What is said as it is, and not as what could not be done.
const AS_IT_IS: &[&str] = &["session.bad-keys", "session.line-too-long"];

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
                code if code.starts_with("config.") || AS_IT_IS.contains(&code) => chain(error),
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
