//! Text within a budget of tokens: estimate, middle truncation, and the texts around it.
//!
//! The algorithm and every text are those of unified-exec 1.4, newest behaviour. It is apart because
//! clients compare these strings. What must stay true: characters stay whole, what is kept is a
//! prefix and a suffix of the text, and both together fit the budget.

use std::borrow::Cow;

/// How many bytes are taken for one token.
const TOKEN_BYTES: usize = 4;

/// How much larger than the model's policy a whole response may be: 12 / 10.
const RESPONSE: (usize, usize) = (12, 10);

/// The budget of output tokens where a caller names none.
pub const DEFAULT_OUTPUT_TOKENS: usize = 10_000;

/// About how many tokens this many bytes are: a quarter, rounded up.
///
/// ```
/// use handfast::output::view::estimate_tokens;
///
/// assert_eq!([0, 1, 4, 5].map(estimate_tokens), [0, 1, 1, 2]);
/// ```
#[must_use]
pub fn estimate_tokens(bytes: u64) -> u64 {
    bytes.div_ceil(TOKEN_BYTES as u64)
}

/// How much text is wanted, in tokens or in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// About this many tokens: four bytes for each.
    Tokens(usize),
    /// This many bytes.
    Bytes(usize),
}

impl Default for Policy {
    fn default() -> Self {
        Self::Tokens(DEFAULT_OUTPUT_TOKENS)
    }
}

impl Policy {
    /// The budget in bytes.
    #[must_use]
    pub fn byte_budget(self) -> usize {
        match self {
            Self::Tokens(tokens) => tokens.saturating_mul(TOKEN_BYTES),
            Self::Bytes(bytes) => bytes,
        }
    }

    /// The budget in tokens, rounded up.
    #[must_use]
    pub fn token_budget(self) -> usize {
        match self {
            Self::Tokens(tokens) => tokens,
            Self::Bytes(bytes) => bytes.div_ceil(TOKEN_BYTES),
        }
    }

    /// This policy times `numerator / denominator`, rounded up. A denominator of 0 counts as 1.
    ///
    /// ```
    /// use handfast::output::view::Policy;
    ///
    /// assert_eq!(Policy::Tokens(10).scaled(12, 10), Policy::Tokens(12));
    /// assert_eq!(Policy::Bytes(7).scaled(12, 10), Policy::Bytes(9));
    /// ```
    #[must_use]
    pub fn scaled(self, numerator: usize, denominator: usize) -> Self {
        let scale = |amount: usize| {
            let product = amount as u128 * numerator as u128;
            let quotient = product.div_ceil(denominator.max(1) as u128);
            usize::try_from(quotient).unwrap_or(usize::MAX)
        };
        match self {
            Self::Tokens(tokens) => Self::Tokens(scale(tokens)),
            Self::Bytes(bytes) => Self::Bytes(scale(bytes)),
        }
    }

    /// The one with the smaller budget in bytes; `self` if both are the same.
    #[must_use]
    pub fn narrower(self, other: Self) -> Self {
        if other.byte_budget() < self.byte_budget() {
            other
        } else {
            self
        }
    }

    fn shrunk(self, excess: usize) -> Self {
        match self {
            Self::Tokens(tokens) => {
                Self::Tokens(tokens.saturating_sub(excess.div_ceil(TOKEN_BYTES)))
            }
            Self::Bytes(bytes) => Self::Bytes(bytes.saturating_sub(excess)),
        }
    }
}

/// A text with its middle cut out, if it did not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truncated<'t> {
    /// The text, with a marker where something is missing.
    pub text: Cow<'t, str>,
    /// How many bytes of the original are missing.
    pub removed_bytes: usize,
}

/// Cuts the middle out of a text that is larger than the budget.
///
/// Half of the budget goes to the beginning, the rest to the end, in whole characters. Between them
/// is `…{n} tokens truncated…` with the tokens that are above the budget, or `…{n} chars
/// truncated…` with the characters that are missing. The marker is not part of the budget.
///
/// ```
/// use handfast::output::view::{Policy, truncate_middle};
///
/// let cut = truncate_middle("0123456789abcdef", Policy::Tokens(2));
/// assert_eq!(cut.text, "0123…2 tokens truncated…cdef");
/// let cut = truncate_middle("0123456789abcdef", Policy::Bytes(5));
/// assert_eq!(cut.text, "01…11 chars truncated…def");
/// ```
#[must_use]
pub fn truncate_middle(text: &str, policy: Policy) -> Truncated<'_> {
    let budget = policy.byte_budget();
    if text.len() <= budget {
        let text = Cow::Borrowed(text);
        return Truncated {
            text,
            removed_bytes: 0,
        };
    }
    let left = text.floor_char_boundary(budget / 2);
    let right = text.ceil_char_boundary(text.len() - (budget - budget / 2));
    let (head, middle, tail) = (&text[..left], &text[left..right], &text[right..]);
    let text = match policy {
        Policy::Tokens(_) => {
            let above = (text.len() - budget).div_ceil(TOKEN_BYTES);
            format!("{head}…{above} tokens truncated…{tail}")
        }
        Policy::Bytes(_) => {
            let gone = middle.chars().count();
            format!("{head}…{gone} chars truncated…{tail}")
        }
    };
    Truncated {
        text: Cow::Owned(text),
        removed_bytes: middle.len(),
    }
}

/// The output of one call, before it is cut to size.
#[derive(Debug, Clone, Copy)]
pub struct Collected<'t> {
    /// The text, with the marker `... {n} bytes omitted ...` in it where the collection left bytes
    /// out.
    pub text: &'t str,
    /// How many bytes the collection left out, 0 for none.
    pub omitted_bytes: u64,
    /// About how many tokens the call observed, what was left out included.
    pub original_tokens: u64,
}

impl<'t> Collected<'t> {
    /// A text of which nothing was left out.
    #[must_use]
    pub fn whole(text: &'t str) -> Self {
        Self {
            text,
            omitted_bytes: 0,
            original_tokens: estimate_tokens(text.len() as u64),
        }
    }

    /// The text within a policy. What was cut is said above it.
    ///
    /// * It fits: unchanged; with an omission whose marker is not in it, the marker above it.
    /// * It does not fit, nothing was omitted: `Warning: truncated output (original token count:
    ///   {tokens})`, `Total output lines: {lines}`, an empty line, the truncated text.
    /// * It does not fit, and bytes were omitted: the warning, the marker if the truncation cut it
    ///   out, an empty line, the truncated text.
    ///
    /// ```
    /// use handfast::output::view::{Collected, Policy};
    ///
    /// let text = Collected::whole("one\ntwo\nthree\n").within(Policy::Tokens(1));
    /// assert_eq!(
    ///     text,
    ///     "Warning: truncated output (original token count: 4)\nTotal output lines: 3\n\n\
    ///      on…3 tokens truncated…e\n"
    /// );
    /// ```
    #[must_use]
    pub fn within(&self, policy: Policy) -> Cow<'t, str> {
        let marker = format!("... {} bytes omitted ...", self.omitted_bytes);
        let omitted = self.omitted_bytes > 0;
        let cut = truncate_middle(self.text, policy);
        let missing = omitted && !cut.text.contains(&marker);
        if cut.removed_bytes == 0 {
            return if missing {
                Cow::Owned(format!("{marker}\n{}", self.text))
            } else {
                cut.text
            };
        }
        let tokens = self.original_tokens;
        let mut text = format!("Warning: truncated output (original token count: {tokens})\n");
        if !omitted {
            let lines = self.text.lines().count();
            text.push_str(&format!("Total output lines: {lines}\n"));
        } else if missing {
            text.push_str(&marker);
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&cut.text);
        Cow::Owned(text)
    }

    /// The text within `wanted`, and made smaller still until it fits, with the `header` above it
    /// and one line end between, into 1.2 times the budget of `model`.
    ///
    /// `header` is its length in bytes. The text may remain too long where the warning alone is:
    /// the budget is not made smaller than nothing.
    #[must_use]
    pub fn within_response(&self, wanted: Policy, model: Policy, header: usize) -> Cow<'t, str> {
        let (numerator, denominator) = RESPONSE;
        let whole = model.scaled(numerator, denominator).byte_budget();
        let room = whole.saturating_sub(header).saturating_sub(1);
        let mut policy = wanted.narrower(model);
        let mut text = self.within(policy);
        while text.len() > room && policy.byte_budget() > 0 {
            policy = policy.shrunk(text.len() - room);
            text = self.within(policy);
        }
        text
    }
}

#[cfg(test)]
mod tests;
