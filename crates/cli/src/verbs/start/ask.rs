//! From the command line and the caller to what the daemon is asked.

use crate::app::{Gets, Held, Lifetime, ReadyWhen, Start};
use crate::explain::Failure;
use crate::gets::{environment, place};
use crate::show::text::milliseconds;
use handfast::Containment;
use handfast_daemon::wire::{
    LifetimeName, ReadyWhen as Ready, Size, Start as Ask, Variables, Word,
};
use handfast_sys::text;
use std::ffi::OsStr;

/// What is to be started, for so long; it has no id yet.
pub(super) fn of(options: &Start, usual: Lifetime) -> Result<Ask, Failure> {
    let mut ask = program(&options.gets, &options.command)?;
    ask.tty = options.tty;
    ask.size = options.size.map(|size| Size {
        rows: size.rows,
        columns: size.columns,
    });
    ask.pipe_stdin = options.stdin;
    ask.lifetime = Some(lifetime(usual));
    ask.grace_ms = Some(milliseconds(options.grace));
    ask.deadline_ms = options.timeout.map(milliseconds);
    held(&mut ask, &options.held);
    if let Some(wanted) = &options.ready_when {
        ask.ready_when = Some(ready_when(wanted));
        ask.ready_within_ms = Some(milliseconds(options.ready_within));
    }
    Ok(ask)
}

fn ready_when(wanted: &ReadyWhen) -> Ready {
    match wanted {
        ReadyWhen::Matches(pattern) => Ready::Match {
            pattern: pattern.clone(),
        },
        ReadyWhen::Port(port) => Ready::Port { port: *port },
        ReadyWhen::Http(url) => Ready::Http { url: url.clone() },
        ReadyWhen::Exit => Ready::Exit {},
    }
}

/// How it is held, and what it is called.
pub(in crate::verbs) fn held(ask: &mut Ask, held: &Held) {
    ask.name.clone_from(&held.name);
    ask.purpose.clone_from(&held.purpose);
    ask.owner.clone_from(&held.owner);
    ask.containment = match held.containment {
        Containment::Rung(rung) => Some(rung.to_string()),
        _ => None,
    };
    ask.least_grade = held.require.map(|grade| grade.to_string());
}

/// A program with what it gets of the caller.
pub(in crate::verbs) fn program(
    gets: &Gets,
    command: &[std::ffi::OsString],
) -> Result<Ask, Failure> {
    let environment = environment::of(gets)?;
    let directory = place::directory(gets)?;
    let mut words = command.iter().map(std::ffi::OsString::as_os_str);
    let named = words.next().unwrap_or_default();
    let program = place::program(named, &directory, &environment);
    let mut argv = vec![word(program.as_os_str())];
    argv.extend(words.map(word));
    // A name that is no UTF-8 cannot be said to the daemon, nor set by any shell.
    let variables = environment.iter().filter_map(|(name, value)| {
        let name = name.to_str()?.to_owned();
        Some((name, word(value)))
    });
    Ok(Ask {
        argv,
        cwd: Some(word(directory.as_os_str())),
        env: Variables(variables.collect()),
        umask: umask(),
        notify: Some(false),
        ..Ask::default()
    })
}

fn word(text: &OsStr) -> Word {
    Word::from(&*text::bytes(text))
}

fn lifetime(lifetime: Lifetime) -> LifetimeName {
    match lifetime {
        Lifetime::Turn => LifetimeName::Turn,
        Lifetime::Session => LifetimeName::Session,
        Lifetime::Lease(time) => LifetimeName::Lease {
            ms: milliseconds(time),
        },
        Lifetime::User => LifetimeName::User,
    }
}

/// The caller's umask, which can be read without being changed in this file only; elsewhere the daemon
/// gives the usual one.
fn umask() -> Option<u32> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(line.trim(), 8).ok()
}
