//! Talking to a process: keys, the screen of a terminal, and the rules of input.
//!
//! Everything directly here is pure: bytes in, bytes out, no I/O and no clock. Who holds the terminal
//! feeds what the program wrote to the [`Screen`], writes its answers back, and asks it for the
//! [`InputModes`] in which keys are encoded. For the processes of a manager that is `live`.

mod answers;
mod key_bytes;
mod key_strings;
mod keyboard;
mod keys;
mod lines;
mod live;
mod near;
mod queries;
mod screen;

mod write_ids;

pub use answers::{Palette, Rgb};
pub use handfast_sys::console_input::{ConsoleInput, WindowsInput};
pub use key_bytes::{InputModes, paste};
pub use key_strings::{KEYS_BYTES, REPEATS, Stroke, key_bytes, read_keys};
pub use keys::{Code, Key, KeyError, Modifiers};
pub use lines::{InputLines, InputMode, LineTooLong};
pub use live::{
    InputState, Interrupted, QUEUE, ScreenView, SessionError, Stopped, WRITE_BYTES, WriteOptions,
    Written,
};
pub(crate) use live::{Refusal, Session};
pub use queries::{Queries, Query};
pub use screen::{
    ANSWER_BYTES, Answers, Cursor, RELEASE, SCREEN_SIDE, Screen, ScreenSize, TITLE_BYTES,
};
pub use write_ids::{WRITE_ID_BYTES, WRITE_IDS, WriteIdError, WriteIds};
