//! `cargo xtask man [FOLDER]`: the man pages, made from the command line's own description.
//!
//! One page for the program, one for each verb, and one for each verb below a verb. What the help says is not written twice: blocks
//! of the closing help that begin with a title become sections, kept line by line.

use anyhow::{Context, bail};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use handfast_cli::app::App;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the variables do, for every page.
const ENVIRONMENT: [(&str, &str); 3] = [
    (
        "HANDFAST_FORCE",
        "Forces a rung (namespace, cgroup, subreaper or group) on every start that names none.",
    ),
    (
        "HANDFAST_REAPER",
        "The path of handfast-reaper, before every other place where it is looked for.",
    ),
    ("NO_COLOR", "No colours in messages and help."),
];

/// What lies where, for every page.
const FILES: [(&str, &str); 2] = [
    (
        "handfast-reaper",
        "The outside helper, looked for beside handfast and then in PATH; where there is none, \
         handfast is it.",
    ),
    (
        "handfast.BOOT.PID.START.PID.START",
        "A directory below the caller's own control group, with one more for each tree; removed \
         when the manager ends, and swept by the next start where it could not be.",
    ),
];

/// What `handfast` returns, for pages whose help does not say it.
const EXIT_STATUS: [(&str, &str); 8] = [
    ("1", "What was asked for is not so, or can happen no more."),
    ("2", "The command line is wrong."),
    ("3", "There is no such process, or several are called so."),
    ("4", "The token does not allow it."),
    ("124", "The time was over."),
    ("125", "Handfast itself failed."),
    ("126", "The program was found and cannot be executed."),
    ("127", "The program was not found."),
];

/// Writes the pages into a folder, `target/man` unless one is given.
///
/// # Errors
///
/// Where the folder cannot be written.
pub fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let folder = match arguments {
        [] => target().join("man"),
        [folder] => PathBuf::from(folder),
        _ => bail!("give one folder, or none for target/man"),
    };
    let mut out = std::io::stdout().lock();
    for page in write_pages(&folder)? {
        writeln!(out, "{}", page.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| crate::repository_root().join("target"), PathBuf::from)
}

/// Writes every page and answers with their paths.
///
/// # Errors
///
/// As [`run`].
pub fn write_pages(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let mut command = App::command();
    command.build();
    let version = command.get_version().unwrap_or_default().to_owned();
    let mut all: Vec<(&Command, &Command)> = vec![(&command, &command)];
    for verb in shown(&command) {
        all.push((verb, verb));
        all.extend(shown(verb).map(|below| (below, verb)));
    }
    let mut names: Vec<String> = all.iter().map(|(command, _)| name(command)).collect();
    names.sort();
    let mut written = Vec::with_capacity(all.len());
    for (command, above) in all {
        let path = folder.join(format!("{}.1", name(command)));
        let text = page((command, above), &version, &names)?;
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| !verb.is_hide_set())
}

fn name(command: &Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

/// A verb below another one that says nothing in the end has what that says.
fn page(
    (command, above): (&Command, &Command),
    version: &str,
    names: &[String],
) -> anyhow::Result<String> {
    let man = Man::new(command.clone())
        .manual("Handfast")
        .source(format!("handfast {version}"));
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    let own = closing_help(command);
    let closing = match own.is_empty() {
        true => closing_help(above),
        false => own,
    };
    let (examples, mut others): (Vec<Section>, Vec<Section>) = closing
        .into_iter()
        .partition(|section| section.title == "EXAMPLES");
    let mut rest = Roff::default();
    if !others.iter().any(|section| section.title == "EXIT STATUS") {
        table(&mut rest, "EXIT STATUS", &EXIT_STATUS);
    }
    others.sort_by_key(|section| section.title != "EXIT STATUS");
    others.iter().for_each(|section| section.write(&mut rest));
    table(&mut rest, "ENVIRONMENT", &ENVIRONMENT);
    table(&mut rest, "FILES", &FILES);
    examples.iter().for_each(|section| section.write(&mut rest));
    rest.control("SH", ["SEE ALSO"]);
    let own = name(command);
    let others = names.iter().filter(|name| **name != own);
    let others: Vec<String> = others.map(|name| format!("{name}(1)")).collect();
    rest.text([roman(others.join(", "))]);
    rest.to_writer(&mut out)?;
    Ok(plain(&String::from_utf8(out)?))
}

/// Every character that is not ASCII by its number, which each formatter reads in each locale.
fn plain(page: &str) -> String {
    let mut plain = String::with_capacity(page.len());
    for one in page.chars() {
        match one {
            '…' => plain.push_str("..."),
            _ if one.is_ascii() => plain.push(one),
            _ => plain.push_str(&format!("\\[u{:04X}]", u32::from(one))),
        }
    }
    plain
}

/// A part of the closing help, kept line by line.
struct Section {
    title: String,
    lines: Vec<String>,
}

impl Section {
    fn write(&self, out: &mut Roff) {
        out.control("SH", [self.title.as_str()]);
        out.control("nf", []);
        for line in &self.lines {
            out.text([roman(line)]);
        }
        out.control("fi", []);
    }
}

/// The blocks of the closing help: the first line of each is its title, up to a colon.
fn closing_help(command: &Command) -> Vec<Section> {
    let help = command.get_after_long_help().or(command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let blocks = help.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks.filter_map(section).collect()
}

fn section(block: &str) -> Option<Section> {
    let (title, body) = block.trim_end().split_once(':')?;
    let title = match title {
        "Exit codes" => "EXIT STATUS".to_owned(),
        // The short form of what has a table here.
        _ if title.starts_with("Exit codes") => return None,
        _ => title.to_uppercase(),
    };
    let lines = body.trim_start_matches([' ', '\n']).lines();
    let lines = lines.map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned());
    Some(Section {
        title,
        lines: lines.collect(),
    })
}

fn table(out: &mut Roff, title: &str, rows: &[(&str, &str)]) {
    out.control("SH", [title]);
    for (name, what) in rows {
        out.control("TP", []);
        out.text([bold(*name)]);
        out.text([roman(*what)]);
    }
}
