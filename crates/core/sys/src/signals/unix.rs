//! Unix: the signals that every one has, and those of real time by number only.

use rustix::process::Signal;

/// For the advice.
pub const EXAMPLES: &str = "TERM, HUP, INT, KILL, USR1";

pub(super) fn is_possible(number: i32) -> bool {
    (1..=64).contains(&number)
}

pub(super) const SIGNALS: [(i32, &str); 28] = [
    (Signal::HUP.as_raw(), "HUP"),
    (Signal::INT.as_raw(), "INT"),
    (Signal::QUIT.as_raw(), "QUIT"),
    (Signal::ILL.as_raw(), "ILL"),
    (Signal::TRAP.as_raw(), "TRAP"),
    (Signal::ABORT.as_raw(), "ABRT"),
    (Signal::BUS.as_raw(), "BUS"),
    (Signal::FPE.as_raw(), "FPE"),
    (Signal::KILL.as_raw(), "KILL"),
    (Signal::USR1.as_raw(), "USR1"),
    (Signal::SEGV.as_raw(), "SEGV"),
    (Signal::USR2.as_raw(), "USR2"),
    (Signal::PIPE.as_raw(), "PIPE"),
    (Signal::ALARM.as_raw(), "ALRM"),
    (Signal::TERM.as_raw(), "TERM"),
    (Signal::CHILD.as_raw(), "CHLD"),
    (Signal::CONT.as_raw(), "CONT"),
    (Signal::STOP.as_raw(), "STOP"),
    (Signal::TSTP.as_raw(), "TSTP"),
    (Signal::TTIN.as_raw(), "TTIN"),
    (Signal::TTOU.as_raw(), "TTOU"),
    (Signal::URG.as_raw(), "URG"),
    (Signal::XCPU.as_raw(), "XCPU"),
    (Signal::XFSZ.as_raw(), "XFSZ"),
    (Signal::VTALARM.as_raw(), "VTALRM"),
    (Signal::PROF.as_raw(), "PROF"),
    (Signal::WINCH.as_raw(), "WINCH"),
    (Signal::SYS.as_raw(), "SYS"),
];
