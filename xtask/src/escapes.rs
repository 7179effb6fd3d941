//! `cargo xtask escapes [--write] [--rounds N]`: the table of what every rung holds, made anew.
//!
//! Every cell is a real owner with a real hostile tree, so it needs a cgroup to cage them in, and the
//! times are only worth something on an idle machine. Printed, or with `--write` put between the two
//! markers in `docs/guarantees.md`. A table with a broken promise is not written.

use anyhow::{Context, bail};
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

/// Where the table is kept.
const PAPER: &str = "docs/guarantees.md";

const BEGIN: &str = "<!-- escapes:begin -->";
const END: &str = "<!-- escapes:end -->";

/// Builds everything that the table needs, makes it, and prints or writes it.
///
/// # Errors
///
/// Where something cannot be built or run, where a promise was broken, and where the paper has no place
/// for the table.
pub fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let write = arguments.iter().any(|argument| argument == "--write");
    let rest = arguments.iter().filter(|argument| *argument != "--write");
    build()?;
    let made = cargo(&["run", "--quiet", "--release", "--package", "testkit"])
        .args(["--bin", "escapes", "--"])
        .args(rest)
        .stderr(Stdio::inherit())
        .output()
        .context("run the escapes")?;
    let table = String::from_utf8(made.stdout).context("read the table")?;
    if !write {
        std::io::stdout().write_all(table.as_bytes())?;
    }
    if !made.status.success() {
        bail!("the table is not as promised: see above");
    }
    if write {
        let path = crate::repository_root().join(PAPER);
        let paper = std::fs::read_to_string(&path).with_context(|| format!("read {PAPER}"))?;
        std::fs::write(&path, replace(&paper, &table)?)
            .with_context(|| format!("write {PAPER}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// The table is of the release build, reaper and owners included.
fn build() -> anyhow::Result<()> {
    let packages = ["--package", "testkit", "--package", "handfast-cli"];
    let built = cargo(&["build", "--quiet", "--release", "--bins"])
        .args(packages)
        .status()
        .context("run cargo")?;
    if !built.success() {
        bail!("what the table needs cannot be built");
    }
    Ok(())
}

/// The paper with the table in the place of what was between its markers.
fn replace(paper: &str, table: &str) -> anyhow::Result<String> {
    let parts = paper.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) =
        parts.with_context(|| format!("find `{BEGIN}` and then `{END}` in {PAPER}"))?;
    let table = table.trim();
    Ok(format!("{before}{BEGIN}\n\n{table}\n\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_is_replaced() {
        let paper = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let once = replace(&paper, "\nnew\n").unwrap();
        assert_eq!(once, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replace(&once, "new").unwrap(), once);
    }

    #[test]
    fn a_paper_without_a_place_is_refused() {
        for paper in ["", BEGIN, END, &format!("{END}{BEGIN}")] {
            assert!(replace(paper, "new").is_err(), "{paper}");
        }
    }
}
