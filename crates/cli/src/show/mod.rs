//! What verbs print: text for people in `text.rs` and `table.rs`, lines for programs in `line/`.
//!
//! What must stay true: nothing that a process chose (its name, its arguments, its output) can do
//! anything to the terminal that it is shown on but be read, and be coloured; and a line of JSON has
//! all its fields, with `null` for what is not known.

pub(crate) mod line;
mod out;
pub(crate) mod safe;
pub(crate) mod state;
pub(crate) mod table;
pub(crate) mod text;

pub(crate) use out::{Hue, Out};
