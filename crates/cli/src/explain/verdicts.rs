//! Which exit code and which advice belongs to which error.

use super::{FAILED, NO, NO_SUCH, NOT_ALLOWED, NOT_EXECUTABLE, NOT_FOUND, USAGE};

/// Codes that share an exit code and an advice in terms of the command line; without one the
/// library's own is given.
pub(super) struct Verdict {
    codes: &'static [&'static str],
    pub(super) status: u8,
    pub(super) advice: Option<&'static str>,
}

pub(super) const fn verdict(
    codes: &'static [&'static str],
    status: u8,
    advice: &'static str,
) -> Verdict {
    let advice = Some(advice);
    Verdict {
        codes,
        status,
        advice,
    }
}

const fn plain(codes: &'static [&'static str], status: u8) -> Verdict {
    Verdict {
        codes,
        status,
        advice: None,
    }
}

/// Where a code has its verdict; what is not here is handfast's own failure.
pub(super) fn verdict_on(code: &str) -> Option<&'static Verdict> {
    VERDICTS
        .iter()
        .chain(super::daemon::VERDICTS)
        .find(|verdict| verdict.codes.contains(&code))
}

const VERDICTS: &[Verdict] = &[
    verdict(
        &["config.program-not-found"],
        NOT_FOUND,
        "install it, give its path, or set PATH with --env PATH=…",
    ),
    verdict(
        &["config.program-needs-path"],
        NOT_FOUND,
        "pass --env PATH=/usr/bin:/bin (or --keep-env PATH), or give a full path",
    ),
    verdict(
        &["config.program-missing"],
        NOT_FOUND,
        "check the path and the --cwd it starts from",
    ),
    verdict(
        &["config.empty-program"],
        NOT_FOUND,
        "name a program after `--`",
    ),
    plain(
        &[
            "config.not-executable",
            "config.not-a-program",
            "config.too-many-interpreters",
            "config.program-busy",
            "config.exec-refused",
            "config.bad-interpreter",
        ],
        NOT_EXECUTABLE,
    ),
    verdict(
        &["config.program-unreachable"],
        NOT_EXECUTABLE,
        "check every directory on the way to it",
    ),
    verdict(
        &["config.program-is-directory", "config.program-not-a-file"],
        NOT_EXECUTABLE,
        "name a file that can be executed",
    ),
    verdict(
        &[
            "config.argument-too-long",
            "config.variable-too-long",
            "config.too-large",
            "config.too-large-for-system",
        ],
        NOT_EXECUTABLE,
        "pass large data through a file or the standard input, or keep fewer variables with --keep-env",
    ),
    plain(
        &[
            "config.program-relative",
            "config.directory-relative",
            "config.log-relative",
        ],
        FAILED,
    ),
    verdict(
        &[
            "config.directory-missing",
            "config.not-a-directory",
            "config.directory-not-enterable",
            "config.nul-in-directory",
        ],
        FAILED,
        "name a directory that you may enter with --cwd",
    ),
    plain(
        &["config.log-parent-missing", "config.log-conflict"],
        FAILED,
    ),
    verdict(
        &[
            "config.nul-in-log",
            "config.log-parent-not-a-directory",
            "config.log-is-directory",
            "config.log-not-a-file",
            "config.log-unreachable",
        ],
        FAILED,
        "name a file that you may write to with --log-file",
    ),
    verdict(
        &[
            "config.nul-in-program",
            "config.nul-in-argument",
            "config.nul-in-key",
            "config.nul-in-value",
        ],
        FAILED,
        "no system passes a NUL byte on: leave it out",
    ),
    verdict(
        &["config.empty-key", "config.equals-in-key"],
        FAILED,
        "give --env NAME=VALUE",
    ),
    plain(
        &[
            "config.soft-above-hard",
            "config.bad-umask",
            "config.bad-nice",
            "config.bad-id",
            "config.terminal-conflict",
            "config.purpose-too-long",
            "config.bad-terminal-size",
        ],
        FAILED,
    ),
    verdict(
        &["config.grade-out-of-reach", "start.too-weak"],
        FAILED,
        "ask for a lower --require, or run `handfast doctor` to see what this host offers",
    ),
    plain(
        &[
            "start.rung-unavailable",
            "start.no-rung",
            "start.system",
            "start.reaper-lost",
            "start.closed",
        ],
        FAILED,
    ),
    verdict(
        &["reaper.not-found"],
        FAILED,
        "install `handfast-reaper` beside `handfast`, or name it in HANDFAST_REAPER",
    ),
    verdict(
        &["reaper.launch", "reaper.mute"],
        FAILED,
        "install `handfast` and `handfast-reaper` of the same version",
    ),
    plain(
        &[
            "reaper.refused",
            "reaper.owned",
            "reaper.other-user",
            "reaper.other-version",
            "reaper.silent",
            "reaper.unstable",
            "reaper.closed",
            "reaper.system",
        ],
        FAILED,
    ),
    plain(
        &[
            "manager.no-runtime",
            "manager.force",
            "manager.kept-folder",
            "manager.kept-taken",
            "manager.kept-with-store",
            "manager.random",
            "manager.reaper-of-store",
            "manager.runtime",
            "manager.signals",
        ],
        FAILED,
    ),
    verdict(
        &["process.unknown", "process.forgotten"],
        NO_SUCH,
        "`handfast ps --all` lists those that there are",
    ),
    verdict(
        &["process.ambiguous"],
        NO_SUCH,
        "give the id of one of them, which `handfast ps --all` shows",
    ),
    verdict(
        &["owner.unknown"],
        NO_SUCH,
        "name an owner that the daemon knows: `handfast ps --tree` shows those who have processes",
    ),
    verdict(
        &["token.not-allowed", "token.more-than-parent"],
        NOT_ALLOWED,
        "ask whoever made the token for one with more scopes",
    ),
    verdict(
        &["token.unknown", "token.expired"],
        NOT_ALLOWED,
        "make another with `handfast token create`: a token ends with its time, and with its daemon",
    ),
    verdict(
        &["client.closed"],
        FAILED,
        "try again: the next verb starts a daemon; `handfast daemon logs` says what became of this one",
    ),
    verdict(
        &["cli.daemon-taken"],
        FAILED,
        "`handfast daemon stop` ends it, `handfast daemon restart` puts this version in its place",
    ),
    verdict(
        &["journal.folder", "journal.system", "journal.taken"],
        FAILED,
        "see whether the folder of HANDFAST_HOME or XDG_STATE_HOME is yours alone, and no other daemon keeps its things there",
    ),
    verdict(
        &["daemon.upgrade-refused", "daemon.upgrade-failed"],
        FAILED,
        "the daemon goes on as it was; `handfast daemon logs` says more, and `handfast daemon restart` does without its help",
    ),
    verdict(
        &["cli.daemon-log"],
        FAILED,
        "see whether the folder of HANDFAST_HOME or XDG_STATE_HOME is yours alone",
    ),
    verdict(
        &["connect.no-daemon"],
        FAILED,
        "start it with `handfast daemon start`",
    ),
    verdict(
        &["connect.folder-not-private", "connect.stranger"],
        FAILED,
        "look whose the folder is, and remove it or set XDG_RUNTIME_DIR to one of your own",
    ),
    verdict(
        &[
            "wire.unknown-method",
            "wire.bad-params",
            "wire.version",
            "client.odd",
        ],
        FAILED,
        "the daemon is of another version: `handfast daemon restart`",
    ),
    verdict(
        &["session.no-input"],
        FAILED,
        "start it with --stdin or --tty to write to it",
    ),
    verdict(
        &["session.not-a-terminal"],
        FAILED,
        "start it with --tty for a terminal; `handfast logs -f` shows what it writes",
    ),
    verdict(
        &["wait.bad-pattern", "view.bad-pattern", "cli.pattern"],
        USAGE,
        "write it as Rust's regex crate reads it; quote it from the shell",
    ),
    verdict(
        &["cli.token-file"],
        FAILED,
        "name a file that holds a token, and that only you can read",
    ),
    verdict(
        &["cli.token-out"],
        FAILED,
        "name a file that is not there yet, in a folder that you may write to",
    ),
    verdict(
        &["cli.config"],
        FAILED,
        "correct it: docs/cli.md lists the settings, and `handfast config show` says where each comes from",
    ),
    verdict(
        &["cli.no-terminal"],
        FAILED,
        "run it in a terminal; `handfast logs -f` and `handfast send` do without one",
    ),
    verdict(
        &["process.attached"],
        FAILED,
        "take its place with --take-over, or only look with --read-only",
    ),
    verdict(
        &["cli.not-ready", "cli.not-ready-in-time"],
        NO,
        "see what it says: `handfast logs ID`, `handfast info ID`",
    ),
    verdict(
        &["cli.port-of-stranger"],
        NO,
        "nothing was touched; end it by the means of whoever started it",
    ),
    verdict(
        &["cli.port-free"],
        NO_SUCH,
        "`handfast ps --tree --json | jq .ports` says who listens where",
    ),
    verdict(
        &["cli.not-read"],
        NO,
        "give it more time with --within, or see what it does: `handfast logs -f ID`",
    ),
    verdict(
        &["signal.over", "session.over"],
        FAILED,
        "it has ended: `handfast info ID` says how",
    ),
    verdict(&["cli.nobody-reads"], 0, "nothing"),
    verdict(
        &["cli.directory"],
        FAILED,
        "change to a directory that exists, or name one with --cwd",
    ),
    verdict(
        &["cli.env-file"],
        FAILED,
        "give a readable file of NAME=VALUE lines; `#` begins a comment line",
    ),
    verdict(
        &["cli.json"],
        FAILED,
        "name a file that you may write to, or a descriptor above 2 that is open for writing: `--json 3 … 3>receipt.json`",
    ),
    verdict(
        &["cli.terminal"],
        FAILED,
        "run it without one: `handfast run -- PROGRAM </dev/null`",
    ),
    plain(&["cli.signals", "cli.descriptors", "cli.output"], FAILED),
    verdict(
        &["cli.survivors"],
        FAILED,
        "end them by hand: what hangs in the kernel dies when the kernel lets it",
    ),
    verdict(
        &["cli.lost"],
        FAILED,
        "find out what killed `handfast-reaper`; the tree ended with it",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// Every code that stands in the library's sources.
    fn codes() -> Vec<&'static str> {
        let sources = [
            include_str!("../../../core/src/config/code.rs"),
            include_str!("../../../core/src/process/error.rs"),
            include_str!("../../../core/src/reaper/error.rs"),
            include_str!("../../../core/src/manager/error.rs"),
        ];
        let words = sources.iter().flat_map(|source| source.split('"'));
        let is_code = |word: &&str| {
            let kinds = ["config.", "start.", "reaper.", "manager."];
            kinds
                .iter()
                .any(|kind| word.len() > kind.len() && word.starts_with(kind))
                && !word.contains(|letter: char| letter.is_whitespace())
        };
        words.filter(is_code).collect()
    }

    #[test]
    fn every_code_of_the_library_has_a_verdict() {
        let all = codes();
        assert!(all.len() > 55, "{}", all.len());
        for code in all {
            assert!(verdict_on(code).is_some(), "{code} has no exit code");
        }
    }

    /// Every source of a folder, and of those below it.
    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, all);
            } else {
                *all += &std::fs::read_to_string(path).unwrap();
            }
        }
    }

    /// What the daemon refuses, but for the names that only a verb for agents can be told.
    #[test]
    fn every_code_of_the_daemon_has_a_verdict_and_so_has_every_code_of_a_session() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut all = String::new();
        sources(&crates.join("daemon/src"), &mut all);
        sources(&crates.join("core/src/session"), &mut all);
        let is_code = |word: &&str| {
            let (kind, name) = word.split_once('.').unwrap_or_default();
            let kinds = "connect list session start token usage view wait wire";
            let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '-';
            kinds.split(' ').any(|one| one == kind) && !name.is_empty() && name.chars().all(is_name)
        };
        let codes: BTreeSet<&str> = all.split('"').filter(is_code).collect();
        assert!(codes.len() > 35, "{codes:?}");
        let without = codes.iter().filter(|code| verdict_on(code).is_none());
        assert_eq!(without.collect::<Vec<_>>(), [&""; 0]);
    }

    #[test]
    fn no_code_has_two_verdicts() {
        let all = VERDICTS.iter().chain(crate::explain::daemon::VERDICTS);
        let all = all.flat_map(|verdict| verdict.codes);
        let once: BTreeSet<_> = all.clone().collect();
        assert_eq!(once.len(), all.count());
    }
}
