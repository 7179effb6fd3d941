//! Tables: columns as wide as what is in them, the last one cut at the edge of the terminal. Pure.

use super::{Hue, Out};

/// One field of a row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    text: String,
    hue: Option<Hue>,
}

impl Field {
    /// In a colour.
    pub(crate) fn hued(text: impl Into<String>, hue: Hue) -> Field {
        Field {
            text: text.into(),
            hue: Some(hue),
        }
    }
}

impl<T: Into<String>> From<T> for Field {
    fn from(text: T) -> Field {
        Field {
            text: text.into(),
            hue: None,
        }
    }
}

/// Rows below a head.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Field>>,
}

impl Table {
    pub(crate) fn new(head: &[&'static str]) -> Table {
        Table {
            head: head.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, fields: Vec<Field>) {
        self.rows.push(fields);
    }

    /// Its lines, at most `width` wide where there is a width.
    pub(crate) fn lines(&self, out: &Out, width: Option<usize>) -> Vec<String> {
        let head: Vec<Field> = self
            .head
            .iter()
            .map(|title| Field::hued(*title, Hue::Dim))
            .collect();
        let all: Vec<&Vec<Field>> = std::iter::once(&head).chain(&self.rows).collect();
        let columns = self.head.len();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let fields = all.iter().filter_map(|row| row.get(column));
                fields
                    .map(|field| columns_of(&field.text))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let line = |row: &&Vec<Field>| line(row, &widths, (out, width));
        all.iter().map(line).collect()
    }
}

fn line(row: &[Field], widths: &[usize], (out, width): (&Out, Option<usize>)) -> String {
    let (mut line, mut used) = (String::new(), 0);
    for (place, (field, own)) in row.iter().zip(widths).enumerate() {
        let last = place + 1 == row.len();
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(used));
        let text = cut(&field.text, room);
        let filled = if last {
            0
        } else {
            (own + 2).saturating_sub(columns_of(&text))
        };
        used += own + 2;
        line.push_str(&match field.hue {
            Some(hue) => out.paint(hue, &text),
            None => text,
        });
        line.push_str(&" ".repeat(filled));
    }
    line.trim_end().to_owned()
}

/// How many columns a text takes, nearly: wide letters count twice.
pub(crate) fn columns_of(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

fn width_of(letter: char) -> usize {
    match u32::from(letter) {
        0x300..=0x36f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => 2,
        0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff => 2,
        0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// As much of a text as there is room for, with a mark where something is missing.
pub(crate) fn cut(text: &str, room: usize) -> String {
    if columns_of(text) <= room {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for letter in text.chars() {
        if used + width_of(letter) + 1 > room {
            break;
        }
        used += width_of(letter);
        kept.push(letter);
    }
    if room > 0 {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::When;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new(&["ID", "NAME", "COMMAND"]);
        table.row(vec![
            "a".into(),
            "\u{4e2d}\u{6587}".into(),
            "sleep 1000".into(),
        ]);
        table.row(vec!["abcdef".into(), "".into(), "x".into()]);
        let out = Out::new(When::Never);
        assert_eq!(
            table.lines(&out, Some(20)),
            [
                "ID      NAME  COMMAND",
                "a       \u{4e2d}\u{6587}  sleep…",
                "abcdef        x"
            ]
            .map(|line| line.replace("COMMAND", "COMMA…"))
        );
        assert!(table.lines(&out, None)[1].ends_with("sleep 1000"));
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("\u{4e2d}\u{6587}", 3), "\u{4e2d}…");
        assert_eq!(cut("abc", 0), "");
    }
}
