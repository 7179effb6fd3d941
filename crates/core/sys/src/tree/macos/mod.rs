//! What macOS has to hold a tree: no object of the kernel, so the table of processes is looked through.
//!
//! The grade is `swept`. Members are the children of members, and those of our user that carry the
//! tree's mark, which their parent's end has made somebody else's children. Checked by the compiler and
//! clippy only: nobody has run this yet.

mod ends;
mod table;

pub use ends::{Ends, Happened};
pub use table::{Entry, children, entry, group, is_marked, of_tree};
