//! Running a test in a program of its own.
//!
//! A console is kept by a helper of the system, which Wine starts with whatever its starter could inherit, and
//! which lives on for a while. So who opens one must not have the output of a test.

use crate::puppet::say;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Says to the inner run of a test that it is one.
const APART: &str = "HANDFAST_TEST_APART";

/// Says at its end whether the inner run has passed.
pub(crate) struct Inner(());

impl Drop for Inner {
    fn drop(&mut self) {
        say(if std::thread::panicking() {
            "failed"
        } else {
            "passed"
        });
    }
}

/// Runs the test of this name in a program of its own and answers with `None`; in that program with what must be
/// held until its end.
pub(crate) fn apart(test: &str) -> Option<Inner> {
    if std::env::var_os(APART).is_some() {
        return Some(Inner(()));
    }
    let (output, theirs) = std::io::pipe().unwrap();
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", test, "--nocapture"]).env(APART, "1");
    inner
        .stdin(Stdio::null())
        .stdout(theirs.try_clone().unwrap());
    let mut child = inner.stderr(theirs).spawn().unwrap();
    // Its own copies of what the other has.
    drop(inner);
    let mut said = Vec::new();
    let mut lines = BufReader::new(output).lines().map(Result::unwrap);
    let end = lines.find(|line| {
        said.push(line.clone());
        line == "@passed" || line == "@failed"
    });
    assert_eq!(end.as_deref(), Some("@passed"), "{}", said.join("\n"));
    child.wait().unwrap();
    None
}
