//! The ladder of mechanisms that hold a tree, and the grade of certainty that each one gives.
//!
//! A rung is *how*, a grade is *how surely*. Only the grade may be required by a caller without
//! naming a system.

use super::ladder;
use std::fmt;
use std::str::FromStr;

/// How surely no member of a tree outlives it. Ordered: weaker < stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grade {
    /// Process group only: a member that calls `setsid` or `setpgid` escapes.
    Cooperative,
    /// Members that left the group are found and killed by an outside helper, after a moment.
    Swept,
    /// The kernel itself knows the members and kills every one of them.
    Kernel,
}

/// The mechanism that holds a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rung {
    /// Linux: own session and process group, `killpg`.
    Group,
    /// Linux: a subreaper of its own for each tree, to which every orphan comes back.
    Subreaper,
    /// Linux: a cgroup v2 child for each tree, `cgroup.kill`.
    Cgroup,
    /// Linux: a PID namespace whose init is the reaper.
    Namespace,
    /// macOS: a session of its own, and the reaper follows who descends from its leader or carries its
    /// mark.
    Descent,
    /// Windows: a job object for each tree, which ends with its last handle.
    Job,
}

impl Rung {
    /// All rungs of this system, the most robust first.
    pub const LADDER: [Rung; ladder::LADDER.len()] = ladder::LADDER;

    /// How surely this rung holds a tree.
    #[must_use]
    pub const fn grade(self) -> Grade {
        match self {
            Rung::Namespace | Rung::Cgroup | Rung::Job => Grade::Kernel,
            Rung::Subreaper | Rung::Descent => Grade::Swept,
            Rung::Group => Grade::Cooperative,
        }
    }

    /// The word for this rung on the command line, in JSON and in `HANDFAST_FORCE`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Rung::Namespace => "namespace",
            Rung::Cgroup => "cgroup",
            Rung::Subreaper => "subreaper",
            Rung::Group => "group",
            Rung::Descent => "descent",
            Rung::Job => "job",
        }
    }
}

impl Grade {
    /// The word for this grade on the command line and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Grade::Cooperative => "cooperative",
            Grade::Swept => "swept",
            Grade::Kernel => "kernel",
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// A word that names no rung or grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// The words that would have been understood.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is none of {}", self.word, self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

impl FromStr for Rung {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Rung::LADDER.into_iter().find(|rung| rung.word() == word);
        found.ok_or_else(|| UnknownWord {
            word: word.to_owned(),
            known: ladder::WORDS,
        })
    }
}

impl FromStr for Grade {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let all = [Grade::Kernel, Grade::Swept, Grade::Cooperative];
        let found = all.into_iter().find(|grade| grade.word() == word);
        found.ok_or_else(|| UnknownWord {
            word: word.to_owned(),
            known: &["kernel", "swept", "cooperative"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for rung in Rung::LADDER {
            assert_eq!(rung.word().parse(), Ok(rung));
            assert_eq!(rung.grade().word().parse(), Ok(rung.grade()));
        }
        assert_eq!(ladder::WORDS, Rung::LADDER.map(Rung::word));
        assert!("kernel ".parse::<Grade>().is_err());
    }

    #[test]
    fn the_ladder_never_climbs() {
        let grades = Rung::LADDER.map(Rung::grade);
        assert!(grades.is_sorted_by(|a, b| a >= b));
    }
}
