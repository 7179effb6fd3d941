//! `handfast run` on a terminal: what a program sees of it, and what is left of it afterwards.
//!
//! Every test opens a terminal of its own and sits before it. Jobs of a shell are in
//! `terminal_jobs.rs`.

#![cfg(target_os = "linux")]

use handfast::config::{Output, ProcessConfig, Stdin};
use handfast::{ProcessManager, ProcessStatus};
use handfast_sys::child::{Pid, signal_process};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use testkit::{Oracle, PATIENCE, Screen, handfast, puppet, script};

/// `run -- puppet WORDS`.
fn run(words: &str) -> Vec<String> {
    let puppet = puppet().display().to_string();
    let own = ["run".to_owned(), "--".to_owned(), puppet];
    own.into_iter().chain(script(words)).collect()
}

fn start(screen: &Screen, words: &str) -> Child {
    screen.start(&handfast(), run(words))
}

/// A shell without job control that runs this and says its code, and then waits for a line.
fn in_script(screen: &Screen, words: &str) -> Child {
    let text = "\"$@\"; echo rc=$?; read line";
    let mut arguments = vec!["-c".to_owned(), text.to_owned(), "sh".to_owned()];
    arguments.push(handfast().display().to_string());
    arguments.extend(run(words));
    screen.start("/bin/sh".as_ref(), arguments)
}

fn let_go(screen: &mut Screen, mut shell: Child) {
    screen.type_in("\n");
    assert!(shell.wait().expect("the shell is our child").success());
}

#[test]
fn a_program_sees_a_terminal_as_large_as_ours_and_is_in_its_foreground() {
    let mut screen = Screen::new(33, 77);
    let mut ours = start(&screen, "tty print-fds print-sigs say over");
    let shown = screen.until("over");
    let number = |key: &str| {
        let rest = shown.split(key).nth(1).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    assert!(shown.starts_with("tty 0=yes 1=yes 2=yes "), "{shown}");
    assert!(shown.contains(" rows=33 cols=77\r\n"), "{shown}");
    assert_eq!(number("pgrp="), number("foreground="), "{shown}");
    // The leader of the session is another one, else there would be no job control.
    assert_ne!(number("pgrp="), number("sid="), "{shown}");
    assert_eq!(shown.matches("fd ").count(), 3, "{shown}");
    for line in ["SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000"] {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(ours.wait().unwrap().success());
}

#[test]
fn the_environment_and_the_directory_are_the_callers_and_nothing_else() {
    let mut screen = Screen::new(24, 80);
    let mut command = screen.command(&handfast(), run("print-env print-cwd print-umask say over"));
    let mut ours = command
        .env_clear()
        .env("ONE", "1=2")
        .current_dir("/usr")
        .spawn()
        .unwrap();
    let shown = screen.until("over");
    assert!(
        shown.starts_with("env ONE=1=2\r\ncwd /usr\r\nUmask:"),
        "{shown}"
    );
    assert!(ours.wait().unwrap().success());
}

#[test]
fn a_change_of_the_window_is_signalled_inside() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "on WINCH [ tty ] say ready park");
    screen.until("ready");
    screen.resize(40, 100);
    screen.until("rows=40 cols=100");
    screen.type_in("\x03");
    assert_eq!(ours.wait().unwrap().signal(), Some(2));
}

#[test]
fn what_a_key_sends_is_for_the_program_to_decide() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "on INT [ say caught ] say ready park");
    screen.until("ready");
    for _ in 0..2 {
        screen.type_in("\x03");
        screen.until("caught");
    }
    screen.type_in("\x1c");
    assert_eq!(ours.wait().unwrap().signal(), Some(3));
}

#[test]
fn a_program_in_raw_mode_gets_every_byte() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "raw-mode say ready read-bytes 4");
    screen.until("ready");
    screen.type_in("\x03\x1a\x04\r");
    screen.until("bytes \\x03\\x1a\\x04\\r");
    assert!(ours.wait().unwrap().success());
}

#[test]
fn lines_and_their_end_are_typed_as_on_any_terminal() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "say ready read-line echo say over exit 7");
    screen.until("ready");
    screen.type_in("helo\x7flo\r");
    screen.until("line hello");
    screen.type_in("\x04");
    screen.until("over");
    assert_eq!(ours.wait().unwrap().code(), Some(7));
}

#[test]
fn the_modes_are_restored_however_it_ends() {
    for (words, keys, code) in [
        ("say ready read-line exit 7", "\r", "rc=7"),
        ("raw-mode say ready read-bytes 1 die KILL", "x", "rc=137"),
        ("say ready park", "\x03", "rc=130"),
        ("say ready park", "\x1c", "rc=131"),
    ] {
        let mut screen = Screen::new(24, 80);
        let before = screen.modes();
        // A shell that waits for a child sees the same signal only if it is sent to it as well.
        let shell = in_script(&screen, words);
        screen.until("ready");
        assert_ne!(screen.modes(), before, "{words}");
        screen.type_in(keys);
        screen.until(code);
        assert_eq!(screen.modes(), before, "{words}");
        let_go(&mut screen, shell);
    }
}

#[test]
fn a_program_that_cannot_be_executed_is_refused_as_without_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage");
    std::fs::write(&garbage, b"\x01\x02\x03").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&garbage, mode).unwrap();
    for (program, code, word) in [
        ("/no/such/program", 127, "no file"),
        ("/etc/passwd", 126, "not executable"),
        // Only the execution itself finds this one out.
        (garbage.to_str().unwrap(), 126, "format"),
    ] {
        let mut screen = Screen::new(24, 300);
        let mut ours = screen.start(&handfast(), ["run", "--", program]);
        screen.until(word);
        assert_eq!(ours.wait().unwrap().code(), Some(code), "{program}");
    }
}

#[test]
fn an_output_that_goes_elsewhere_still_goes_there() {
    let mut screen = Screen::new(24, 80);
    let mut command = screen.command(&handfast(), run("tty err shown"));
    let mut ours = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    screen.until("shown");
    let mut said = String::new();
    ours.stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(said.starts_with("tty 0=yes 1=no 2=yes "), "{said}");
    assert!(ours.wait().unwrap().success());
}

#[test]
fn the_last_bytes_of_much_are_not_lost() {
    const MUCH: usize = 1 << 20;
    let mut screen = Screen::new(24, 80);
    let shell = in_script(&screen, &format!("flood {MUCH}"));
    let said = String::from_utf8(testkit::flood(0, MUCH)).unwrap();
    // As a terminal shows it.
    let said = said.replace('\n', "\r\n");
    assert!(screen.take(said.len()) == said.as_bytes());
    screen.until("rc=0");
    let_go(&mut screen, shell);
}

#[test]
fn a_daemon_that_keeps_the_terminal_open_does_not_hold_up_the_end() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "spawn [ ignore HUP say up park ] read-line");
    screen.until("up");
    screen.type_in("\r");
    screen.until("line ");
    assert!(ours.wait().unwrap().success());
}

/// The end of a session's leader hangs its terminal up. What is left must not notice.
#[test]
fn what_is_left_of_the_tree_may_write_on_where_it_is_waited_for() {
    let mut screen = Screen::new(24, 80);
    let mut words = run("ignore INT spawn [ on INT [ tty ] say up park ] read-line exit 4");
    words.insert(1, "--wait-tree".to_owned());
    let mut ours = screen.start(&handfast(), words);
    let pid = Pid::new(i32::try_from(ours.id()).unwrap()).unwrap();
    screen.until("up");
    screen.type_in("\r");
    let seen = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // It goes to the program's group while there is one, and to what it left afterwards.
        scope.spawn(|| {
            while !seen.load(Ordering::Relaxed) {
                signal_process(pid, 2).unwrap();
                std::thread::yield_now();
            }
        });
        loop {
            screen.until("foreground=");
            if screen.until("rows=").starts_with("none") {
                break seen.store(true, Ordering::Relaxed);
            }
        }
    });
    signal_process(pid, 15).unwrap();
    assert_eq!(ours.wait().unwrap().code(), Some(4));
}

#[test]
fn the_end_of_the_terminal_is_a_hang_up_inside() {
    let mut screen = Screen::new(24, 80);
    // Handfast asks it to end as well, and must not be faster.
    let words = "ignore TERM on HUP [ say hung exit 0 ] err ready park";
    let mut command = screen.command(&handfast(), run(words));
    let mut ours = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    screen.until("ready");
    drop(screen);
    let mut said = String::new();
    ours.stdout
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "hung\n");
    ours.wait().unwrap();
}

#[test]
fn nothing_survives_the_killing_of_handfast() {
    let oracle = Oracle::new();
    let mut screen = Screen::new(24, 80);
    let dir = oracle.dir().to_str().unwrap();
    let words = format!("join {dir} ignore all spawn [ join-same say up park ] park");
    let mut ours = start(&screen, &words);
    screen.until("up");
    assert!(oracle.wait_joined(2, PATIENCE));
    ours.kill().unwrap();
    ours.wait().unwrap();
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn without_a_shell_that_could_continue_it_a_program_is_not_stopped_for_good() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "on CONT [ say back ] say ready park");
    screen.until("ready");
    screen.type_in("\x1a");
    screen.until("back");
    screen.type_in("\x03");
    assert_eq!(ours.wait().unwrap().signal(), Some(2));
}

#[test]
fn a_request_to_end_reaches_a_program_on_a_terminal() {
    let mut screen = Screen::new(24, 80);
    let mut ours = start(&screen, "on TERM [ say asked exit 3 ] say ready park");
    screen.until("ready");
    let pid = Pid::new(i32::try_from(ours.id()).unwrap()).unwrap();
    signal_process(pid, 15).unwrap();
    screen.until("asked");
    ours.wait().unwrap();
}

/// The negative control of the monitor: a program that leads its session itself.
#[tokio::test]
async fn without_a_monitor_ctrl_z_is_discarded() {
    let mut screen = Screen::new(24, 80);
    let terminal = Arc::new(screen.slave());
    let config = ProcessConfig::builder(puppet())
        .args(script("say ready read-line park"))
        .stdin(Stdin::Descriptor(Arc::clone(&terminal)))
        .stdout(Output::Descriptor(Arc::clone(&terminal)))
        .controlling_terminal(terminal)
        .build();
    let manager = ProcessManager::builder()
        .reaper(testkit::reaper())
        .build()
        .unwrap();
    let handle = manager.start_process(config).await.unwrap();
    screen.until("ready");
    screen.type_in("\x1a\r");
    // One that was stopped would not answer.
    screen.until("line ");
    let status = manager.query_status(handle).unwrap();
    assert!(matches!(status, ProcessStatus::Running { .. }));
    manager.kill(handle).await.unwrap();
}
