//! `logs`: what is kept and what comes, of one process and of several.

use crate::stage::{Running, Stage, fifo, text};
use std::fs::File;
use std::io::Write;
use testkit::Screen;

#[test]
fn what_one_process_has_written_goes_through_byte_for_byte() {
    let stage = Stage::new();
    let id = stage.start(&["--ready-when", "exit"], r"printf 'a\n\033[31mb\377'");
    let output = stage.output(&["logs", &id]);
    assert_eq!(output.stdout, b"a\n\x1b[31mb\xff");
    assert!(output.status.success() && output.stderr.is_empty());
}

#[test]
fn head_tail_grep_and_stream_choose_lines() {
    let stage = Stage::new();
    let script = "for i in 1 2 3 4 5; do echo line $i; done; echo bad >&2; printf last";
    stage.start(&["--name", "it", "--ready-when", "exit"], script);
    let said = |options: &[&str]| stage.said(&[&["logs", "it"], options].concat());
    assert_eq!(
        said(&["--head", "2", "--stream", "stdout"]),
        "line 1\nline 2\n"
    );
    assert_eq!(
        said(&["--tail", "2", "--stream", "stdout"]),
        "line 5\nlast\n"
    );
    assert_eq!(said(&["--grep", "[24]$"]), "line 2\nline 4\n");
    assert_eq!(said(&["--grep", "line", "--tail", "1"]), "line 5\n");
    assert_eq!(said(&["--stream", "stderr"]), "bad\n");
    assert_eq!(said(&["--tail", "0"]), "");
    assert_eq!(said(&["--head", "0"]), "");
}

#[test]
fn lines_from_before_a_moment_are_left_out() {
    let stage = Stage::new();
    let gate = fifo(&stage, "gate");
    let script = format!("echo early; cat {}", gate.display());
    let id = stage.start(&["--ready-when", "early"], &script);
    let early = stage.json(&["logs", &id])[0]["at"]
        .as_str()
        .unwrap()
        .to_owned();
    // Time goes on by itself: the clock of the next line is another one, also for who counts in 10 ms.
    let (mut now, begun) = (early.clone(), std::time::Instant::now());
    while now <= early || begun.elapsed() < 2 * handfast::output::TIME_RESOLUTION {
        let at = std::time::SystemTime::now();
        let at = at
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis();
        let at = jiff::Timestamp::from_millisecond(i64::try_from(at).unwrap()).unwrap();
        now = format!("{at:.3}");
    }
    let mut writer = File::options().write(true).open(&gate).unwrap();
    writer.write_all(b"late\n").unwrap();
    drop(writer);
    stage.said(&["wait", &id]);
    assert_eq!(stage.said(&["logs", &id, "--since", &now]), "late\n");
    assert_eq!(stage.said(&["logs", &id, "--since", "1h"]), "early\nlate\n");
}

#[test]
fn a_line_of_json_has_its_offset_and_stream() {
    let stage = Stage::new();
    stage.start(
        &["--name", "it", "--ready-when", "exit"],
        "echo one; echo two",
    );
    let lines = stage.json(&["logs", "it", "--stream", "stdout"]);
    let told = |line: &serde_json::Value| (line["offset"].as_u64(), line["text"].clone());
    let told: Vec<_> = lines.iter().map(told).collect();
    assert_eq!(told, [(Some(0), "one".into()), (Some(4), "two".into())]);
    assert_eq!(lines[0]["stream"], "stdout");
}

#[test]
fn several_are_told_apart_and_followed_to_their_ends() {
    let stage = Stage::new();
    let gate = fifo(&stage, "gate");
    let script = format!("echo begun; cat {}; printf done", gate.display());
    stage.start(&["--name", "web", "--ready-when", "begun"], &script);
    stage.start(
        &["--name", "worker", "--ready-when", "exit"],
        "echo at work",
    );
    let mut command = stage.handfast(&["logs", "-f", "web", "worker"]);
    let mut following = Running::start(&mut command);
    let mut first = [following.line(), following.line()];
    first.sort();
    assert_eq!(first, ["web    | begun", "worker | at work"]);
    let mut writer = File::options().write(true).open(&gate).unwrap();
    writer.write_all(b"more\n").unwrap();
    assert_eq!(following.line(), "web    | more");
    drop(writer);
    assert_eq!(following.end(), ("web    | done\n".to_owned(), Some(0)));
}

#[test]
fn the_last_lines_are_followed_by_what_comes() {
    let stage = Stage::new();
    let gate = fifo(&stage, "gate");
    let script = format!("seq 1 500; cat {}", gate.display());
    stage.start(&["--name", "it", "--ready-when", "500"], &script);
    let mut following = Running::start(&mut stage.handfast(&["logs", "-f", "-n", "2", "it"]));
    assert_eq!([following.line(), following.line()], ["499", "500"]);
    let mut writer = File::options().write(true).open(&gate).unwrap();
    writer.write_all(b"501\n").unwrap();
    assert_eq!(following.line(), "501");
    drop(writer);
    assert_eq!(following.end(), (String::new(), Some(0)));
}

#[test]
fn what_is_not_kept_is_counted() {
    let stage = Stage::new();
    let flood = "head -c 4000000 /dev/zero | tr '\\0' 'x'; echo; echo end";
    stage.start(&["--name", "it", "--ready-when", "exit"], flood);
    let output = stage.output(&["logs", "it"]);
    let kept = output.stdout.len();
    assert!((900_000..1_200_000).contains(&kept), "{kept}");
    let said = text(&output.stderr);
    assert!(
        said.contains("of `") && said.contains("MiB") && said.contains("are not kept"),
        "{said}"
    );
    let lines = stage.json(&["logs", "it"]);
    let omitted: u64 = lines
        .iter()
        .map(|line| line["omitted_bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(omitted + kept as u64, 4_000_005);
}

#[test]
fn only_colours_reach_a_terminal() {
    let stage = Stage::new();
    let script = r"printf '\033]0;title\007a\033[31mred\033[0m\033[2Jb\n'; echo end";
    stage.start(&["--name", "it", "--ready-when", "exit"], script);
    for options in [&["logs", "it"][..], &["logs", "it", "--tail", "2"]] {
        let mut screen = Screen::new(24, 80);
        let mut command = screen.command(&testkit::handfast(), options);
        stage.at_home(&mut command);
        let mut showing = command.env("TERM", "xterm").spawn().unwrap();
        assert_eq!(screen.until("end"), "a\u{1b}[31mred\u{1b}[0mb\r\nend");
        showing.wait().unwrap();
    }
    // The negative control: what asks for everything gets it.
    let mut screen = Screen::new(24, 80);
    let mut command = screen.command(&testkit::handfast(), ["logs", "it", "--raw"]);
    stage.at_home(&mut command);
    let mut showing = command.spawn().unwrap();
    assert!(screen.until("end").contains("\u{1b}]0;title\u{7}"));
    showing.wait().unwrap();
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let stage = Stage::new();
    stage.start(&["--name", "it", "--ready-when", "exit"], "seq 1 100000");
    let mut command = std::process::Command::new("bash");
    let script = r#"set -o pipefail; "$0" logs it | head -n 1; echo "code ${PIPESTATUS[0]}""#;
    command.args(["-c", script]).arg(testkit::handfast());
    stage.at_home(&mut command);
    let output = command.output().unwrap();
    assert_eq!(text(&output.stdout), "1\ncode 0\n", "{output:?}");
    assert_eq!(text(&output.stderr), "");
}
