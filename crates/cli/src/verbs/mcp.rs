//! `handfast mcp`: serves an agent over standard input and output.
//!
//! Here is what only the command line knows: the caller's variables, directory and shell, which are
//! handed to the server as what commands run with. What must stay true: nothing but the protocol is
//! ever written to standard output.

use super::daemon::{launch, runtime};
use crate::app::Mcp;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::wire::{ExecProfile, Variables, Word};
use handfast_mcp::Settings;
use handfast_sys::text;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

/// The shells whose options are known.
const SHELLS: [&str; 4] = ["sh", "bash", "zsh", "dash"];

/// Where there is no such shell: the first of these that is there.
const USUAL: [&str; 2] = ["/bin/bash", "/bin/sh"];

pub(crate) fn run(options: &Mcp) -> ExitCode {
    serve(options).unwrap_or_else(|failure| {
        failure.say();
        ExitCode::from(failure.status())
    })
}

fn serve(options: &Mcp) -> Result<ExitCode, Failure> {
    let mut launch = launch()?;
    launch.hello.client_name = "handfast-mcp".to_owned();
    // Its client may show whatever comes on standard error as trouble.
    launch.takes_long = None;
    let mut settings = Settings::new(Place::ours(), launch, profile(options)?);
    settings.longest_wait = options.longest_wait;
    let runtime = runtime()?;
    let served = runtime.block_on(handfast_mcp::serve_standard_streams(settings));
    // A thread may still read standard input.
    runtime.shutdown_background();
    served.map_err(|error| Failure::new(error.code(), "serve the client", &error))?;
    Ok(ExitCode::SUCCESS)
}

fn profile(options: &Mcp) -> Result<ExecProfile, Failure> {
    let directory = std::env::current_dir();
    let directory =
        directory.map_err(|error| Failure::new("cli.directory", "find out where I am", &error))?;
    Ok(ExecProfile {
        cwd: Some(word(directory.as_os_str())),
        env: Some(variables(options, std::env::vars_os())),
        shell: Some(word(&shell(
            std::env::var_os("SHELL"),
            std::env::var_os("ComSpec"),
        ))),
        login: None,
        max_poll_ms: None,
    })
}

fn word(text: &OsStr) -> Word {
    Word::from(&*text::bytes(text))
}

/// The server's own as `getenv(3)` finds them, then those that are set. A name that is no text cannot be
/// said on the wire and is left out, as is what no shell could set.
fn variables(options: &Mcp, own: impl Iterator<Item = (OsString, OsString)>) -> Variables {
    let mut all = BTreeMap::new();
    for (name, value) in own {
        let wanted = options.keep_env.is_empty() || options.keep_env.contains(&name);
        let Some(name) = name
            .to_str()
            .filter(|name| !name.is_empty() && !name.contains('='))
        else {
            continue;
        };
        if wanted {
            all.entry(name.to_owned()).or_insert_with(|| word(&value));
        }
    }
    for (name, value) in &options.env {
        all.insert(name.to_string_lossy().into_owned(), word(value));
    }
    Variables(all)
}

/// The caller's own shell, where it is one that we know how to call; where there is none of Unix at all, the one
/// that Windows names.
fn shell(named: Option<OsString>, of_windows: Option<OsString>) -> OsString {
    let is_known = |shell: &OsString| {
        let name = Path::new(shell).file_name().and_then(OsStr::to_str);
        Path::new(shell).is_absolute() && name.is_some_and(|name| SHELLS.contains(&name))
    };
    named.filter(is_known).unwrap_or_else(|| {
        let there = USUAL.into_iter().find(|path| Path::new(path).exists());
        let of_windows = of_windows.filter(|shell| Path::new(shell).is_absolute());
        there.map_or_else(
            || of_windows.unwrap_or_else(|| "/bin/sh".into()),
            Into::into,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Verb};
    use clap::Parser;

    fn of(words: &str) -> Vec<(String, String)> {
        let words = ["handfast", "mcp"]
            .into_iter()
            .chain(words.split_whitespace());
        let Verb::Mcp(mcp) = App::parse_from(words).verb else {
            panic!("it is mcp")
        };
        let own = [("A", "1"), ("B", "2"), ("A", "3"), ("", "4"), ("=C", "5")];
        let own = own.map(|(name, value)| (name.into(), value.into()));
        let made = variables(&mcp, own.into_iter()).0.into_iter();
        made.map(|(name, value)| (name, String::from_utf8(value.bytes().to_vec()).unwrap()))
            .collect()
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect()
    }

    #[test]
    fn commands_get_what_the_server_has_and_what_is_said() {
        assert_eq!(of(""), pairs(&[("A", "1"), ("B", "2")]));
        assert_eq!(
            of("--keep-env B,X --env C=3"),
            pairs(&[("B", "2"), ("C", "3")])
        );
        assert_eq!(of("--env A=0"), pairs(&[("A", "0"), ("B", "2")]));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_that_is_not_known_is_not_taken() {
        assert_eq!(shell(Some("/usr/bin/zsh".into()), None), "/usr/bin/zsh");
        for odd in [None, Some("/usr/bin/fish".into()), Some("bash".into())] {
            assert!(USUAL.map(OsString::from).contains(&shell(odd, None)));
        }
    }
}
