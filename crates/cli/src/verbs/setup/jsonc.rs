//! JSON as people keep it in settings, with comments and commas too many: read with the place of every
//! value, so that a change touches nothing else. Pure.
//!
//! Apart because clients' settings are not ours: what is not changed stays as it is, to the byte. What
//! must stay true: what cannot be understood is refused, and nothing is guessed.

use std::ops::Range;

/// How deep values may lie in one another.
const DEPTH: usize = 64;

/// A value, and where it stands.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: Range<usize>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Object(Vec<Member>),
    Array(Vec<Node>),
    Text(String),
    Other,
}

/// A name with its value.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) key: String,
    /// Where the name begins.
    pub(super) start: usize,
    pub(super) value: Node,
}

/// Where a text is not JSON.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no JSON at byte {at}")]
pub(super) struct Odd {
    pub(super) at: usize,
}

impl Node {
    pub(super) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Object(members) => members,
            Kind::Array(_) | Kind::Text(_) | Kind::Other => &[],
        }
    }

    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::Array(items) => items,
            Kind::Object(_) | Kind::Text(_) | Kind::Other => &[],
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let found = self.members().iter().find(|member| member.key == key);
        found.map(|member| &member.value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            Kind::Object(_) | Kind::Array(_) | Kind::Other => None,
        }
    }

    pub(super) fn is_object(&self) -> bool {
        matches!(self.kind, Kind::Object(_))
    }
}

/// Reads a whole text.
pub(super) fn read(text: &str) -> Result<Node, Odd> {
    let mut reader = Reader {
        text: text.as_bytes(),
        all: text,
        at: 0,
    };
    let node = reader.value(0)?;
    reader.blank()?;
    if reader.at == text.len() {
        Ok(node)
    } else {
        Err(reader.odd())
    }
}

struct Reader<'t> {
    text: &'t [u8],
    all: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn odd(&self) -> Odd {
        Odd { at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips blanks and comments.
    fn blank(&mut self) -> Result<(), Odd> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            match rest {
                [b' ' | b'\t' | b'\n' | b'\r', ..] => self.at += 1,
                [b'/', b'/', ..] => {
                    let end = rest.iter().position(|byte| *byte == b'\n');
                    self.at += end.unwrap_or(rest.len());
                }
                [b'/', b'*', ..] => {
                    let inside = rest.get(2..).unwrap_or_default();
                    let end = inside.windows(2).position(|pair| pair == b"*/");
                    self.at += end.ok_or_else(|| self.odd())? + 4;
                }
                _ => return Ok(()),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, Odd> {
        self.blank()?;
        let start = self.at;
        let kind = match self.peek() {
            Some(_) if depth > DEPTH => return Err(self.odd()),
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::Array(self.array(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.odd()),
        };
        Ok(Node {
            at: start..self.at,
            kind,
        })
    }

    /// After a comma or at the end: whether the value is over. One comma too many is taken.
    fn is_over(&mut self, end: u8) -> Result<bool, Odd> {
        self.blank()?;
        let is_over = self.peek() == Some(end);
        self.at += usize::from(is_over);
        Ok(is_over)
    }

    /// After a value: a comma, or the end.
    fn comma(&mut self, end: u8) -> Result<bool, Odd> {
        if self.is_over(end)? {
            return Ok(true);
        }
        if self.peek() != Some(b',') {
            return Err(self.odd());
        }
        self.at += 1;
        self.is_over(end)
    }

    fn object(&mut self, depth: usize) -> Result<Vec<Member>, Odd> {
        self.at += 1;
        let mut members = Vec::new();
        let mut is_over = self.is_over(b'}')?;
        while !is_over {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.odd());
            }
            let key = self.string()?;
            self.blank()?;
            if self.peek() != Some(b':') {
                return Err(self.odd());
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            members.push(Member { key, start, value });
            is_over = self.comma(b'}')?;
        }
        Ok(members)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, Odd> {
        self.at += 1;
        let mut items = Vec::new();
        let mut is_over = self.is_over(b']')?;
        while !is_over {
            items.push(self.value(depth + 1)?);
            is_over = self.comma(b']')?;
        }
        Ok(items)
    }

    fn string(&mut self) -> Result<String, Odd> {
        let start = self.at;
        let mut escaped = false;
        let rest = self.text.get(start + 1..).unwrap_or_default();
        let end = rest.iter().position(|byte| {
            let is_end = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            is_end
        });
        let end = start + 2 + end.ok_or_else(|| self.odd())?;
        let text = self.all.get(start..end).unwrap_or_default();
        let text = serde_json::from_str(text).map_err(|_| self.odd())?;
        self.at = end;
        Ok(text)
    }

    fn word(&mut self) -> Result<Kind, Odd> {
        let rest = self.all.get(self.at..).unwrap_or_default();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let is_value = serde_json::from_str::<serde_json::Value>(word).is_ok();
        if !is_value {
            return Err(self.odd());
        }
        self.at += end;
        Ok(Kind::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_commas_too_many_are_read_over() {
        let text = "// one\n{ \"a\": [1, /* two, } */ \"x\\\"y\",], // three\n \"b\": {}, }\n";
        let node = read(text).unwrap();
        let a = node.get("a").unwrap();
        assert_eq!(a.items()[1].text(), Some("x\"y"));
        assert_eq!(&text[a.at.clone()], "[1, /* two, } */ \"x\\\"y\",]");
        assert!(node.get("b").unwrap().is_object());
    }

    #[test]
    fn what_is_no_json_is_refused_where_it_is_not() {
        for odd in [
            "",
            "{",
            "{a: 1}",
            "{\"a\" 1}",
            "[1 2]",
            "{} x",
            "/*",
            "\"a",
            "nil",
            "[,]",
        ] {
            assert!(read(odd).is_err(), "{odd}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(&deep).is_err());
        assert_eq!(read("{} x").unwrap_err(), Odd { at: 3 });
    }
}
