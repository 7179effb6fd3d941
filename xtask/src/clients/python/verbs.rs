//! The methods of the wire in Python, for those who wait in their thread and for those who do not.

use super::super::MADE_BY;
use super::super::model::{Field, Form, Verb, Wire};
use super::super::wording::{first, on_one_line, said, sentence, snake, verb};
use super::{docstring, name_of, packed, written};
use std::fmt::Write as _;

const BEGIN: &str = r#"
from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Sequence, TypeVar

from . import wire
from .pack import Word, nothing, pack, pack_bytes, pack_word

__all__ = ["AsyncVerbs", "Verbs"]

T = TypeVar("T")
"#;

/// The text of `verbs.py`.
pub(in super::super) fn verbs(of: &Wire) -> String {
    let about = format!("The methods of the wire, each as a verb.\n\n{MADE_BY}");
    let mut text = docstring(0, &about);
    text.push_str(BEGIN);
    text.push_str(&class(of, false));
    text.push_str(&class(of, true));
    text
}

fn class(of: &Wire, is_async: bool) -> String {
    let (name, def, how) = match is_async {
        true => ("AsyncVerbs", "async def", "each is awaited"),
        false => ("Verbs", "def", "each blocks"),
    };
    let doc = format!("All that can be asked of a daemon; {how}. Times are milliseconds.");
    let mut text = format!("\n\nclass {name}:\n");
    text.push_str(&docstring(4, &doc));
    let _ = write!(
        text,
        "\n    {def} _call(\n        self, method: str, params: Dict[str, Any], read: Callable[[Any], T]\n    ) -> T:\n        raise NotImplementedError\n"
    );
    for verb in &of.verbs {
        text.push_str(&method(of, verb, is_async));
    }
    text
}

fn method(of: &Wire, about: &Verb, is_async: bool) -> String {
    let (def, wait) = match is_async {
        true => ("async def", "await "),
        false => ("def", ""),
    };
    let fields = of.fields(&about.params);
    let bare = first(&about.method);
    let named: Vec<&Field> = bare
        .iter()
        .filter_map(|name| fields.iter().find(|field| field.name == *name))
        .collect();
    let is_first = |field: &&Field| field.needed || bare.contains(&field.name.as_str());
    let before: Vec<&Field> = match named.is_empty() {
        true => fields.iter().filter(is_first).collect(),
        false => named,
    };
    let after: Vec<&Field> = fields.iter().filter(|field| !is_first(field)).collect();
    let answer = answer(of, &about.result);
    let (back, read) = match &answer {
        Some(name) => (format!("wire.{name}"), format!("wire.{name}.from_wire")),
        None => ("None".to_owned(), "nothing".to_owned()),
    };
    let name = snake(&verb(&about.method));
    let mut text = format!("\n    {def} {name}(\n        self,\n");
    for (field, needed) in parameters(&before, &after) {
        match field {
            None => text.push_str("        *,\n"),
            Some(field) => text.push_str(&parameter(&about.method, field, needed)),
        }
    }
    let _ = writeln!(text, "    ) -> {back}:");
    text.push_str(&docstring(8, &described(of, about, &before, &after)));
    let _ = writeln!(text, "        params = pack(\n            {{");
    for (field, needed) in parameters(&before, &after) {
        if let Some(field) = field {
            let _ = writeln!(
                text,
                "                {:?}: {},",
                field.name,
                value(of, field, needed)
            );
        }
    }
    let _ = writeln!(text, "            }}\n        )");
    let _ = writeln!(
        text,
        "        return {wait}self._call({:?}, params, {read})",
        about.method
    );
    text
}

/// Those without a name, a mark, and those with one.
fn parameters<'a>(before: &[&'a Field], after: &[&'a Field]) -> Vec<(Option<&'a Field>, bool)> {
    let mut all: Vec<_> = before.iter().map(|field| (Some(*field), true)).collect();
    if !after.is_empty() {
        all.push((None, false));
    }
    all.extend(after.iter().map(|field| (Some(*field), false)));
    all
}

fn parameter(method: &str, field: &Field, needed: bool) -> String {
    let (name, of) = (name_of(field), written(&field.of, true, "wire."));
    let of = of.replace("wire.Word", "Word");
    match (needed, said(method, &field.name)) {
        (true, _) => format!("        {name}: {of},\n"),
        (false, Some(true)) => format!("        {name}: {of} = True,\n"),
        (false, Some(false)) => format!("        {name}: {of} = False,\n"),
        (false, None) => format!("        {name}: Optional[{of}] = None,\n"),
    }
}

fn value(of: &Wire, field: &Field, needed: bool) -> String {
    let name = name_of(field);
    let value = packed(of, &field.of, &name);
    match needed || value == name {
        true => value,
        false => format!("None if {name} is None else {value}"),
    }
}

/// The answer's type; `None` where there is nothing to say.
fn answer(of: &Wire, name: &str) -> Option<String> {
    let form = of.things.get(name).map(|thing| &thing.form);
    let is_empty = matches!(form, Some(Form::Record(fields)) if fields.is_empty());
    (!is_empty).then(|| name.to_owned())
}

fn described(of: &Wire, about: &Verb, before: &[&Field], after: &[&Field]) -> String {
    let doc = of.things.get(&about.params).map(|thing| thing.doc.as_str());
    let mut text = sentence(doc.unwrap_or_default());
    if before.is_empty() && after.is_empty() {
        return text;
    }
    text.push_str("\n\nArgs:");
    for field in before.iter().chain(after) {
        let _ = write!(
            text,
            "\n    {}: {}",
            name_of(field),
            on_one_line(&field.doc)
        );
        if let Some(said) = said(&about.method, &field.name) {
            let _ = write!(
                text,
                " Here it is {} unless said.",
                if said { "on" } else { "off" }
            );
        }
    }
    text
}
