//! From an error's code to an exit code and to what a person can do.
//!
//! The exit codes are those of `timeout`, `env` and the shells, so that scripts need not learn new
//! ones.

/// The program was ended because its time was over.
pub const TIMED_OUT: u8 = 124;
/// Handfast itself failed; the program was not started, or is gone.
pub const FAILED: u8 = 125;
/// The program was found and could not be executed.
pub const NOT_EXECUTABLE: u8 = 126;
/// The program was not found.
pub const NOT_FOUND: u8 = 127;
/// The command line was wrong.
pub const USAGE: u8 = 2;
