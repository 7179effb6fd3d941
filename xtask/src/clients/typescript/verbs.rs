//! The methods of the wire in TypeScript.

use super::super::MADE_BY;
use super::super::model::{Field, Form, Verb, Wire};
use super::super::wording::{first, said, sentence, verb};
use super::{comment, written};
use std::fmt::Write as _;

const BEGIN: &str = "
import type * as wire from \"./wire.js\";

/** What may be said besides what must be. */
type Besides<Params, First extends keyof Params> = Omit<Params, First>;
";

/// The text of `verbs.ts`.
pub(in super::super) fn verbs(of: &Wire) -> String {
    let about = format!("The methods of the wire, each as a verb.\n\n{MADE_BY}");
    let mut text = comment(0, &about);
    text.push_str(BEGIN);
    let doc = "All that can be asked of a daemon. Times are milliseconds; an `abort` gives a wait up, and loses nothing.";
    let _ = write!(text, "\n{}", comment(0, doc));
    text.push_str("export abstract class Verbs {\n");
    text.push_str("  protected abstract ask<T>(method: string, params: object, abort?: AbortSignal): Promise<T>;\n");
    for one in &of.verbs {
        text.push('\n');
        text.push_str(&method(of, one));
    }
    text + "}\n"
}

fn method(of: &Wire, about: &Verb) -> String {
    let fields = of.fields(&about.params);
    let bare = first(&about.method);
    let mut before: Vec<&Field> = bare
        .iter()
        .filter_map(|name| fields.iter().find(|field| field.name == *name))
        .collect();
    if before.is_empty() {
        before.extend(fields.iter().filter(|field| field.needed));
    }
    let thing = of.things.get(&about.params);
    let mut parameters: Vec<String> = before
        .iter()
        .map(|field| format!("{}: {}", field.name, written(&field.of, "wire.")))
        .collect();
    let mut params: Vec<String> = fields
        .iter()
        .filter_map(|field| {
            Some(format!(
                "{}: {}",
                field.name,
                said(&about.method, &field.name)?
            ))
        })
        .collect();
    params.extend(before.iter().map(|field| field.name.clone()));
    if fields.len() > before.len() {
        parameters.push(format!("options: {} = {{}}", options(about, &before)));
        params.push("...options".to_owned());
    }
    let abort = if about.waits { ", abort" } else { "" };
    if about.waits {
        parameters.push("abort?: AbortSignal".to_owned());
    }
    let answer = match of.things.get(&about.result).map(|thing| &thing.form) {
        Some(Form::Record(fields)) if fields.is_empty() => "void".to_owned(),
        _ => format!("wire.{}", about.result),
    };
    let params = match params.is_empty() {
        true => "{}".to_owned(),
        false => format!("{{ {} }}", params.join(", ")),
    };
    let doc = sentence(thing.map_or("", |thing| &thing.doc));
    let mut text = comment(2, &doc);
    let name = verb(&about.method);
    let _ = writeln!(
        text,
        "  {name}({}): Promise<{answer}> {{\n    return this.ask({:?}, {params}{abort});\n  }}",
        parameters.join(", "),
        about.method,
    );
    text
}

fn options(about: &Verb, before: &[&Field]) -> String {
    if before.is_empty() {
        return format!("wire.{}", about.params);
    }
    let names: Vec<String> = before
        .iter()
        .map(|field| format!("{:?}", field.name))
        .collect();
    format!("Besides<wire.{}, {}>", about.params, names.join(" | "))
}
