//! The types of the wire in TypeScript.

use super::super::MADE_BY;
use super::super::model::{Field, Form, Thing, Type, Variant, Wire};
use super::super::wording::{on_one_line, sentence};
use super::{bytes_in, comment, written};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What there is no use for: read by the client itself.
const NOT_HERE: [&str; 4] = ["Bytes", "Nothing", "ErrorData", "WireError"];

/// The text of `wire.ts`.
pub(in super::super) fn wire(of: &Wire) -> String {
    let mut text = comment(0, &format!("The types of the wire.\n\n{MADE_BY}"));
    let _ = write!(
        text,
        "\n{}",
        comment(0, "The version of the wire that this is of.")
    );
    let _ = writeln!(text, "export const PROTOCOL = {};", of.version);
    let mut all: BTreeSet<String> = of.heard();
    all.extend(of.said());
    all.extend(of.verbs.iter().map(|verb| verb.params.clone()));
    for (name, thing) in &of.things {
        if all.contains(name) && !NOT_HERE.contains(&name.as_str()) {
            text.push('\n');
            text.push_str(&comment(0, &sentence(&thing.doc)));
            text.push_str(&declared(name, thing));
        }
    }
    text.push_str(&notes(of));
    text.push_str(&bytes(of));
    text
}

fn declared(name: &str, thing: &Thing) -> String {
    if name == "Word" {
        return "export type Word = string | { base64: string };\n".to_owned();
    }
    let options: Vec<String> = match &thing.form {
        Form::Record(fields) if fields.is_empty() => {
            return format!("export type {name} = Record<string, never>;\n");
        }
        Form::Record(fields) => {
            let mut text = format!("export interface {name} {{\n");
            for field in fields {
                text.push_str(&comment(2, &field.doc));
                let _ = writeln!(text, "  {};", declared_field(field));
            }
            return text + "}\n";
        }
        Form::Words(words) => words.iter().map(|word| format!("{word:?}")).collect(),
        Form::Tagged(tag, variants) => {
            let mark = |variant: &Variant| format!("{tag}: {:?}", variant.word);
            let one = |variant: &Variant| option(variant, &[mark(variant)]);
            variants.iter().map(one).collect()
        }
        Form::Mixed(words, variants) => {
            let around =
                |variant: &Variant| format!("{{ {}: {} }}", variant.word, option(variant, &[]));
            let words = words.iter().map(|word| format!("{word:?}"));
            words.chain(variants.iter().map(around)).collect()
        }
        Form::Either(types) => types.iter().map(|of| written(of, "")).collect(),
        Form::Alias(same) => vec![written(same, "")],
    };
    match options.as_slice() {
        [one] => format!("export type {name} = {one};\n"),
        _ => {
            let lines: String = options.iter().map(|one| format!("\n  | {one}")).collect();
            format!("export type {name} ={lines};\n")
        }
    }
}

/// A record on one line, what it is before it.
fn option(variant: &Variant, marks: &[String]) -> String {
    let fields = variant.fields.iter().map(declared_field);
    let fields: Vec<String> = marks.iter().cloned().chain(fields).collect();
    let fields = fields.join("; ");
    match variant.doc.is_empty() {
        true => format!("{{ {fields} }}"),
        false => format!("/** {} */ {{ {fields} }}", on_one_line(&variant.doc)),
    }
}

fn declared_field(field: &Field) -> String {
    let mark = if field.needed { "" } else { "?" };
    let null = if field.nullable { " | null" } else { "" };
    format!("{}{mark}: {}{null}", field.name, written(&field.of, ""))
}

fn notes(of: &Wire) -> String {
    let mut text = format!(
        "\n{}",
        comment(0, "What the daemon tells without being asked.")
    );
    text.push_str("export type Note =");
    for (name, params) in &of.notes {
        let _ = write!(text, "\n  | {{ method: {name:?}; params: {params} }}");
    }
    text.push_str(";\n");
    let names: Vec<&str> = of.notes.iter().map(|(name, _)| name.as_str()).collect();
    let _ = write!(
        text,
        "\n{}",
        comment(0, "The kinds of notes that this client knows.")
    );
    let _ = writeln!(text, "export const NOTES: readonly string[] = {names:?};");
    text
}

/// Where bytes are, by the name of the method or the note.
fn bytes(of: &Wire) -> String {
    let named = |name: &str| Type::Named(name.to_owned());
    let said = of
        .verbs
        .iter()
        .map(|verb| (&verb.method, named(&verb.params)));
    let results = of
        .verbs
        .iter()
        .map(|verb| (&verb.method, named(&verb.result)));
    let notes = of.notes.iter().map(|(name, params)| (name, named(params)));
    let said = table(
        of,
        "SAID_BYTES",
        "Where bytes are in parameters, by method.",
        said,
    );
    let about = "Where bytes are in answers and notes, by method; `*` is each of a list.";
    said + &table(of, "HEARD_BYTES", about, results.chain(notes))
}

fn table<'a>(
    of: &Wire,
    name: &str,
    about: &str,
    all: impl Iterator<Item = (&'a String, Type)>,
) -> String {
    let mut text = format!("\n{}", comment(0, about));
    let _ = writeln!(
        text,
        "export const {name}: Readonly<Record<string, string[][]>> = {{"
    );
    for (method, params) in all {
        let paths = bytes_in(of, &params);
        if !paths.is_empty() {
            let _ = writeln!(text, "  {method:?}: {paths:?},");
        }
    }
    text + "};\n"
}
