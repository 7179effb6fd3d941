//! A pseudoconsole and a program on it.

use super::{PseudoConsole, UTF_8, WindowSize};
use crate::child::stage::{Puppet, Request, say};
use crate::child::{Console, Kind, kind};
use crate::tree::windows::{Job, Limits};
use crate::wine;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};

const SIZE: WindowSize = WindowSize {
    rows: 24,
    columns: 80,
};

/// In a puppet: says to the console that it is there, and answers to one line.
///
/// It opens the console by name, as Wine leaves the streams of a program on a pseudoconsole empty.
pub(crate) fn play() {
    let input = OpenOptions::new()
        .read(true)
        .write(true)
        .open("CONIN$")
        .unwrap();
    let mut output = OpenOptions::new()
        .read(true)
        .write(true)
        .open("CONOUT$")
        .unwrap();
    output.write_all(b"ready\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(input).read_line(&mut line).unwrap();
    let answer = format!("<{}>\r\n", line.trim_end());
    output.write_all(answer.as_bytes()).unwrap();
}

/// Reads until a text was shown; a screen may be drawn in any parts, with sequences between them.
fn until(output: &mut File, text: &str) {
    let mut seen = String::new();
    let mut buffer = [0; 512];
    while !without_sequences(&seen).contains(text) {
        let length = output.read(&mut buffer).unwrap();
        assert_ne!(length, 0, "it ended without {text}: {seen:?}");
        seen.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
}

/// What is left of a text without the sequences that begin with `ESC [`.
fn without_sequences(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default();
    let is_end = |byte: char| ('@'..='~').contains(&byte);
    let rest = parts.filter_map(|part| part.split_once(is_end).map(|(_, rest)| rest));
    std::iter::once(first).chain(rest).collect()
}

/// In a puppet: is the host of a program on a pseudoconsole, and says how that ended.
///
/// A host of its own, since the system starts a helper for the console outside of our jobs, and the
/// one of Wine lives on for a while with whatever it could inherit.
pub(crate) fn host() {
    let opened = PseudoConsole::open(SIZE).unwrap();
    let job = Job::new(&Limits::default()).unwrap();
    let request = Request::new("console exit 5");
    let console = Console::Pseudo(&opened.console);
    let started = request.start_on(&job, [None; 3], console).unwrap();
    let (mut input, mut output) = (File::from(opened.input), File::from(opened.output));
    until(&mut output, "ready");
    input.write_all(b"typed\r").unwrap();
    until(&mut output, "<typed>");
    let code = started.process.wait(None).unwrap();
    say(format!("ended-{}", code.unwrap()));
}

#[test]
fn a_program_on_a_pseudoconsole_shows_and_reads_lines() {
    let job = Job::new(&Limits::default()).unwrap();
    let mut host = Puppet::of("host-console park", &job);
    assert_eq!(host.said(), "ended-5");
    job.kill(1).unwrap();
    host.witness.until_all_are_gone();
}

#[test]
fn a_window_without_rows_or_columns_is_refused() {
    for (rows, columns) in [(0, 80), (24, 0), (24, 40_000), (u16::MAX, u16::MAX)] {
        let refused = PseudoConsole::open(WindowSize { rows, columns }).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
    }
}

#[test]
fn a_window_is_resized() {
    if wine::cannot("a_window_is_resized") {
        return;
    }
    let opened = PseudoConsole::open(SIZE).unwrap();
    let larger = WindowSize {
        rows: 50,
        columns: 132,
    };
    opened.console.resize(larger).unwrap();
}

#[test]
fn a_console_is_told_to_speak_utf_8() {
    let job = Job::new(&Limits::default()).unwrap();
    let mut program = Puppet::on_a_console("say up gate say-code-page", &job);
    program.said();
    let pid = program.started.process.pid();
    let mut helper = Puppet::of(&format!("speak-utf8 {pid} say done"), &job);
    assert_eq!(helper.said(), "done");
    program.input = None;
    assert_eq!(program.said(), format!("code-page-{UTF_8}-{UTF_8}"));
}

#[test]
fn the_host_of_a_console_is_a_member_and_known_as_such() {
    let job = Job::new(&Limits::default()).unwrap();
    let mut program = Puppet::on_a_console("say up park", &job);
    program.said();
    let members = job.members().unwrap();
    let own = program.started.process.pid();
    let (hosts, others): (Vec<u32>, Vec<u32>) = members
        .iter()
        .partition(|pid| kind(**pid) == Kind::ConsoleHost);
    assert_eq!((hosts.len(), others), (1, vec![own]));
    assert_eq!(kind(own), Kind::Program);
    job.kill(1).unwrap();
    program.started.process.wait(None).unwrap();
    assert_eq!(kind(own), Kind::Ended);
}

/// The negative control of [`a_console_is_told_to_speak_utf_8`].
#[test]
fn a_console_that_nobody_told_speaks_as_the_system_does() {
    let job = Job::new(&Limits::default()).unwrap();
    let mut program = Puppet::on_a_console("say-code-page", &job);
    assert_ne!(program.said(), format!("code-page-{UTF_8}-{UTF_8}"));
}

#[test]
fn ctrl_break_is_for_the_group_of_its_leader() {
    if wine::cannot("ctrl_break_is_for_the_group_of_its_leader") {
        return;
    }
    let job = Job::new(&Limits::default()).unwrap();
    let mut program = Puppet::on_a_console("say up park", &job);
    program.said();
    let pid = program.started.process.pid();
    let mut helper = Puppet::of(&format!("break {pid} say done"), &job);
    assert_eq!(helper.said(), "done");
    // What a program ends with that handles no Ctrl-Break: STATUS_CONTROL_C_EXIT.
    assert_eq!(
        program.started.process.wait(None).unwrap(),
        Some(0xc000_013a)
    );
}
