//! Variables that keep programs from writing for a person: no colours, no pagers, plain English.
//!
//! It is apart because it is an option of one profile, and the values are compared by clients
//! (unified-exec 2). What must stay true: where they are forced, they win over whatever was set.

use crate::config::Environment;

/// The ten variables of unified-exec, in its order.
pub const FORCED: [(&str, &str); 10] = [
    ("NO_COLOR", "1"),
    ("TERM", "dumb"),
    ("LANG", "C.UTF-8"),
    ("LC_CTYPE", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
    ("COLORTERM", ""),
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("GH_PAGER", "cat"),
    ("CODEX_CI", "1"),
];

/// One more, which users ask for: the pager of Jujutsu.
pub const JJ_PAGER: (&str, &str) = ("JJ_PAGER", "cat");

/// Which variables are forced.
///
/// ```
/// use handfast::config::Environment;
/// use handfast::exec::Forced;
///
/// let mut environment = Environment::new();
/// environment.set("TERM", "xterm");
/// Forced::default().apply(&mut environment);
/// assert_eq!(environment.get("TERM"), Some("dumb".as_ref()));
/// assert_eq!(environment.get("JJ_PAGER"), Some("cat".as_ref()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Forced {
    /// None: the environment stays as it is.
    Nothing,
    /// [`FORCED`], exactly as unified-exec has it.
    Exact,
    /// [`FORCED`] and [`JJ_PAGER`].
    #[default]
    Extended,
}

impl Forced {
    /// The variables and their values, in order.
    pub fn variables(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let forced = (self != Self::Nothing).then_some(FORCED);
        let more = (self == Self::Extended).then_some(JJ_PAGER);
        forced.into_iter().flatten().chain(more)
    }

    /// Sets them, over whatever was set.
    pub fn apply(self, environment: &mut Environment) {
        environment.extend(self.variables());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forced_variables_win_and_others_stay() {
        let base: Environment = [("PAGER", "less"), ("HOME", "/home/a")]
            .into_iter()
            .collect();
        let applied = |forced: Forced| {
            let mut environment = base.clone();
            forced.apply(&mut environment);
            (environment.len(), environment)
        };
        let (count, environment) = applied(Forced::Exact);
        assert_eq!(count, 11);
        assert_eq!(environment.get("PAGER"), Some("cat".as_ref()));
        assert_eq!(environment.get("COLORTERM"), Some("".as_ref()));
        assert_eq!(environment.get("HOME"), Some("/home/a".as_ref()));
        assert_eq!(environment.get("JJ_PAGER"), None);
        assert_eq!(applied(Forced::Extended).0, 12);
        let (count, environment) = applied(Forced::Nothing);
        assert_eq!(count, 2);
        assert_eq!(environment.get("PAGER"), Some("less".as_ref()));
    }
}
