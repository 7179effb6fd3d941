//! The program `handfast`; everything is in the library of this crate.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    handfast_cli::main()
}
