//! Consoles: a pseudoconsole for a program that is talked to, and the code page of one.
//!
//! It is apart from the terminals of Unix because little of that face exists here: a pseudoconsole
//! has no modes that we could ask for, no foreground group and no session. It is two pipes and a
//! window size; a helper of the system in between makes VT sequences of what the program does.

mod code_page;
mod pseudo;
mod shared;

#[cfg(test)]
pub(crate) mod tests;

pub use code_page::{UTF_8, speak_utf8};
pub use pseudo::{OpenedConsole, PseudoConsole, WindowSize};
pub use shared::SharedConsole;
