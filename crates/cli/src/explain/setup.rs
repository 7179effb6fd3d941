//! Settings of clients that could not be changed, ready to be told.

use super::{Failure, advice, chain};
use std::error::Error;

impl Failure {
    /// Settings that were left as they are.
    pub fn setup(code: &'static str, why: &dyn Error) -> Failure {
        let hint = "put it right by hand, or name another file with --file";
        Failure {
            what: "change the settings".into(),
            why: chain(why),
            advice: advice(code, Some(hint.to_owned())),
            code: code.into(),
            log: Vec::new(),
        }
    }
}
