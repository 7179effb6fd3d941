//! Numbers as language models write them: `1000`, `1000.0`, sometimes below zero.
//!
//! A number out of range is taken for the nearest one that is in range, as all waits and budgets of
//! unified-exec are. What must stay true: text is no number, so a mistake of another kind is refused.

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::fmt;

/// What stands for a number in the arguments of a call.
#[derive(Debug, Clone, Copy)]
struct Whole(u64);

struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
        Ok(Whole(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
        Ok(Whole(u64::try_from(number).unwrap_or(0)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
        if number.is_nan() {
            return Err(E::invalid_value(Unexpected::Float(number), &self));
        }
        // Out of range it is the nearest that is in range.
        Ok(Whole(number as u64))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WholeVisitor)
    }
}

/// Milliseconds, or none.
pub(super) fn milliseconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<Whole>::deserialize(from)?;
    Ok(number.map(|Whole(number)| number))
}

/// A count, or none.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let number = milliseconds(from)?;
    Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
}
