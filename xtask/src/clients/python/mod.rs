//! The wire in Python: types as frozen dataclasses (`wire.rs`), and methods as verbs (`verbs.rs`).

mod verbs;
mod wire;

pub(super) use verbs::verbs;
pub(super) use wire::wire;

use super::model::{Field, Form, Type, Wire};
use super::wording::snake;
use serde_json::Value;

/// Words that a name cannot be.
const KEYWORDS: [&str; 7] = ["as", "class", "for", "from", "in", "is", "not"];

/// The name of a field.
fn name_of(field: &Field) -> String {
    let name = snake(&field.name);
    match KEYWORDS.contains(&name.as_str()) {
        true => name + "_",
        false => name,
    }
}

/// A type, as it is written. What is said may be of any kind of list; what is heard is a list.
fn written(of: &Type, said: bool, prefix: &str) -> String {
    let inside = |of: &Type| written(of, said, prefix);
    match of {
        Type::Text => "str".to_owned(),
        Type::Whole => "int".to_owned(),
        Type::Number => "float".to_owned(),
        Type::Flag => "bool".to_owned(),
        Type::Anything => "Any".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::List(of) if said => format!("Sequence[{}]", inside(of)),
        Type::List(of) => format!("List[{}]", inside(of)),
        Type::Map(of) if said => format!("Mapping[str, {}]", inside(of)),
        Type::Map(of) => format!("Dict[str, {}]", inside(of)),
        Type::Named(name) => format!("{prefix}{name}"),
    }
}

/// An expression for what was heard in the expression `from`.
fn unpacked(wire: &Wire, of: &Type, from: &str) -> String {
    if is_plain(wire, of) {
        return from.to_owned();
    }
    match of {
        Type::Bytes => format!("unpack_bytes({from})"),
        Type::List(of) => format!("[{} for one in {from}]", unpacked(wire, of, "one")),
        Type::Map(of) => {
            let one = unpacked(wire, of, "one");
            format!("{{name: {one} for name, one in {from}.items()}}")
        }
        Type::Named(name) => match wire.things.get(name).map(|thing| &thing.form) {
            Some(Form::Record(_)) => format!("{name}.from_wire({from})"),
            Some(Form::Alias(of)) => unpacked(wire, of, from),
            _ => format!("unpack_{}({from})", function(name)),
        },
        _ => from.to_owned(),
    }
}

/// An expression for what is said of the expression `from`.
fn packed(wire: &Wire, of: &Type, from: &str) -> String {
    if is_plain(wire, of) {
        return match of {
            Type::List(_) => format!("list({from})"),
            Type::Map(_) => format!("dict({from})"),
            _ => from.to_owned(),
        };
    }
    match of {
        Type::Bytes => format!("pack_bytes({from})"),
        Type::List(of) => format!("[{} for one in {from}]", packed(wire, of, "one")),
        Type::Map(of) => {
            let one = packed(wire, of, "one");
            format!("{{name: {one} for name, one in {from}.items()}}")
        }
        Type::Named(name) => match wire.things.get(name).map(|thing| &thing.form) {
            Some(Form::Mixed(..)) => {
                format!("{from} if isinstance({from}, str) else {from}.to_wire()")
            }
            Some(Form::Either(_)) => format!("pack_{}({from})", function(name)),
            Some(Form::Alias(of)) => packed(wire, of, from),
            _ => format!("{from}.to_wire()"),
        },
        _ => from.to_owned(),
    }
}

fn function(name: &str) -> String {
    snake(name).trim_start_matches('_').to_owned()
}

/// Whether it is the same here as on the wire.
fn is_plain(wire: &Wire, of: &Type) -> bool {
    match of {
        Type::Text | Type::Whole | Type::Number | Type::Flag | Type::Anything => true,
        Type::Bytes => false,
        Type::List(of) | Type::Map(of) => is_plain(wire, of),
        Type::Named(name) if name == "Word" => false,
        Type::Named(name) => match wire.things.get(name).map(|thing| &thing.form) {
            Some(Form::Words(_)) => true,
            Some(Form::Either(types)) => types.iter().all(|of| is_plain(wire, of)),
            Some(Form::Alias(of)) => is_plain(wire, of),
            _ => false,
        },
    }
}

/// What is meant where a field is not there.
fn default_of(field: &Field) -> Option<String> {
    if field.needed {
        return None;
    }
    Some(match (&field.default, &field.of) {
        (Some(Value::Bool(true)), _) => "True".to_owned(),
        (Some(Value::Bool(false)), _) => "False".to_owned(),
        (Some(Value::Number(number)), _) => number.to_string(),
        (Some(Value::String(text)), _) => format!("{text:?}"),
        (_, _) if field.nullable => "None".to_owned(),
        (_, Type::List(_)) => "[]".to_owned(),
        (_, Type::Map(_)) => "{}".to_owned(),
        (_, Type::Flag) => "False".to_owned(),
        (_, Type::Whole | Type::Number) => "0".to_owned(),
        (_, Type::Text) => "\"\"".to_owned(),
        _ => "None".to_owned(),
    })
}

/// A docstring, indented, with its end.
fn docstring(indent: usize, text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    let pad = " ".repeat(indent);
    let mut lines = text.lines();
    let mut doc = format!("{pad}\"\"\"{}", lines.next().unwrap_or_default());
    let rest: Vec<&str> = lines.collect();
    for line in &rest {
        doc.push('\n');
        if !line.is_empty() {
            doc.push_str(&pad);
            doc.push_str(line);
        }
    }
    if !rest.is_empty() {
        doc.push('\n');
        doc.push_str(&pad);
    }
    doc + "\"\"\"\n"
}
