//! It ends as its program did.

use crate::kit::{Running, code, output};
use std::os::unix::process::ExitStatusExt;

#[test]
fn the_programs_code_is_returned() {
    for expected in [0, 1, 2, 77, 125, 255] {
        let output = output("", &format!("exit {expected}"));
        assert_eq!(output.status.code(), Some(expected));
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn it_dies_of_the_programs_signal_and_leaves_no_core_of_its_own() {
    for (name, number) in [
        ("HUP", 1),
        ("INT", 2),
        ("QUIT", 3),
        ("ABRT", 6),
        ("KILL", 9),
        ("USR1", 10),
        ("SEGV", 11),
        ("PIPE", 13),
        ("TERM", 15),
    ] {
        let status = output("", &format!("die {name}")).status;
        assert_eq!(
            (status.signal(), status.core_dumped()),
            (Some(number), false),
            "{name}"
        );
    }
}

#[test]
fn a_timeout_is_124_whatever_the_program_returns_then() {
    for words in ["park", "on TERM [ exit 0 ] park", "ignore TERM park"] {
        let output = output("--timeout 50ms --grace 100ms", words);
        assert_eq!(output.status.code(), Some(124), "{words}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn a_program_that_ends_in_time_has_its_own_code() {
    assert_eq!(code(output("--timeout 1h", "exit 9").status), 9);
}

#[test]
fn the_time_of_a_timeout_counts_also_for_what_the_program_left() {
    let words = "spawn [ park ] exit 0";
    assert_eq!(
        code(output("--timeout 100ms --wait-tree", words).status),
        124
    );
    assert_eq!(code(output("--timeout 1h --grace 50ms", words).status), 0);
}

#[test]
fn handfast_runs_in_handfast() {
    let inner = testkit::handfast();
    let script = format!(
        "exec {} run -- {}",
        inner.display(),
        testkit::puppet().display()
    );
    let running = Running::start(
        crate::kit::handfast("")
            .args(["--", "sh", "-c"])
            .arg(format!("{script} say inside exit 6")),
    );
    assert_eq!(running.end(), ("inside\n".to_owned(), 6));
}
