//! Words by which a puppet tells what it was given.
//!
//! `say-pid` | `print-argv` | `print-env` | `print-cwd` | `print-fds` | `print-ids` | `print-sigs` |
//! `print-limits` | `print-umask` | `print-nice` | `tty`. Each is one write; each line begins with what
//! it is (`env `, `cwd `, `fd `...), and bytes that would break a line are escaped as Rust does it.
//! std opens `/dev/null` for a standard descriptor that is closed at the start, before we can look.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::{env, fs};

use rustix::fd::BorrowedFd;
use rustix::process::{getpid, getpriority_process};
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::{isatty, tcgetpgrp, tcgetwinsize};

use crate::pipes::put;
use crate::script::Fault;
use crate::stage::Known;

/// Does the word if it is one of these.
pub(crate) fn step(word: &str) -> Known {
    let text = match word {
        "say-pid" => format!("pid {}\n", getpid().as_raw_pid()),
        "print-argv" => prefixed(
            "argv",
            env::args_os().map(|argument| escaped(argument.as_bytes())),
        ),
        "print-env" => prefixed("env", environment()?.into_iter()),
        "print-cwd" => {
            let cwd = env::current_dir().map_err(Fault::tried(word))?;
            format!("cwd {}\n", escaped(cwd.as_os_str().as_bytes()))
        }
        "print-fds" => prefixed("fd", descriptors()?.into_iter()),
        "print-ids" => status_lines(&["Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp"])?,
        "print-sigs" => status_lines(&["SigBlk", "SigIgn", "SigCgt"])?,
        "print-umask" => status_lines(&["Umask"])?,
        "print-limits" => prefixed(
            "limit",
            read("/proc/self/limits")?
                .lines()
                .skip(1)
                .map(str::to_owned),
        ),
        "print-nice" => {
            let nice = getpriority_process(None).map_err(Fault::tried(word))?;
            format!("nice {nice}\n")
        }
        "tty" => terminal(),
        _ => return Ok(false),
    };
    put(text.as_bytes())?;
    Ok(true)
}

fn read(path: &str) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(Fault::tried(path))
}

fn escaped(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn prefixed(prefix: &str, lines: impl Iterator<Item = String>) -> String {
    lines.fold(String::new(), |text, line| {
        text + prefix + " " + &line + "\n"
    })
}

/// The environment as it was handed over, not as std parses it (a variable without `=` is shown too).
fn environment() -> Result<Vec<String>, Fault> {
    let all = fs::read("/proc/self/environ").map_err(Fault::tried("/proc/self/environ"))?;
    let all = all.strip_suffix(b"\0").unwrap_or(&all);
    let variables = all.split(|byte| *byte == 0).filter(|_| !all.is_empty());
    Ok(variables.map(escaped).collect())
}

/// The lines of our status whose key begins with one of `keys`.
fn status_lines(keys: &[&str]) -> Result<String, Fault> {
    let status = read("/proc/self/status")?;
    let wanted = |line: &&str| keys.iter().any(|key| line.starts_with(key));
    Ok(status
        .lines()
        .filter(wanted)
        .fold(String::new(), |text, line| text + line + "\n"))
}

/// `N -> TARGET` for each open descriptor but the one that lists them.
fn descriptors() -> Result<Vec<String>, Fault> {
    let mut found = Vec::new();
    let listing = fs::read_dir("/proc/self/fd").map_err(Fault::tried("/proc/self/fd"))?;
    for entry in listing.flatten() {
        let number: i32 = entry
            .file_name()
            .to_string_lossy()
            .parse()
            .map_err(Fault::tried("a descriptor's number"))?;
        let target = fs::read_link(entry.path()).map_err(Fault::tried("a descriptor's target"))?;
        let lists_them = target.starts_with("/proc") && target.ends_with("fd");
        if !lists_them {
            found.push((number, escaped(target.as_os_str().as_bytes())));
        }
    }
    found.sort();
    Ok(found
        .into_iter()
        .map(|(number, target)| format!("{number} -> {target}"))
        .collect())
}

/// From `/proc`, because rustix insists on ids above zero, and a session or group whose leader is
/// outside of this PID namespace is 0.
fn session_and_group() -> (i32, i32) {
    let stat = fs::read_to_string("/proc/self/stat").expect("this process has a line in /proc");
    let (_, fields) = stat.rsplit_once(')').expect("a name ends with its bracket");
    let mut ids = fields.split_ascii_whitespace().skip(2);
    let mut next = || ids.next().and_then(|id| id.parse().ok()).expect("two ids");
    let group = next();
    (next(), group)
}

/// Which standard descriptors are terminals, and the session, group and window of this process.
fn terminal() -> String {
    let standard: [(i32, BorrowedFd<'static>); 3] = [(0, stdin()), (1, stdout()), (2, stderr())];
    let mut text = String::from("tty");
    let mut first = None;
    for (number, descriptor) in standard {
        let is_terminal = isatty(descriptor);
        first = first.or(is_terminal.then_some(descriptor));
        text += &format!(" {number}={}", if is_terminal { "yes" } else { "no" });
    }
    let (session, group) = session_and_group();
    text += &format!(" sid={session} pgrp={group}");
    let foreground = first.and_then(|terminal| tcgetpgrp(terminal).ok());
    let window = first.and_then(|terminal| tcgetwinsize(terminal).ok());
    let written = match foreground {
        Some(group) => write!(text, " foreground={}", group.as_raw_pid()),
        None => write!(text, " foreground=none"),
    };
    let written = written.and(match window {
        Some(size) => writeln!(text, " rows={} cols={}", size.ws_row, size.ws_col),
        None => writeln!(text, " rows=none cols=none"),
    });
    written.expect("a string takes all that is written");
    text
}
