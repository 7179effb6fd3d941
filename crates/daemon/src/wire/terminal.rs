//! The terminal of a process: its size, what it shows, and whether its program waits for input.

use super::base64::Bytes;
use super::start::Size;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `process/resize`: gives the terminal another size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resize {
    /// Which process.
    pub process_id: String,
    /// Which size.
    pub size: Size,
}

/// `process/screen`: what the terminal shows now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Screen {
    /// Which process.
    pub process_id: String,
    /// Also the bytes that draw it on another terminal.
    #[serde(default)]
    pub redraw: bool,
}

/// What `process/screen` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScreenAnswer {
    /// Rows with line ends between, without blanks at their ends.
    pub text: String,
    /// Where the cursor is, from 0 at the top.
    pub row: u16,
    /// Where the cursor is, from 0 at the left.
    pub column: u16,
    /// Whether it is shown.
    pub cursor_visible: bool,
    /// How large the screen is.
    pub size: Size,
    /// Whether it is the alternate screen.
    pub alternate: bool,
    /// The title that the program gave.
    pub title: String,
    /// Up to which byte of the output it is drawn.
    pub offset: u64,
    /// How many bytes before that were lost to it.
    pub omitted: u64,
    /// What draws it on another terminal of the same size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redraw: Option<Bytes>,
}

/// `process/inputState`: whether the program in the foreground waits for input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InputStateOf {
    /// Which process.
    pub process_id: String,
}

/// What `process/inputState` is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputStateAnswer {
    /// `waiting-for-input`, `busy` or `hidden`.
    pub state: String,
    /// Who waits; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When this wait was first seen, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_ms: Option<u64>,
}
