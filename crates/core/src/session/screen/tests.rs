//! What a screen shows, answers and gives back.

use super::*;
use proptest::prelude::*;

fn small() -> Screen {
    let size = ScreenSize {
        rows: 4,
        columns: 10,
    };
    Screen::new(size, 5)
}

fn fed(bytes: &[u8]) -> Screen {
    let mut screen = small();
    let _ = screen.feed(bytes);
    screen
}

fn answered(bytes: &[u8]) -> String {
    String::from_utf8(small().feed(bytes).bytes).unwrap()
}

#[test]
fn text_is_what_is_visible() {
    assert_eq!(fed(b"").text(), "");
    assert_eq!(fed(b"a  \r\n\r\nb\x1b[D\x1b[31mX").text(), "a\n\nX");
    // A wrapped line is one.
    assert_eq!(fed(b"0123456789abc").text(), "0123456789abc");
    assert_eq!(fed("é💖\u{65e5}".as_bytes()).text(), "é💖\u{65e5}");
    assert_eq!(fed(b"bad \xff byte").text(), "bad  byte");
}

#[test]
fn what_follows_a_split_character_is_not_lost() {
    let mut screen = fed(b"\xc3");
    let _ = screen.feed("\u{e9}a💖".as_bytes().split_at(1).1);
    assert_eq!(screen.text(), "éa💖");
}

#[test]
fn rows_above_the_screen_are_remembered_within_bounds() {
    let mut screen = small();
    for row in 0..20 {
        let _ = screen.feed(format!("row {row}\r\n").as_bytes());
    }
    assert_eq!(screen.text(), "row 17\nrow 18\nrow 19");
    assert_eq!(screen.scrollback_rows(), 5);
    let history: Vec<String> = (12..20).map(|row| format!("row {row}")).collect();
    assert_eq!(screen.history(), history.join("\n"));
}

#[test]
fn the_alternate_screen_has_text_of_its_own() {
    let mut screen = fed(b"main\x1b[?1049h\x1b[Halt");
    assert!(screen.is_alternate());
    assert_eq!(screen.text(), "alt");
    let _ = screen.feed(b"\x1b[?1049l");
    assert!(!screen.is_alternate());
    assert_eq!(screen.text(), "main");
}

#[test]
fn title_and_modes_are_known() {
    let screen = fed(b"\x1b]0;a\x1b\\\x1b]2;b\xff\x01c\x07\x1b[?1h\x1b[?2004h\x1b[?25l\x1b[>1u");
    assert_eq!(screen.title(), "b\u{fffd}c");
    let want = InputModes {
        application_cursor: true,
        bracketed_paste: true,
        disambiguate: true,
    };
    assert_eq!(screen.input_modes(), want);
    assert!(!screen.cursor().visible);
    let long = format!("\u{1b}]2;{}\u{7}after", "é".repeat(100_000));
    let screen = fed(long.as_bytes());
    assert!((1..=TITLE_BYTES).contains(&screen.title().len()));
    assert_eq!(screen.text(), "after");
}

#[test]
fn every_question_is_answered() {
    let version = format!("\u{1b}P>|handfast({})\u{1b}\\", env!("CARGO_PKG_VERSION"));
    let cases: [(&[u8], &str); 21] = [
        (b"\x1b[c", "\u{1b}[?62;22c"),
        (b"\x1b[>c", "\u{1b}[>0;1;0c"),
        (b"\x1b[=c", "\u{1b}P!|00000000\u{1b}\\"),
        (b"\x1b[5n", "\u{1b}[0n"),
        (b"ab\r\nc\x1b[6nd", "\u{1b}[2;2R"),
        (b"\x1b[?6n", "\u{1b}[?1;1R"),
        // After the last column the cursor stays on it.
        (b"0123456789\x1b[6n", "\u{1b}[1;10R"),
        (b"\x1b]10;?\x07", "\u{1b}]10;rgb:e5e5/e5e5/e5e5\u{7}"),
        (b"\x1b]11;?\x1b\\", "\u{1b}]11;rgb:0000/0000/0000\u{1b}\\"),
        (b"\x1b]12;?\x07", "\u{1b}]12;rgb:e5e5/e5e5/e5e5\u{7}"),
        (b"\x1b[>q", &version),
        (b"\x1b[18t", "\u{1b}[8;4;10t"),
        (b"\x1b[?2004h\x1b[?2004$p", "\u{1b}[?2004;1$y"),
        (b"\x1b[?25$p\x1b[?1049$p", "\u{1b}[?25;1$y\u{1b}[?1049;2$y"),
        (b"\x1b[?2026$p\x1b[4$p", "\u{1b}[?2026;0$y\u{1b}[4;0$y"),
        (
            b"\x1b[?1006h\x1b[?1006$p\x1b[?1000$p",
            "\u{1b}[?1006;1$y\u{1b}[?1000;2$y",
        ),
        (b"\x1bP$qm\x1b\\", "\u{1b}P0$r\u{1b}\\"),
        (b"\x1bP+q544e\x1b\\", "\u{1b}P0+r\u{1b}\\"),
        (
            b"\x1b[?u\x1b[>5u\x1b[?u\x1b[<u\x1b[?u",
            "\u{1b}[?0u\u{1b}[?1u\u{1b}[?0u",
        ),
        (b"\x1b[>1u\x1bc\x1b[?u", "\u{1b}[?0u"),
        // Not answered: title, palette, clipboard, pixels, answerback.
        (
            b"\x1b]2;x\x07\x1b[21t\x1b[14t\x1b]4;1;?\x07\x1b]52;c;?\x07\x05",
            "",
        ),
    ];
    for (bytes, want) in cases {
        assert_eq!(
            answered(bytes),
            want,
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

#[test]
fn a_repeated_character_fills_the_screen_at_most() {
    let screen = fed(b"a\x1b[65535b");
    assert_eq!(screen.cursor().column, 1, "41 characters in rows of 10");
    assert_eq!(screen.text(), "a".repeat(31));
    assert_eq!(fed(b"a\x1b[3b").text(), "aaaa");
}

#[test]
fn each_screen_has_its_own_keyboard_flags() {
    let mut screen = fed(b"\x1b[?1049h\x1b[>1u");
    assert!(screen.input_modes().disambiguate);
    let _ = screen.feed(b"\x1b[?1049l");
    assert!(!screen.input_modes().disambiguate);
}

#[test]
fn answers_are_bounded_and_the_rest_is_counted() {
    let answers = small().feed(&b"\x1b[c".repeat(10_000));
    assert!(answers.bytes.len() <= ANSWER_BYTES);
    let given = answers.bytes.len() / "\u{1b}[?62;22c".len();
    assert_eq!(given as u64 + answers.dropped, 10_000);
}

#[test]
fn another_size_keeps_the_screen_within_it() {
    let mut screen = fed(b"one\r\ntwo\r\nthree\r\nfour");
    screen.resize(ScreenSize {
        rows: 2,
        columns: 5,
    });
    assert_eq!(screen.text(), "three\nfour");
    assert_eq!(screen.history(), "one\ntwo\nthree\nfour");
    screen.resize(ScreenSize {
        rows: 0,
        columns: u16::MAX,
    });
    let want = ScreenSize {
        rows: 1,
        columns: SCREEN_SIDE,
    };
    assert_eq!(screen.size(), want);
}

#[test]
fn release_undoes_every_mode() {
    let mut screen = fed(
        b"\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[?1003h\x1b[?1006h\x1b[?25l\x1b[4 q\x1b[=1u\x1b[31m",
    );
    let _ = screen.feed(RELEASE);
    // The flags were set on the alternate screen; those of the main one are set to none.
    assert_eq!(screen.input_modes(), InputModes::default());
    assert_eq!(
        screen.vt().input_mode_formatted(),
        small().vt().input_mode_formatted()
    );
    assert!(screen.cursor().visible && !screen.is_alternate());
}

/// What somebody who looks at a screen can see of it.
fn seen(screen: &Screen) -> (String, Cursor, bool, String, InputModes) {
    let drawn = screen.vt().contents_formatted();
    let title = screen.title().to_owned();
    let alternate = screen.is_alternate();
    (
        drawn,
        screen.cursor(),
        alternate,
        title,
        screen.input_modes(),
    )
}

const CONTROLS: &[&[u8]] = &[
    b"\r\n", b"\n", b"\r", b"\x08", b"\t", b"\x1bM", b"\x1b7", b"\x1b8", b"\x1bc", b"\x1bD",
    b"\x1bE", b"\x0b",
];
const QUESTIONS: &[&[u8]] = &[b"\x1b[6n", b"\x1b[?u", b"\x1b[>1u", b"\x1b[<u"];

/// Output with many sequences that move, draw, erase and switch.
fn output() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => "[a-zA-Zé日💖 ]{1,12}".prop_map(String::into_bytes),
        4 => ("[0-9;]{0,6}", prop::sample::select(&b"ABCDEFGHIJKLMPSTXZ@`bdfmrsu"[..]))
            .prop_map(|(numbers, last)| format!("\u{1b}[{numbers}{}", char::from(last)).into_bytes()),
        2 => (prop::sample::select(&[1_u16, 6, 7, 9, 25, 47, 1000, 1049, 2004][..]), any::<bool>())
            .prop_map(|(mode, set)| format!("\u{1b}[?{mode}{}", if set { 'h' } else { 'l' }).into()),
        2 => prop::sample::select(CONTROLS).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 1..6),
        1 => "\u{1b}\\]2;[a-z]{0,5}\u{7}".prop_map(String::into_bytes),
        1 => prop::sample::select(QUESTIONS).prop_map(<[u8]>::to_vec),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn every_split_gives_the_same_screen_and_answers(bytes in output()) {
        let mut whole = small();
        let answers = whole.feed(&bytes).bytes;
        for at in 0..=bytes.len() {
            let mut screen = small();
            let mut given = screen.feed(&bytes[..at]).bytes;
            given.extend(screen.feed(&bytes[at..]).bytes);
            prop_assert_eq!(seen(&screen), seen(&whole));
            prop_assert_eq!(&given, &answers);
        }
    }

    #[test]
    fn any_output_and_any_size_leave_a_screen(
        steps in prop::collection::vec((output(), 1..12_u16, 1..14_u16), 1..6),
    ) {
        let mut screen = small();
        for (bytes, rows, columns) in steps {
            let _ = screen.feed(&bytes);
            screen.resize(ScreenSize { rows, columns });
            let _ = (screen.text(), screen.history(), screen.redraw());
            let cursor = screen.cursor();
            prop_assert!(cursor.row < rows && cursor.column <= columns);
        }
    }

    #[test]
    fn redrawn_elsewhere_it_is_the_same(bytes in output()) {
        let screen = fed(&bytes);
        let mut other = fed(b"other\r\n text\x1b[1m");
        let answers = other.feed(&screen.redraw());
        prop_assert_eq!(answers, Answers::default());
        prop_assert_eq!(other.text(), screen.text());
        let (_, cursor, alternate, title, modes) = seen(&other);
        let want = (screen.cursor(), screen.is_alternate(), screen.title(), screen.input_modes());
        prop_assert_eq!((cursor, alternate, title.as_str(), modes), want);
    }
}
