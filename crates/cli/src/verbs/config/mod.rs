//! `handfast config show`: every setting, and where its value comes from.

use super::talk::ended;
use crate::app::{ConfigShow, ConfigVerb};
use crate::explain::Failure;
use crate::settings::{self, Key, Origin, Settings};
use crate::show::line::Setting;
use crate::show::table::Table;
use crate::show::{Hue, Out, safe};
use std::process::ExitCode;

pub(crate) fn run(what: &ConfigVerb) -> ExitCode {
    let ConfigVerb::Show(options) = what;
    ended(show(options))
}

/// One setting.
struct Told {
    name: &'static str,
    value: String,
    origin: Origin,
}

fn show(options: &ConfigShow) -> Result<u8, Failure> {
    let settings = Settings::read()?;
    let all = [
        told(&settings, &settings::COLOR, options.answers.color)?,
        told(&settings, &settings::LIFETIME, options.lifetime)?,
        told(&settings, &settings::YIELD, options.yield_after)?,
        told(&settings, &settings::DETACH_KEY, options.detach_key)?,
        told(&settings, &settings::EVERY, options.every)?,
    ];
    let mut out = Out::new(settings.value(&settings::COLOR, options.answers.color)?);
    if options.answers.json {
        for told in &all {
            out.json(&Setting {
                name: told.name.to_owned(),
                value: told.value.clone(),
                from: told.origin.word().to_owned(),
                which: told.origin.which().map(str::to_owned),
            })?;
        }
        return Ok(0);
    }
    let mut table = Table::new(&["SETTING", "VALUE", "FROM"]);
    for told in &all {
        let from = match told.origin.which() {
            Some(which) => format!("{} {}", told.origin.word(), safe::word(which)),
            None => told.origin.word().to_owned(),
        };
        let from = crate::show::table::Field::hued(from, Hue::Dim);
        table.row(vec![told.name.into(), safe::word(&told.value).into(), from]);
    }
    for line in table.lines(&out, None) {
        out.line(&line)?;
    }
    Ok(0)
}

fn told<T>(settings: &Settings, key: &Key<T>, option: Option<T>) -> Result<Told, Failure> {
    let (value, origin) = settings.told(key, option)?;
    Ok(Told {
        name: key.name,
        value,
        origin,
    })
}
