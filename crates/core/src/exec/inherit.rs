//! What commands get of an environment that the host hands over, and what they do not.
//!
//! Apart because it is a policy and reads nothing itself: the host says what its environment is, or
//! nothing is inherited at all. The order of the steps is that of the shell-environment policy of
//! unified-exec 2: inherit, leave out what looks like a secret, exclude, set, include. What must stay
//! true: no value is printed, and nothing gets in that no step has let in.

use crate::config::Environment;
use std::ffi::{OsStr, OsString};

/// Variables that nearly every program needs, where only these are inherited.
const CORE: [&str; 9] = [
    "HOME", "LOGNAME", "PATH", "SHELL", "USER", "USERNAME", "TMPDIR", "TEMP", "TMP",
];

/// What the names of variables with secrets in them look like.
const SECRETS: [&str; 3] = ["*KEY*", "*SECRET*", "*TOKEN*"];

/// How much of the host's environment is inherited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Inherit {
    /// All that no other step leaves out.
    All,
    /// `HOME`, `LOGNAME`, `PATH`, `SHELL`, `USER`, `USERNAME`, `TMPDIR`, `TEMP`, `TMP`.
    Core,
    /// Nothing.
    #[default]
    None,
}

/// Makes the environment of commands from that of the host.
///
/// Patterns are names in which `*` stands for any text and `?` for one character; upper and lower
/// case are the same to them.
///
/// ```
/// use handfast::exec::{Inherit, InheritPolicy};
///
/// let policy = InheritPolicy::new(Inherit::All).exclude("AWS_*").set("CI", "1");
/// let made = policy.apply([("HOME", "/root"), ("AWS_ID", "x"), ("API_TOKEN", "y")]);
/// assert_eq!(made.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["HOME", "CI"]);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "it does nothing until it is applied"]
pub struct InheritPolicy {
    inherit: Inherit,
    keep_secrets: bool,
    exclude: Vec<String>,
    set: Environment,
    include: Vec<String>,
}

impl InheritPolicy {
    /// Inherits so much, without what looks like a secret: `*KEY*`, `*SECRET*`, `*TOKEN*`.
    pub fn new(inherit: Inherit) -> Self {
        Self {
            inherit,
            ..Self::default()
        }
    }

    /// Lets variables through that look like secrets.
    pub fn keep_secrets(mut self) -> Self {
        self.keep_secrets = true;
        self
    }

    /// Leaves out what matches.
    pub fn exclude(mut self, pattern: impl Into<String>) -> Self {
        self.exclude.push(pattern.into());
        self
    }

    /// Sets a variable, over what was inherited and excluded.
    pub fn set(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.set.set(key, value);
        self
    }

    /// Keeps only what matches one of the patterns of all calls, what was set included.
    pub fn include(mut self, pattern: impl Into<String>) -> Self {
        self.include.push(pattern.into());
        self
    }

    /// The environment, made from the host's. In the host that is
    /// `policy.apply(std::env::vars_os())`.
    #[must_use]
    pub fn apply<K, V>(&self, host: impl IntoIterator<Item = (K, V)>) -> Environment
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let host = host
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()));
        let mut made: Environment = host
            .filter(|(key, _): &(OsString, OsString)| self.inherits(key))
            .collect();
        made.extend(self.set.iter());
        let left_out: Vec<OsString> = made
            .iter()
            .filter(|(key, _)| !self.include.is_empty() && !any(&self.include, key))
            .map(|(key, _)| key.to_owned())
            .collect();
        left_out.iter().for_each(|key| made.remove(key));
        made
    }

    fn inherits(&self, key: &OsStr) -> bool {
        let core = || CORE.iter().any(|core| key.eq_ignore_ascii_case(core));
        let inherited = match self.inherit {
            Inherit::All => true,
            Inherit::Core => core(),
            Inherit::None => false,
        };
        inherited && (self.keep_secrets || !any(&SECRETS, key)) && !any(&self.exclude, key)
    }
}

fn any(patterns: &[impl AsRef<str>], key: &OsStr) -> bool {
    let key = key.to_string_lossy().to_lowercase();
    let key: Vec<char> = key.chars().collect();
    patterns.iter().any(|pattern| {
        let pattern: Vec<char> = pattern.as_ref().to_lowercase().chars().collect();
        matches(&pattern, &key)
    })
}

/// Goes back to the last `*` only, so it takes at most the product of both lengths.
fn matches(pattern: &[char], text: &[char]) -> bool {
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[from] => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                at = place + 1;
                from = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: [(&str, &str); 5] = [
        ("HOME", "/h"),
        ("Path", "/bin"),
        ("API_KEY", "k"),
        ("AWS_REGION", "r"),
        ("EDITOR", "vi"),
    ];

    fn keys(policy: &InheritPolicy) -> Vec<String> {
        let made = policy.apply(HOST);
        let keys = made
            .iter()
            .map(|(key, _)| key.to_string_lossy().into_owned());
        keys.collect()
    }

    #[test]
    fn nothing_is_inherited_unless_it_is_asked_for() {
        assert!(keys(&InheritPolicy::default()).is_empty());
        assert_eq!(keys(&InheritPolicy::new(Inherit::Core)), ["HOME", "Path"]);
        assert_eq!(
            keys(&InheritPolicy::new(Inherit::All)),
            ["HOME", "Path", "AWS_REGION", "EDITOR"]
        );
        assert_eq!(
            keys(&InheritPolicy::new(Inherit::All).keep_secrets()).len(),
            5
        );
    }

    #[test]
    fn the_steps_have_an_order() {
        let policy = InheritPolicy::new(Inherit::All)
            .exclude("aws_*")
            .set("AWS_REGION", "set")
            .set("EDITOR", "ed")
            .include("E*")
            .include("aws_regio?");
        let made = policy.apply(HOST);
        let all: Vec<_> = made.iter().collect();
        let want = [("EDITOR", "ed"), ("AWS_REGION", "set")];
        assert_eq!(
            all,
            want.map(|(key, value)| (OsStr::new(key), OsStr::new(value)))
        );
    }

    #[test]
    fn patterns_match_whole_names() {
        let is = |pattern: &str, name: &str| any(&[pattern], name.as_ref());
        assert!(is("*KEY*", "MY_KEY_2") && is("*", "") && is("a?c", "ABC") && is("**a", "ba"));
        assert!(!is("KEY", "KEYS") && !is("?", "") && !is("a*b", "abc") && is("a*b*c", "aXbbXc"));
    }

    #[test]
    fn no_value_is_printed() {
        let policy = InheritPolicy::new(Inherit::None).set("A", "hush");
        assert!(!format!("{policy:?}").contains("hush"));
    }
}
