//! Arguments without the secrets that are named as such. Pure.
//!
//! Values of variables are never written, so this is about `--password=…` and its like only. What an
//! argument does not call a secret cannot be known to be one.

use crate::wire::Word;

/// What stands in the place of a secret.
pub const REDACTED: &str = "***";

/// Words that name secrets, in the lower case.
const NAMES: [&str; 9] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "credential",
];

/// The arguments, with what follows the name of a secret redacted: `--token=…`, `--token …`, `TOKEN=…`.
#[must_use]
pub fn redact(argv: &[Word]) -> Vec<Word> {
    let mut is_value = false;
    let hide = |word: &Word| {
        let text = String::from_utf8_lossy(word.bytes()).into_owned();
        if std::mem::take(&mut is_value) && !text.starts_with('-') {
            return Word::from(REDACTED);
        }
        match text.split_once('=') {
            Some((name, _)) if names_secret(name) => Word::Text(format!("{name}={REDACTED}")),
            Some(_) => word.clone(),
            None => {
                is_value = text.starts_with('-') && names_secret(&text);
                word.clone()
            }
        }
    };
    argv.iter().map(hide).collect()
}

fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // A long text with such a word in it is a script, and is left as it is.
    let is_name = !name.contains(char::is_whitespace);
    is_name && NAMES.iter().any(|secret| name.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_a_secret_is_not_written() {
        let redacted = |words: &str| {
            let argv: Vec<Word> = words.split(' ').map(Word::from).collect();
            let shown = redact(&argv);
            let shown = shown
                .iter()
                .map(|word| String::from_utf8_lossy(word.bytes()).into_owned());
            shown.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(redacted("a --password=x b"), "a --password=*** b");
        assert_eq!(redacted("a --api-key x b"), "a --api-key *** b");
        assert_eq!(redacted("env MY_TOKEN=x b"), "env MY_TOKEN=*** b");
        assert_eq!(redacted("a --token --verbose x"), "a --token --verbose x");
        assert_eq!(redacted("a token x key=y"), "a token x key=y");
        let script = Word::from("echo token=x");
        assert_eq!(redact(std::slice::from_ref(&script)), [script]);
    }
}
