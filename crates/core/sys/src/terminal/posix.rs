//! Terminals as every Unix has them: `tcsetattr(3)`, `tcsetpgrp(3)` and signals.

use super::os::{HANG_UP, OWN_TERMINAL, SWITCHED_OFF, path_of};
use super::{InputRules, Opened, Size};
use crate::child::Pid;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Dev, Mode, OFlags, fstat, major, minor, open};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::termios::{
    InputModes, LocalModes, OptionalActions, SpecialCodeIndex, Termios, Winsize, isatty, tcgetattr,
    tcgetpgrp, tcgetwinsize, tcsetattr, tcsetpgrp, tcsetwinsize,
};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

pub(super) use libc::{SIGTTIN, SIGTTOU, SIGWINCH};

pub(super) type Modes = Termios;

pub(super) fn reopen(terminal: BorrowedFd<'_>) -> io::Result<Opened> {
    let again = path_of(terminal).and_then(|path| open_again(&path));
    let again = again.or_else(|_| {
        // Whoever has a controlling terminal may open it, whomever its file belongs to.
        tcgetpgrp(terminal)?;
        open_again("/dev/tty".as_ref())
    });
    match again {
        Ok(descriptor) => Ok(Opened {
            descriptor,
            own: true,
        }),
        Err(_) => Ok(Opened {
            descriptor: fcntl_dupfd_cloexec(terminal, 3)?,
            own: false,
        }),
    }
}

fn open_again(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(open(path, flags, Mode::empty())?)
}

pub(super) fn is_same(one: BorrowedFd<'_>, other: BorrowedFd<'_>) -> bool {
    let device = |terminal: BorrowedFd<'_>| fstat(terminal).map(|stat| stat.st_rdev).ok();
    // `/dev/tty` is another file, and the same terminal if that controls us.
    let is_alias = |number: Dev| (major(number), minor(number)) == OWN_TERMINAL;
    if !isatty(one) || !isatty(other) {
        return false;
    }
    match (device(one), device(other)) {
        (Some(a), Some(b)) if is_alias(a) || is_alias(b) => {
            a == b || tcgetpgrp(one).is_ok() && tcgetpgrp(other).is_ok()
        }
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

pub(super) fn is_hung_up(terminal: BorrowedFd<'_>) -> bool {
    ready(terminal, HANG_UP).is_ok_and(|flags| flags.contains(PollFlags::HUP))
}

/// What a descriptor is ready for now.
pub(super) fn ready(descriptor: BorrowedFd<'_>, wanted: PollFlags) -> io::Result<PollFlags> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let mut asked = [PollFd::new(&descriptor, wanted)];
    poll(&mut asked, Some(&now))?;
    Ok(asked[0].revents())
}

pub(super) fn copy_modes(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> io::Result<()> {
    Ok(tcsetattr(to, OptionalActions::Now, &tcgetattr(from)?)?)
}

pub(super) fn modes(terminal: BorrowedFd<'_>) -> io::Result<Modes> {
    Ok(tcgetattr(terminal)?)
}

pub(super) fn raw(modes: &Modes) -> Modes {
    let mut raw = modes.clone();
    raw.make_raw();
    raw
}

/// Changes the modes if we are in the foreground, and says whether it did.
///
/// Looking first is not enough, since a shell may put us into the background in between, and not to
/// look would stop our whole group. So both: look, and let SIGTTOU interrupt the change.
pub(super) fn change_modes(terminal: BorrowedFd<'_>, modes: &Modes) -> io::Result<bool> {
    if !in_foreground(terminal) {
        return Ok(false);
    }
    let before = replace_action(SIGTTOU, interrupt as *const () as libc::sighandler_t)?;
    let changed = tcsetattr(terminal, OptionalActions::Now, modes);
    restore_action(SIGTTOU, &before);
    match changed {
        Ok(()) => Ok(true),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

/// Only has to be there: a call that a handled signal comes into ends with `EINTR`.
extern "C" fn interrupt(_signal: i32) {}

/// Replaces what a signal does, without `SA_RESTART`, and answers what it did.
fn replace_action(signal: i32, how: libc::sighandler_t) -> io::Result<libc::sigaction> {
    let mut before = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all zeroes is a valid action with an empty mask and no flags; the handler is
    // `interrupt`, which does nothing, or the default; the kernel fills in `before`.
    let (answer, before) = unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = how;
        let answer = libc::sigaction(signal, &raw const action, before.as_mut_ptr());
        (answer, before.assume_init())
    };
    if answer == 0 {
        Ok(before)
    } else {
        Err(io::Error::last_os_error())
    }
}

fn restore_action(signal: i32, before: &libc::sigaction) {
    // SAFETY: puts back what the same call had answered; a null old action is allowed. It can only
    // fail for a signal that has no actions.
    unsafe { libc::sigaction(signal, before, std::ptr::null_mut()) };
}

pub(super) fn size(terminal: BorrowedFd<'_>) -> io::Result<Size> {
    let size = tcgetwinsize(terminal)?;
    Ok(Size {
        rows: size.ws_row,
        columns: size.ws_col,
        width: size.ws_xpixel,
        height: size.ws_ypixel,
    })
}

pub(super) fn set_size(terminal: BorrowedFd<'_>, size: Size) -> io::Result<()> {
    let size = Winsize {
        ws_row: size.rows,
        ws_col: size.columns,
        ws_xpixel: size.width,
        ws_ypixel: size.height,
    };
    Ok(tcsetwinsize(terminal, size)?)
}

pub(super) fn in_foreground(terminal: BorrowedFd<'_>) -> bool {
    match tcgetpgrp(terminal) {
        Ok(group) => group.as_raw_pid() == own_group(),
        // Not our controlling terminal, so that nobody can be in its background; or its groups are
        // of another PID namespace and cannot be named.
        Err(Errno::NOTTY | Errno::OPNOTSUPP) => true,
        Err(_) => false,
    }
}

/// 0 if its leader is outside of our PID namespace, as after `unshare --pid` and in some containers;
/// rustix's own `getpgrp` takes that for impossible.
fn own_group() -> libc::pid_t {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::getpgrp() }
}

pub(super) fn foreground(terminal: BorrowedFd<'_>) -> io::Result<Option<Pid>> {
    match tcgetpgrp(terminal) {
        Ok(group) => Ok(Pid::new(group.as_raw_nonzero().get())),
        Err(Errno::OPNOTSUPP) => Ok(None),
        Err(errno) => Err(errno.into()),
    }
}

pub(super) fn set_foreground(terminal: BorrowedFd<'_>, group: Pid) -> io::Result<()> {
    let group = rustix::process::Pid::from_raw(group.get()).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(tcsetpgrp(terminal, group)?)
}

/// A master answers with the rules of its terminal.
pub(super) fn input_rules(master: BorrowedFd<'_>) -> io::Result<InputRules> {
    let modes = tcgetattr(master)?;
    let code = |index| Some(modes.special_codes[index]).filter(|code| *code != SWITCHED_OFF);
    let signal = |index| code(index).unwrap_or(0);
    let local = modes.local_modes;
    Ok(InputRules {
        canonical: local.contains(LocalModes::ICANON),
        signals: local.contains(LocalModes::ISIG),
        flushes: !local.contains(LocalModes::NOFLSH),
        end_of_file: code(SpecialCodeIndex::VEOF),
        signal_characters: [
            signal(SpecialCodeIndex::VINTR),
            signal(SpecialCodeIndex::VQUIT),
            signal(SpecialCodeIndex::VSUSP),
        ],
    })
}

pub(super) fn expect_utf8(master: BorrowedFd<'_>) -> io::Result<()> {
    let mut modes = tcgetattr(master)?;
    modes.input_modes.insert(InputModes::IUTF8);
    Ok(tcsetattr(master, OptionalActions::Now, &modes)?)
}

pub(super) fn suspend_group(signal: i32) -> io::Result<()> {
    let before = replace_action(signal, libc::SIG_DFL)?;
    if before.sa_sigaction == libc::SIG_IGN {
        restore_action(signal, &before);
        return Ok(());
    }
    // SAFETY: system calls with numbers and one set, which is initialized before it is used. Zero is
    // our own group, which is meant: a shell stops and continues a job as a whole.
    let answer = unsafe {
        let mut set = MaybeUninit::<libc::sigset_t>::zeroed().assume_init();
        let mut mask = set;
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, &raw mut mask);
        let answer = libc::kill(0, signal);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const mask, std::ptr::null_mut());
        answer
    };
    restore_action(signal, &before);
    if answer == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
