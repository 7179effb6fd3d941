//! The help texts and the completion scripts.

use std::io::Read;
use std::process::{Command, Output, Stdio};

fn handfast(words: &[&str]) -> Output {
    let mut command = Command::new(testkit::handfast());
    command
        .args(words)
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1");
    command.output().unwrap()
}

fn help(words: &[&str]) -> String {
    let output = handfast(words);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_help_of_run() {
    let (short, long) = (help(&["run", "-h"]), help(&["run", "--help"]));
    insta::assert_snapshot!("run_short", short);
    insta::assert_snapshot!("run_long", long);
}

#[test]
fn no_line_of_help_is_wider_than_a_screen() {
    for words in [&["run", "--help"][..], &["run", "-h"], &["--help"]] {
        let wide: Vec<_> = help(words)
            .lines()
            .filter(|line| line.chars().count() > 100)
            .map(str::to_owned)
            .collect();
        assert_eq!(wide, [""; 0], "{words:?}");
    }
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = help(&["completions", shell]);
        assert!(script.contains("wait-tree"), "{shell}");
    }
    assert_eq!(handfast(&["completions", "csh"]).status.code(), Some(2));
}

#[test]
fn bash_accepts_its_script() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::kit::file(folder.path(), "handfast", help(&["completions", "bash"]));
    let check = Command::new("bash").args(["-n", &path]).output().unwrap();
    assert!(
        check.status.success() && check.stderr.is_empty(),
        "{check:?}"
    );
    // It completes an option by really asking bash's function for it.
    let ask = format!(
        "source {path}; COMP_WORDS=(handfast run --wait); COMP_CWORD=2; \
         _handfast handfast --wait run; echo \"${{COMPREPLY[@]}}\""
    );
    let asked = Command::new("bash").args(["-c", &ask]).output().unwrap();
    assert_eq!(
        crate::kit::text(&asked.stdout),
        "--wait-tree\n",
        "{asked:?}"
    );
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let mut command = Command::new(testkit::handfast());
    command
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!((said.as_str(), child.wait().unwrap().code()), ("", Some(0)));
}
