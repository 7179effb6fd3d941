//! `--tty`: a terminal of its own for a program whose caller has none, relayed through streams.

use crate::kit::{Running, code, command, handfast, puppet, text, until};
use std::fs::File;
use std::io::{Read, Write};
use std::process::{ChildStdin, Output, Stdio};
use testkit::Screen;

/// `handfast run --tty OPTIONS -- puppet WORDS`, with this typed and then the end of the input.
fn typed(options: &str, words: &str, input: &[u8]) -> Output {
    let mut child = handfast(&format!("--tty {options}"))
        .args(puppet(words))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that has ended takes nothing.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn up(options: &str, words: &str) -> (Running, ChildStdin) {
    let options = format!("--tty {options}");
    let mut command = handfast(&options);
    let mut running = Running::start(command.args(puppet(words)).stdin(Stdio::piped()));
    let stdin = running.child.stdin.take().unwrap();
    assert_eq!(running.line(), "up");
    (running, stdin)
}

#[test]
fn the_program_has_a_terminal_and_the_caller_none() {
    let output = typed("", "tty err error exit 7", b"");
    let shown = text(&output.stdout);
    assert!(shown.starts_with("tty 0=yes 1=yes 2=yes "), "{shown}");
    assert!(shown.contains(" rows=24 cols=80\r\n"), "{shown}");
    // It has one stream: its errors are shown with the rest.
    assert!(shown.contains("error\r\n"), "{shown}");
    assert_eq!(
        (text(&output.stderr), code(output.status)),
        (String::new(), 7)
    );
    // Control: without the option there is none.
    let plain = handfast("")
        .args(puppet("tty"))
        .stdin(Stdio::null())
        .output();
    assert!(text(&plain.unwrap().stdout).starts_with("tty 0=no 1=no "));
}

#[test]
fn it_is_in_the_foreground_of_its_session_and_holds_nothing_else() {
    let shown = text(&typed("", "tty print-fds say over", b"").stdout);
    let number = |key: &str| {
        let rest = shown.split(key).nth(1).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!(number("pgrp="), number("foreground="), "{shown}");
    assert_eq!(shown.matches("fd ").count(), 3, "{shown}");
}

#[test]
fn the_size_is_what_was_asked_for() {
    let shown = text(&typed("--size 40x120", "tty", b"").stdout);
    assert!(shown.contains(" rows=40 cols=120\r\n"), "{shown}");
    for options in ["--size 40x120", "--tty --size 40", "--tty --size 0x80"] {
        let refused = handfast(options).args(puppet("say no")).output().unwrap();
        assert_eq!(code(refused.status), 2, "{options}");
        assert!(
            text(&refused.stderr).contains("--size") || text(&refused.stderr).contains("--tty")
        );
    }
}

#[test]
fn what_comes_is_typed_and_its_end_is_ctrl_d() {
    // The terminal shows what is typed, as every terminal does.
    let output = typed("", "read-line read-line say over", b"hello\n");
    assert_eq!(
        text(&output.stdout),
        "hello\r\nline hello\r\neof\r\nover\r\n"
    );
    // A line that was begun is ended by the first Ctrl-D, and the input by a second one.
    let cut = typed("", "read-bytes 4 read-line say over", b"half");
    let shown = text(&cut.stdout);
    assert!(shown.ends_with("bytes half\r\neof\r\nover\r\n"), "{shown}");
    let none = command("sh")
        .args(["-c", "\"$0\" run --tty -- cat </dev/null"])
        .arg(testkit::handfast())
        .output()
        .unwrap();
    assert_eq!((code(none.status), text(&none.stdout)), (0, String::new()));
}

#[test]
fn the_bytes_of_keys_are_keys() {
    let (mut running, mut stdin) = up(
        "",
        "on INT [ say caught ] on QUIT [ say quit exit 3 ] say up park",
    );
    stdin.write_all(b"\x03").unwrap();
    assert_eq!(running.line(), "^Ccaught");
    // One that is sent to handfast arrives too: Ctrl-C where somebody sits before its terminal.
    running.signal("INT");
    assert_eq!(running.line(), "caught");
    stdin.write_all(b"\x1c").unwrap();
    let (rest, code) = running.end();
    assert_eq!((rest.as_str(), code), ("^\\quit\r\n", 3));
}

/// Nobody sits there to continue it.
#[test]
fn ctrl_z_in_a_stream_stops_nobody_for_good() {
    let (running, mut stdin) = up("", "say up read-line exit 0");
    stdin.write_all(b"\x1a").unwrap();
    stdin.write_all(b"after it\n").unwrap();
    let (rest, code) = running.end();
    assert!(rest.contains("line after it\r\n"), "{rest}");
    assert_eq!(code, 0);
    drop(stdin);
}

#[test]
fn a_flood_comes_whole_and_in_order() {
    let size = 4 << 20;
    let output = typed("", &format!("flood {size} exit 5"), b"");
    assert_eq!(code(output.status), 5);
    let expected = text(&testkit::flood(0, size)).replace('\n', "\r\n");
    assert!(
        text(&output.stdout) == expected,
        "{} bytes",
        output.stdout.len()
    );
}

/// Many lines at once: the terminal takes them as fast as they are read, and loses none.
#[test]
fn lines_that_come_faster_than_they_are_read_all_arrive() {
    let lines: String = (0..20_000).map(|number| format!("{number}\n")).collect();
    let mut child = handfast("--tty")
        .args(["--", "/bin/sh", "-c", "stty -echo; echo up; wc -l"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 4];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"up\r\n");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(lines.as_bytes())
        .unwrap();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest.trim(), "20000");
    assert_eq!(code(child.wait().unwrap()), 0);
}

/// As a window that is closed: the program is hung up.
#[test]
fn a_reader_that_goes_away_hangs_the_program_up() {
    // A hangup closes the terminal before it is signalled (`tty_io.c`), so the program must bear a write that
    // fails, as a shell does.
    let mut child = handfast("--tty")
        .args(["sh", "-c", "echo up; read word; echo more; exec sleep 1000"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 4];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut said).unwrap();
    assert_eq!(&said, b"up\r\n");
    drop(stdout);
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    assert_eq!(code(child.wait().unwrap()), 128 + 1);
}

#[test]
fn the_size_of_the_terminal_that_shows_it_is_taken_and_followed() {
    let mut screen = Screen::new(33, 77);
    let words = puppet("on WINCH [ tty ] tty say ready park");
    let exec = ["-c", "exec \"$@\" </dev/null", "sh"].map(str::to_owned);
    let handfast = testkit::handfast().display().to_string();
    let run = [handfast, "run".to_owned(), "--tty".to_owned()];
    let mut ours = screen.start("/bin/sh".as_ref(), exec.into_iter().chain(run).chain(words));
    let shown = screen.until("ready");
    assert!(shown.contains(" rows=33 cols=77"), "{shown}");
    screen.resize(40, 100);
    screen.until("rows=40 cols=100");
    // Ctrl-C on the caller's own terminal is for its job, and so for the program.
    screen.type_in("\x03");
    assert_eq!(code(ours.wait().unwrap()), 130);
}

/// On a terminal the program has one anyway; with the option its outputs are on it too, and still go
/// where the caller's do.
#[test]
fn on_a_terminal_it_puts_the_outputs_there_too() {
    let folder = tempfile::tempdir().unwrap();
    for (option, is) in [(None, "no"), (Some("--tty"), "yes")] {
        let path = folder.path().join(is);
        let mut screen = Screen::new(24, 80);
        let words = puppet("tty err ready read-line exit 0");
        let arguments = ["run"].into_iter().chain(option).map(str::to_owned);
        let mut command = screen.command(&testkit::handfast(), arguments.chain(words));
        let mut ours = command
            .stdout(File::create(&path).unwrap())
            .spawn()
            .unwrap();
        if option.is_none() {
            screen.until("ready");
        } else {
            // It is in the file; before that, what is typed would be echoed first.
            let is_ready = || std::fs::read_to_string(&path).unwrap().contains("ready");
            until("the program", is_ready);
        }
        screen.type_in("typed\r");
        assert_eq!(code(ours.wait().unwrap()), 0);
        let shown = std::fs::read_to_string(&path).unwrap();
        assert!(shown.starts_with(&format!("tty 0=yes 1={is} ")), "{shown}");
        assert!(shown.contains("line typed"), "{shown}");
    }
}
