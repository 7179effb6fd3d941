//! What the tests start: this very test program, which plays a script.
//!
//! A puppet says a line beginning with `@` for each step that is done.

use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::windows::process::CommandExt;
use std::process::{Command, Stdio};

/// The variable with the script.
pub(crate) const SCRIPT: &str = "HANDFAST_PUPPET";

/// `CREATE_SUSPENDED`, `DETACHED_PROCESS`, `CREATE_NEW_PROCESS_GROUP`, `CREATE_BREAKAWAY_FROM_JOB`.
const SUSPENDED: u32 = 0x4;
pub(crate) const DETACHED: u32 = 0x8;
const NEW_GROUP: u32 = 0x200;
const BREAKAWAY: u32 = 0x0100_0000;

/// The harness's own arguments, by which this program is a puppet.
pub(crate) const ARGUMENTS: [&str; 3] = ["--exact", "puppet::puppet", "--nocapture"];

/// Plays the script that the environment names; without one it is a test that has nothing to do.
#[test]
fn puppet() {
    let Ok(script) = std::env::var(SCRIPT) else {
        return;
    };
    let words: Vec<&str> = script.split(' ').collect();
    play(&words);
    std::process::exit(0);
}

pub(crate) fn say(line: impl std::fmt::Display) {
    // The harness may have begun a line.
    let mut out = std::io::stdout().lock();
    write!(out, "\n@{line}\n").unwrap();
    out.flush().unwrap();
}

fn play<'a>(mut words: &'a [&'a str]) {
    while let Some((word, rest)) = words.split_first() {
        words = rest;
        match *word {
            "park" => loop {
                std::thread::park();
            },
            "say" => say(take(&mut words)),
            "exit" => std::process::exit(take(&mut words).parse::<u32>().unwrap().cast_signed()),
            "gate" => drop(std::io::stdin().read_to_end(&mut Vec::new())),
            "echo" => echo(),
            "flood" => flood(take(&mut words).parse().unwrap()),
            "told" => told(),
            // A handler that takes every event of the console.
            "deaf" => drop(handfast_sys::asked::Listener::new().unwrap()),
            "spawn" => start(inner(&mut words), DETACHED),
            "on-console" => start(inner(&mut words), 0),
            "detached" => start(inner(&mut words), NEW_GROUP | DETACHED),
            "breakaway" => start(inner(&mut words), DETACHED | BREAKAWAY),
            "suspended" => start(inner(&mut words), DETACHED | SUSPENDED),
            "until-gone" => until_gone(take(&mut words)),
            "spawn-many" => {
                let count: usize = take(&mut words).parse().unwrap();
                let inner = inner(&mut words);
                (0..count).for_each(|_| start(inner, DETACHED));
            }
            "host" => crate::owners::host(inner(&mut words)),
            "console" => console(),
            other => panic!("no such word: {other}"),
        }
    }
}

fn take<'a>(words: &mut &'a [&'a str]) -> &'a str {
    let (word, rest) = words.split_first().unwrap();
    *words = rest;
    word
}

/// The words between brackets.
fn inner<'a>(words: &mut &'a [&'a str]) -> &'a [&'a str] {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate() {
        match *word {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let inner = &words[1..at];
            *words = &words[at + 1..];
            return inner;
        }
    }
    panic!("a bracket is not closed");
}

/// Starts another puppet as any program would, which inherits all that it can.
fn start(script: &[&str], flags: u32) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(ARGUMENTS).env(SCRIPT, script.join(" "));
    match command.stdin(Stdio::null()).creation_flags(flags).spawn() {
        Ok(_) => {}
        Err(error) => say(format!("refused-{}", error.raw_os_error().unwrap())),
    }
}

/// Returns when there is no such file.
fn until_gone(path: &str) {
    while std::path::Path::new(path).exists() {
        // ABSENCE: of the file, which a survivor is told by; it has no other way left.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Says each line that it reads.
fn echo() {
    for line in std::io::stdin().lock().lines() {
        say(format!("<{}>", line.unwrap()));
    }
}

fn flood(bytes: usize) {
    let mut out = std::io::stdout().lock();
    let piece = [b'x'; 1000];
    for _ in 0..bytes / piece.len() {
        out.write_all(&piece).unwrap();
    }
}

/// Says what it was given: arguments, variables, directory.
fn told() {
    let arguments = std::env::args().skip_while(|word| word != "--").skip(1);
    arguments.for_each(|argument| say(format!("argument <{argument}>")));
    for (name, value) in std::env::vars_os() {
        say(format!("variable {}={}", name.display(), value.display()));
    }
    let directory = std::env::current_dir().unwrap();
    say(format!("directory {}", directory.display()));
}

/// Says to the console that it is there, and answers to one line.
///
/// It opens the console by name, as Wine leaves the streams of a program on a pseudoconsole empty.
fn console() {
    let open = |name: &str| {
        let mut options = OpenOptions::new();
        options.read(true).write(true).open(name).unwrap()
    };
    let (input, mut output) = (open("CONIN$"), open("CONOUT$"));
    output.write_all(b"ready\r\n").unwrap();
    let mut line = String::new();
    BufReader::new(input).read_line(&mut line).unwrap();
    let answer = format!("<{}>\r\n", line.trim_end());
    output.write_all(answer.as_bytes()).unwrap();
}

/// The words of a script as arguments and the variables that it needs.
pub(crate) fn variables(script: &str) -> Vec<(OsString, OsString)> {
    let root = handfast_sys::child::system_root().unwrap();
    vec![
        (SCRIPT.into(), script.into()),
        ("SystemRoot".into(), root.into()),
    ]
}
