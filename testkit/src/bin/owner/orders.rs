//! What an owner is told on its command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use handfast::config::Lifetime;
use handfast::tree::Rung;

/// The command line, read.
#[derive(Debug)]
pub(crate) struct Orders {
    /// The rung to take; `None` starts plain children, which nothing holds.
    pub(crate) rung: Option<Rung>,
    /// How long the tree may take to end once asked.
    pub(crate) grace: Duration,
    /// Until when the tree may live.
    pub(crate) lifetime: Lifetime,
    /// The reaper's program.
    pub(crate) reaper: PathBuf,
    /// Words to do before those of the standard input.
    pub(crate) words: Vec<String>,
    /// The program and its arguments.
    pub(crate) program: Vec<OsString>,
}

impl Orders {
    /// Reads the words after the program's own name.
    pub(crate) fn read(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut orders = Self {
            rung: None,
            grace: Duration::from_millis(200),
            lifetime: Lifetime::Session,
            reaper: PathBuf::new(),
            words: Vec::new(),
            program: Vec::new(),
        };
        while let Some(option) = given.next() {
            if option == "--" {
                orders.program = given.collect();
                break;
            }
            let option = option.to_string_lossy().into_owned();
            let value = given.next().unwrap_or_default();
            orders.option(&option, &value.to_string_lossy())?;
        }
        if orders.reaper.as_os_str().is_empty() {
            orders.reaper = testkit::reaper();
        }
        if orders.program.is_empty() {
            return Err("name a program after `--`".into());
        }
        Ok(orders)
    }

    fn option(&mut self, option: &str, value: &str) -> Result<(), String> {
        match option {
            "--rung" if value == "plain" => self.rung = None,
            "--rung" => self.rung = Some(value.parse().map_err(|error| format!("{error}"))?),
            "--grace" => {
                let grace = value.parse().map_err(|error| format!("--grace: {error}"))?;
                self.grace = Duration::from_millis(grace);
            }
            "--reaper" => self.reaper = value.into(),
            "--lifetime" => self.lifetime = lifetime(value)?,
            "--end" => self.words.push(value.to_owned()),
            _ => return Err(format!("there is no option {option}")),
        }
        Ok(())
    }
}

fn lifetime(word: &str) -> Result<Lifetime, String> {
    match word {
        "turn" => Ok(Lifetime::Turn),
        "session" => Ok(Lifetime::Session),
        "user" => Ok(Lifetime::User),
        _ => Err(format!("there is no lifetime {word}")),
    }
}
