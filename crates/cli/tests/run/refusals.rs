//! What handfast cannot do, it says in three lines and by its code.

use crate::kit::{file, handfast, text};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

/// What it says, with the folder's name taken out, and its code.
fn said(folder: &Path, command: &mut Command) -> String {
    let output: Output = command.current_dir(folder).output().unwrap();
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = text(&output.stderr).replace(folder.to_str().unwrap(), "FOLDER");
    format!("{said}exit code {}\n", output.status.code().unwrap())
}

/// What it says to each of these command lines.
fn refused(lines: &[(&[&str], &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().canonicalize().unwrap();
    file(&here, "text", "no program");
    file(&here, "script", "#!/no/such/interpreter\n");
    file(&here, "variables", "GOOD=1\n\nBAD\n");
    fs::set_permissions(here.join("script"), fs::Permissions::from_mode(0o755)).unwrap();
    let each = lines.iter().map(|(options, program)| {
        let mut command = handfast("");
        command.env_remove("COLUMNS").env("PATH", "/usr/bin:/bin");
        command.args(*options).args(["--", program]);
        let shown = options.join(" ");
        format!(
            "$ handfast run {shown} -- {program:?}\n{}",
            said(&here, &mut command)
        )
    });
    each.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_program_that_is_not_there() {
    let said = refused(&[
        (&[], "no-such-program"),
        (&[], "./no-such-program"),
        (&["--clean-env"], "env"),
        (&[], ""),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_program_that_cannot_be_executed() {
    let said = refused(&[
        (&[], "./text"),
        (&[], "./script"),
        (&[], "/"),
        (&[], "text/x"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_directory_or_a_file_that_cannot_be_used() {
    let said = refused(&[
        (&["--cwd", "nowhere"], "true"),
        (&["--env-file", "variables"], "true"),
        (&["--env-file", "nowhere"], "true"),
        (&["--log-file", "nowhere/log"], "true"),
        (&["--json", "nowhere/receipt"], "true"),
        (&["--json", "77"], "true"),
        (&["--json", "1"], "true"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn what_this_host_cannot_do() {
    let mut weak = handfast("--containment group --require kernel");
    let mut force = handfast("");
    let mut helper = handfast("");
    let all = [
        said(Path::new("/"), weak.args(["--", "true"])),
        said(
            Path::new("/"),
            force.args(["--", "true"]).env("HANDFAST_FORCE", "hope"),
        ),
        said(
            Path::new("/"),
            helper
                .args(["--", "true"])
                .env("HANDFAST_REAPER", "/no/reaper"),
        ),
    ];
    // `/` was taken for the folder's name.
    let said = all.join("\n").replace("FOLDER", "/");
    insta::assert_snapshot!(said);
}

#[test]
fn a_command_line_that_is_wrong() {
    let said = refused(&[
        (&["--env", "NAME"], "true"),
        (&["--grace", "soon"], "true"),
        (&["--timeout", "0"], "true"),
        (&["--tmeout", "1"], "true"),
        (&["--containment", "hope"], "true"),
    ]);
    insta::assert_snapshot!(said);
}

#[test]
fn a_name_cannot_move_the_cursor() {
    let said = refused(&[(&[], "\u{1b}[2J\nno")]);
    insta::assert_snapshot!(said);
}
