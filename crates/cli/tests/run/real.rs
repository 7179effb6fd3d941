//! Programs that people run.

use crate::kit::{file, handfast, text};
use std::fs;
use std::process::{Command, Output};

/// A program of four sources, which `make -j2` compiles side by side.
fn sources(folder: &std::path::Path) {
    for name in ["a", "b", "c"] {
        let line = format!("int {name}(void) {{ return 1; }}\n");
        file(folder, &format!("{name}.c"), line);
    }
    let main = "#include <stdio.h>\nint a(void), b(void), c(void);\n\
                int main(void) { printf(\"%d\\n\", a() + b() + c()); return 0; }\n";
    file(folder, "main.c", main);
    let rules = "all: sum\n\t./sum\nsum: main.o a.o b.o c.o\n\tgcc -o $@ $^\n%.o: %.c\n\tgcc -c -o $@ $<\n\
                 broken:\n\tfalse\n";
    file(folder, "Makefile", rules);
}

fn here(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

#[test]
fn make_builds_as_it_does_without() {
    if !(here("make") && here("gcc")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    sources(folder.path());
    let with = |words: &[&str]| -> Output {
        let mut command = handfast("");
        command
            .args(["--", "make"])
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let built = with(&["-j2"]);
    assert_eq!(built.status.code(), Some(0), "{built:?}");
    assert!(text(&built.stdout).ends_with("./sum\n3\n"), "{built:?}");
    assert!(fs::metadata(folder.path().join("sum")).is_ok());
    let broken = with(&["broken"]);
    assert_eq!(broken.status.code(), Some(2));
    assert!(text(&broken.stderr).contains("Error 1"), "{broken:?}");
}

#[test]
fn a_pipeline_of_a_shell_runs_as_it_does_without() {
    let script = "seq 1 20000 | sort -rn | head -n 3; kill -l TERM; exit 11";
    let with = handfast("")
        .args(["--", "sh", "-c", script])
        .output()
        .unwrap();
    let without = Command::new("sh").args(["-c", script]).output().unwrap();
    assert_eq!(text(&with.stdout), text(&without.stdout));
    assert_eq!(with.status.code(), without.status.code());
}
