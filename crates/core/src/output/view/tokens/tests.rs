//! Cases computed by hand, and properties of truncation.

use super::*;
use proptest::prelude::*;

#[test]
fn the_middle_is_cut_out() {
    let cases = [
        // Fits: unchanged.
        ("", Policy::Tokens(0), ""),
        ("abcd", Policy::Tokens(1), "abcd"),
        ("abcd", Policy::Bytes(4), "abcd"),
        // No budget: the marker only.
        ("abcde", Policy::Tokens(0), "…2 tokens truncated…"),
        ("éé", Policy::Bytes(0), "…2 chars truncated…"),
        // Odd budgets give the larger half to the end.
        ("abcdef", Policy::Bytes(3), "a…3 chars truncated…ef"),
        ("abcdef", Policy::Bytes(1), "…5 chars truncated…f"),
        // Characters that do not fit go whole, on both sides. The tokens are above the budget.
        ("éaé", Policy::Bytes(2), "…3 chars truncated…"),
        ("💖💖💖", Policy::Bytes(7), "…2 chars truncated…💖"),
        ("💖💖💖", Policy::Tokens(1), "…2 tokens truncated…"),
        ("a💖b💖c", Policy::Tokens(2), "a…1 tokens truncated…c"),
    ];
    for (text, policy, want) in cases {
        let cut = truncate_middle(text, policy);
        assert_eq!(cut.text, want, "{text:?} within {policy:?}");
    }
}

#[test]
fn the_policies_compare_and_scale() {
    assert_eq!(Policy::Tokens(3).byte_budget(), 12);
    assert_eq!(Policy::Bytes(9).token_budget(), 3);
    assert_eq!(Policy::Tokens(1).scaled(12, 10), Policy::Tokens(2));
    assert_eq!(Policy::Bytes(0).scaled(12, 10), Policy::Bytes(0));
    assert_eq!(Policy::Tokens(1).scaled(1, 0), Policy::Tokens(1));
    let (tokens, bytes) = (Policy::Tokens(10), Policy::Bytes(39));
    assert_eq!(tokens.narrower(bytes), bytes);
    assert_eq!(bytes.narrower(tokens), bytes);
    assert_eq!(tokens.narrower(Policy::Bytes(40)), tokens);
    assert_eq!(Policy::default(), Policy::Tokens(10_000));
    assert_eq!(Policy::Tokens(usize::MAX).byte_budget(), usize::MAX);
}

#[test]
fn lines_of_the_warning_are_lines_of_text() {
    let text = "a\nb\nc without end";
    let shown = Collected::whole(text).within(Policy::Bytes(4));
    let want = "Warning: truncated output (original token count: 5)\nTotal output lines: 3\n\n\
                a\n…13 chars truncated…nd";
    assert_eq!(shown, want);
}

fn with_gap(text: &str) -> Collected<'_> {
    Collected {
        text,
        omitted_bytes: 1_000,
        original_tokens: 260,
    }
}

const MARKER: &str = "... 1000 bytes omitted ...";

#[test]
fn an_omission_is_said_once() {
    let marked = format!("head\n{MARKER}\ntail");
    assert_eq!(with_gap(&marked).within(Policy::Tokens(100)), marked);
    let bare = with_gap("no marker")
        .within(Policy::Tokens(100))
        .into_owned();
    assert_eq!(bare, format!("{MARKER}\nno marker"));
}

#[test]
fn an_omission_changes_the_warning() {
    // The marker stands at the end, so the truncation keeps it.
    let text = format!("{}{MARKER}", "x".repeat(100));
    let want = format!(
        "Warning: truncated output (original token count: 260)\n\n{}…16 tokens truncated…{}{MARKER}",
        "x".repeat(32),
        "x".repeat(6)
    );
    assert_eq!(
        with_gap(&text).within(Policy::Bytes(64)).len(),
        want.len() - 1
    );
    assert_eq!(with_gap(&text).within(Policy::Tokens(16)), want);
    // It stands in the middle, so the truncation cuts it out, and it is said above.
    let text = format!("{}\n{MARKER}\n{}", "x".repeat(50), "y".repeat(50));
    let want = format!(
        "Warning: truncated output (original token count: 260)\n{MARKER}\n\nxx…124 chars truncated…yy"
    );
    assert_eq!(with_gap(&text).within(Policy::Bytes(4)), want);
}

#[test]
fn the_whole_response_fits_above_the_model() {
    let text = "x".repeat(1_000);
    let collected = Collected::whole(&text);
    // 1.2 times 400 bytes less 100 of header and a line end is 379. The warning takes 77 bytes, the
    // marker 26: at 100 tokens 400 + 77 + 26 = 503, 124 too many, 31 tokens; at 69 tokens 276 + 103.
    let shown = collected.within_response(Policy::default(), Policy::Tokens(100), 100);
    let want = collected.within(Policy::Tokens(69));
    assert_eq!((shown.len(), shown), (379, want));
    // What fits is not touched.
    let shown = collected.within_response(Policy::default(), Policy::Bytes(1_000), 100);
    assert_eq!(shown, text);
    // Nothing fits: the budget ends at nothing.
    let shown = collected.within_response(Policy::Bytes(10), Policy::Bytes(10), 100);
    assert_eq!(shown, collected.within(Policy::Bytes(0)));
}

fn any_policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        (0..20_usize).prop_map(Policy::Tokens),
        (0..80_usize).prop_map(Policy::Bytes),
    ]
}

/// The kept beginning and end of a truncated text.
fn ends(shown: &str) -> (&str, &str) {
    let (head, rest) = shown.split_once('…').unwrap();
    (head, rest.split_once('…').unwrap().1)
}

proptest! {
    #[test]
    fn what_is_kept_is_a_prefix_and_a_suffix_within_the_budget(
        text in "[aé💖\n]{0,60}",
        policy in any_policy(),
    ) {
        let cut = truncate_middle(&text, policy);
        if text.len() <= policy.byte_budget() {
            prop_assert_eq!(&cut.text, &text);
            return Ok(());
        }
        let (head, tail) = ends(&cut.text);
        prop_assert!(text.starts_with(head) && text.ends_with(tail));
        prop_assert!(head.len() <= policy.byte_budget() / 2);
        prop_assert!(head.len() + tail.len() <= policy.byte_budget());
        prop_assert_eq!(head.len() + cut.removed_bytes + tail.len(), text.len());
        // No more than one character less than the budget on each side.
        prop_assert!(head.len() + tail.len() + 6 >= policy.byte_budget());
    }

    #[test]
    fn a_response_is_bounded_or_has_nothing_but_its_warning(
        text in "[aé💖\n]{0,400}",
        wanted in any_policy(),
        model in (0..400_usize).prop_map(Policy::Bytes),
        header in 0..120_usize,
    ) {
        let collected = Collected::whole(&text);
        let shown = collected.within_response(wanted, model, header);
        let bound = model.scaled(12, 10).byte_budget();
        let least = collected.within(Policy::Bytes(0)).len().max(collected.within(Policy::Tokens(0)).len());
        prop_assert!(shown.len() + header < bound.max(header + 1 + least) + 1);
    }
}
