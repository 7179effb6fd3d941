//! Text within a budget, and times as people say them. Pure.

/// Bytes of a token, about.
const TOKEN: usize = 4;

/// How much of an output is given unless it is said: 10,000 tokens.
pub(crate) const DEFAULT_TOKENS: u64 = 10_000;

/// The most tokens of one answer.
const MOST_TOKENS: u64 = 250_000;

/// Cuts the middle out of a text that is longer than so many tokens, and says how much that was.
pub(crate) fn within(text: &str, tokens: Option<u64>) -> (String, bool) {
    let tokens = tokens.unwrap_or(DEFAULT_TOKENS).min(MOST_TOKENS);
    let budget = usize::try_from(tokens).unwrap_or(usize::MAX / TOKEN) * TOKEN;
    if text.len() <= budget {
        return (text.to_owned(), false);
    }
    let head = text.floor_char_boundary(budget / 2);
    let tail = text.ceil_char_boundary(text.len() - (budget - budget / 2));
    let left_out = (text.len() - budget).div_ceil(TOKEN);
    let (head, tail) = (&text[..head], &text[tail..]);
    (format!("{head}…{left_out} tokens truncated…{tail}"), true)
}

/// `4 s`, `3 min`, `2 h`.
pub(crate) fn age(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// The last lines of a text.
pub(crate) fn last_lines(text: &str, lines: usize) -> &str {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let mut ends = body.rmatch_indices('\n');
    match lines.checked_sub(1) {
        None => "",
        Some(before) => ends.nth(before).map_or(text, |(at, _)| &text[at + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_cut_out_between_characters() {
        assert_eq!(within("abcd", Some(1)), ("abcd".to_owned(), false));
        let (cut, was) = within("aaaaébbbb", Some(1));
        assert!(was);
        assert_eq!(cut, "aa…2 tokens truncated…bb");
        assert_eq!(within("ab", Some(0)).0, "…1 tokens truncated…");
    }

    #[test]
    fn lines_are_counted_from_the_end() {
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc\n");
        assert_eq!(last_lines("a\nb\nc", 1), "c");
        assert_eq!(last_lines("a\n", 5), "a\n");
        assert_eq!(last_lines("a\n", 0), "");
    }

    #[test]
    fn ages_are_short() {
        assert_eq!(age(4_999), "4 s");
        assert_eq!(age(180_000), "3 min");
        assert_eq!(age(7_200_000), "2 h");
    }
}
