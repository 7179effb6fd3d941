//! `handfast run` as a job of a shell, and a shell as its program: Ctrl-Z, `fg`, `bg`, `&`.
//!
//! The shell is `/bin/sh -i` on a terminal of the test. What is typed is shown as well, so programs
//! say words with an escape in them, which stand nowhere in the line that starts them.

#![cfg(target_os = "linux")]

use handfast_sys::child::{Pid, TERMINAL_STOP, signal_process};
use std::path::Path;
use std::process::Child;
use testkit::{Screen, handfast, puppet};

const PROMPT: &str = "next? ";

/// Says `ready`, and is not found where it was typed.
const READY: &str = "raw rea\\x64y\\n";

/// A shell with job control, which has asked for its first line.
fn shell() -> (Screen, Child) {
    let mut screen = Screen::new(24, 200);
    let mut command = screen.command("/bin/sh".as_ref(), ["-i"]);
    let shell = command
        .env_clear()
        .env("PS1", PROMPT)
        .env("PATH", "/usr/bin:/bin")
        .spawn()
        .expect("there is a shell");
    screen.until(PROMPT);
    (screen, shell)
}

/// Types a line and returns what was shown until the next prompt.
fn line(screen: &mut Screen, text: &str) -> String {
    screen.type_in(format!("{text}\n"));
    screen.until("\r\n");
    screen.until(PROMPT)
}

fn quoted(words: &str) -> String {
    let words = words.split_whitespace().map(|word| format!("'{word}'"));
    words.collect::<Vec<_>>().join(" ")
}

/// The line that runs the puppet by handfast.
fn run(words: &str) -> String {
    let (handfast, puppet) = (handfast(), puppet());
    let words = quoted(words);
    format!("{} run -- {} {words}", handfast.display(), puppet.display())
}

fn leave(mut screen: Screen, mut shell: Child) {
    screen.type_in("exit\n");
    shell.wait().expect("the shell is our child");
}

#[test]
fn ctrl_z_stops_the_job_and_fg_continues_it() {
    let (mut screen, shell) = shell();
    let before = screen.modes();
    screen.type_in(run(&format!("on CONT [ raw bac\\x6b\\n ] {READY} park")) + "\n");
    screen.until("ready");
    for _ in 0..3 {
        screen.type_in("\x1a");
        assert!(screen.until(PROMPT).contains("Stopped"));
        assert_eq!(screen.modes(), before);
        screen.resize(50, 210);
        screen.type_in("fg\n");
        screen.until("back");
        assert_ne!(screen.modes(), before);
    }
    screen.type_in("\x03");
    screen.until(PROMPT);
    assert_eq!(screen.modes(), before);
    assert!(line(&mut screen, "echo rc=$?").contains("rc=130"));
    leave(screen, shell);
}

#[test]
fn a_window_changed_while_it_was_stopped_is_seen_when_it_goes_on() {
    let (mut screen, shell) = shell();
    screen.type_in(run(&format!("on WINCH [ tty ] {READY} park")) + "\n");
    screen.until("ready");
    screen.type_in("\x1a");
    screen.until(PROMPT);
    screen.resize(44, 111);
    screen.type_in("fg\n");
    screen.until("rows=44 cols=111");
    screen.type_in("\x03");
    screen.until(PROMPT);
    leave(screen, shell);
}

#[test]
fn a_program_that_stops_itself_stops_the_job() {
    let (mut screen, shell) = shell();
    screen.type_in(run("stop-self raw bac\\x6b\\n exit 5") + "\n");
    assert!(screen.until(PROMPT).contains("Stopped"));
    screen.type_in("fg\n");
    screen.until("back");
    screen.until(PROMPT);
    assert!(line(&mut screen, "echo rc=$?").contains("rc=5"));
    leave(screen, shell);
}

#[test]
fn a_stop_from_outside_stops_the_program_and_the_job() {
    let (mut screen, shell) = shell();
    let program = run(&format!("on CONT [ raw bac\\x6b\\n ] {READY} park"));
    let told = "/bin/sh -c 'echo pid=$$=; exec \"$0\" \"$@\"'";
    screen.type_in(format!("{told} {program}\n"));
    let said = screen.until("ready");
    let pid = said.split('=').find_map(|word| word.parse().ok()).unwrap();
    signal_process(Pid::new(pid).unwrap(), TERMINAL_STOP).unwrap();
    screen.until("Stopped");
    screen.until(PROMPT);
    screen.type_in("fg\n");
    screen.until("back");
    screen.type_in("\x03");
    screen.until(PROMPT);
    leave(screen, shell);
}

#[test]
fn in_the_background_it_runs_and_touches_nothing() {
    let (mut screen, shell) = shell();
    let before = screen.modes();
    screen.type_in(run(&format!("{READY} exit 5")) + " &\n");
    screen.until("ready");
    assert_eq!(screen.modes(), before);
    let said = line(&mut screen, "wait $!; echo rc=$?=");
    assert!(said.contains("rc=5="), "{said}");
    assert!(!said.contains("Stopped"), "{said}");
    assert_eq!(screen.modes(), before);
    leave(screen, shell);
}

#[test]
fn in_the_background_a_reader_is_stopped_and_reads_when_it_is_brought_back() {
    let (mut screen, shell) = shell();
    screen.type_in(run("read-line raw o\\x76er\\n") + " & jobs=$!\n");
    screen.until(PROMPT);
    // A shell says so before its next prompt; it is asked for one until it does.
    while !line(&mut screen, "jobs").contains("Stopped") {}
    screen.type_in("fg\n");
    screen.until("fg\r\n");
    screen.type_in("hello\n");
    screen.until("line hello");
    screen.until("over");
    screen.until(PROMPT);
    leave(screen, shell);
}

#[test]
fn a_job_that_runs_in_the_background_and_is_brought_back_without_a_word_may_read() {
    let (mut screen, shell) = shell();
    let folder = tempfile::tempdir().unwrap();
    let gate = folder.path().join("gate");
    let made = std::process::Command::new("mkfifo").arg(&gate).status();
    assert!(made.unwrap().success());
    let words = format!("{READY} gate {} read-line", gate.display());
    screen.type_in(run(&words) + " &\n");
    screen.until("ready");
    line(&mut screen, "");
    // A shell sends no SIGCONT to a job that is not stopped.
    screen.type_in("fg\n");
    screen.until("fg\r\n");
    drop(std::fs::File::options().write(true).open(&gate).unwrap());
    screen.type_in("hello\n");
    screen.until("line hello");
    screen.until(PROMPT);
    leave(screen, shell);
}

#[test]
fn a_pipeline_is_stopped_and_continued_as_one_job() {
    let (mut screen, shell) = shell();
    let program = format!("on CONT [ raw bac\\x6b\\n ] {READY} park");
    screen.type_in(run(&program) + " | cat\n");
    screen.until("ready");
    screen.type_in("\x1a");
    assert!(screen.until(PROMPT).contains("Stopped"));
    screen.type_in("fg\n");
    screen.until("back");
    screen.type_in("\x03");
    screen.until(PROMPT);
    leave(screen, shell);
}

#[test]
fn a_shell_inside_has_job_control() {
    let shells = ["/bin/bash --norc -i", "/bin/sh -i"];
    for inside in shells {
        let words: Vec<&str> = inside.split(' ').collect();
        if !Path::new(words[0]).exists() {
            continue;
        }
        let mut screen = Screen::new(24, 200);
        let mut command = screen.command(&handfast(), [&["run", "--"], &words[..]].concat());
        command.env_clear().env("PS1", PROMPT).env("TERM", "dumb");
        let mut ours = command.env("PATH", "/usr/bin:/bin").spawn().unwrap();
        let greeting = screen.until(PROMPT);
        assert!(!greeting.contains("job control"), "{greeting}");
        let puppet = puppet();
        let words = quoted(&format!("on CONT [ raw bac\\x6b\\n ] {READY} park"));
        screen.type_in(format!("{} {words}\n", puppet.display()));
        screen.until("ready");
        screen.type_in("\x1a");
        assert!(screen.until(PROMPT).contains("Stopped"));
        screen.type_in("fg\n");
        // A shell says what it continues before it gives the terminal to it.
        screen.until("back");
        screen.type_in("\x03");
        screen.until(PROMPT);
        screen.type_in("exit 3\n");
        assert_eq!(ours.wait().unwrap().code(), Some(3), "{inside}");
    }
}
