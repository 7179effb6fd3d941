//! What a program gets of whoever asks for it: variables, a directory, and which file it is.
//!
//! The one place of the command line where anything of the caller's becomes a program's, and all of it
//! by name. `run` and `start` share it, so that a program gets the same from both.

mod env_file;
pub(crate) mod environment;
pub(crate) mod place;
