//! The report for people.

use super::facts::Facts;
use super::report::{Report, RungReport};
use super::tree;
use std::fmt::{self, Write};

/// How wide the names of facts are.
const NAMES: usize = 16;

pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    // A string takes everything.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let facts = &report.facts;
    writeln!(out, "handfast {} on {}\n", report.version, facts.system())?;
    writeln!(out, "The rung was tried with {}:\n", tree::TOLD)?;
    for rung in &report.rungs {
        write_rung(out, rung)?;
    }
    writeln!(out)?;
    let nothing = "nothing: no rung works here";
    fact(out, "auto takes", report.auto.unwrap_or(nothing))?;
    write_common(out, facts)?;
    facts.write(out)?;
    let verdict = if report.promises_kept {
        "Everything that is promised here was held."
    } else if report.auto.is_none() {
        "Nothing can be held here."
    } else {
        "NOT everything that is promised here was held; please report it."
    };
    writeln!(out, "\n{verdict}")
}

fn write_rung(out: &mut String, rung: &RungReport) -> fmt::Result {
    let verdict = match (rung.works, rung.proved) {
        (false, _) => "does not work",
        (true, true) => "works",
        (true, false) => "DOES NOT HOLD",
    };
    writeln!(out, "  {:<12} {:<11} {verdict}", rung.rung, rung.grade)?;
    if let Some(killed) = &rung.owner_killed {
        match killed.gone_ms {
            Some(ms) => writeln!(
                out,
                "      owner killed: {} members gone after {ms:.1} ms",
                killed.members
            )?,
            None => writeln!(out, "      owner killed: NOT all members are gone")?,
        }
    }
    if let Some(stop) = &rung.stop {
        writeln!(
            out,
            "      stopped: {} members, {} killed, {} left, after {:.1} ms",
            stop.members, stop.killed, stop.survivors, stop.took_ms
        )?;
    }
    if let Some(failure) = &rung.failure {
        writeln!(out, "      {}: {}", failure.code, failure.causes.join(": "))?;
    }
    Ok(())
}

/// Writes what is known of every system.
fn write_common(out: &mut String, facts: &Facts) -> fmt::Result {
    if let Some(forced) = &facts.forced {
        fact(out, "HANDFAST_FORCE", forced)?;
    }
    let reaper = facts.reaper.as_ref().map(|path| path.display().to_string());
    fact(out, "reaper", reaper.as_deref().unwrap_or("not found"))
}

/// Writes one fact.
pub(super) fn fact(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "{name:<NAMES$} {value}")
}
