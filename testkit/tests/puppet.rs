//! Every word of the puppet does what it says.
//!
//! Other tests trust these words to be their eyes, so each is checked against something that the
//! test arranged itself.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use testkit::{Cage, Oracle, PATIENCE, flood};

fn perform(words: &str) -> Output {
    let mut puppet = Command::new(testkit::puppet());
    puppet
        .args(testkit::script(words))
        .stdin(Stdio::null())
        .output()
        .expect("a puppet starts")
}

fn said(words: &str) -> String {
    let output = perform(words);
    assert!(output.status.success(), "{words}: {output:?}");
    String::from_utf8(output.stdout).expect("these words say plain text")
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn it_speaks_in_order_and_to_the_descriptor_asked_for() {
    let output = perform("say one err two write-fd 1 three raw \\x66our\\n");
    assert_eq!(output.stdout, b"one\nthree\nfour\n");
    assert_eq!(output.stderr, b"two\n");
}

#[test]
fn it_ends_as_told() {
    assert_eq!(perform("exit 7 say never").status.code(), Some(7));
    assert_eq!(perform("abort").status.signal(), Some(6));
    assert_eq!(perform("die SIGKILL").status.signal(), Some(9));
    assert_eq!(
        perform("ignore TERM block TERM die TERM").status.signal(),
        Some(15)
    );
}

#[test]
fn a_word_that_fails_says_why_and_ends_with_125() {
    for words in [
        "fly",
        "spawn [ park",
        "exit",
        "exit x",
        "join-same",
        "die NONE",
        "exec /no/such/program",
    ] {
        let output = perform(words);
        assert_eq!(output.status.code(), Some(125), "{words}");
        assert!(output.stderr.starts_with(b"puppet: "), "{words}");
    }
}

#[test]
fn children_play_their_brackets_and_can_be_waited_for() {
    assert_eq!(
        said("spawn [ spawn [ say 1 ] wait-child say 2 ] wait-all say 3"),
        "1\n2\n3\n"
    );
}

#[test]
fn a_daemon_has_its_own_session_and_lives_in_the_root_directory() {
    let text = said("tty fork-daemon [ print-cwd tty ]");
    assert!(text.contains("cwd /\n"), "{text}");
    let sessions: Vec<_> = text
        .split(' ')
        .filter(|word| word.starts_with("sid="))
        .collect();
    assert_eq!(sessions.len(), 2);
    assert_ne!(sessions[0], sessions[1]);
}

#[test]
fn members_are_all_up_when_the_word_is_done() {
    // They park for ever: only where something ends them can they be started.
    let Some(cage) = Cage::strong() else { return };
    let oracle = Oracle::new();
    let mut leader = cage
        .command(&testkit::puppet())
        .args(["open-oracle", oracle.dir().to_str().unwrap()])
        .args(["members", "6", "say", "up", "wait-eof", "die", "KILL"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 3];
    leader
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut line)
        .unwrap();
    assert_eq!((&line, oracle.joined(), oracle.alive()), (b"up\n", 6, 6));
    drop(leader.stdin.take());
    leader.wait().unwrap();
    cage.kill();
    assert!(oracle.wait_empty(PATIENCE));
}

#[test]
fn an_answer_to_a_signal_is_played_while_parked() {
    let words = "on USR1 [ say caught ] on TERM [ say bye exit 0 ] spawn [ kill-parent USR1 kill-parent TERM ] park";
    assert_eq!(said(words), "caught\nbye\n");
}

#[test]
fn input_is_read_as_lines_echoed_or_waited_for() {
    let mut puppet = Command::new(testkit::puppet());
    puppet.args(testkit::script("read-line echo read-line wait-eof say end"));
    let mut puppet = puppet
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    puppet
        .stdin
        .take()
        .unwrap()
        .write_all(b"one\ntwo\nthree")
        .unwrap();
    assert_eq!(
        puppet.wait_with_output().unwrap().stdout,
        b"line one\ntwo\nthreeeof\nend\n"
    );
}

#[test]
fn it_shows_the_environment_and_arguments_it_was_given() {
    let mut puppet = Command::new(testkit::puppet());
    puppet
        .args(["print-env", "print-argv"])
        .env_clear()
        .env("A", "x\ny\\")
        .env("B", "");
    let text = String::from_utf8(puppet.output().unwrap().stdout).unwrap();
    assert!(text.starts_with("env A=x\\ny\\\\\nenv B=\nargv "), "{text}");
    assert!(
        text.ends_with("argv print-env\nargv print-argv\n"),
        "{text}"
    );
    assert_eq!(
        said("rename [name] [ print-env print-argv ]"),
        "argv [name]\nargv print-env\nargv print-argv\n"
    );
}

#[test]
fn it_shows_exactly_the_descriptors_that_are_open() {
    // Whoever runs the tests may have left us more than the standard three.
    let numbers = |text: &str| -> Vec<String> {
        text.lines()
            .filter_map(|line| line.split(' ').nth(1).map(str::to_owned))
            .collect()
    };
    let before = said("print-fds");
    let after = said("close 2 print-fds");
    assert!(
        after.starts_with("fd 0 -> /dev/null\nfd 1 -> pipe:"),
        "{after}"
    );
    let mut expected = numbers(&before);
    expected.retain(|number| number != "2");
    assert_eq!(numbers(&after), expected);
}

/// glibc keeps 32 and 33 to itself, and leaves them ignored in what its posix_spawn starts.
const OF_LIBC: u64 = 3 << 31;

/// One mask out of the lines of a `/proc/PID/status`.
fn mask(status: &str, key: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let digits = line
        .expect("the kernel tells every mask")
        .trim_start_matches([':', '\t']);
    u64::from_str_radix(digits, 16).expect("masks are hexadecimal") & !OF_LIBC
}

#[test]
fn it_shows_signal_state_exactly_as_inherited_and_as_changed() {
    let (hup, usr1, pipe, term) = (1 << 0, 1 << 9, 1 << 12, 1 << 14);
    // std ignores SIGPIPE in us and starts children with its default.
    let ours = fs::read_to_string("/proc/self/status").unwrap();
    let inherited = mask(&ours, "SigIgn") & !pipe;
    let shown = |words: &str| {
        let text = said(words);
        ["SigBlk", "SigIgn", "SigCgt"].map(|key| mask(&text, key))
    };
    assert_eq!(shown("print-sigs"), [0, inherited, 0]);
    let words = "ignore HUP block USR1 on TERM [ exit 0 ] print-sigs";
    assert_eq!(shown(words), [usr1, inherited | hup, term]);
    // What is ignored or blocked goes on through exec; what is caught does not.
    let words = "ignore HUP ignore PIPE block USR1 on TERM [ exit 0 ] rename x [ print-sigs ]";
    assert_eq!(shown(words), [usr1, inherited | hup | pipe, 0]);
}

#[test]
fn it_shows_ids_and_can_be_another_user() {
    assert!(said("print-ids").contains("CapEff:\t"));
    if is_root() {
        let text = said("uid 65534 print-ids print-fds");
        assert!(
            text.contains("Uid:\t65534\t65534\t65534\t65534\n"),
            "{text}"
        );
        assert!(
            text.contains("Groups:\t \n") || text.contains("Groups:\t\n"),
            "{text}"
        );
        assert!(text.contains("CapEff:\t0000000000000000\n"), "{text}");
    }
}

#[test]
fn it_shows_limits_umask_niceness_and_directory() {
    let text = said("print-limits print-umask print-nice chdir /proc print-cwd");
    assert!(text.contains("limit Max open files "), "{text}");
    assert!(text.contains("\nUmask:\t0"), "{text}");
    assert!(text.contains("\nnice "), "{text}");
    assert!(text.ends_with("cwd /proc\n"), "{text}");
}

#[test]
fn a_flood_is_what_the_kit_says() {
    let output = perform("flood 200001");
    assert_eq!(output.stdout, flood(0, 200_001));
    assert_eq!(output.stdout[70_001..70_101], flood(70_001, 100));
}

#[test]
fn without_a_terminal_it_says_so() {
    let text = said("tty");
    assert!(text.starts_with("tty 0=no 1=no 2=no sid="), "{text}");
    assert!(
        text.ends_with("foreground=none rows=none cols=none\n"),
        "{text}"
    );
}
