//! The reaper as a program of its own: the smallest that can be, so that starts are cheap.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    let code = handfast_reaper::run();
    std::process::ExitCode::from(u8::try_from(code).unwrap_or(1))
}
