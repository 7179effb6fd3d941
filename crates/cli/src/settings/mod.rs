//! Settings: from an option, a variable, a file, or the default, in this order.
//!
//! What must stay true: every value can be traced to where it came from; a file with something in it
//! that nobody knows is refused and not passed over, since a setting that is silently missing is found
//! late; a value is read in one way wherever it stands.

mod file;

use crate::app::{Lifetime, When};
use crate::explain::Failure;
use crate::show::text::lasted;
use crate::show::text::milliseconds;
use crate::verbs::attach::DetachKey;
use clap::ValueEnum;
use file::File;
use std::time::Duration;

/// A setting.
#[derive(Debug)]
pub(crate) struct Key<T> {
    /// Its name in the file.
    pub(crate) name: &'static str,
    /// Its option.
    pub(crate) flag: &'static str,
    /// What it is without anything else.
    pub(crate) default: &'static str,
    read: fn(&str) -> Result<T, &'static str>,
    write: fn(&T) -> String,
}

/// When there are colours.
pub(crate) const COLOR: Key<When> = Key {
    name: "color",
    flag: "--color",
    default: "auto",
    read: |text| When::from_str(text, false).map_err(|_| "give auto, always or never"),
    write: |when| {
        let word = when.to_possible_value();
        word.map(|word| word.get_name().to_owned())
            .unwrap_or_default()
    },
};

/// Until when what is started may live.
pub(crate) const LIFETIME: Key<Lifetime> = Key {
    name: "start.lifetime",
    flag: "--lifetime",
    default: "user",
    read: str::parse,
    write: |lifetime| match lifetime {
        Lifetime::Turn => "turn".to_owned(),
        Lifetime::Session => "session".to_owned(),
        Lifetime::User => "user".to_owned(),
        Lifetime::Lease(time) => format!("lease:{}", lasted(milliseconds(*time))),
    },
};

/// After how long `exec` leaves a program to the daemon.
pub(crate) const YIELD: Key<Duration> = Key {
    name: "exec.yield",
    flag: "--yield",
    default: "10s",
    read: crate::app::positive_duration,
    write: |time| lasted(milliseconds(*time)),
};

/// The key that detaches.
pub(crate) const DETACH_KEY: Key<DetachKey> = Key {
    name: "attach.detach-key",
    flag: "--detach-key",
    default: "ctrl-\\",
    read: str::parse,
    write: |key| key.name(),
};

/// How often what is watched is drawn anew.
pub(crate) const EVERY: Key<Duration> = Key {
    name: "watch.every",
    flag: "--every",
    default: "1s",
    read: crate::app::positive_duration,
    write: |time| lasted(milliseconds(*time)),
};

/// The names of all settings.
const NAMES: [&str; 5] = [
    COLOR.name,
    LIFETIME.name,
    YIELD.name,
    DETACH_KEY.name,
    EVERY.name,
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    /// This file.
    File(String),
    /// This variable.
    Variable(String),
    /// This option.
    Option(&'static str),
}

impl Origin {
    /// Its word in JSON.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::File(_) => "file",
            Origin::Variable(_) => "environment",
            Origin::Option(_) => "flag",
        }
    }

    /// Which one of them.
    pub(crate) fn which(&self) -> Option<&str> {
        match self {
            Origin::Default => None,
            Origin::File(which) | Origin::Variable(which) => Some(which),
            Origin::Option(which) => Some(which),
        }
    }
}

type Variable = fn(&str) -> Option<String>;

/// All settings of a caller.
#[derive(Debug)]
pub(crate) struct Settings {
    file: Option<File>,
    variable: Variable,
}

impl Settings {
    /// Those of whoever asks.
    pub(crate) fn read() -> Result<Settings, Failure> {
        Settings::of(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: Variable) -> Result<Settings, Failure> {
        let file = File::usual(variable, &NAMES)?;
        Ok(Settings { file, variable })
    }

    /// The value of a setting, and where it comes from.
    pub(crate) fn traced<T>(
        &self,
        key: &Key<T>,
        option: Option<T>,
    ) -> Result<(T, Origin), Failure> {
        if let Some(value) = option {
            return Ok((value, Origin::Option(key.flag)));
        }
        let found = self.found(key.name);
        let (text, origin) = found.unwrap_or((key.default.to_owned(), Origin::Default));
        match (key.read)(&text) {
            Ok(value) => Ok((value, origin)),
            Err(why) => {
                let place = origin.which().unwrap_or_default().to_owned();
                let what = format!("understand the setting {} in `{place}`", key.name);
                let why = std::io::Error::other(format!("`{text}`: {why}"));
                Err(Failure::new("cli.config", what, &why))
            }
        }
    }

    /// The value of a setting.
    pub(crate) fn value<T>(&self, key: &Key<T>, option: Option<T>) -> Result<T, Failure> {
        self.traced(key, option).map(|(value, _)| value)
    }

    /// The value of a setting as it would be written, and where it comes from.
    pub(crate) fn told<T>(
        &self,
        key: &Key<T>,
        option: Option<T>,
    ) -> Result<(String, Origin), Failure> {
        let (value, origin) = self.traced(key, option)?;
        Ok(((key.write)(&value), origin))
    }

    fn found(&self, name: &str) -> Option<(String, Origin)> {
        let variable = variable_of(name);
        if let Some(value) = (self.variable)(&variable) {
            return Some((value, Origin::Variable(variable)));
        }
        if name == COLOR.name && (self.variable)("NO_COLOR").is_some() {
            return Some(("never".to_owned(), Origin::Variable("NO_COLOR".to_owned())));
        }
        let file = self.file.as_ref()?;
        let value = file.values.get(name)?;
        Some((value.clone(), Origin::File(file.path.clone())))
    }
}

/// `exec.yield` is `HANDFAST_EXEC_YIELD`.
fn variable_of(name: &str) -> String {
    format!("HANDFAST_{}", name.replace(['.', '-'], "_").to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn with_file(values: &[(&str, &str)], variable: Variable) -> Settings {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let file = File {
            path: "FILE".to_owned(),
            values: values.collect::<BTreeMap<String, String>>(),
        };
        Settings {
            file: Some(file),
            variable,
        }
    }

    #[test]
    fn an_option_wins_over_a_variable_and_that_over_the_file() {
        let variable: Variable = |name| (name == "HANDFAST_EXEC_YIELD").then(|| "2s".to_owned());
        let file = [("exec.yield", "3s"), ("start.lifetime", "lease:30m")];
        let settings = with_file(&file, variable);
        let traced = |option| settings.traced(&YIELD, option).unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(
            traced(Some(seconds(1))),
            (seconds(1), Origin::Option("--yield"))
        );
        let found = Origin::Variable("HANDFAST_EXEC_YIELD".to_owned());
        assert_eq!(traced(None), (seconds(2), found));
        let lifetime = settings.told(&LIFETIME, None).unwrap();
        assert_eq!(
            lifetime,
            ("lease:30m".to_owned(), Origin::File("FILE".to_owned()))
        );
        assert_eq!(
            settings.told(&EVERY, None).unwrap(),
            ("1s".to_owned(), Origin::Default)
        );
    }

    #[test]
    fn every_default_is_written_as_it_is_read() {
        let settings = with_file(&[], |_| None);
        let told = [
            settings.told(&COLOR, None).unwrap().0,
            settings.told(&LIFETIME, None).unwrap().0,
            settings.told(&YIELD, None).unwrap().0,
            settings.told(&DETACH_KEY, None).unwrap().0,
            settings.told(&EVERY, None).unwrap().0,
        ];
        assert_eq!(told, ["auto", "user", "10s", "ctrl-\\", "1s"]);
    }

    #[test]
    fn no_color_says_never_unless_handfast_is_told_otherwise() {
        let settings = with_file(&[("color", "always")], |name| {
            (name == "NO_COLOR").then(|| "1".to_owned())
        });
        assert_eq!(settings.value(&COLOR, None).unwrap(), When::Never);
        assert_eq!(
            settings.value(&COLOR, Some(When::Auto)).unwrap(),
            When::Auto
        );
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_its_place() {
        let settings = with_file(&[("exec.yield", "soon")], |_| None);
        let lines = settings.value(&YIELD, None).unwrap_err().lines();
        assert!(
            lines.contains("the setting exec.yield in `FILE`"),
            "{lines}"
        );
    }
}
