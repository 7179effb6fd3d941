//! The monitor: leads the session of a program on a terminal of its own, and dies as it died.
//!
//! The kernel discards Ctrl-Z for a group without a parent in its session that is not of the group
//! (`setpgid(2)`, orphaned groups): nobody could continue it. So a program that led its session
//! itself could never be suspended. The monitor is that parent, and what a shell is to its job:
//! starts it in a group of its own, puts it into the foreground, sees it stop, continues it.
//!
//! It is started by the reaper with everything that the config of the *program* says, and the
//! program inherits exactly that. What must stay true: one thread, nothing added to the
//! environment, no descriptor above 2 in the program, and no end before the front has shown what
//! the program wrote and has given back the caller's terminal: the caller acts on our end.

use super::words::{Order, Report, Resume, Start};
use handfast_sys::channel::{Channel, Packet};
use handfast_sys::child::{self, Change, Exit, Forked, Image, Pid};
use handfast_sys::terminal;
use handfast_sys::watch::{Readiness, Watcher};
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

/// The hidden verb by which this program is the monitor.
pub(super) const VERB: &str = "__monitor";

const FRONT: u64 = 0;
const CHILDREN: u64 = 1;

/// Runs the monitor, where this process was started to be it.
pub(crate) fn hidden() -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1).is_some_and(|word| word == VERB);
    asked.then(run)
}

/// Runs the monitor on the channel that is standard input.
fn run() -> ExitCode {
    match channel().and_then(Monitor::serve) {
        Ok(Exit::Code(code)) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Ok(Exit::Signal(signal)) => {
            child::die_of(signal);
            ExitCode::FAILURE
        }
        Ok(Exit::Unknown) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(
                io::stderr(),
                "handfast: cannot look after a terminal: {error}\n  \
                 `{VERB}` is started by handfast itself, with a channel as its standard input\n  \
                 to run a program, use: handfast run -- PROGRAM"
            );
            ExitCode::from(2)
        }
    }
}

fn channel() -> io::Result<Channel> {
    Channel::from_descriptor(io::stdin().as_fd().try_clone_to_owned()?)
}

/// The program, once there is one.
#[derive(Debug)]
struct Program {
    pid: Pid,
    terminal: OwnedFd,
    /// Who was in the foreground when the terminal was taken away.
    displaced: Option<Pid>,
    ended: Option<Exit>,
}

#[derive(Debug)]
struct Monitor {
    front: Channel,
    proof: child::SingleThreaded,
    program: Option<Program>,
    /// The front will say nothing more.
    alone: bool,
}

impl Monitor {
    /// Looks after one program until it has ended and was let go.
    fn serve(front: Channel) -> io::Result<Exit> {
        child::ignore_what_is_sent();
        child::block_child_signal()?;
        let children = child::child_signal_descriptor()?;
        let mut watcher = Watcher::new()?;
        watcher.add(FRONT, front.as_fd(), Readiness::Readable)?;
        watcher.add(CHILDREN, children.as_fd(), Readiness::Readable)?;
        let proof = child::SingleThreaded::check()?;
        let mut monitor = Monitor {
            front,
            proof,
            program: None,
            alone: false,
        };
        let mut ready = Vec::new();
        loop {
            watcher.wait(&mut ready, None)?;
            if ready.contains(&CHILDREN) {
                child::drain_child_signals(children.as_fd());
                monitor.look_at_program();
            }
            if ready.contains(&FRONT) {
                monitor.hear();
                if monitor.alone {
                    watcher.forget(monitor.front.as_fd())?;
                }
            }
            if let Some(exit) = monitor.over() {
                monitor.let_go();
                return Ok(exit);
            }
        }
    }

    /// How to end, if it is time.
    fn over(&self) -> Option<Exit> {
        match &self.program {
            Some(program) => program.ended.filter(|_| self.alone),
            None => self.alone.then_some(Exit::Unknown),
        }
    }

    /// Leaves the terminal to what the program left behind: our end would else hang it up, and
    /// signal who is in its foreground.
    fn let_go(&mut self) {
        if let Some(program) = &mut self.program {
            program.share_terminal(false);
            // It ends us in no case.
            let _ = terminal::let_go(program.terminal.as_fd());
        }
    }

    /// A front that is gone does not hear; the reaper ends us soon.
    fn report(&self, report: Report) {
        let _ = self.front.send(&report.encode(), &[]);
    }

    fn hear(&mut self) {
        let packet = match self.front.try_receive() {
            Ok(Some(packet)) => packet,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Ok(None) | Err(_) => {
                self.alone = true;
                return;
            }
        };
        match Order::decode(&packet.bytes) {
            Some(Order::Start(start)) => self.start(&start, packet),
            Some(Order::Signal { signal, group }) => self.signal(signal, group),
            Some(Order::Resume(resume)) => self.resume(resume),
            Some(Order::Leave) => self.alone = true,
            None => {}
        }
    }

    fn start(&mut self, start: &Start, packet: Packet) {
        let started = match packet.descriptors.into_iter().next() {
            Some(terminal) if self.program.is_none() => spawn(&self.proof, start, terminal),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        };
        match started {
            Ok(program) => {
                self.program = Some(program);
                self.report(Report::Started);
                // Its first change may have come before it was ours to look at.
                self.look_at_program();
            }
            Err(error) => self.report(Report::NotStarted(error.raw_os_error().unwrap_or(0))),
        }
    }

    /// Reports everything that has happened to the program.
    fn look_at_program(&mut self) {
        let Some(program) = &mut self.program else {
            return;
        };
        let mut reports = Vec::new();
        while program.ended.is_none()
            && let Ok(Some(change)) = child::next_change(program.pid)
        {
            reports.push(match change {
                Change::Stopped(signal) => Report::Stopped(signal),
                Change::Continued => Report::Continued,
                Change::Ended(exit) => {
                    program.ended = Some(exit);
                    Report::Ended
                }
            });
        }
        reports.into_iter().for_each(|report| self.report(report));
    }

    /// The group keeps its number while its leader is not reaped, and is not signalled afterwards.
    fn signal(&self, signal: i32, group: bool) {
        let Some(program) = self.program.as_ref().filter(|it| it.ended.is_none()) else {
            return;
        };
        let _ = if group {
            child::signal_group(program.pid, signal)
        } else {
            child::signal_process(program.pid, signal)
        };
    }

    fn resume(&mut self, resume: Resume) {
        if let Some(program) = self.program.as_mut().filter(|it| it.ended.is_none()) {
            program.share_terminal(resume.foreground);
            if resume.foreground {
                // After the change, so that whoever is in the foreground now hears of it.
                let _ = terminal::set_size(program.terminal.as_fd(), resume.size);
            }
        }
        if resume.wake {
            self.signal(child::CONTINUE, true);
        }
    }
}

impl Program {
    /// Gives the terminal to the program, or takes it away. Whoever of its session had it (a shell
    /// on it gives it to its own jobs) gets it back.
    fn share_terminal(&mut self, foreground: bool) {
        let terminal = self.terminal.as_fd();
        let Some(ours) = own_pid() else { return };
        let now = terminal::foreground(terminal).ok().flatten();
        match (foreground, now == Some(ours)) {
            (true, true) => {
                let displaced = self.displaced.take().unwrap_or(self.pid);
                // The displaced group may have ended.
                let given = terminal::set_foreground(terminal, displaced);
                let _ = given.or_else(|_| terminal::set_foreground(terminal, self.pid));
            }
            (false, false) => {
                self.displaced = now;
                let _ = terminal::set_foreground(terminal, ours);
            }
            (true, false) | (false, true) => {}
        }
    }
}

/// Our pid, which is also our group.
fn own_pid() -> Option<Pid> {
    Pid::new(i32::try_from(std::process::id()).ok()?)
}

/// Starts the program, and answers once it is known to run.
fn spawn(proof: &child::SingleThreaded, start: &Start, terminal: OwnedFd) -> io::Result<Program> {
    let (outcome, failure) = child::pipe()?;
    match child::fork_anywhere(proof)? {
        Forked::Child => {
            let error = become_program(start, &terminal);
            let errno = error.raw_os_error().unwrap_or(0).to_le_bytes();
            let _ = File::from(failure).write_all(&errno);
            child::exit_now(127)
        }
        Forked::Parent { pid, pidfd } => {
            drop(failure);
            let mut errno = Vec::new();
            // A short report is a child that was killed on its way: that is an end of the program.
            File::from(outcome).read_to_end(&mut errno)?;
            if let Ok(errno) = errno.try_into() {
                child::reap_pidfd(pidfd.as_fd())?;
                return Err(io::Error::from_raw_os_error(i32::from_le_bytes(errno)));
            }
            Ok(Program {
                pid,
                terminal,
                displaced: None,
                ended: None,
            })
        }
    }
}

/// In the child; returns only with what failed.
fn become_program(start: &Start, terminal: &OwnedFd) -> io::Error {
    let prepare = || {
        child::lead_group()?;
        if start.foreground {
            // SIGTTOU is still ignored here.
            let pid = own_pid().ok_or(io::ErrorKind::InvalidInput)?;
            terminal::set_foreground(terminal.as_fd(), pid)?;
        }
        child::default_signals()?;
        child::put_stream(0, terminal.as_fd())?;
        child::lock_down_descriptors()
    };
    match prepare() {
        Err(error) => error,
        Ok(()) => child::become_image(&Image {
            program: start.program.clone(),
            arguments: start.arguments.clone(),
            environment: environment(),
        }),
    }
}

/// Our environment as it was given to us.
fn environment() -> Vec<CString> {
    let variables = std::env::vars_os().filter_map(|(key, value)| {
        let whole = [key.into_vec(), value.into_vec()].join(&b'=');
        CString::new(whole).ok()
    });
    variables.collect()
}
