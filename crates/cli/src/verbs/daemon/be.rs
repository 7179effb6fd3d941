//! Being the daemon.
//!
//! In the background there are two steps, each this program again: the first one gives up everything that
//! it was started with and is over at once, so that nobody has to wait for the second; that one has a
//! session of its own, logs to the file, and says on standard output, once, whether it serves. On Windows, where
//! it is started with nothing, it is the second one at once.

use super::handing;
use super::log::{self, Log};
use crate::app::DaemonRun;
use crate::explain::Failure;
use handfast_daemon::Place;
use handfast_daemon::connect::Readiness;
use handfast_daemon::program::{self, Ended, ProgramError, successor};
use handfast_daemon::serve::Settings;
use handfast_sys::asked::{Asked, Escalation, Listener};
use handfast_sys::descriptor::AsDescriptor;
use handfast_sys::{files, fork_lock, host};
use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};
use tokio::sync::mpsc;

/// What files get that a process makes which says nothing about it.
const UMASK: u32 = 0o022;

pub(super) fn run(options: &DaemonRun) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::new("cli.descriptors", "get ready", &error);
    // Nothing that was left open gets into the daemon, or from it into its helper.
    host::lock_down().map_err(failed)?;
    if options.probe {
        return super::say(&successor::can());
    }
    if options.detach && !host::STARTS_IN_TWO_STEPS {
        let options = DaemonRun {
            detach: false,
            announce: true,
            ..options.clone()
        };
        return run(&options);
    }
    if options.detach {
        return detach(options).map_err(|error| Failure::new("daemon.spawn", "detach", &error));
    }
    if options.hand_over.is_some() {
        // It was a daemon a moment ago, with signals of its own.
        host::default_signals().map_err(failed)?;
    }
    let place = place(options);
    if !options.announce {
        log::to(io::stderr());
        return said(options, be(&place, options));
    }
    host::begin_session();
    let be = || {
        let log = Log::open(&place)
            .map_err(|error| Failure::new("cli.daemon-log", "open the log", &error))?;
        log::to(log);
        be(&place, options)
    };
    said(options, be())
}

/// Says why it does not serve, to whom that is told.
fn said(options: &DaemonRun, done: Result<ExitCode, Failure>) -> Result<ExitCode, Failure> {
    if let Err(failure) = &done
        && is_heard(options)
    {
        tracing::error!(code = failure.code(), "{}", failure.why());
        announce(&Readiness::Failed {
            code: failure.code().to_owned(),
            message: failure.why().to_owned(),
        });
    }
    done
}

/// Whether somebody waits for a word. Whoever was the daemon before has given it.
fn is_heard(options: &DaemonRun) -> bool {
    options.take_over || (options.announce && options.hand_over.is_none())
}

fn place(options: &DaemonRun) -> Place {
    let usual = Place::ours();
    let place = match &options.run_folder {
        Some(folder) => Place::at(folder).keeping(usual.state()),
        None => usual,
    };
    match &options.state_folder {
        Some(folder) => place.keeping(folder),
        None => place,
    }
}

/// The first step.
fn detach(options: &DaemonRun) -> io::Result<ExitCode> {
    host::default_signals()?;
    host::set_umask(UMASK);
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["daemon", "run", "--announce"]);
    handing::same(&mut command, options);
    command.current_dir(files::root()).stdin(Stdio::null());
    fork_lock::spawn(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

/// Says whether it serves, and lets go of whoever has heard it.
fn announce(readiness: &Readiness) {
    // Who has gone away need not know, and a daemon that serves goes on.
    let _ = writeln!(io::stdout(), "{readiness}");
    if let Ok(nothing) = host::null() {
        let _ = host::put_stream(1, nothing.as_descriptor());
    }
}

fn be(place: &Place, options: &DaemonRun) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::new("cli.descriptors", "get ready", &error);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    let mut settings = Settings::default();
    settings.idle = Some(options.idle_exit).filter(|idle| !idle.is_zero());
    let up = || {
        tracing::info!(pid = std::process::id(), folder = %place.path().display(), "serving");
        if options.hand_over.is_none() {
            notify_manager("READY=1");
        }
        if is_heard(options) {
            announce(&Readiness::Ready);
        }
    };
    let ended = match handing::seat(place, options)? {
        None => {
            let told = told()?;
            runtime.block_on(program::run(place, settings, told, up))
        }
        Some(seat) => {
            let next = options.hand_over.as_deref();
            let next = next.map(|next| runtime.block_on(handing::wait(&seat, next, options)));
            let why = match next {
                Some(Ok(pid)) => {
                    notify_manager(&format!("MAINPID={pid}"));
                    return Ok(ExitCode::SUCCESS);
                }
                Some(Err(why)) => Some(why),
                None => None,
            };
            let told = told()?;
            runtime.block_on(program::run_with((place, seat), settings, told, up, why))
        }
    };
    over(place, options, (&runtime, ended))
}

fn told() -> Result<mpsc::UnboundedReceiver<Asked>, Failure> {
    listen().map_err(|error| Failure::new("cli.signals", "hear signals", &error))
}

fn over(
    place: &Place,
    options: &DaemonRun,
    (runtime, mut ended): (&tokio::runtime::Runtime, Result<Ended, ProgramError>),
) -> Result<ExitCode, Failure> {
    while let Ok(Ended::HandsOver(hands_over)) = ended {
        // It answers only where it has failed.
        let why = handing::become_next(&hands_over, options);
        ended = runtime.block_on(hands_over.go_on(why.to_string()));
    }
    match ended {
        Ok(Ended::Taken) if options.announce => {
            announce(&Readiness::Taken);
            Ok(ExitCode::SUCCESS)
        }
        Ok(Ended::Taken) => {
            let taken = io::Error::other(format!("one serves in {}", place.path().display()));
            Err(Failure::new("cli.daemon-taken", "be the daemon", &taken))
        }
        Ok(ended) => {
            tracing::info!(why = ?ended, "left");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Err(Failure::program(&error)),
    }
}

/// Tells a service manager that waits for it (`sd_notify(3)`): that the daemon serves, or who it is now.
fn notify_manager(what: &str) {
    if let Err(error) = host::tell_manager(what) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

/// Hears the requests to end on a thread of its own, whatever the runtime does.
fn listen() -> io::Result<mpsc::UnboundedReceiver<Asked>> {
    let listener = Listener::new()?;
    let (tell, told) = mpsc::unbounded_channel();
    let hear = move || {
        let mut escalation = Escalation::default();
        loop {
            match listener.next(None) {
                Ok(Some(by)) => {
                    if tell.send(escalation.hear(by)).is_err() {
                        return;
                    }
                }
                Ok(None) => {}
                Err(error) => return tracing::error!(%error, "requests to end cannot be heard"),
            }
        }
    };
    std::thread::Builder::new()
        .name("handfast-asked".into())
        .spawn(hear)?;
    Ok(told)
}
