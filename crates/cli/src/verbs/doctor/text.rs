//! The report for people: aligned, at most 80 columns where no path or message is longer.

use super::report::{Failed, Killed, Report, RungReport, Stop};
use super::tree;
use std::fmt::{self, Write};

/// Where lines end that are ours to break.
const WIDTH: usize = 80;

/// How far what is said of a rung stands from the left.
const INDENT: usize = 26;

/// How wide the names of facts are.
const NAMES: usize = 16;

pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    // A string takes everything.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let host = &report.host;
    writeln!(
        out,
        "handfast {} on Linux {}, uid {}\n",
        report.version, host.kernel, host.uid
    )?;
    writeln!(
        out,
        "Every rung was tried with a leader, a daemon and a member that ignores SIGTERM:\n"
    )?;
    for rung in &report.rungs {
        write_rung(out, rung)?;
    }
    writeln!(out)?;
    fact(
        out,
        "auto takes",
        report.auto.unwrap_or("nothing: no rung works here"),
    )?;
    if let Some(forced) = &host.forced {
        fact(
            out,
            "HANDFAST_FORCE",
            &format!("{forced}: programs take that one instead"),
        )?;
    }
    let reaper = host.reaper.as_ref().map(|path| path.display().to_string());
    fact(out, "reaper", reaper.as_deref().unwrap_or("not found"))?;
    write_groups(out, report)?;
    writeln!(out)?;
    let verdict = if report.promises_kept {
        "Everything that is promised here was held."
    } else if report.auto.is_none() {
        "Nothing can be held here."
    } else {
        "NOT everything that is promised here was held; please report it."
    };
    writeln!(out, "{verdict}")
}

fn write_groups(out: &mut String, report: &Report) -> fmt::Result {
    let groups = &report.host.cgroups;
    fact(out, "cgroups", groups.hierarchy)?;
    let none = || "none that is mounted".to_owned();
    let own = groups
        .own
        .as_ref()
        .map_or_else(none, |path| path.display().to_string());
    fact(out, "own group", &own)?;
    let made = report.rungs.iter().find_map(|rung| rung.group.as_ref());
    let made = made.map_or_else(|| "nowhere".to_owned(), |path| path.display().to_string());
    fact(out, "groups go to", &made)?;
    let left = groups.leftovers.len();
    if left > 0 {
        let what =
            format!("{left} of managers that were killed with their reapers, swept just now:");
        fact(out, "leftover groups", &what)?;
        for path in &groups.leftovers {
            fact(out, "", &path.display().to_string())?;
        }
    } else {
        fact(out, "leftover groups", "none")?;
    }
    Ok(())
}

fn fact(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "{name:<NAMES$} {value}")
}

fn write_rung(out: &mut String, rung: &RungReport) -> fmt::Result {
    let mut lines = Lines(Vec::new());
    match (&rung.failure, &rung.owner_killed, &rung.stop) {
        (Some(failed), _, _) => lines.failed(failed),
        (None, Some(killed), Some(stop)) => {
            lines.say(if rung.proved {
                "works"
            } else {
                "DOES NOT HOLD"
            });
            lines.killed(killed);
            lines.stopped(stop);
        }
        _ => {}
    }
    match (rung.user_namespace, rung.set_uid) {
        (Some(true), _) => lines.say("user namespace: set-uid programs (sudo) do not work in it"),
        (Some(false), Some(false)) => {
            lines.say("set-uid programs do not work: no_new_privs is set")
        }
        _ => {}
    }
    let head = format!("  {:<10} {:<11}", rung.rung, rung.grade);
    for (number, line) in lines.0.iter().enumerate() {
        let before = if number == 0 { head.as_str() } else { "" };
        writeln!(out, "{before:<INDENT$}{line}")?;
    }
    Ok(())
}

/// What is said of one rung, line by line.
struct Lines(Vec<String>);

impl Lines {
    /// Breaks at spaces.
    fn say(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split(' ') {
            if !line.is_empty() && INDENT + line.len() + 1 + word.len() > WIDTH {
                self.0.push(std::mem::take(&mut line));
                line.push_str("  ");
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.0.push(line);
    }

    fn killed(&mut self, killed: &Killed) {
        match killed.gone_ms {
            Some(ms) => self.say(&format!(
                "owner killed: all {} gone in {ms:.1} ms",
                killed.members
            )),
            None => self.say(&format!("owner killed: {}", kept(&killed.left))),
        }
    }

    fn stopped(&mut self, stop: &Stop) {
        let receipt = &stop.receipt;
        let who = if !stop.left.is_empty() {
            kept(&stop.left)
        } else if receipt.survivors > 0 {
            format!("{} survivors", receipt.survivors)
        } else {
            "nobody left".to_owned()
        };
        let (killed, ms) = (receipt.killed, receipt.took_ms);
        self.say(&format!("stopped: {who}, {killed} killed, {ms:.1} ms"));
    }

    fn failed(&mut self, failed: &Failed) {
        self.say("does not work");
        for cause in &failed.causes {
            self.say(&format!("because: {cause}"));
        }
        for advice in &failed.advice {
            self.say(&format!("do: {advice}"));
        }
    }
}

/// Who is held and who is not.
fn kept(left: &[&str]) -> String {
    let gone = tree::ROLES.iter().filter(|role| !left.contains(role));
    let gone: Vec<&str> = gone.copied().collect();
    format!("keeps: {}; not: {}", gone.join(", "), left.join(", "))
}
