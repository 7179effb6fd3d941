//! Words by which a puppet changes itself.
//!
//! `park` | `exit N` | `abort` | `spin` | `alloc BYTES` | `setsid` | `setpgid` | `subreaper` | `uid N` |
//! `chdir DIR` | `close N` | `close-all` | `open-oracle DIR` | `join DIR` | `join-same` | `holds-lock N` |
//! `rename NAME [ script ]` | `exec PROGRAM ARG...` | `enter-cgroup DIR` | `trace-me` | `attach-parent` |
//! `take-terminal` (that on input becomes the controlling one) | `raw-mode` (of that one).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process;

use handfast_sys::puppetry;
use rustix::process::{DumpableBehavior, Gid, Signal, Uid};

use crate::script::{Fault, Script};
use crate::stage::{Known, Stage};

/// Does the word if it is one of these.
pub(crate) fn step(stage: &mut Stage, word: &str, script: &mut Script<'_>) -> Known {
    match word {
        "park" => stage.park()?,
        "exit" => process::exit(script.parsed(word)?),
        "abort" => process::abort(),
        "spin" => spin(),
        "alloc" => alloc(script.parsed(word)?),
        "close" => puppetry::close_descriptor(script.parsed(word)?).map_err(Fault::tried(word))?,
        "close-all" => close_all(stage)?,
        "open-oracle" => stage.oracle = Some(script.argument(word)?.into()),
        "join" => stage.join(script.argument(word)?.into())?,
        "join-same" => stage.join_same()?,
        "holds-lock" => stage.lock = Some(script.parsed(word)?),
        "rename" => return Err(rename(stage, script.argument(word)?, script.bracket(word)?)),
        "exec" => return Err(exec(script)),
        _ => return credentials(word, script),
    }
    Ok(true)
}

/// The words about who and where this process is.
fn credentials(word: &str, script: &mut Script<'_>) -> Known {
    let failed = Fault::tried(word);
    match word {
        "setsid" => rustix::process::setsid().map(drop).map_err(failed)?,
        "setpgid" => rustix::process::setpgid(None, None).map_err(failed)?,
        "take-terminal" => {
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin()).map_err(failed)?
        }
        "raw-mode" => raw_mode().map_err(failed)?,
        "subreaper" => {
            rustix::process::set_child_subreaper(Some(rustix::process::getpid())).map_err(failed)?
        }
        "uid" => become_user(script.parsed(word)?).map_err(failed)?,
        "chdir" => env::set_current_dir(script.argument(word)?).map_err(Fault::tried(word))?,
        "enter-cgroup" => {
            let group = Path::new(script.argument(word)?);
            fs::write(group.join("cgroup.procs"), "0").map_err(Fault::tried(word))?;
        }
        "trace-me" => {
            puppetry::trace_me().map_err(Fault::tried(word))?;
            rustix::process::kill_process(rustix::process::getpid(), Signal::STOP)
                .map_err(failed)?;
        }
        "attach-parent" => {
            let parent = rustix::process::getppid()
                .ok_or_else(|| Fault::new("there is no parent to attach to"))?;
            puppetry::attach(parent).map_err(Fault::tried(word))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn spin() -> ! {
    loop {
        std::hint::spin_loop();
    }
}

/// Takes memory and writes to it, for good.
fn alloc(bytes: usize) {
    std::mem::forget(std::hint::black_box(vec![0x5a_u8; bytes]));
}

fn close_all(stage: &mut Stage) -> Result<(), Fault> {
    stage.lock = None;
    puppetry::close_everything().map_err(Fault::tried("close-all"))
}

fn raw_mode() -> rustix::io::Result<()> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    let terminal = rustix::stdio::stdin();
    let mut modes = tcgetattr(terminal)?;
    modes.make_raw();
    tcsetattr(terminal, OptionalActions::Now, &modes)
}

/// Drops to another user and group with no further groups.
fn become_user(number: u32) -> rustix::io::Result<()> {
    let (user, group) = (Uid::from_raw(number), Gid::from_raw(number));
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    // Else this process could no longer read its own /proc entries.
    rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable)
}

fn rename(stage: &Stage, name: &str, mut then: Script<'_>) -> Fault {
    let own = match env::current_exe() {
        Ok(own) => own,
        Err(error) => return Fault::tried("rename")(error),
    };
    let mut argv = vec![OsString::from(name)];
    if let Some(lock) = stage.lock {
        argv.extend(["holds-lock".into(), lock.to_string().into()]);
    }
    argv.extend(then.rest().iter().map(OsString::from));
    Fault::tried("rename")(puppetry::execute(own.as_os_str(), &argv, false))
}

fn exec(script: &mut Script<'_>) -> Fault {
    let argv: Vec<OsString> = script.rest().iter().map(OsString::from).collect();
    match argv.first() {
        Some(program) => Fault::tried(format_args!("exec {}", program.display()))(
            puppetry::execute(program, &argv, true),
        ),
        None => Fault::new("exec needs a program"),
    }
}
