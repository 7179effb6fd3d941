//! What macOS has to hold a tree: no object of the kernel, so the table of processes is looked through.
//!
//! The grade is `swept`. Who is a member is decided in [`lineage`](super::lineage), and how a tree is
//! killed in [`hunt`](super::hunt); here is only what asks the system and signals. Checked by the
//! compiler and clippy only: nobody has run this yet.

mod ends;
mod sweep;
mod table;

pub use ends::{Ends, Happened};
pub use sweep::{Mark, Stems, members, signal_each, stems, sweep};
pub(crate) use table::{all, arguments, ask, own_threads};
pub use table::{entry, is_same, marks, signal, table};
