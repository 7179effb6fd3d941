//! Splits Rust text into what the compiler reads and what people read.
//!
//! Rules look for words, and must not be fooled by a word inside a string or a comment. Both
//! results have the length and the line breaks of the input, so offsets agree between all three.

/// One file, seen twice.
pub(super) struct Masked {
    /// The code, with comments and the contents of strings and characters blanked.
    pub(super) code: String,
    /// The comments, with everything else blanked.
    pub(super) comments: String,
}

/// Separates code from comments.
pub(super) fn mask(text: &str) -> Masked {
    let blank: Vec<u8> = text
        .bytes()
        .map(|byte| if byte == b'\n' { byte } else { b' ' })
        .collect();
    let mut lexer = Lexer {
        text: text.as_bytes(),
        at: 0,
        code: blank.clone(),
        comments: blank,
    };
    while lexer.at < lexer.text.len() {
        lexer.step();
    }
    let whole = "characters are copied or blanked as a whole";
    Masked {
        code: String::from_utf8(lexer.code).expect(whole),
        comments: String::from_utf8(lexer.comments).expect(whole),
    }
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    code: Vec<u8>,
    comments: Vec<u8>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        if rest.starts_with(b"//") {
            let end = rest
                .iter()
                .position(|&byte| byte == b'\n')
                .unwrap_or(rest.len());
            self.comment(end);
        } else if rest.starts_with(b"/*") {
            self.comment(block_comment_length(rest));
        } else if let Some(length) = self.raw_string_length() {
            self.at += length;
        } else if rest[0] == b'"' {
            self.quoted(quoted_length(rest, b'"'));
        } else if rest[0] == b'\'' && is_character(rest) {
            self.quoted(quoted_length(rest, b'\''));
        } else {
            self.code[self.at] = rest[0];
            self.at += 1;
        }
    }

    fn comment(&mut self, length: usize) {
        let end = self.at + length;
        self.comments[self.at..end].copy_from_slice(&self.text[self.at..end]);
        self.at = end;
    }

    /// Keeps the quotes, so that code still looks like code, and skips what is between.
    fn quoted(&mut self, length: usize) {
        let last = self.at + length - 1;
        self.code[self.at] = self.text[self.at];
        self.code[last] = self.text[self.at];
        self.at = last + 1;
    }

    /// The length of a raw string that begins here; its prefix letter `b` or `c`, if any, has
    /// already been taken as code.
    fn raw_string_length(&self) -> Option<usize> {
        let rest = self.text[self.at..].strip_prefix(b"r")?;
        let mut before = self.text[..self.at].iter().rev();
        let previous = before.next().filter(|&&byte| byte != b'b' && byte != b'c');
        let previous = previous.or_else(|| before.next());
        if self.at > 0 && previous.is_some_and(|&byte| is_word(byte)) {
            return None;
        }
        let hashes = rest.iter().take_while(|&&byte| byte == b'#').count();
        let body = rest[hashes..].strip_prefix(b"\"")?;
        let mut end = vec![b'"'];
        end.resize(hashes + 1, b'#');
        let length = body.windows(end.len()).position(|window| window == end);
        Some(length.map_or(rest.len() + 1, |length| 1 + hashes + 1 + length + end.len()))
    }
}

/// Whether this byte can be part of an identifier.
pub(super) fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Block comments nest.
fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn quoted_length(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Tells `'x'` from the lifetime `'x`.
fn is_character(rest: &[u8]) -> bool {
    let Some(&first) = rest.get(1) else {
        return false;
    };
    let length = match first {
        b'\\' => return true,
        0..0x80 => 1,
        0x80..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    };
    rest.get(1 + length) == Some(&b'\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let masked = mask(text);
        assert_eq!(masked.code.len(), text.len());
        assert_eq!(masked.comments.len(), text.len());
        masked.code.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_are_not_code() {
        assert_eq!(code("a // unsafe\nb /* x /* y */ unsafe */ c"), "a b c");
        assert_eq!(mask("a // why\nb").comments.trim(), "// why");
    }

    #[test]
    fn a_comment_inside_a_string_is_neither() {
        let masked = mask(r#"f("// no", "a\"/*b") // yes"#);
        assert_eq!(masked.comments.trim(), "// yes");
        assert!(!masked.code.contains("no"));
        assert!(masked.code.contains(')'));
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        assert_eq!(code(r###"x(r#"a "quoted" unsafe"#) y"###), "x( ) y");
        assert_eq!(code(r###"x(br"\", cr#"""#) y"###), "x(b , c ) y");
        assert_eq!(code("r#type for_r\"s\""), "r#type for_r\" \"");
    }

    #[test]
    fn characters_are_blanked_and_lifetimes_are_not() {
        assert_eq!(
            code(r"('{', '\'', b'}', '€', '\u{7b}')"),
            "(' ', ' ', b' ', ' ', ' ')"
        );
        assert_eq!(
            code("fn f<'a>(x: &'a str) -> &'a str {"),
            "fn f<'a>(x: &'a str) -> &'a str {"
        );
    }

    #[test]
    fn an_unfinished_text_does_not_end_in_disaster() {
        for text in ["\"", "'", "'\\", "\"\\", "/*", "r#\"", "r", "//"] {
            assert_eq!(mask(text).code.len(), text.len());
        }
    }
}
