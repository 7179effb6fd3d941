//! Arguments as models write them.
//!
//! Numbers come as `1000`, `1000.0` and sometimes below zero: one out of range is taken for the nearest
//! that is in range. Text is no number, so a mistake of another kind is refused.

use crate::link::{Link, Trouble};
use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Number;

/// A whole number from zero on, or none.
pub(super) fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let number = Option::<Number>::deserialize(from)?;
    Ok(number.map(|number| nearest(&number)))
}

fn nearest(number: &Number) -> u64 {
    let float = || number.as_f64().unwrap_or(0.0);
    // Out of range it is the nearest that is in range.
    number.as_u64().unwrap_or_else(|| float() as u64)
}

/// The number of a command. Of one that cannot be, nothing is known.
pub(super) fn session<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i32>, D::Error> {
    let number = Option::<Number>::deserialize(from)?;
    let id = |number: Number| {
        let whole = number.as_i64().or_else(|| {
            let float = number.as_f64()?;
            (float.fract() == 0.0).then_some(float as i64)
        });
        let id = whole.and_then(|whole| i32::try_from(whole).ok());
        id.ok_or_else(|| D::Error::custom(format!("`{number}` is no session_id")))
    };
    number.map(id).transpose()
}

/// As [`session`], where there must be one.
pub(super) fn one_session<'de, D: Deserializer<'de>>(from: D) -> Result<i32, D::Error> {
    session(from)?.ok_or_else(|| D::Error::custom("session_id is null"))
}

/// Which process is meant: one of the two, and not both.
pub(super) async fn which(
    link: &Link,
    session_id: Option<i32>,
    process_id: Option<String>,
) -> Result<String, Trouble> {
    match (session_id, process_id) {
        (Some(number), None) => link.process_of(number).await,
        (None, Some(process)) => Ok(process),
        (Some(_), Some(_)) | (None, None) => {
            let message = "give one of session_id and process_id";
            Err(Trouble::new("mcp.which-process", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_taken_as_they_come() {
        let of = |value: serde_json::Value| whole(value).map_err(|error| error.to_string());
        assert_eq!(of(json!(1000)), Ok(Some(1000)));
        assert_eq!(of(json!(1000.7)), Ok(Some(1000)));
        assert_eq!(of(json!(-5)), Ok(Some(0)));
        assert_eq!(of(json!(1e300)), Ok(Some(u64::MAX)));
        assert_eq!(of(json!(null)), Ok(None));
        assert!(of(json!("5")).is_err());
        let of = |value: serde_json::Value| session(value).map_err(|error| error.to_string());
        assert_eq!(of(json!(1234.0)), Ok(Some(1234)));
        assert!(of(json!(1.5)).is_err() && of(json!(9e99)).is_err() && of(json!("7")).is_err());
    }
}
