//! Words about signals, and their names.
//!
//! `die SIG` | `ignore SIG|all` | `block SIG|all` | `on SIG [ script ]` (played while parked) | `stop-self` |
//! `kill-parent SIG` | `stop-parent` (done when it is stopped). `SIG` is a name with or without `SIG`, or a number.

use handfast_sys::puppetry;
use rustix::process::{Signal, getpid, getppid, kill_process};

use crate::script::{Fault, Script};
use crate::stage::{Known, Stage};
use crate::trees;

const NAMES: [(&str, Signal); 22] = [
    ("HUP", Signal::HUP),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("ILL", Signal::ILL),
    ("TRAP", Signal::TRAP),
    ("ABRT", Signal::ABORT),
    ("BUS", Signal::BUS),
    ("FPE", Signal::FPE),
    ("KILL", Signal::KILL),
    ("USR1", Signal::USR1),
    ("SEGV", Signal::SEGV),
    ("USR2", Signal::USR2),
    ("PIPE", Signal::PIPE),
    ("ALRM", Signal::ALARM),
    ("TERM", Signal::TERM),
    ("CHLD", Signal::CHILD),
    ("CONT", Signal::CONT),
    ("STOP", Signal::STOP),
    ("TSTP", Signal::TSTP),
    ("TTIN", Signal::TTIN),
    ("TTOU", Signal::TTOU),
    ("WINCH", Signal::WINCH),
];

/// Does the word if it is one of these.
pub(crate) fn step(stage: &mut Stage, word: &str, script: &mut Script<'_>) -> Known {
    match word {
        "die" => {
            let signal = named(script.argument(word)?)?;
            puppetry::let_act(signal.as_raw()).map_err(Fault::tried(word))?;
            kill_process(getpid(), signal).map_err(Fault::tried(word))?;
        }
        "ignore" => match script.argument(word)? {
            // Two cannot be ignored and two belong to libc: those are refused, and that is fine.
            "all" => (1..=64).for_each(|signal| drop(puppetry::ignore(signal))),
            name => puppetry::ignore(named(name)?.as_raw()).map_err(Fault::tried(word))?,
        },
        "block" => {
            let bits = match script.argument(word)? {
                "all" => u64::MAX,
                name => bit(named(name)?),
            };
            puppetry::block(bits).map_err(Fault::tried(word))?;
        }
        "on" => {
            let signal = named(script.argument(word)?)?;
            let answer = script.bracket(word)?.rest().to_vec();
            puppetry::catch(signal.as_raw()).map_err(Fault::tried(word))?;
            stage.answers.retain(|(other, _)| *other != signal);
            stage.answers.push((signal, answer));
        }
        "stop-self" => kill_process(getpid(), Signal::STOP).map_err(Fault::tried(word))?,
        "kill-parent" => kill_parent(named(script.argument(word)?)?)?,
        "stop-parent" => {
            kill_parent(Signal::STOP)?;
            trees::await_parent('T')?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn kill_parent(signal: Signal) -> Result<(), Fault> {
    let parent = getppid().ok_or_else(|| Fault::new("there is no parent to signal"))?;
    kill_process(parent, signal).map_err(Fault::tried("signal the parent"))
}

/// The bit of a signal in the masks of `/proc` and of `puppetry`.
pub(crate) fn bit(signal: Signal) -> u64 {
    1 << (signal.as_raw() - 1)
}

fn named(name: &str) -> Result<Signal, Fault> {
    let unknown = || Fault::new(format!("there is no signal {name:?}"));
    if let Ok(number) = name.parse() {
        return Signal::from_named_raw(number).ok_or_else(unknown);
    }
    let short = name.strip_prefix("SIG").unwrap_or(name);
    NAMES
        .iter()
        .find(|(known, _)| *known == short)
        .map(|(_, signal)| *signal)
        .ok_or_else(unknown)
}
