//! The types of the wire in Python.

use super::super::MADE_BY;
use super::super::model::{Field, Form, Thing, Variant, Wire};
use super::super::wording::{pascal, sentence};
use super::{default_of, docstring, name_of, packed, unpacked, written};
use std::fmt::Write as _;

/// What is written by hand: in `pack.py`.
const BY_HAND: [&str; 4] = ["Word", "Bytes", "ErrorData", "WireError"];

const BEGIN: &str = r#"
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Literal, Mapping, Optional, Union

from .pack import Other, Word, pack, pack_word, unpack_bytes, unpack_word

__all__ = [
"#;

/// A class or an alias that is written, with its name.
struct Piece {
    name: String,
    text: String,
}

/// The text of `wire.py`.
pub(in super::super) fn wire(of: &Wire) -> String {
    let (heard, said) = (of.heard(), of.said());
    let mut pieces = Pieces::default();
    for (name, thing) in &of.things {
        let (heard, said) = (heard.contains(name), said.contains(name));
        let is_here = (heard || said) && name != "Nothing";
        if is_here && !BY_HAND.contains(&name.as_str()) {
            pieces.add(of, name, thing, Ways { heard, said });
        }
    }
    let Pieces {
        words,
        records,
        unions,
    } = pieces;
    let pieces: Vec<Piece> = words.into_iter().chain(records).chain(unions).collect();
    put_together(of, &pieces)
}

/// In the order in which they are written: what is made of others comes behind them.
#[derive(Default)]
struct Pieces {
    words: Vec<Piece>,
    records: Vec<Piece>,
    unions: Vec<Piece>,
}

impl Pieces {
    fn add(&mut self, of: &Wire, name: &str, thing: &Thing, ways: Ways) {
        let doc = thing.doc.as_str();
        match &thing.form {
            Form::Record(fields) => {
                let named = Named {
                    name,
                    doc,
                    tag: None,
                };
                let (name, text) = (name.to_owned(), record(of, &named, fields, ways));
                self.records.push(Piece { name, text });
            }
            Form::Words(all) => {
                let all: Vec<String> = all.iter().map(|word| format!("{word:?}")).collect();
                let text = format!("{name} = Literal[{}]\n", all.join(", "));
                self.words.push(alias(name, &text, doc));
            }
            Form::Tagged(tag, variants) => {
                let one = |variant| of_union(of, name, Some(tag), (variant, ways));
                self.records.extend(variants.iter().map(one));
                let heard = ways.heard.then_some(tag.as_str());
                self.unions.push(union(name, variants, &[], doc, heard));
            }
            Form::Mixed(plain, variants) => {
                let one = |variant| of_union(of, name, None, (variant, ways));
                self.records.extend(variants.iter().map(one));
                let heard = ways.heard.then_some("");
                self.unions.push(union(name, variants, plain, doc, heard));
            }
            Form::Either(types) => {
                let types: Vec<String> =
                    types.iter().map(|of| written(of, ways.said, "")).collect();
                let text = format!("{name} = Union[{}]\n", types.join(", "));
                self.unions.push(alias(name, &text, doc));
            }
            Form::Alias(same) => {
                let text = format!("{name} = {}\n", written(same, ways.said, ""));
                self.words.push(alias(name, &text, doc));
            }
        }
    }
}

fn put_together(of: &Wire, pieces: &[Piece]) -> String {
    let mut names: Vec<&str> = pieces.iter().map(|piece| piece.name.as_str()).collect();
    names.extend(["NOTES", "Note", "Other", "PROTOCOL", "WAITS", "Word"]);
    names.sort_unstable();
    let mut text = docstring(0, &format!("The types of the wire.\n\n{MADE_BY}"));
    text.push_str(BEGIN);
    for name in names {
        let _ = writeln!(text, "    {name:?},");
    }
    let _ = write!(text, "]\n\nPROTOCOL = {}\n", of.version);
    text.push_str(&docstring(0, "The version of the wire that this is of."));
    let waits = of.verbs.iter().filter(|verb| verb.waits);
    let waits: Vec<String> = waits.map(|verb| format!("{:?}", verb.method)).collect();
    let _ = write!(text, "\nWAITS = frozenset([{}])\n", waits.join(", "));
    text.push_str(&docstring(
        0,
        "The methods that only wait: they can be given up, and nothing is lost.",
    ));
    for piece in pieces {
        let _ = write!(text, "\n\n{}", piece.text);
    }
    text.push_str("\n\nNote = Union[\n");
    for (_, params) in &of.notes {
        let _ = writeln!(text, "    {params},");
    }
    text.push_str("]\n");
    text.push_str(&docstring(0, "What the daemon tells without being asked."));
    text.push_str("\nNOTES: Dict[str, Any] = {\n");
    for (name, params) in &of.notes {
        let _ = writeln!(text, "    {name:?}: {params}.from_wire,");
    }
    text.push_str("}\n");
    text + &docstring(0, "How each kind of note is read, by its name on the wire.")
}

fn alias(name: &str, text: &str, doc: &str) -> Piece {
    Piece {
        name: name.to_owned(),
        text: format!("{text}{}", docstring(0, &sentence(doc))),
    }
}

/// A union, and how one of it is read where `heard` names its tag; the empty one is a name before a record.
fn union(
    name: &str,
    variants: &[Variant],
    words: &[String],
    doc: &str,
    heard: Option<&str>,
) -> Piece {
    let mut text = format!("{name} = Union[\n");
    if !words.is_empty() {
        let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
        let _ = writeln!(text, "    Literal[{}],", words.join(", "));
    }
    let class = |variant: &Variant| format!("{name}{}", pascal(&variant.word));
    for variant in variants {
        let _ = writeln!(text, "    {},", class(variant));
    }
    if heard.is_some() {
        text.push_str("    Other,\n");
    }
    text.push_str("]\n");
    text.push_str(&docstring(0, &sentence(doc)));
    if let Some(tag) = heard {
        let function = super::function(name);
        let _ = write!(text, "\n\ndef unpack_{function}(wire: Any) -> {name}:\n");
        text.push_str("    \"\"\"Reads one; what a newer daemon says is kept as it is.\"\"\"\n");
        for variant in variants {
            let (word, class) = (&variant.word, class(variant));
            let condition = match tag.is_empty() {
                true => format!("isinstance(wire, dict) and {word:?} in wire"),
                false => format!("wire[{tag:?}] == {word:?}"),
            };
            let _ = write!(
                text,
                "    if {condition}:\n        return {class}.from_wire(wire)\n"
            );
        }
        if !words.is_empty() {
            let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
            for word in words {
                let _ = write!(text, "    if wire == {word}:\n        return {word}\n");
            }
        }
        text.push_str("    return Other(wire)\n");
    }
    let name = name.to_owned();
    Piece { name, text }
}

/// Which ways something goes.
#[derive(Clone, Copy)]
struct Ways {
    heard: bool,
    said: bool,
}

/// A record, and what goes before or around it on the wire.
struct Named<'a> {
    name: &'a str,
    doc: &'a str,
    tag: Option<Tag<'a>>,
}

enum Tag<'a> {
    /// A field with a word.
    Field(&'a str, &'a str),
    /// It is behind this name.
    Around(&'a str),
}

fn of_union(
    of: &Wire,
    union: &str,
    tag: Option<&String>,
    (variant, ways): (&Variant, Ways),
) -> Piece {
    let name = format!("{union}{}", pascal(&variant.word));
    let tag = match tag {
        Some(tag) => Tag::Field(tag, &variant.word),
        None => Tag::Around(&variant.word),
    };
    let named = Named {
        name: &name,
        doc: &variant.doc,
        tag: Some(tag),
    };
    let text = record(of, &named, &variant.fields, ways);
    Piece { name, text }
}

fn record(of: &Wire, named: &Named<'_>, fields: &[Field], ways: Ways) -> String {
    let mut text = format!("@dataclass(frozen=True)\nclass {}:\n", named.name);
    text.push_str(&docstring(4, &sentence(named.doc)));
    for one in fields {
        let mut written = written(&one.of, ways.said, "");
        if one.nullable {
            written = format!("Optional[{written}]");
        }
        let secret = matches!(&one.of, super::Type::Named(name) if name == "Secret");
        let default = match default_of(one).as_deref() {
            None if secret => " = field(repr=False)".to_owned(),
            None => String::new(),
            Some("[]") => " = field(default_factory=list)".to_owned(),
            Some("{}") => " = field(default_factory=dict)".to_owned(),
            Some(default) => format!(" = {default}"),
        };
        let _ = write!(text, "\n    {}: {written}{default}\n", name_of(one));
        text.push_str(&docstring(4, &one.doc));
    }
    if ways.heard {
        text.push_str(&from_wire(of, named, fields));
    }
    if ways.said {
        text.push_str(&to_wire(of, named, fields));
    }
    text
}

fn from_wire(of: &Wire, named: &Named<'_>, fields: &[Field]) -> String {
    let name = named.name;
    let mut text = format!("\n    @classmethod\n    def from_wire(cls, wire: Any) -> {name}:\n");
    text.push_str("        \"\"\"Reads one; what is not known is passed over.\"\"\"\n");
    if let Some(Tag::Around(word)) = &named.tag {
        let _ = writeln!(text, "        wire = wire[{word:?}]");
    }
    if fields.is_empty() {
        return text + "        return cls()\n";
    }
    text.push_str("        return cls(\n");
    for field in fields {
        let name = name_of(field);
        let key = format!("{:?}", field.name);
        let read = |from: &str| unpacked(of, &field.of, from);
        let plain = read("x") == "x";
        let value = match default_of(field) {
            None => read(&format!("wire[{key}]")),
            Some(none) if plain && none == "None" => format!("wire.get({key})"),
            Some(default) if plain => format!("wire.get({key}, {default})"),
            Some(none) if none == "None" => {
                let read = read(&format!("wire[{key}]"));
                format!("None if wire.get({key}) is None else {read}")
            }
            Some(default) => read(&format!("wire.get({key}, {default})")),
        };
        let _ = writeln!(text, "            {name}={value},");
    }
    text + "        )\n"
}

fn to_wire(of: &Wire, named: &Named<'_>, fields: &[Field]) -> String {
    let mut text = String::from("\n    def to_wire(self) -> Any:\n");
    text.push_str("        \"\"\"As it is said.\"\"\"\n");
    let mut pairs = Vec::new();
    if let Some(Tag::Field(tag, word)) = &named.tag {
        pairs.push(format!("{tag:?}: {word:?}"));
    }
    for field in fields {
        let from = format!("self.{}", name_of(field));
        let value = packed(of, &field.of, &from);
        let value = match field.nullable && value != from {
            true => format!("None if {from} is None else {value}"),
            false => value,
        };
        pairs.push(format!("{:?}: {value}", field.name));
    }
    let record = format!("pack({{{}}})", pairs.join(", "));
    let said = match &named.tag {
        Some(Tag::Around(word)) => format!("{{{word:?}: {record}}}"),
        _ => record,
    };
    let _ = writeln!(text, "        return {said}");
    text
}
