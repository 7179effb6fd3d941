//! The token itself, which is a secret, and its hash, which is none.

use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;

/// With what the text of a token begins, so that people and scanners of secrets know one.
pub const PREFIX: &str = "hfo_";

/// 256 random bits. Whoever knows them may do what the token allows.
///
/// ```
/// use handfast_daemon::tokens::Token;
///
/// let token = Token::draw().unwrap();
/// let text = token.reveal();
/// assert!(text.starts_with("hfo_") && text.len() == 68);
/// assert_eq!(text.parse::<Token>().unwrap().hash(), token.hash());
/// assert_eq!(format!("{token:?}"), "Token(…)");
/// ```
#[derive(Clone)]
pub struct Token([u8; 32]);

/// SHA-256 of a token. As the token cannot be guessed, it needs neither salt nor slowness.
///
/// Compared in constant time.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// The text is no token. It does not say which text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read the token: it is not `hfo_` with 64 hexadecimal digits")]
pub struct NotAToken;

impl Token {
    /// Draws a new one.
    ///
    /// # Errors
    ///
    /// Where the system has no random bits.
    pub fn draw() -> Result<Token, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        Ok(Token(bits))
    }

    /// The text of the token. This is the one place where it is shown.
    #[must_use]
    pub fn reveal(&self) -> String {
        let digits = self.0.iter().map(|byte| format!("{byte:02x}"));
        PREFIX.to_owned() + &digits.collect::<String>()
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Token, NotAToken> {
        let digits = text.strip_prefix(PREFIX).ok_or(NotAToken)?;
        bits(digits).map(Token).ok_or(NotAToken)
    }
}

/// 64 lowercase digits.
fn bits(digits: &str) -> Option<[u8; 32]> {
    let digits = digits.as_bytes();
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    if digits.len() != 64 {
        return None;
    }
    let mut bits = [0; 32];
    for (byte, pair) in bits.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(pair[0])? << 4 | value(pair[1])?;
    }
    Some(bits)
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &TokenHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({self})")
    }
}

impl FromStr for TokenHash {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<TokenHash, NotAToken> {
        bits(text).map(TokenHash).ok_or(NotAToken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // `printf '' | sha256sum` would be of no bytes; these are 32 zero bytes.
        let hash = Token([0; 32]).hash().to_string();
        assert_eq!(
            hash,
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        assert_eq!(hash.parse::<TokenHash>(), Ok(Token([0; 32]).hash()));
    }

    #[test]
    fn other_texts_are_no_tokens_and_are_not_shown() {
        let good = Token([0xAB; 32]).reveal();
        for text in [
            "",
            "hfo_",
            &good[4..],
            &good[..67],
            &format!("{good}0"),
            &good.to_uppercase(),
            &good.replace('b', "g"),
            &good.replacen("ab", "é", 1),
        ] {
            let error = text.parse::<Token>().unwrap_err();
            assert!(text.is_empty() || !error.to_string().contains(text) || text == PREFIX);
        }
        assert!(good.parse::<Token>().is_ok());
    }

    #[test]
    fn two_tokens_are_never_the_same() {
        assert_ne!(Token::draw().unwrap().hash(), Token::draw().unwrap().hash());
    }
}
