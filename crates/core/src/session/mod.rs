//! Talking to a process: keys, the screen of a terminal, and the rules of input.
//!
//! Everything here is pure: bytes in, bytes out, no I/O and no clock. Who holds the terminal feeds
//! what the program wrote to the [`Screen`], writes its answers back, and asks it for the
//! [`InputModes`] in which keys are encoded.

mod key_bytes;
mod key_strings;
mod keys;
mod lines;
mod near;
mod write_ids;

pub use key_bytes::{InputModes, paste};
pub use key_strings::{KEYS_BYTES, REPEATS, Stroke, key_bytes, read_keys};
pub use keys::{Code, Key, KeyError, Modifiers};
pub use lines::{InputLines, InputMode, LineTooLong};
pub use write_ids::{WRITE_ID_BYTES, WRITE_IDS, WriteIdError, WriteIds};
