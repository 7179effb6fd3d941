//! Which writes were done already, so that a repeated one is answered and not written again.
//!
//! It is apart because a client that lost its connection repeats what it does not know to be done
//! (unified-exec 9.1). What must stay true: the memory is bounded in number and size, and an id that
//! is remembered gives the answer of its first time.

use std::collections::{HashMap, VecDeque};

/// How many ids are remembered. The oldest is forgotten for a new one.
pub const WRITE_IDS: usize = 4_096;

/// The longest id, in bytes.
pub const WRITE_ID_BYTES: usize = 256;

/// Why a write id is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteIdError {
    /// It is the empty string.
    #[error("the write id is empty")]
    Empty,
    /// It is longer than [`WRITE_ID_BYTES`].
    #[error("the write id has {bytes} bytes, at most {WRITE_ID_BYTES} are taken")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
}

/// The last [`WRITE_IDS`] writes, each with its answer.
///
/// ```
/// use handfast::session::WriteIds;
///
/// let mut writes = WriteIds::new();
/// assert_eq!(writes.answer("w1").unwrap(), None);
/// writes.remember("w1", 5).unwrap();
/// assert_eq!(writes.answer("w1").unwrap(), Some(&5));
/// ```
#[derive(Debug, Clone)]
pub struct WriteIds<A> {
    order: VecDeque<String>,
    answers: HashMap<String, A>,
}

impl<A> Default for WriteIds<A> {
    fn default() -> Self {
        Self::new()
    }
}

impl<A> WriteIds<A> {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            order: VecDeque::new(),
            answers: HashMap::new(),
        }
    }

    /// The answer to an earlier write with this id, if it is still remembered.
    ///
    /// # Errors
    ///
    /// [`WriteIdError`] for an id that no write can have.
    pub fn answer(&self, id: &str) -> Result<Option<&A>, WriteIdError> {
        check(id)?;
        Ok(self.answers.get(id))
    }

    /// Remembers the answer to a write, unless the id has one: the first stands.
    ///
    /// # Errors
    ///
    /// [`WriteIdError`] for an id that no write can have.
    pub fn remember(&mut self, id: &str, answer: A) -> Result<(), WriteIdError> {
        check(id)?;
        if self.answers.contains_key(id) {
            return Ok(());
        }
        if self.order.len() == WRITE_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back(id.to_owned());
        self.answers.insert(id.to_owned(), answer);
        Ok(())
    }

    /// How many ids are remembered, at most [`WRITE_IDS`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether no id is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

fn check(id: &str) -> Result<(), WriteIdError> {
    match id.len() {
        0 => Err(WriteIdError::Empty),
        bytes if bytes > WRITE_ID_BYTES => Err(WriteIdError::TooLong { bytes }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_answer_stands() {
        let mut writes = WriteIds::new();
        writes.remember("a", 1).unwrap();
        writes.remember("a", 2).unwrap();
        assert_eq!(writes.answer("a").unwrap(), Some(&1));
        assert_eq!(writes.len(), 1);
    }

    #[test]
    fn an_id_that_no_write_can_have_is_refused() {
        let mut writes = WriteIds::new();
        assert_eq!(writes.remember("", ()), Err(WriteIdError::Empty));
        let long = "a".repeat(WRITE_ID_BYTES + 1);
        let error = writes.remember(&long, ()).unwrap_err();
        assert_eq!(error, WriteIdError::TooLong { bytes: 257 });
        assert_eq!(writes.answer(&long), Err(error));
        assert!(writes.is_empty());
    }

    #[test]
    fn the_oldest_is_forgotten_for_a_new_one() {
        let mut writes = WriteIds::new();
        for number in 0..=WRITE_IDS {
            writes.remember(&number.to_string(), number).unwrap();
        }
        assert_eq!(writes.len(), WRITE_IDS);
        assert_eq!(writes.answer("0").unwrap(), None);
        assert_eq!(writes.answer("1").unwrap(), Some(&1));
        assert_eq!(writes.answers.len(), WRITE_IDS);
    }

    proptest! {
        #[test]
        fn the_last_ids_are_remembered(ids in prop::collection::vec("[a-d]{1,2}", 0..64)) {
            let mut writes = WriteIds::new();
            for (at, id) in ids.iter().enumerate() {
                writes.remember(id, at).unwrap();
            }
            for id in &ids {
                let first = ids.iter().position(|other| other == id);
                prop_assert_eq!(writes.answer(id).unwrap(), first.as_ref());
            }
        }
    }
}
