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
    /// Whether its manager has a detached store.
    pub(crate) store: bool,
    /// Whether its manager shuts down on signals.
    pub(crate) on_signals: OnSignals,
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
            store: false,
            on_signals: OnSignals::No,
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
            "--on-signals" => self.on_signals = on_signals(value)?,
            "--store" => self.store = value == "yes",
            "--end" => self.words.push(value.to_owned()),
            _ => return Err(format!("there is no option {option}")),
        }
        Ok(())
    }
}

/// What a host does about requests to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OnSignals {
    /// Nothing: it dies of them.
    No,
    /// Its manager shuts down.
    Yes,
    /// Its manager shuts down, and its runtime is blocked.
    Busy,
}

fn on_signals(word: &str) -> Result<OnSignals, String> {
    match word {
        "no" => Ok(OnSignals::No),
        "yes" => Ok(OnSignals::Yes),
        "busy" => Ok(OnSignals::Busy),
        _ => Err(format!("there is no way {word} to take signals")),
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
