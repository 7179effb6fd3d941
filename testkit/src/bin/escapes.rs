//! Prints the table of what every rung holds, as Markdown: `escapes [--rounds N] [--rung RUNG]`.
//!
//! Each cell is real: an owner in a cage, one escape, one ending, counted by the oracle. Cells are
//! run one after the other, so that the times are those of an idle machine.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Write, stderr, stdout};
use std::process::ExitCode;
use std::time::Duration;

use handfast_sys::tree::Rung;
use testkit::endings::{Ending, NOT_HELD, NotHeld, Outcome, cell};
use testkit::zoo::{self, Escape};
use testkit::{Cage, Setup};

/// The outcomes of one cell, one for each round.
type Cell = Result<Vec<Outcome>, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).cloned()
    };
    let rounds = value("--rounds")
        .and_then(|number| number.parse().ok())
        .unwrap_or(3);
    let rung = value("--rung");
    if Cage::strong().is_none() {
        let _unheard = writeln!(
            stderr(),
            "escapes: without a cgroup to cage them no tree is let loose"
        );
        return ExitCode::FAILURE;
    }
    let rungs: Vec<Rung> = Rung::LADDER
        .into_iter()
        .filter(|one| rung.as_ref().is_none_or(|rung| rung == one.word()))
        .collect();
    let mut text = String::new();
    let mut surprises = 0;
    for rung in rungs {
        let table = Table::make(rung, rounds);
        surprises += table.surprises();
        text += &table.text();
    }
    text += &format!(
        "\n{} escapes, {rounds} rounds each; {}.\n",
        zoo::all().len(),
        kernel()
    );
    let _unheard = stdout().write_all(text.as_bytes());
    if surprises == 0 {
        ExitCode::SUCCESS
    } else {
        let _unheard = writeln!(stderr(), "escapes: {surprises} cells are not as promised");
        ExitCode::FAILURE
    }
}

fn kernel() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number = release.split('-').next().unwrap_or_default().trim();
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    format!("Linux {number}, {processors} processors, as root")
}

/// The cells of one rung.
struct Table {
    rung: Rung,
    cells: BTreeMap<(usize, usize), Cell>,
    escapes: Vec<Escape>,
}

impl Table {
    fn make(rung: Rung, rounds: usize) -> Self {
        let escapes: Vec<Escape> = zoo::all()
            .into_iter()
            .filter(Escape::can_run_here)
            .collect();
        let mut cells = BTreeMap::new();
        for (row, escape) in escapes.iter().enumerate() {
            for (column, ending) in Ending::ALL.into_iter().enumerate() {
                let _unheard = writeln!(stderr(), "{rung}: {} × {}", ending.title(), escape.name);
                let setup = Setup::new(rung.word());
                let outcomes = (0..rounds).map(|_| cell(&setup, ending, escape)).collect();
                cells.insert((row, column), outcomes);
            }
        }
        Self {
            rung,
            cells,
            escapes,
        }
    }

    fn promised(&self, row: usize, column: usize) -> bool {
        let (escape, ending) = (&self.escapes[row], Ending::ALL[column]);
        !testkit::endings::gets_away(self.rung, ending, escape)
    }

    /// How many cells hold less than was promised.
    fn surprises(&self) -> usize {
        let broken = |((row, column), cell): &(&(usize, usize), &Cell)| match cell {
            Err(_) => true,
            Ok(outcomes) => {
                self.promised(*row, *column) && outcomes.iter().any(|one| one.survivors > 0)
            }
        };
        self.cells.iter().filter(broken).count()
    }

    fn text(&self) -> String {
        let mut text = format!("\n### `{}`\n\n| escape |", self.rung);
        for ending in Ending::ALL {
            let _never = write!(text, " {} |", ending.title());
        }
        text += "\n|---|---|---|---|---|\n";
        for (row, escape) in self.escapes.iter().enumerate() {
            let _never = write!(text, "| {} |", escape.name);
            for column in 0..Ending::ALL.len() {
                let shown = self
                    .cells
                    .get(&(row, column))
                    .map_or_else(String::new, shown);
                let _never = write!(text, " {shown} |");
            }
            text.push('\n');
        }
        text += "| **held** |";
        for column in 0..Ending::ALL.len() {
            let held = (0..self.escapes.len()).filter(|row| self.is_held(*row, column));
            let _never = write!(text, " **{} of {}** |", held.count(), self.escapes.len());
        }
        text.push('\n');
        text += &self.note();
        text
    }

    fn is_held(&self, row: usize, column: usize) -> bool {
        let cell = self.cells.get(&(row, column));
        matches!(cell, Some(Ok(outcomes)) if outcomes.iter().all(|one| one.survivors == 0))
    }

    fn note(&self) -> String {
        let swept = NOT_HELD.iter().any(|(rung, ending, what)| {
            *rung == self.rung && *ending == Ending::Both && *what == NotHeld::Everything
        });
        if swept && self.rung == Rung::Cgroup {
            "\nWhat survives the last ending is swept by the next start of any manager of the same \
             user.\n"
                .to_owned()
        } else {
            String::new()
        }
    }
}

/// Held in so many milliseconds, or how many members live on.
fn shown(cell: &Cell) -> String {
    match cell {
        Err(why) => format!("not started: {}", why.lines().next().unwrap_or_default()),
        Ok(outcomes) => {
            let worst = outcomes.iter().max_by_key(|one| one.survivors);
            match worst {
                Some(one) if one.survivors > 0 => {
                    format!("{} of {} survive", one.survivors, one.members)
                }
                _ => format!("{:.0} ms", milliseconds(median(outcomes))),
            }
        }
    }
}

fn median(outcomes: &[Outcome]) -> Duration {
    let mut times: Vec<Duration> = outcomes.iter().map(|one| one.took).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
