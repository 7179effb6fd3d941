//! The wire in TypeScript: types as they are on the wire (`wire.rs`), and methods as verbs (`verbs.rs`).
//!
//! Bytes are the one thing that is not as on the wire: where they are is written down as paths.

mod verbs;
mod wire;

pub(super) use verbs::verbs;
pub(super) use wire::wire;

use super::model::{Form, Type, Wire};

/// A type, as it is written.
fn written(of: &Type, prefix: &str) -> String {
    match of {
        Type::Text => "string".to_owned(),
        Type::Whole | Type::Number => "number".to_owned(),
        Type::Flag => "boolean".to_owned(),
        Type::Anything => "unknown".to_owned(),
        Type::Bytes => "Uint8Array".to_owned(),
        Type::List(of) => format!("{}[]", written(of, prefix)),
        Type::Map(of) => format!("Record<string, {}>", written(of, prefix)),
        Type::Named(name) => format!("{prefix}{name}"),
    }
}

/// Where there are bytes in something, each a path of names; `*` is each of a list.
fn bytes_in(wire: &Wire, of: &Type) -> Vec<Vec<String>> {
    match of {
        Type::Bytes => vec![vec![]],
        Type::List(of) => before("*", bytes_in(wire, of)),
        Type::Named(name) => match wire.things.get(name).map(|thing| &thing.form) {
            Some(Form::Record(fields)) => {
                let inside = fields.iter();
                inside
                    .flat_map(|field| before(&field.name, bytes_in(wire, &field.of)))
                    .collect()
            }
            _ => vec![],
        },
        _ => vec![],
    }
}

fn before(name: &str, paths: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let with = |mut path: Vec<String>| {
        path.insert(0, name.to_owned());
        path
    };
    paths.into_iter().map(with).collect()
}

/// A comment, indented, with its end.
fn comment(indent: usize, text: &str) -> String {
    let pad = " ".repeat(indent);
    let text = text.replace("*/", "*\\/");
    let lines: Vec<&str> = text.lines().collect();
    match lines.as_slice() {
        [] => String::new(),
        [one] => format!("{pad}/** {one} */\n"),
        lines => {
            let mut comment = format!("{pad}/**\n");
            for line in lines {
                comment.push_str(format!("{pad} * {line}").trim_end());
                comment.push('\n');
            }
            comment + &format!("{pad} */\n")
        }
    }
}
