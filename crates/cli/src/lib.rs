//! The command line of Handfast, as a library so that its pages and completions can be made from it.
//!
//! It is the one place that knows the caller's environment, directory, terminal and signals; the
//! library below never looks at any of them. What must stay true: whatever `handfast` is asked to
//! start gets exactly what the caller has and says, and every failure is three lines on standard
//! error (what failed, why, what to do) and one of the exit codes of [`explain`].

#![forbid(unsafe_code)]

pub mod app;
pub mod explain;
mod gets;
mod link;
mod settings;
mod show;
mod terminal;
mod verbs;

pub use show::line::schema;

use app::{App, Verb};
use clap::Parser;
use std::process::ExitCode;

/// Does what the command line says.
///
/// Where `handfast-reaper` is not installed, this executable is the reaper as well.
#[must_use]
pub fn main() -> ExitCode {
    handfast::reaper::run_if_asked();
    if let Some(code) = terminal::hidden()
        .or_else(verbs::doctor::hidden)
        .or_else(verbs::completions::hidden)
    {
        return code;
    }
    match App::parse().verb {
        Verb::Run(run) => verbs::run::run(&run),
        Verb::Start(start) => verbs::start::run(&start),
        Verb::Exec(exec) => verbs::exec::run(&exec),
        Verb::Attach(attach) => verbs::attach::run(&attach),
        Verb::Send(send) => verbs::send::run(&send),
        Verb::Signal(signal) => verbs::signal::run(&signal),
        Verb::Transfer(transfer) => verbs::transfer::run(&transfer),
        Verb::Token(token) => verbs::token::run(&token.what),
        Verb::Config(config) => verbs::config::run(&config.what),
        Verb::Top(top) => verbs::top::run(&top),
        Verb::Events(events) => verbs::events::run(&events),
        Verb::Clean(clean) => verbs::clean::run(&clean),
        Verb::Ps(ps) => verbs::ps::run(&ps),
        Verb::Logs(logs) => verbs::logs::run(&logs),
        Verb::Wait(wait) => verbs::wait::run(&wait),
        Verb::Stop(stop) => verbs::stop::run(&stop),
        Verb::Info(info) => verbs::info::run(&info),
        Verb::Doctor(doctor) => verbs::doctor::run(&doctor),
        Verb::Daemon(daemon) => verbs::daemon::run(&daemon.what),
        Verb::Mcp(mcp) => verbs::mcp::run(&mcp),
        Verb::Setup(setup) => verbs::setup::run(&setup),
        Verb::Bridge(bridge) => verbs::bridge::run(&bridge),
        Verb::Completions { shell } => verbs::completions::run(shell),
    }
}
