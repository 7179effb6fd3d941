//! What a daemon says to who has started it: one line, once. Pure.

use std::fmt;
use std::str::FromStr;

/// Whether a daemon serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// Somebody else does.
    Taken,
    /// Nobody does.
    Failed {
        /// The name of the error.
        code: String,
        /// What it is.
        message: String,
    },
}

/// What was said is nothing of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the line says nothing about readiness")]
pub struct ReadinessError;

impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Readiness::Ready => f.write_str("handfast: ready"),
            Readiness::Taken => f.write_str("handfast: taken"),
            Readiness::Failed { code, message } => {
                let message: String = message
                    .chars()
                    .map(|letter| if letter.is_control() { ' ' } else { letter })
                    .collect();
                write!(f, "handfast: failed {code} {message}")
            }
        }
    }
}

impl FromStr for Readiness {
    type Err = ReadinessError;

    fn from_str(line: &str) -> Result<Readiness, ReadinessError> {
        let rest = line.strip_prefix("handfast: ").ok_or(ReadinessError)?;
        let mut words = rest.splitn(3, ' ');
        match (words.next(), words.next()) {
            (Some("ready"), None) => Ok(Readiness::Ready),
            (Some("taken"), None) => Ok(Readiness::Taken),
            (Some("failed"), Some(code)) => Ok(Readiness::Failed {
                code: code.to_owned(),
                message: words.next().unwrap_or_default().to_owned(),
            }),
            _ => Err(ReadinessError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        let failed = Readiness::Failed {
            code: "listen.folder".into(),
            message: "listen in a private folder".into(),
        };
        for said in [Readiness::Ready, Readiness::Taken, failed] {
            assert_eq!(said.to_string().parse(), Ok(said));
        }
        for odd in ["", "ready", "handfast: ", "handfast: ready now", "x"] {
            assert_eq!(odd.parse::<Readiness>(), Err(ReadinessError), "{odd}");
        }
    }

    #[test]
    fn a_message_stays_on_its_line() {
        let failed = Readiness::Failed {
            code: "a.b".into(),
            message: "one\ntwo".into(),
        };
        assert_eq!(failed.to_string(), "handfast: failed a.b one two");
    }
}
