//! The client in Python: its own tests, against a real daemon.

use super::stage::{Home, clients, found, left_out};

#[test]
fn the_client_in_python_keeps_what_it_promises() {
    let Some(python) = found("python3") else {
        return left_out("the client in Python", "there is no python3 in PATH");
    };
    let home = Home::new();
    let mut tests = home.command(&python);
    tests.args(["-m", "unittest", "--verbose"]);
    tests.current_dir(clients().join("python"));
    // Nothing is written beside the sources.
    tests.env("PYTHONDONTWRITEBYTECODE", "1");
    let said = home.passes(&mut tests);
    // Without this, a run that finds no test would pass.
    let ran = said.lines().filter(|line| line.ends_with(" ... ok"));
    assert!(ran.count() >= 40, "{said}");
}
