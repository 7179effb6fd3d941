//! An argv as a person would type it.
//!
//! Apart because clients show it; pure. What must stay true: a shell that reads the text gets the argv
//! back, byte for byte.

/// The words as one line for a shell, quoted where they must be.
///
/// ```
/// use handfast::exec::quoted;
///
/// assert_eq!(quoted(["/bin/sh", "-c", "echo 'a b'"]), r#"/bin/sh -c "echo 'a b'""#);
/// ```
#[must_use]
pub fn quoted<W: AsRef<str>>(words: impl IntoIterator<Item = W>) -> String {
    let words = words.into_iter().map(|word| one(word.as_ref()));
    words.collect::<Vec<_>>().join(" ")
}

fn one(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-+=./,:@%^".contains(c);
    // A caret is plain inside a word; at its beginning old shells take it for a pipe.
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('^') {
        return word.to_owned();
    }
    let hard = |c: char| "'".contains(c);
    let active = |c: char| "\"$`\\!".contains(c);
    if word.contains(hard) && !word.contains(active) {
        return format!("\"{word}\"");
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_needs_no_quotes_has_none() {
        assert_eq!(quoted(["ls", "-la", "a/b.rs"]), "ls -la a/b.rs");
        assert_eq!(quoted(["", "a b", "$HOME"]), "'' 'a b' '$HOME'");
        assert_eq!(quoted(["it's $5"]), r"'it'\''s $5'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[cfg(unix)]
        #[test]
        fn a_shell_reads_the_words_back(words in prop::collection::vec("[ -~\n\té]{0,12}", 1..5)) {
            let script = format!("printf '%s\\0' {}", quoted(&words));
            let output = std::process::Command::new("/bin/sh").args(["-c", &script]).output();
            let output = output.expect("there is a shell").stdout;
            let want: String = words.iter().map(|word| format!("{word}\0")).collect();
            prop_assert_eq!(String::from_utf8_lossy(&output), want);
        }
    }
}
