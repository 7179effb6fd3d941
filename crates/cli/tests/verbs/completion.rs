//! Completion of ids and names, asked of the shells themselves; and that nothing is started for it.

use crate::stage::{Stage, text};
use std::io::Write as _;
use std::process::Command;
use testkit::Screen;

/// Where the program under test is found by its name.
fn path() -> String {
    let folder = testkit::handfast().parent().unwrap().to_owned();
    format!("{}:/usr/bin:/bin", folder.to_str().unwrap())
}

/// Whether a shell is here. Where the checks of the repository run, it must be.
fn is_here(shell: &str) -> bool {
    let mut folders = std::env::split_paths("/usr/bin:/bin:/usr/local/bin");
    let found = folders.any(|folder| folder.join(shell).exists());
    assert!(
        found || std::env::var_os("HANDFAST_CI").is_none(),
        "{shell} is missing"
    );
    if !found {
        let _ = writeln!(
            std::io::stderr(),
            "{shell} is not here: its completion was not tried"
        );
    }
    found
}

/// What bash offers after these words, the last of which is being typed.
fn offered(stage: &Stage, words: &[&str]) -> Vec<String> {
    let script = stage.said(&["completions", "bash"]);
    let file = stage.file("completion.sh", script);
    let ask = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _handfast_ids handfast "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let mut command = Command::new("bash");
    command
        .args(["--norc", "-c", ask, "bash"])
        .arg(file)
        .arg("handfast")
        .args(words);
    stage.at_home(&mut command);
    let output = command.env("PATH", path()).output().unwrap();
    let said = text(&output.stdout);
    assert_eq!(text(&output.stderr), "");
    said.lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn ids_and_names_follow_verbs_that_take_them() {
    let stage = Stage::new();
    let web = stage.start(&["--name", "web"], "sleep 1000");
    let over = stage.start(&["--name", "over", "--ready-when", "exit"], "exit 0");
    assert_eq!(offered(&stage, &["stop", ""]), ["web", &web]);
    assert_eq!(offered(&stage, &["stop", "w"])[0], "web");
    assert_eq!(offered(&stage, &["stop", "web", &web[..3]]), [web.as_str()]);
    // What is over can still be read.
    assert_eq!(offered(&stage, &["logs", ""]), ["over", "web", &over, &web]);
    assert_eq!(offered(&stage, &["logs", "-f", "we"]), ["web"]);
    // Everything else is as without.
    assert_eq!(offered(&stage, &["stop", "--gra"]), ["--grace"]);
    assert!(offered(&stage, &["st"]).contains(&"stop".to_owned()));
}

#[test]
fn fish_offers_them_too() {
    if !is_here("fish") {
        return;
    }
    let stage = Stage::new();
    let web = stage.start(&["--name", "web"], "sleep 1000");
    let script = stage.file("completion.fish", stage.said(&["completions", "fish"]));
    let offered = |typed: &str| {
        let ask = "source $argv[1]; complete --do-complete $argv[2]";
        let mut command = Command::new("fish");
        command
            .args(["--no-config", "-c", ask])
            .arg(&script)
            .arg(typed);
        stage.at_home(&mut command);
        let output = command.env("PATH", path()).output().unwrap();
        assert_eq!(text(&output.stderr), "");
        let words = text(&output.stdout);
        let words = words.lines().filter_map(|line| line.split('\t').next());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(offered("handfast stop we"), ["web"]);
    assert!(offered("handfast stop ").contains(&web));
    assert_eq!(offered("handfast stop --gra"), ["--grace"]);
    assert_eq!(offered("handfast doctor we"), [""; 0]);
}

#[test]
fn zsh_completes_them_as_they_are_typed() {
    if !is_here("zsh") {
        return;
    }
    let stage = Stage::new();
    stage.start(&["--name", "web"], "sleep 1000");
    let folder = stage.file("_handfast", stage.said(&["completions", "zsh"]));
    let folder = folder.parent().unwrap().to_owned();
    let mut screen = Screen::new(24, 100);
    let mut command = screen.command("zsh".as_ref(), ["-f", "-i"]);
    stage.at_home(&mut command);
    let mut shell = command
        .env("PATH", path())
        .env("TERM", "dumb")
        .spawn()
        .unwrap();
    let begin = "fpath=($PWD $fpath); autoload -Uz compinit && compinit -D -u; PS1='ready'\\>";
    screen.type_in(format!("cd {}; {begin}\r", folder.display()));
    screen.until("ready>");
    screen.type_in("handfast stop w\t");
    screen.until("stop web");
    screen.type_in("\x15handfast doctor w\t#");
    let typed = screen.until("#");
    assert!(!typed.contains("web"), "{typed}");
    screen.type_in("\x15exit 0\r");
    assert!(shell.wait().unwrap().success());
}

#[test]
fn where_there_is_no_daemon_nothing_is_started_for_it() {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(testkit::handfast());
    let output = command
        .args(["__complete", "stop"])
        .env("HANDFAST_HOME", home.path())
        .output()
        .unwrap();
    assert!(output.status.success());
    assert!(
        output.stdout.is_empty() && output.stderr.is_empty(),
        "{output:?}"
    );
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
