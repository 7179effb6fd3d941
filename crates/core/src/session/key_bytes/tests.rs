//! Keys against what terminfo says of xterm-256color, and what it does not say.

use std::process::Command;

use super::*;

const APPLICATION: InputModes = InputModes {
    application_cursor: true,
    bracketed_paste: false,
    disambiguate: false,
};

fn bytes(name: &str, modes: InputModes) -> Result<String, KeyError> {
    let bytes = name.parse::<Key>()?.bytes(modes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn pressed(name: &str) -> String {
    bytes(name, InputModes::default()).unwrap()
}

/// Capability, key, and the value in the terminfo entry of ncurses 6.4 (`infocmp -x1
/// xterm-256color`). The entry describes the keypad in application mode.
const TERMINFO: [(&str, &str, &str); 42] = [
    ("kcuu1", "up", r"\EOA"),
    ("kcud1", "down", r"\EOB"),
    ("kcuf1", "right", r"\EOC"),
    ("kcub1", "left", r"\EOD"),
    ("khome", "home", r"\EOH"),
    ("kend", "end", r"\EOF"),
    ("kich1", "insert", r"\E[2~"),
    ("kdch1", "delete", r"\E[3~"),
    ("kpp", "page-up", r"\E[5~"),
    ("knp", "page-down", r"\E[6~"),
    ("kbs", "backspace", r"^?"),
    ("kcbt", "shift-tab", r"\E[Z"),
    ("kri", "shift-up", r"\E[1;2A"),
    ("kind", "shift-down", r"\E[1;2B"),
    ("kRIT", "shift-right", r"\E[1;2C"),
    ("kLFT", "shift-left", r"\E[1;2D"),
    ("kHOM", "shift-home", r"\E[1;2H"),
    ("kEND", "shift-end", r"\E[1;2F"),
    ("kIC", "shift-insert", r"\E[2;2~"),
    ("kDC", "shift-delete", r"\E[3;2~"),
    ("kPRV", "shift-page-up", r"\E[5;2~"),
    ("kNXT", "shift-page-down", r"\E[6;2~"),
    ("kf1", "f1", r"\EOP"),
    ("kf2", "f2", r"\EOQ"),
    ("kf3", "f3", r"\EOR"),
    ("kf4", "f4", r"\EOS"),
    ("kf5", "f5", r"\E[15~"),
    ("kf6", "f6", r"\E[17~"),
    ("kf7", "f7", r"\E[18~"),
    ("kf8", "f8", r"\E[19~"),
    ("kf9", "f9", r"\E[20~"),
    ("kf10", "f10", r"\E[21~"),
    ("kf11", "f11", r"\E[23~"),
    ("kf12", "f12", r"\E[24~"),
    ("kf13", "f13", r"\E[1;2P"),
    ("kf17", "f17", r"\E[15;2~"),
    ("kf24", "f24", r"\E[24;2~"),
    ("kf25", "ctrl-f1", r"\E[1;5P"),
    ("kf36", "ctrl-f12", r"\E[24;5~"),
    ("kf37", "ctrl-shift-f1", r"\E[1;6P"),
    ("kf49", "alt-f1", r"\E[1;3P"),
    ("kf61", "alt-shift-f1", r"\E[1;4P"),
];

fn unescaped(value: &str) -> String {
    value.replace(r"\E", "\u{1b}").replace("^?", "\u{7f}")
}

#[test]
fn the_keys_are_those_of_terminfo() {
    for (capability, name, value) in TERMINFO {
        let got = bytes(name, APPLICATION).unwrap();
        assert_eq!(got, unescaped(value), "{capability} {name}");
    }
}

#[test]
fn the_table_is_that_of_the_installed_terminfo() {
    let infocmp = Command::new("infocmp")
        .args(["-x1", "xterm-256color"])
        .output();
    let Ok(output) = infocmp else {
        eprintln!("infocmp is not installed; the table stands alone");
        return;
    };
    let entry = String::from_utf8(output.stdout).unwrap();
    if !output.status.success() || !entry.contains("kcuu1=") {
        eprintln!("there is no xterm-256color here; the table stands alone");
        return;
    }
    for (capability, _, value) in TERMINFO {
        // Older entries write DEL as `\177`.
        let given = format!("\t{capability}={value},\n");
        let older = given.replace("^?", r"\177");
        assert!(entry.contains(&given) || entry.contains(&older), "{given}");
    }
}

#[test]
fn control_and_alt_give_what_xterm_sends() {
    let cases = [
        ("ctrl-c", "\u{3}"),
        ("ctrl-a", "\u{1}"),
        ("ctrl-z", "\u{1a}"),
        ("ctrl-space", "\0"),
        ("ctrl-@", "\0"),
        ("ctrl-[", "\u{1b}"),
        ("ctrl-\\", "\u{1c}"),
        ("ctrl-]", "\u{1d}"),
        ("ctrl-^", "\u{1e}"),
        ("ctrl-_", "\u{1f}"),
        ("ctrl-/", "\u{1f}"),
        ("ctrl-?", "\u{7f}"),
        ("alt-x", "\u{1b}x"),
        ("alt-X", "\u{1b}X"),
        ("alt-é", "\u{1b}é"),
        ("ctrl-alt-d", "\u{1b}\u{4}"),
        ("alt-enter", "\u{1b}\r"),
        ("alt-backspace", "\u{1b}\u{7f}"),
        ("ctrl-backspace", "\u{8}"),
        ("alt-escape", "\u{1b}\u{1b}"),
        ("enter", "\r"),
        ("tab", "\t"),
        ("escape", "\u{1b}"),
        ("space", " "),
        ("é", "é"),
        ("ctrl-left", "\u{1b}[1;5D"),
        ("alt-up", "\u{1b}[1;3A"),
        ("ctrl-alt-shift-end", "\u{1b}[1;8F"),
        ("ctrl-delete", "\u{1b}[3;5~"),
        ("up", "\u{1b}[A"),
        ("home", "\u{1b}[H"),
    ];
    for (name, want) in cases {
        assert_eq!(pressed(name), want, "{name}");
    }
}

#[test]
fn what_a_terminal_cannot_tell_apart_is_refused() {
    let refused = [
        "shift-enter",
        "ctrl-enter",
        "ctrl-tab",
        "ctrl-shift-c",
        "shift-backspace",
        "shift-1",
        "ctrl-é",
        "ctrl-1",
        "ctrl-f13",
        "ctrl-escape",
    ];
    for name in refused {
        let error = bytes(name, InputModes::default()).unwrap_err();
        let want = format!("`{name}` has no bytes of its own in this program's terminal");
        assert_eq!(error.to_string(), want);
    }
}

#[test]
fn the_kitty_protocol_tells_keys_apart() {
    let modes = InputModes {
        disambiguate: true,
        ..InputModes::default()
    };
    let cases = [
        ("escape", "\u{1b}[27u"),
        ("ctrl-c", "\u{1b}[99;5u"),
        ("ctrl-shift-c", "\u{1b}[99;6u"),
        ("alt-X", "\u{1b}[120;4u"),
        ("ctrl-space", "\u{1b}[32;5u"),
        ("shift-enter", "\u{1b}[13;2u"),
        ("ctrl-tab", "\u{1b}[9;5u"),
        ("shift-tab", "\u{1b}[9;2u"),
        ("ctrl-backspace", "\u{1b}[127;5u"),
        ("ctrl-f3", "\u{1b}[13;5~"),
        ("enter", "\r"),
        ("backspace", "\u{7f}"),
        ("a", "a"),
        ("A", "A"),
        ("up", "\u{1b}[A"),
        ("f3", "\u{1b}OR"),
    ];
    for (name, want) in cases {
        assert_eq!(bytes(name, modes).unwrap(), want, "{name}");
    }
}

#[test]
fn a_paste_cannot_end_itself() {
    let modes = InputModes {
        bracketed_paste: true,
        ..InputModes::default()
    };
    let text = "rm -rf x\u{1b}[201~\nreboot";
    for modes in [modes, InputModes::default()] {
        assert_eq!(paste(text, modes), Err(KeyError::PasteEnd { at: 8 }));
    }
    assert_eq!(paste("", modes).unwrap(), b"\x1b[200~\x1b[201~");
}
