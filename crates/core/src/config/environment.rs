//! The environment of a child: only what was put in, byte for byte.
//!
//! It is apart because of two promises that must stay true: nothing of the host's own environment
//! can get in (there is no code here that reads it), and no value is ever printed, because values
//! carry secrets. Only the keys show in `Debug`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// The variables that a child gets, and no others. Empty by default.
///
/// Keys are unique: setting a key again replaces its value and keeps its place. Otherwise the order
/// of insertion is kept, up to the `envp` that the child sees. Nothing is checked here; see
/// [`ProcessConfig::check`](super::ProcessConfig::check).
///
/// `Debug` prints the keys and no value.
///
/// ```
/// use handfast::config::Environment;
///
/// let mut environment = Environment::new();
/// environment.set("TOKEN", "secret");
/// environment.set("LANG", "C");
/// environment.set("TOKEN", "other");
/// assert_eq!(environment.get("TOKEN"), Some("other".as_ref()));
/// assert_eq!(format!("{environment:?}"), r#"{"TOKEN", "LANG"}"#);
/// ```
#[derive(Clone, Default)]
pub struct Environment {
    next_place: usize,
    variables: BTreeMap<OsString, Variable>,
}

/// A value, and where its key stands in the order of insertion.
#[derive(Clone)]
struct Variable {
    place: usize,
    value: OsString,
}

impl Environment {
    /// An environment without any variable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one variable; the last value of a key wins.
    pub fn set(&mut self, key: impl Into<OsString>, value: impl Into<OsString>) {
        let place = self.next_place;
        let value = value.into();
        let entry = self.variables.entry(key.into());
        entry
            .and_modify(|held| held.value.clone_from(&value))
            .or_insert(Variable { place, value });
        self.next_place += 1;
    }

    /// Removes a variable. Removing what is not there is no error.
    pub fn remove(&mut self, key: impl AsRef<OsStr>) {
        self.variables.remove(key.as_ref());
    }

    /// Removes every variable.
    pub fn clear(&mut self) {
        self.variables.clear();
    }

    /// The value of a key, if it is set.
    #[must_use]
    pub fn get(&self, key: impl AsRef<OsStr>) -> Option<&OsStr> {
        self.variables
            .get(key.as_ref())
            .map(|held| held.value.as_os_str())
    }

    /// How many variables there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.variables.len()
    }

    /// Whether there is no variable at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.variables.is_empty()
    }

    /// All variables in the order in which their keys were first set.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        let mut all: Vec<_> = self.variables.iter().collect();
        all.sort_unstable_by_key(|(_, held)| held.place);
        all.into_iter()
            .map(|(key, held)| (key.as_os_str(), held.value.as_os_str()))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> Extend<(K, V)> for Environment {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, variables: I) {
        for (key, value) in variables {
            self.set(key, value);
        }
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let mut environment = Self::new();
        environment.extend(variables);
        environment
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(key, _)| key))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_first_setting_is_kept_and_the_last_value_wins() {
        let mut environment: Environment =
            [("Z", "1"), ("A", "2"), ("M", "3")].into_iter().collect();
        environment.set("Z", "4");
        environment.remove("A");
        environment.remove("never set");
        environment.set("A", "5");
        let all: Vec<_> = environment.iter().collect();
        let want = [("Z", "4"), ("M", "3"), ("A", "5")];
        assert_eq!(all, want.map(|(k, v)| (OsStr::new(k), OsStr::new(v))));
    }

    #[test]
    fn no_value_is_ever_printed() {
        let environment: Environment = [("KEY", "hush")].into_iter().collect();
        assert_eq!(format!("{environment:?}"), r#"{"KEY"}"#);
        assert!(!format!("{environment:#?}").contains("hush"));
    }
}
