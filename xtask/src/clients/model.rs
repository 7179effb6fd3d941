//! The wire, without a language: what its schema says, as far as clients need it.
//!
//! Only the forms that the schema has are understood; another one is an error that says where it is, so
//! that nothing is left out in silence.

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// All that is said.
pub(super) struct Wire {
    pub(super) version: u64,
    pub(super) things: BTreeMap<String, Thing>,
    pub(super) verbs: Vec<Verb>,
    /// Notifications, each with what it tells.
    pub(super) notes: Vec<(String, String)>,
}

/// A method, but for the handshake and for giving up a wait, which clients do by themselves.
pub(super) struct Verb {
    pub(super) method: String,
    pub(super) params: String,
    pub(super) result: String,
    /// It can be given up.
    pub(super) waits: bool,
}

/// Something that has a name.
pub(super) struct Thing {
    pub(super) doc: String,
    pub(super) form: Form,
}

pub(super) enum Form {
    /// Fields by name: those that must be there first.
    Record(Vec<Field>),
    /// One of some words.
    Words(Vec<String>),
    /// One of some records, told apart by a word in the field of this name.
    Tagged(String, Vec<Variant>),
    /// One of some words, or a record behind its own name.
    Mixed(Vec<String>, Vec<Variant>),
    /// One of some types.
    Either(Vec<Type>),
    /// The same as a type.
    Alias(Type),
}

pub(super) struct Variant {
    pub(super) word: String,
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
}

pub(super) struct Field {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) of: Type,
    /// It must be there.
    pub(super) needed: bool,
    /// It may be `null`.
    pub(super) nullable: bool,
    /// What is meant where it is not there.
    pub(super) default: Option<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Text,
    Whole,
    Number,
    Flag,
    Anything,
    Bytes,
    List(Box<Type>),
    Map(Box<Type>),
    Named(String),
}

/// What clients do by themselves.
const OWN: [&str; 2] = ["initialize", "request/cancel"];

impl Wire {
    pub(super) fn read(schema: &Value) -> anyhow::Result<Wire> {
        let mut things = BTreeMap::new();
        for (name, about) in object(schema, "$defs")? {
            let thing = Thing::read(about).with_context(|| name.clone())?;
            things.insert(name.clone(), thing);
        }
        let mut verbs = Vec::new();
        for (method, about) in object(schema, "methods")? {
            if OWN.contains(&method.as_str()) {
                continue;
            }
            verbs.push(Verb {
                method: method.clone(),
                params: name_in(about.get("params"))?,
                result: name_in(about.get("result"))?,
                waits: handfast_daemon::wire::WAITS.contains(&method.as_str()),
            });
        }
        let mut notes = Vec::new();
        for (name, about) in object(schema, "notifications")? {
            notes.push((name.clone(), name_in(about.get("params"))?));
        }
        // That one is said by clients.
        notes.retain(|(name, _)| name != "initialized");
        let version = schema.get("version").and_then(Value::as_u64);
        Ok(Wire {
            version: version.context("it has no version")?,
            things,
            verbs,
            notes,
        })
    }

    /// The fields of a record.
    pub(super) fn fields(&self, name: &str) -> &[Field] {
        match self.things.get(name).map(|thing| &thing.form) {
            Some(Form::Record(fields)) => fields,
            _ => &[],
        }
    }

    /// All that is answered and told, with what that is made of.
    pub(super) fn heard(&self) -> BTreeSet<String> {
        let results = self.verbs.iter().map(|verb| verb.result.as_str());
        let notes = self.notes.iter().map(|(_, params)| params.as_str());
        self.reach(results.chain(notes).chain(["Initialized"]))
    }

    /// All that parameters are made of, without those themselves.
    pub(super) fn said(&self) -> BTreeSet<String> {
        let params = self.verbs.iter().map(|verb| verb.params.as_str());
        let params: BTreeSet<&str> = params.collect();
        let mut all = self.reach(params.iter().copied());
        all.retain(|name| !params.contains(name.as_str()));
        all
    }

    fn reach<'a>(&'a self, from: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
        let (mut found, mut next) = (BTreeSet::new(), Vec::from_iter(from));
        while let Some(name) = next.pop() {
            if !found.insert(name.to_owned()) {
                continue;
            }
            if let Some(thing) = self.things.get(name) {
                thing.form.each_name(&mut |name| next.push(name));
            }
        }
        found
    }
}

impl Form {
    fn each_name<'a>(&'a self, with: &mut impl FnMut(&'a str)) {
        let mut each = |of: &'a Type| of.each_name(with);
        match self {
            Form::Record(fields) => fields.iter().for_each(|field| each(&field.of)),
            Form::Words(_) => {}
            Form::Tagged(_, variants) | Form::Mixed(_, variants) => {
                let fields = variants.iter().flat_map(|variant| &variant.fields);
                fields.for_each(|field| each(&field.of));
            }
            Form::Either(types) => types.iter().for_each(each),
            Form::Alias(of) => each(of),
        }
    }
}

impl Type {
    fn each_name<'a>(&'a self, with: &mut impl FnMut(&'a str)) {
        match self {
            Type::List(of) | Type::Map(of) => of.each_name(with),
            Type::Named(name) => with(name),
            _ => {}
        }
    }
}

impl Thing {
    fn read(about: &Value) -> anyhow::Result<Thing> {
        let doc = doc(about);
        let form = match (about.get("oneOf"), about.get("anyOf")) {
            (Some(Value::Array(options)), _) => one_of(options)?,
            (_, Some(Value::Array(options))) => {
                let types = options.iter().map(|option| Ok(type_of(option)?.0));
                Form::Either(types.collect::<anyhow::Result<_>>()?)
            }
            _ if about.get("properties").is_some() => Form::Record(fields(about, None)?),
            _ if about
                .get("additionalProperties")
                .is_some_and(Value::is_object) =>
            {
                Form::Alias(type_of(about)?.0)
            }
            _ if about.get("type") == Some(&Value::from("object")) => Form::Record(Vec::new()),
            _ => Form::Alias(type_of(about)?.0),
        };
        Ok(Thing { doc, form })
    }
}

fn one_of(options: &[Value]) -> anyhow::Result<Form> {
    let (mut words, mut variants, mut tag) = (Vec::new(), Vec::new(), None);
    for option in options {
        if let Some(word) = option.get("const").and_then(Value::as_str) {
            words.push(word.to_owned());
            continue;
        }
        let properties = object(option, "properties")?;
        let mark = properties.iter().find_map(|(name, about)| {
            let word = about.get("const").and_then(Value::as_str)?;
            Some((name.clone(), word.to_owned()))
        });
        let (word, inside) = match (mark, properties.iter().next()) {
            (Some((name, word)), _) => {
                tag = Some(name);
                (word, option)
            }
            (None, Some((name, inside))) => (name.clone(), inside),
            (None, None) => bail!("an option has no name"),
        };
        variants.push(Variant {
            word,
            doc: doc(option),
            fields: fields(inside, tag.as_deref())?,
        });
    }
    Ok(match (tag, variants.is_empty()) {
        (Some(tag), _) if words.is_empty() => Form::Tagged(tag, variants),
        (None, true) => Form::Words(words),
        (None, false) => Form::Mixed(words, variants),
        (Some(_), _) => bail!("options with and without a tag"),
    })
}

/// Those that must be there first, in their order; the others by name. Without the tag, and without what
/// has no type: that is refused, and there for others.
fn fields(about: &Value, tag: Option<&str>) -> anyhow::Result<Vec<Field>> {
    let none = Vec::new();
    let needed = about.get("required").and_then(Value::as_array);
    let needed: Vec<&str> = needed
        .unwrap_or(&none)
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let place = |name: &str| needed.iter().position(|other| *other == name);
    let mut fields = Vec::new();
    let empty = Map::new();
    let properties = about.get("properties").and_then(Value::as_object);
    for (name, about) in properties.unwrap_or(&empty) {
        let (of, nullable) = type_of(about).with_context(|| name.clone())?;
        if Some(name.as_str()) == tag || of == Type::Anything {
            continue;
        }
        fields.push(Field {
            name: name.clone(),
            doc: doc(about),
            of,
            needed: place(name).is_some(),
            nullable,
            default: about.get("default").cloned(),
        });
    }
    fields.sort_by_key(|field| place(&field.name).unwrap_or(usize::MAX));
    Ok(fields)
}

/// A type, and whether it may be `null`.
fn type_of(about: &Value) -> anyhow::Result<(Type, bool)> {
    if about.get("$ref").is_some() {
        let name = name_in(Some(about))?;
        let of = if name == "Bytes" {
            Type::Bytes
        } else {
            Type::Named(name)
        };
        return Ok((of, false));
    }
    if let Some(options) = about.get("anyOf").and_then(Value::as_array) {
        let null = Value::from("null");
        let is_null = |option: &&Value| option.get("type") == Some(&null);
        let mut others = options.iter().filter(|option| !is_null(option));
        return match (others.next(), others.next()) {
            (Some(other), None) => Ok((type_of(other)?.0, options.len() > 1)),
            _ => bail!("more than one type"),
        };
    }
    let words: Vec<&str> = match about.get("type") {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let nullable = words.contains(&"null");
    let of = match words.into_iter().find(|word| *word != "null") {
        None => Type::Anything,
        Some("string") if about.get("contentEncoding").is_some() => Type::Bytes,
        Some("string") => Type::Text,
        Some("integer") => Type::Whole,
        Some("number") => Type::Number,
        Some("boolean") => Type::Flag,
        Some("array") => Type::List(inside(about, "items")?),
        Some("object") if about.get("properties").is_some() => Type::Anything,
        Some("object") => Type::Map(inside(about, "additionalProperties")?),
        Some(other) => bail!("the type {other}"),
    };
    Ok((of, nullable))
}

fn inside(about: &Value, key: &str) -> anyhow::Result<Box<Type>> {
    Ok(Box::new(match about.get(key) {
        Some(inside) if inside.is_object() => type_of(inside)?.0,
        _ => Type::Anything,
    }))
}

/// The name that is referred to.
fn name_in(about: Option<&Value>) -> anyhow::Result<String> {
    let reference = about.and_then(|about| about.get("$ref")?.as_str());
    let name = reference.and_then(|text| text.strip_prefix("#/$defs/"));
    Ok(name.context("it is no reference")?.to_owned())
}

fn object<'a>(about: &'a Value, key: &str) -> anyhow::Result<&'a Map<String, Value>> {
    let found = about.get(key).and_then(Value::as_object);
    found.with_context(|| format!("it has no {key}"))
}

fn doc(about: &Value) -> String {
    let text = about.get("description").and_then(Value::as_str);
    super::wording::doc(text.unwrap_or_default())
}
