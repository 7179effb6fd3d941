//! The text that a language model reads as the result of a call.
//!
//! Lines, order and wording are those of unified-exec 1.3. It is apart because clients compare it. What
//! must stay true: a line that does not apply is left out, and header and output together are within
//! 1.2 times the model's budget, so that nobody cuts them a second time.

use std::fmt;
use std::time::Duration;

use crate::output::view::{Collected, Policy};

/// Names one response: six lower-case hexadecimal digits.
///
/// ```
/// use handfast::exec::ChunkId;
///
/// assert_eq!(ChunkId::new([0x0a, 0xff, 0x00]).to_string(), "0aff00");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChunkId([u8; 3]);

impl ChunkId {
    /// From three random bytes.
    #[must_use]
    pub fn new(random: [u8; 3]) -> Self {
        Self(random)
    }
}

impl fmt::Display for ChunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}")
    }
}

/// What is known when a call returns.
#[derive(Debug, Clone, Copy)]
pub struct Response<'t> {
    /// Names this response, if it has a name.
    pub chunk_id: Option<ChunkId>,
    /// From the start of the wait to the end of the collection.
    pub wall_time: Duration,
    /// Of a process that was reaped.
    pub exit_code: Option<i32>,
    /// The process still runs, and is found by this number.
    pub session_id: Option<i32>,
    /// The output, and how much of it there was.
    pub output: Collected<'t>,
}

impl Response<'_> {
    /// The lines above the output, `Output:` the last, without a line end.
    ///
    /// ```
    /// use std::time::Duration;
    /// use handfast::exec::{ChunkId, Response};
    /// use handfast::output::view::{Collected, Policy};
    ///
    /// let response = Response {
    ///     chunk_id: Some(ChunkId::new([1, 2, 3])),
    ///     wall_time: Duration::from_millis(1_500),
    ///     exit_code: Some(0),
    ///     session_id: None,
    ///     output: Collected::whole("hello\n"),
    /// };
    /// assert_eq!(
    ///     response.text(Policy::default(), Policy::default()),
    ///     "Chunk ID: 010203\nWall time: 1.5000 seconds\nProcess exited with code 0\n\
    ///      Original token count: 2\nOutput:\nhello\n"
    /// );
    /// ```
    #[must_use]
    pub fn header(&self) -> String {
        let mut lines = Vec::new();
        if let Some(id) = self.chunk_id {
            lines.push(format!("Chunk ID: {id}"));
        }
        let seconds = self.wall_time.as_secs_f64();
        lines.push(format!("Wall time: {seconds:.4} seconds"));
        if let Some(code) = self.exit_code {
            lines.push(format!("Process exited with code {code}"));
        }
        if let Some(id) = self.session_id {
            lines.push(format!("Process running with session ID {id}"));
        }
        let tokens = self.output.original_tokens;
        lines.push(format!("Original token count: {tokens}"));
        lines.push("Output:".to_owned());
        lines.join("\n")
    }

    /// Header and output, the output cut to what was `wanted` and to what the `model` takes.
    #[must_use]
    pub fn text(&self, wanted: Policy, model: Policy) -> String {
        let header = self.header();
        let output = self.output.within_response(wanted, model, header.len());
        format!("{header}\n{output}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(output: Collected<'_>) -> Response<'_> {
        Response {
            chunk_id: None,
            wall_time: Duration::from_micros(250_049),
            exit_code: None,
            session_id: None,
            output,
        }
    }

    #[test]
    fn lines_that_do_not_apply_are_left_out() {
        let bare = response(Collected::whole(""));
        let want = "Wall time: 0.2500 seconds\nOriginal token count: 0\nOutput:";
        assert_eq!(bare.header(), want);
        let text = bare.text(Policy::default(), Policy::default());
        assert_eq!(text, format!("{want}\n"));
        let running = Response {
            session_id: Some(1_000),
            ..response(Collected::whole("a"))
        };
        assert!(
            running
                .header()
                .contains("\nProcess running with session ID 1000\nOriginal")
        );
        let killed = Response {
            exit_code: Some(137),
            ..response(Collected::whole("a"))
        };
        assert!(
            killed
                .header()
                .contains("\nProcess exited with code 137\nOriginal")
        );
    }

    proptest! {
        #[test]
        fn the_whole_is_within_the_bound_of_the_model(
            output in "[aé\n]{0,3000}",
            model in 200..800_usize,
        ) {
            let text = response(Collected::whole(&output)).text(Policy::default(), Policy::Bytes(model));
            prop_assert!(text.len() <= Policy::Bytes(model).scaled(12, 10).byte_budget());
        }
    }
}
