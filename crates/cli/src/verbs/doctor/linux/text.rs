//! The report for people: aligned, at most 80 columns where no path or message is longer.

use super::report::{Failed, Killed, Report, RungReport, Stop};
use super::tree;
use std::fmt::{self, Write};

/// Where lines end that are ours to break.
const WIDTH: usize = 80;

/// How far what is said of a rung stands from the left.
const INDENT: usize = 26;

/// How far reasons and advice stand from the left, so that commands stay whole.
const REASON: usize = 6;

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
        fact(out, "HANDFAST_FORCE", &meaning_of(forced))?;
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

/// What a value of `HANDFAST_FORCE` does to programs, doctor excepted.
fn meaning_of(forced: &str) -> String {
    if forced.parse::<handfast::Rung>().is_ok() {
        format!("{forced}: programs take that one instead")
    } else {
        format!("{forced:?} is no rung: programs refuse to start anything")
    }
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
        let what = format!("{left} of managers killed with their reapers, swept by any start:");
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
    let mut lines = Lines::new(INDENT);
    match (&rung.failure, &rung.owner_killed, &rung.stop) {
        (Some(_), _, _) => lines.say("does not work"),
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
        (Some(true), _) => lines.say("set-uid programs fail: user namespace"),
        (Some(false), Some(false)) => lines.say("set-uid programs fail: no_new_privs is set"),
        _ => {}
    }
    let head = format!("  {:<10} {:<11}", rung.rung, rung.grade);
    for (number, line) in lines.lines.iter().enumerate() {
        let before = if number == 0 { head.as_str() } else { "" };
        writeln!(out, "{before:<INDENT$}{line}")?;
    }
    let mut reasons = Lines::new(REASON);
    if let Some(failed) = &rung.failure {
        reasons.failed(failed);
    }
    for line in &reasons.lines {
        writeln!(out, "{:REASON$}{line}", "")?;
    }
    Ok(())
}

/// What is said of one rung, line by line.
struct Lines {
    indent: usize,
    lines: Vec<String>,
}

impl Lines {
    fn new(indent: usize) -> Lines {
        let lines = Vec::new();
        Lines { indent, lines }
    }

    /// Breaks at spaces.
    fn say(&mut self, text: &str) {
        let mut line = String::new();
        for word in text.split(' ') {
            if !line.is_empty() && self.indent + line.len() + 1 + word.len() > WIDTH {
                self.lines.push(std::mem::take(&mut line));
                line.push_str("    ");
            } else if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        self.lines.push(line);
    }

    fn killed(&mut self, killed: &Killed) {
        match killed.gone_ms {
            Some(ms) => self.say(&format!("owner killed: all gone in {ms:.1} ms")),
            None => self.say(&format!("owner killed: {}", kept(&killed.left))),
        }
    }

    fn stopped(&mut self, stop: &Stop) {
        let receipt = &stop.receipt;
        if !stop.left.is_empty() {
            self.say(&format!("stopped: {}", kept(&stop.left)));
        } else if receipt.survivors > 0 {
            self.say(&format!("stopped: {} survivors", receipt.survivors));
        } else {
            self.say(&format!("stopped: all gone in {:.1} ms", receipt.took_ms));
        }
    }

    fn failed(&mut self, failed: &Failed) {
        for cause in &failed.causes {
            self.say(&format!("because: {}", without_number(cause)));
        }
        for advice in &failed.advice {
            self.say(&format!("do: {advice}"));
        }
    }
}

/// The text of a system error without its number, which tells people nothing more.
fn without_number(cause: &str) -> &str {
    cause.split(" (os error ").next().unwrap_or(cause)
}

/// Who is held and who is not.
fn kept(left: &[&str]) -> String {
    let gone = tree::ROLES.iter().filter(|role| !left.contains(role));
    let gone: Vec<&str> = gone.copied().collect();
    format!("keeps: {}; not: {}", gone.join(", "), left.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::host::{Cgroups, Host};
    use super::super::report::Outcome;
    use super::super::words::{Failure, Started, Stopped};
    use super::*;
    use handfast::Rung;

    fn outcome(left: &[&'static str], user_namespace: bool) -> Outcome {
        Outcome {
            started: Started {
                user_namespace,
                no_new_privileges: false,
                reaper: 2,
                took_ms: 1.25,
            },
            group: None,
            stop: Stop {
                held: true,
                receipt: Stopped {
                    members: 3,
                    asked: 3,
                    killed: 1,
                    survivors: 0,
                    took_ms: 104.5,
                },
                left: left.to_vec(),
            },
            killed: Killed {
                members: 3,
                left: left.to_vec(),
                gone_ms: left.is_empty().then_some(3.25),
            },
        }
    }

    fn refused(step: &str) -> Failure {
        Failure {
            code: "start.rung-unavailable".into(),
            causes: vec![format!("{step}: Permission denied (os error 13)")],
            step: Some(step.into()),
            hint: None,
        }
    }

    fn report(rungs: Vec<RungReport>) -> Report {
        let host = Host {
            kernel: "6.1.0".into(),
            uid: 1000,
            forced: None,
            reaper: Some("/usr/bin/handfast-reaper".into()),
            cgroups: Cgroups {
                hierarchy: "unified",
                own: Some("/sys/fs/cgroup/user.slice".into()),
                leftovers: Vec::new(),
            },
        };
        let mut report = Report::new(host, rungs);
        report.version = "1.2.3";
        report
    }

    #[test]
    fn an_ordinary_host_reads_so() {
        let group = RungReport::new(Rung::Group, Ok(outcome(&["daemon"], false)));
        let report = report(vec![
            RungReport::new(Rung::Namespace, Ok(outcome(&[], true))),
            RungReport::new(Rung::Cgroup, Err(refused("make a cgroup"))),
            RungReport::new(Rung::Subreaper, Ok(outcome(&[], false))),
            group,
        ]);
        assert!(report.promises_kept);
        assert_eq!(text(&report), include_str!("ordinary.txt"));
    }

    #[test]
    fn what_gets_away_from_a_strong_rung_is_said_loudly() {
        let mut away = outcome(&["daemon"], false);
        away.stop.left.clear();
        let mut report = report(vec![RungReport::new(Rung::Cgroup, Ok(away))]);
        report.host.forced = Some("rubbish".into());
        report.host.cgroups.leftovers = vec!["/sys/fs/cgroup/handfast.1".into()];
        assert!(!report.promises_kept);
        assert_eq!(text(&report), include_str!("broken.txt"));
    }

    #[test]
    fn a_host_without_any_rung_keeps_no_promise() {
        let report = report(vec![RungReport::new(Rung::Group, Err(refused("fork")))]);
        assert!(!report.promises_kept);
        assert!(text(&report).contains("Nothing can be held here."));
    }

    #[test]
    fn a_tree_that_never_came_up_breaks_the_promise() {
        let odd = Failure {
            code: "doctor.tree-not-up".into(),
            step: None,
            ..refused("")
        };
        let works = RungReport::new(Rung::Namespace, Ok(outcome(&[], false)));
        let report = report(vec![works, RungReport::new(Rung::Group, Err(odd))]);
        assert!(!report.promises_kept);
    }

    #[test]
    fn no_line_of_ours_is_longer_than_a_terminal() {
        for name in ["ordinary.txt", "broken.txt"] {
            let whole = match name {
                "ordinary.txt" => include_str!("ordinary.txt"),
                _ => include_str!("broken.txt"),
            };
            let long = whole.lines().find(|line| line.chars().count() > WIDTH);
            assert_eq!(long, None, "{name}");
        }
    }
}
