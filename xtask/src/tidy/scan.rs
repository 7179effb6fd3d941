//! Finds words, brackets, attributes and functions in masked code.
//!
//! This is not a parser: it knows just enough of the shape of Rust for the house rules, and it
//! relies on rustfmt and the compiler for the rest.

use std::ops::Range;

use super::mask::is_word;

/// Every place where `word` stands alone, not as a part of a longer name.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let after = bytes.get(at + word.len());
            (at == 0 || !is_word(bytes[at - 1])) && !after.is_some_and(|&byte| is_word(byte))
        })
}

/// Every place where `word` is followed by `next`, with or without space between.
pub(super) fn words_before<'a>(
    code: &'a str,
    word: &'a str,
    next: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    words(code, word).filter(move |at| code[at + word.len()..].trim_start().starts_with(next))
}

/// The offset of the first byte at or after `at` that is not white space.
pub(super) fn skip_space(code: &str, at: usize) -> usize {
    code.len() - code[at..].trim_start().len()
}

/// The bracket that closes the one at `open`.
pub(super) fn close(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The first of `wanted` at or after `at` that is in no bracket of its own.
///
/// Angle brackets count too, but for the one of `->`.
pub(super) fn find_flat(code: &str, at: usize, wanted: &[u8]) -> Option<usize> {
    let bytes = code.as_bytes();
    let mut depth = 0_usize;
    for at in at..bytes.len() {
        if depth == 0 && wanted.contains(&bytes[at]) {
            return Some(at);
        }
        match bytes[at] {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b'>' if at > 0 && matches!(bytes[at - 1], b'-' | b'=') => {}
            b')' | b']' | b'}' | b'>' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// Every attribute, from its `#` to its `]`.
pub(super) fn attributes(code: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    code.match_indices('#').filter_map(|(at, _)| {
        let open = at
            + if code[at + 1..].starts_with('!') {
                2
            } else {
                1
            };
        let is_attribute = code[open..].starts_with('[');
        is_attribute
            .then(|| close(code, open))?
            .map(|end| at..end + 1)
    })
}

/// The item that an attribute ending at `at` belongs to, from its first word to its end.
pub(super) fn item_after(code: &str, at: usize) -> Range<usize> {
    let mut start = skip_space(code, at);
    while code[start..].starts_with("#[") {
        let end = close(code, start + 1).unwrap_or(start + 1);
        start = skip_space(code, end + 1);
    }
    let end = match find_flat(code, start, b"{;") {
        Some(open) if code.as_bytes()[open] == b'{' => close(code, open),
        end => end,
    };
    start..end.map_or(code.len(), |end| end + 1)
}

/// A function with a name: where it is, how many parameters it takes, and its body.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) at: usize,
    pub(super) parameters: usize,
    /// From `{` to `}`; a declaration has none.
    pub(super) body: Option<Range<usize>>,
}

/// Every function, nested ones too. Function pointer types and macro templates are none.
pub(super) fn functions(code: &str) -> impl Iterator<Item = Function> + '_ {
    words(code, "fn").filter_map(|at| {
        let name = skip_space(code, at + 2);
        let named = code.as_bytes().get(name).is_some_and(|&byte| is_word(byte));
        let open = named.then(|| find_flat(code, name, b"("))??;
        let end = close(code, open)?;
        let body = find_flat(code, end + 1, b"{;").filter(|&at| code[at..].starts_with('{'));
        let body = body.and_then(|start| Some(start..close(code, start)?));
        Some(Function {
            at,
            parameters: count_flat(&code[open + 1..end]),
            body,
        })
    })
}

/// The number of entries in a list with commas between.
fn count_flat(list: &str) -> usize {
    let (mut rest, mut count) = (list, 0);
    while !rest.trim().is_empty() {
        count += 1;
        let Some(comma) = find_flat(rest, 0, b",") else {
            break;
        };
        rest = &rest[comma + 1..];
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_not_a_part_of_a_name() {
        let found: Vec<_> = words("unsafe_code unsafe{} is_unsafe unsafe", "unsafe").collect();
        assert_eq!(found, [12, 31]);
    }

    #[test]
    fn parameters_are_counted_past_generics_and_closures() {
        let count = |code| {
            functions(code)
                .map(|found| found.parameters)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            count("fn f<A, B: Fn(A, A) -> B>(&self, a: Map<A, B>, c: fn(A, B) -> A,) {}"),
            [3]
        );
        assert_eq!(count("fn f() -> [u8; 4] { g(1, 2) }"), [0]);
        assert_eq!(count("type F = fn(u8, u8); fn $name() {}"), [0; 0]);
    }

    #[test]
    fn a_body_is_found_past_the_return_type_and_where() {
        let code = "fn f<T>(x: T) -> Map<T, [u8; 4]> where T: Fn() -> u8 { { x } } fn g();";
        let bodies: Vec<_> = functions(code).map(|found| found.body).collect();
        assert_eq!(&code[bodies[0].clone().expect("f has a body")], "{ { x } ");
        assert_eq!(bodies[1], None);
    }

    #[test]
    fn an_item_reaches_to_its_end() {
        let code = "#[cfg(test)] #[path = \"\"] mod a { fn b() {} } fn c() {}";
        assert_eq!(&code[item_after(code, 12)], "mod a { fn b() {} }");
        let code = "#[cfg(test)] use a::{b, c}; fn d() {}";
        assert!(code[item_after(code, 12)].starts_with("use a::{b, c}"));
    }
}
