//! The variables of the program: the caller's, then those of files, then those of `--env`.
//!
//! Everything is kept byte for byte. What the caller's environment holds and no config can (entries
//! without a name, or with a `=` in it) is left out, as every shell does.

use super::env_file;
use crate::app::Gets;
use crate::explain::Failure;
use handfast::config::Environment;
use handfast_sys::text;
use std::ffi::OsString;

/// All of it, from what was asked for.
pub(crate) fn of(options: &Gets) -> Result<Environment, Failure> {
    let mut environment = base(options, std::env::vars_os());
    for file in &options.env_file {
        environment.extend(env_file::read(file)?);
    }
    let given = options
        .env
        .iter()
        .map(|variable| (&variable.0, &variable.1));
    environment.extend(given);
    Ok(environment)
}

/// What is left of the caller's own. Of a name that stands there twice, the first is what
/// `getenv(3)` finds, so that one is taken.
fn base(options: &Gets, caller: impl Iterator<Item = (OsString, OsString)>) -> Environment {
    let clean = options.clean_env || !options.keep_env.is_empty();
    let mut environment = Environment::new();
    for (name, value) in caller {
        let whole = !name.is_empty() && !text::bytes(&name).contains(&b'=');
        let wanted = !clean || options.keep_env.contains(&name);
        if whole && wanted && environment.get(&name).is_none() {
            environment.set(name, value);
        }
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{App, Verb};
    use clap::Parser;

    fn base_of(words: &str, caller: &[(&str, &str)]) -> Vec<(String, String)> {
        let words = ["handfast", "run"]
            .into_iter()
            .chain(words.split_whitespace());
        let Verb::Run(run) = App::parse_from(words.chain(["--", "x"])).verb else {
            panic!("it is a run")
        };
        let caller = caller
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
        base(&run.gets, caller)
            .iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter()
            .map(|(a, b)| ((*a).into(), (*b).into()))
            .collect()
    }

    #[test]
    fn the_callers_own_is_taken_as_getenv_sees_it() {
        let caller = [
            ("B", "1"),
            ("A", "2"),
            ("B", "3"),
            ("=C", "4"),
            ("", "5"),
            ("E", ""),
        ];
        assert_eq!(
            base_of("", &caller),
            pairs(&[("B", "1"), ("A", "2"), ("E", "")])
        );
    }

    #[test]
    fn keeping_some_leaves_the_rest() {
        let caller = [("B", "1"), ("A", "2"), ("C", "3")];
        assert_eq!(base_of("--clean-env", &caller), pairs(&[]));
        assert_eq!(
            base_of("--keep-env A,X --keep-env C", &caller),
            pairs(&[("A", "2"), ("C", "3")])
        );
        assert_eq!(
            base_of("--clean-env --keep-env B", &caller),
            pairs(&[("B", "1")])
        );
    }
}
