//! Lines as a terminal would show them: what was overwritten is gone.
//!
//! Progress bars write a line again and again after `\r`. The model is cheap: one line of cells and
//! a column, one character to a cell, a tab is a character; `\r` goes to the first column, backspace
//! one to the left, and what is written overwrites. Movement between lines is left to the
//! [screen](crate::session). What must stay true: every split of the text gives the same
//! result, and no more than one window of cells is kept, however long a line is.

use super::ansi::Erase;

/// The most characters of one line that can still be overwritten.
///
/// A longer line is passed on in parts of this size. What was passed on stands; a `\r` after it
/// begins a new line.
pub const WINDOW_CHARACTERS: usize = 65_536;

/// Collapses overwritten text as it comes. `\r\n` becomes `\n`.
///
/// ```
/// use handfast::output::view::Overwrite;
///
/// let (mut overwrite, mut text) = (Overwrite::default(), String::new());
/// overwrite.push(" 10%\r 50%\r100%\nready\r\n", &mut text);
/// assert_eq!(text, "100%\nready\n");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Overwrite {
    cells: Vec<char>,
    column: usize,
    /// A part of this line was passed on.
    continued: bool,
    /// `\r` came after a part was passed on, and nothing since.
    returned: bool,
    overwritten: u64,
}

impl Overwrite {
    /// Appends the finished lines of `text` to `out`. The last, unfinished one is kept.
    pub fn push(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '\r', '\u{8}']) {
            let run = &rest[..at];
            let control = rest.as_bytes()[at];
            rest = &rest[at + 1..];
            if control == b'\n' && self.cells.is_empty() && !self.returned && self.column == 0 {
                // The common line, which nothing was done to.
                out.push_str(run);
                self.end_line(out);
                continue;
            }
            self.write(run, out);
            match control {
                b'\n' => self.end_line(out),
                b'\r' => {
                    self.column = 0;
                    self.returned = self.continued;
                }
                _ => self.column = self.column.saturating_sub(1),
            }
        }
        self.write(rest, out);
    }

    /// Makes a part of the line blank, as `CSI K` does.
    pub fn erase(&mut self, part: Erase) {
        let end = self.cells.len();
        let column = self.column.min(end);
        match part {
            Erase::Right => self.blank(column, end),
            Erase::Left => self.blank(0, end.min(self.column + 1)),
            Erase::Line => self.blank(0, end),
        }
    }

    /// Goes to a column, counted from 0, as `CSI G` does.
    pub fn column(&mut self, column: usize) {
        self.column = column.min(WINDOW_CHARACTERS - 1);
    }

    /// Goes to the right or left, as `CSI C` and `CSI D` do.
    pub fn shift(&mut self, columns: isize) {
        self.column(self.column.saturating_add_signed(columns));
    }

    /// Appends the unfinished line as it is now, and begins with an empty one.
    ///
    /// What follows overwrites nothing of it any more.
    pub fn finish(&mut self, out: &mut String) {
        out.extend(self.cells.drain(..));
        (self.column, self.continued, self.returned) = (0, false, false);
    }

    /// How many bytes of text were overwritten or erased until now.
    #[must_use]
    pub fn overwritten(&self) -> u64 {
        self.overwritten
    }

    fn end_line(&mut self, out: &mut String) {
        self.finish(out);
        out.push('\n');
    }

    fn write(&mut self, run: &str, out: &mut String) {
        if run.is_empty() {
            return;
        }
        if self.returned {
            self.end_line(out);
        }
        for character in run.chars() {
            self.put(character, out);
        }
    }

    fn put(&mut self, character: char, out: &mut String) {
        if self.column >= WINDOW_CHARACTERS {
            out.extend(self.cells.drain(..));
            (self.column, self.continued) = (0, true);
        }
        if let Some(cell) = self.cells.get_mut(self.column) {
            self.overwritten += cell.len_utf8() as u64;
            *cell = character;
        } else {
            self.cells.resize(self.column, ' ');
            self.cells.push(character);
        }
        self.column += 1;
    }

    /// Blanks at the end are no cells at all.
    fn blank(&mut self, from: usize, to: usize) {
        let gone = self.cells[from..to].iter().map(|cell| cell.len_utf8());
        self.overwritten += gone.sum::<usize>() as u64;
        if to == self.cells.len() {
            self.cells.truncate(from);
        } else {
            self.cells[from..to].fill(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collapsed(text: &str) -> String {
        let (mut overwrite, mut out) = (Overwrite::default(), String::new());
        overwrite.push(text, &mut out);
        overwrite.finish(&mut out);
        out
    }

    #[test]
    fn text_after_a_return_overwrites() {
        let cases = [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\r\r\nb", "a\nb"),
            ("10%\r100%", "100%"),
            ("long line\rshort\n", "shortline\n"),
            ("abc\u{8}\u{8}X", "aXc"),
            ("\u{8}a", "a"),
            ("/\u{8}-\u{8}\\\u{8}done\n", "done\n"),
            ("N\u{8}NA\u{8}A\n", "NA\n"),
            ("é\rab\n", "ab\n"),
            ("\ra\rb\rc\n\n", "c\n\n"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(collapsed(text), want, "{text:?}");
        }
    }

    #[test]
    fn erasing_and_moving_change_the_line() {
        let (mut overwrite, mut out) = (Overwrite::default(), String::new());
        overwrite.push("long line\r", &mut out);
        overwrite.erase(Erase::Right);
        overwrite.push("short\n", &mut out);
        overwrite.push("abcdef", &mut out);
        overwrite.shift(-4);
        overwrite.erase(Erase::Left);
        overwrite.column(8);
        overwrite.push("x\n", &mut out);
        overwrite.push("gone", &mut out);
        overwrite.erase(Erase::Line);
        overwrite.push("x\n", &mut out);
        assert_eq!(out, "short\n   def  x\n    x\n");
        assert_eq!(overwrite.overwritten(), 9 + 3 + 4);
    }

    #[test]
    fn a_line_of_any_length_needs_one_window() {
        let (mut overwrite, mut out) = (Overwrite::default(), String::new());
        let block = "x".repeat(10_000);
        let mut passed = 0;
        for _ in 0..1_000 {
            overwrite.push(&block, &mut out);
            passed += out.len();
            out.clear();
            assert!(overwrite.cells.capacity() <= 2 * WINDOW_CHARACTERS);
        }
        overwrite.push("\rnew\n", &mut out);
        passed += out.len();
        assert_eq!(passed, 10_000_000 + "\nnew\n".len());
        assert!(out.ends_with("x\nnew\n"));
    }

    #[test]
    fn a_bar_of_any_length_needs_one_line() {
        let (mut overwrite, mut out) = (Overwrite::default(), String::new());
        for step in 0..100_000 {
            overwrite.push(&format!("\rstep {step}"), &mut out);
        }
        assert!(out.is_empty() && overwrite.cells.capacity() < 100);
        overwrite.finish(&mut out);
        assert_eq!(out, "step 99999");
    }

    #[test]
    fn a_long_line_ends_once() {
        let long = "x".repeat(WINDOW_CHARACTERS + 1);
        assert_eq!(collapsed(&format!("{long}\r\ny")), format!("{long}\ny"));
        assert_eq!(collapsed(&format!("{long}\ny")), format!("{long}\ny"));
        assert_eq!(collapsed(&format!("{long}\ry")), format!("{long}\ny"));
    }

    /// What is shown of one line, cell by cell, the slow way.
    fn model(line: &str) -> String {
        let (mut cells, mut column) = (Vec::new(), 0);
        for character in line.chars() {
            match character {
                '\r' => column = 0,
                '\u{8}' => column = column.max(1) - 1,
                _ => {
                    cells.truncate(cells.len().max(column));
                    if column == cells.len() {
                        cells.push(character);
                    } else {
                        cells[column] = character;
                    }
                    column += 1;
                }
            }
        }
        cells.into_iter().collect()
    }

    proptest! {
        #[test]
        fn every_split_gives_what_the_model_shows(text in "[a-cé\r\n\u{8}\t]{0,40}") {
            let want = text.split('\n').map(model).collect::<Vec<_>>().join("\n");
            for at in (0..=text.len()).filter(|&at| text.is_char_boundary(at)) {
                let (mut overwrite, mut out) = (Overwrite::default(), String::new());
                overwrite.push(&text[..at], &mut out);
                overwrite.push(&text[at..], &mut out);
                overwrite.finish(&mut out);
                prop_assert_eq!(&out, &want);
            }
        }
    }
}
