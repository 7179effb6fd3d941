//! `handfast completions`: the script that a shell needs to complete this program's command line.
//!
//! Options and words are in the script itself, which is made from the description of the command line.
//! Ids and names are asked for as they are needed, by a hidden verb (`words.rs`), with a page for each
//! shell that asks it (`scripts/`).

mod words;

pub(crate) use words::hidden;

use crate::app::App;
use crate::explain::Failure;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// The verb that is asked.
const VERB: &str = "__complete";

pub(crate) fn run(shell: Shell) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out
        .write_all(script(shell).as_bytes())
        .and_then(|()| out.flush())
    {
        Ok(()) => ExitCode::SUCCESS,
        // Who reads only the beginning has what they want.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let failure = Failure::new("cli.output", "write the script", &error);
            failure.say();
            ExitCode::from(failure.status())
        }
    }
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut App::command(), "handfast", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    let verbs = verbs();
    let filled = |page: &str| page.replace("VERBS", &verbs.join(" "));
    match shell {
        Shell::Bash => script + &filled(include_str!("scripts/bash.sh")),
        Shell::Fish => script + &filled(include_str!("scripts/fish.fish")),
        Shell::Zsh => with_function(&with_ids(&script), include_str!("scripts/zsh.zsh")),
        // These two complete what does not change.
        _ => script,
    }
}

/// The verbs that take ids.
fn verbs() -> Vec<String> {
    let command = App::command();
    let verbs = command.get_subcommands().filter(|verb| {
        let mut positionals = verb.get_positionals();
        positionals.any(|one| matches!(one.get_id().as_str(), "id" | "ids"))
    });
    verbs.map(|verb| verb.get_name().to_owned()).collect()
}

/// Zsh names for each argument what completes it: where that is an id, it is a function of ours.
fn with_ids(script: &str) -> String {
    let lines = script.split_inclusive('\n').map(|line| {
        let is_id = line.starts_with("':id -- ") || line.starts_with("'*::ids -- ");
        match is_id {
            true => line.replace(":_default'", ":_handfast_ids'"),
            false => line.to_owned(),
        }
    });
    lines.collect()
}

/// Puts a function behind the first line, which names the program: the last lines of the script already complete
/// when zsh loads it.
fn with_function(script: &str, function: &str) -> String {
    match script.split_once('\n') {
        Some((first, rest)) => format!("{first}\n{function}{rest}"),
        None => format!("{script}\n{function}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_that_takes_an_id_asks_for_ids() {
        let verbs = verbs();
        for verb in [
            "stop", "logs", "attach", "send", "wait", "info", "signal", "transfer",
        ] {
            assert!(verbs.iter().any(|one| one == verb), "{verb}");
            assert!(script(Shell::Bash).contains(verb) && script(Shell::Fish).contains(verb));
        }
        assert!(!verbs.iter().any(|verb| verb == "run" || verb == "start"));
        let zsh = script(Shell::Zsh);
        // Besides the function itself: once for each of these verbs.
        assert_eq!(zsh.matches(":_handfast_ids'").count(), verbs.len());
    }
}
