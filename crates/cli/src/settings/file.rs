//! The file of settings: TOML, with a table for each verb.

use super::Variable;
use crate::explain::Failure;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A file that was read.
#[derive(Debug)]
pub(super) struct File {
    /// Where it is, for people.
    pub(super) path: String,
    /// Values by name, such as `exec.yield`.
    pub(super) values: BTreeMap<String, String>,
}

impl File {
    /// The usual one; `None` where there is none.
    pub(super) fn usual(variable: Variable, names: &[&str]) -> Result<Option<File>, Failure> {
        let Some(path) = place(variable) else {
            return Ok(None);
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(&path, &error)),
        };
        let values = parse(&text, names).map_err(|why| refused(&path, &io::Error::other(why)))?;
        let path = path.display().to_string();
        Ok(Some(File { path, values }))
    }
}

fn refused(path: &Path, why: &io::Error) -> Failure {
    let what = format!("read the settings in `{}`", path.display());
    Failure::new("cli.config", what, why)
}

/// Below `XDG_CONFIG_HOME`, else in `.config` below `HOME`; relative paths count as none.
fn place(variable: Variable) -> Option<PathBuf> {
    let named = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder =
        named("XDG_CONFIG_HOME").or_else(|| named("HOME").map(|home| home.join(".config")));
    Some(folder?.join("handfast").join("config.toml"))
}

fn parse(text: &str, names: &[&str]) -> Result<BTreeMap<String, String>, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error
            .span()
            .map(|span| text.get(..span.start).unwrap_or_default());
        let line = line.map_or(0, |before| before.matches('\n').count() + 1);
        format!("line {line}: {}", error.message())
    })?;
    let mut values = BTreeMap::new();
    flatten("", &table, &mut values)?;
    match values.keys().find(|name| !names.contains(&name.as_str())) {
        Some(odd) => Err(format!(
            "no setting is called {odd}; there are {}",
            names.join(", ")
        )),
        None => Ok(values),
    }
}

fn flatten(
    above: &str,
    table: &toml::Table,
    values: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    for (name, value) in table {
        let name = match above {
            "" => name.clone(),
            above => format!("{above}.{name}"),
        };
        match value {
            toml::Value::Table(below) => flatten(&name, below, values)?,
            toml::Value::String(text) => _ = values.insert(name, text.clone()),
            toml::Value::Integer(number) => _ = values.insert(name, number.to_string()),
            toml::Value::Boolean(_)
            | toml::Value::Float(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_) => {
                return Err(format!("{name} is neither a text nor a whole number"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 2] = ["color", "exec.yield"];

    #[test]
    fn tables_are_names_with_points_between() {
        let values = parse("color = 'never'\n[exec]\nyield = 30\n", &NAMES).unwrap();
        let want = [("color", "never"), ("exec.yield", "30")];
        assert!(
            values
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .eq(want)
        );
    }

    #[test]
    fn what_nobody_knows_is_refused_by_name_and_what_is_no_toml_by_line() {
        for (text, want) in [
            (
                "colour = 'x'",
                "no setting is called colour; there are color, exec.yield",
            ),
            ("exec.yield = true", "exec.yield is neither"),
            ("color = 'x'\n= 3", "line 2: "),
        ] {
            let why = parse(text, &NAMES).unwrap_err();
            assert!(why.starts_with(want), "{why}");
        }
    }
}
