//! The report for people.

use super::facts::Facts;
use super::report::{Report, RungReport};
use handfast_sys::edition::FIRST_WITH_PSEUDOCONSOLES;
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
    let windows = facts.windows.as_deref().unwrap_or("of an unknown version");
    let wine = facts.wine.as_ref();
    let wine = wine.map_or_else(String::new, |wine| format!(", which is Wine {wine}"));
    writeln!(
        out,
        "handfast {} on Windows {windows}{wine}\n",
        report.version
    )?;
    writeln!(
        out,
        "The rung was tried with a leader, an orphan and a member that listens to nothing:\n"
    )?;
    for rung in &report.rungs {
        write_rung(out, rung)?;
    }
    writeln!(out)?;
    let nothing = "nothing: no rung works here";
    fact(out, "auto takes", report.auto.unwrap_or(nothing))?;
    write_facts(out, facts)?;
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

fn write_facts(out: &mut String, facts: &Facts) -> fmt::Result {
    if let Some(forced) = &facts.forced {
        fact(out, "HANDFAST_FORCE", forced)?;
    }
    let reaper = facts.reaper.as_ref().map(|path| path.display().to_string());
    fact(out, "reaper", reaper.as_deref().unwrap_or("not found"))?;
    let failure = |why: &Option<String>| why.clone().unwrap_or_default();
    let born = match facts.born_in_job {
        Some(true) => "processes are created in their job".to_owned(),
        Some(false) => "processes are put into their job before they run".to_owned(),
        None => failure(&facts.born_in_job_failure),
    };
    fact(out, "start", &born)?;
    let console = match facts.pseudoconsole {
        true => "pseudoconsoles: --tty works".to_owned(),
        false => format!(
            "none ({}); they came with build {FIRST_WITH_PSEUDOCONSOLES}",
            failure(&facts.pseudoconsole_failure)
        ),
    };
    fact(out, "terminals", &console)?;
    let own = match &facts.own_job {
        None => "none",
        Some(job) if job.lets_go => "one that a daemon can leave",
        Some(job) if job.ends_its_members => "one that ends a daemon with it: start it elsewhere",
        Some(_) => "one that nobody can leave",
    };
    fact(out, "own job", own)
}

fn fact(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "{name:<NAMES$} {value}")
}
