//! `handfast doctor`: what this host offers, found by doing it.

use crate::app::Doctor;
use std::process::ExitCode;

pub(crate) fn run(_doctor: &Doctor) -> ExitCode {
    ExitCode::FAILURE
}
