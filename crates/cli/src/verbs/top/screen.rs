//! The caller's terminal while it shows us: raw, on its other screen, and put back afterwards.

use handfast_sys::seat::Seat;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, Write, stdout};

/// To the other screen, empty and without a cursor; and back.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H";
const LEAVE: &[u8] = b"\x1b[?25h\x1b[?1049l";

/// A terminal that shows us until this is dropped.
#[derive(Debug)]
pub(super) struct Screen {
    seat: Seat,
    pub(super) drawn: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// # Errors
    ///
    /// What the system says.
    pub(super) fn new() -> io::Result<Screen> {
        let mut screen = Screen {
            seat: Seat::at_standard_input()?,
            drawn: Terminal::new(CrosstermBackend::new(stdout()))?,
        };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes the terminal, also again.
    pub(super) fn enter(&mut self) -> io::Result<()> {
        self.seat.enter()?;
        stdout().write_all(ENTER)?;
        // Anew, so that everything is drawn. Its own `clear` asks the terminal where the cursor is, and
        // would take what is typed meanwhile for the answer.
        self.drawn = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Gives it back for a while.
    pub(super) fn leave(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = stdout().write_all(LEAVE).and_then(|()| stdout().flush());
        self.seat.leave();
    }

    /// Reads what is typed. Cancel safe.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.seat.read(buffer).await
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}
