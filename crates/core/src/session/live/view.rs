//! The screen of a session, made when somebody looks or when the program asks something.
//!
//! Until then only the questions are looked for, which costs no memory to speak of. What must stay
//! true: a question is answered once, also when the screen is drawn from the beginning later on.

use crate::config::{Stream, Terminal};
use crate::output::Captured;
use crate::session::{Cursor, InputModes, Palette, Queries, Query, Screen, ScreenSize};

/// How much is drawn at once.
const PIECE: usize = 16 * 1024;

/// Rows that are remembered above the screen.
const SCROLLBACK: usize = 200;

/// The screen of a process, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScreenView {
    /// What is visible: rows with `\n` between, without blanks at their ends.
    pub text: String,
    /// Where the cursor is.
    pub cursor: Cursor,
    /// How large it is.
    pub size: ScreenSize,
    /// Whether it is the alternate screen, on which full-screen programs draw.
    pub alternate: bool,
    /// The title that the program gave.
    pub title: String,
    /// Up to which byte of the output it is drawn.
    pub offset: u64,
    /// How many bytes before that were no longer kept when they were to be drawn: what is shown may
    /// miss something then, until the program draws all of it again.
    pub omitted: u64,
    /// How many questions of the program were not answered, because it did not read the answers.
    pub unanswered: u64,
}

/// What follows the output.
#[derive(Debug)]
pub(super) struct Viewer {
    screen: Option<Screen>,
    queries: Queries,
    /// Up to where the output was looked at.
    fed: u64,
    omitted: u64,
    unanswered: u64,
    size: ScreenSize,
    palette: Palette,
    answers: bool,
}

/// What a look at more of the output brought.
#[derive(Debug, Default)]
pub(super) struct Fed {
    pub(super) answers: Vec<u8>,
    /// How much there was; 0 is nothing new.
    bytes: usize,
    /// An escape character was among it.
    pub(super) escaped: bool,
    pub(super) ended: bool,
}

impl Fed {
    pub(super) fn is_idle(&self) -> bool {
        self.bytes == 0
    }
}

impl Viewer {
    /// What comes before this offset was looked at by somebody else.
    pub(super) fn after(config: &Terminal, offset: u64) -> Viewer {
        Viewer {
            screen: None,
            queries: Queries::default(),
            fed: offset,
            omitted: 0,
            unanswered: 0,
            size: config.size(),
            palette: config.colors(),
            answers: config.is_answering(),
        }
    }

    /// Whether the output must be followed.
    pub(super) fn is_needed(&self) -> bool {
        self.answers || self.screen.is_some()
    }

    /// Whether nothing matters to it before the next escape character.
    pub(super) fn is_in_text(&self) -> bool {
        self.screen.is_none() && self.queries.is_in_text()
    }

    /// There is no escape character before this offset.
    pub(super) fn skip_to(&mut self, offset: u64) {
        if self.is_in_text() {
            self.fed = self.fed.max(offset);
        }
    }

    pub(super) fn offset(&self) -> u64 {
        self.fed
    }

    pub(super) fn missed(&mut self, answers: u64) {
        self.unanswered += answers;
    }

    pub(super) fn resize(&mut self, size: ScreenSize) {
        self.size = size;
        if let Some(screen) = &mut self.screen {
            screen.resize(size);
        }
    }

    /// Makes the screen, unless there is one; answers whether it was made.
    pub(super) fn want(&mut self, captured: &Captured) -> bool {
        let made = self.screen.is_none();
        self.screen(captured);
        made
    }

    /// Draws what was looked at already. Its questions are answered or given up.
    fn screen(&mut self, captured: &Captured) -> &mut Screen {
        let Viewer {
            screen,
            fed,
            omitted,
            size,
            palette,
            ..
        } = self;
        screen.get_or_insert_with(|| {
            let mut screen = Screen::new(*size, SCROLLBACK).with_palette(*palette);
            let mut at = 0;
            while at < *fed {
                let left = usize::try_from(*fed - at).unwrap_or(usize::MAX);
                let chunk = captured.read_stream(Stream::Terminal, at, left.min(PIECE));
                let begun = at + chunk.omitted_before;
                *omitted += chunk.omitted_before.min(*fed - at);
                let kept = usize::try_from(fed.saturating_sub(begun)).unwrap_or(usize::MAX);
                let bytes = chunk.bytes.get(..kept).unwrap_or(&chunk.bytes);
                let _ = screen.feed(bytes);
                if chunk.bytes.is_empty() {
                    break;
                }
                at = chunk.next;
            }
            screen
        })
    }

    /// Looks at the next piece of the output.
    pub(super) fn feed(&mut self, captured: &Captured) -> Fed {
        let chunk = captured.read_stream(Stream::Terminal, self.fed, PIECE);
        let bytes = &chunk.bytes;
        if self.screen.is_none() && self.answers && self.asks(bytes) {
            self.screen(captured);
        }
        if self.screen.is_some() {
            self.omitted += chunk.omitted_before;
        }
        self.fed = chunk.next;
        let answers = match &mut self.screen {
            Some(screen) => screen.feed(bytes),
            None => Default::default(),
        };
        let mut fed = Fed {
            bytes: bytes.len(),
            escaped: memchr::memchr(0x1b, bytes).is_some(),
            ended: chunk.ended,
            ..Fed::default()
        };
        if self.answers {
            self.unanswered += answers.dropped;
            fed.answers = answers.bytes;
        }
        fed
    }

    fn asks(&mut self, bytes: &[u8]) -> bool {
        let mut asks = false;
        self.queries.push(bytes, |_, query| {
            asks |= !matches!(
                query,
                Query::PushKeyboard(_)
                    | Query::PopKeyboard(_)
                    | Query::SetKeyboard { .. }
                    | Query::Repeat(_)
                    | Query::Reset
            );
        });
        asks
    }

    pub(super) fn view(&mut self) -> ScreenView {
        let (offset, omitted, unanswered) = (self.fed, self.omitted, self.unanswered);
        let screen = self.drawn();
        ScreenView {
            text: screen.text(),
            cursor: screen.cursor(),
            size: screen.size(),
            alternate: screen.is_alternate(),
            title: screen.title().to_owned(),
            offset,
            omitted,
            unanswered,
        }
    }

    pub(super) fn redraw(&mut self) -> Vec<u8> {
        self.drawn().redraw()
    }

    pub(super) fn input_modes(&mut self) -> InputModes {
        self.drawn().input_modes()
    }

    /// The screen, which [`Viewer::want`] has made.
    fn drawn(&mut self) -> &Screen {
        let size = self.size;
        self.screen
            .get_or_insert_with(|| Screen::new(size, SCROLLBACK))
    }
}
