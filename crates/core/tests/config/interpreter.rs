//! Programs that are run by others.

use super::*;

#[test]
fn a_missing_interpreter_is_named_and_so_is_what_is_wrong_with_it() {
    let place = Place::new();
    let gone = place.at("gone");
    let script = place.script("script", gone.to_str().unwrap());
    let Err(ConfigError::BadInterpreter {
        program,
        interpreter,
        source,
    }) = check(&script)
    else {
        panic!("it must be refused");
    };
    assert_eq!((program, interpreter), (script.clone(), gone));
    assert_eq!(source.code(), "config.program-missing");
    assert!(run(&script).is_err());

    let plain = place.file("plain", b"", 0o644);
    let script = place.script("second", plain.to_str().unwrap());
    let refused = check(&script);
    assert!(
        matches!(refused, Err(ConfigError::BadInterpreter { source, .. })
        if source.code() == "config.not-executable")
    );
}

#[test]
fn a_carriage_return_in_the_first_line_is_explained() {
    let place = Place::new();
    let script = place.script("dos", "/bin/sh\r");
    let refused = check(&script).unwrap_err();
    assert_eq!(refused.code(), "config.bad-interpreter");
    assert!(refused.hint().unwrap().contains("carriage return"));
    assert!(run(&script).is_err());
}

#[test]
fn a_relative_interpreter_is_looked_for_where_the_child_starts() {
    let place = Place::new();
    let script = place.script("script", "bin/sh");
    assert!(check(&script).is_ok(), "it starts in the root");
    run(&script).unwrap();
    let elsewhere = ProcessConfig::builder(&script).working_directory("/tmp");
    assert_eq!(wrong(elsewhere).code(), "config.bad-interpreter");
}

#[test]
fn as_many_scripts_in_a_row_pass_as_the_system_runs() {
    let place = Place::new();
    let mut program = PathBuf::from("/bin/true");
    for depth in 1..8 {
        program = place.script(format!("s{depth}"), program.to_str().unwrap());
        let (checked, ran) = (check(&program), run(&program));
        assert_eq!(checked.is_ok(), ran.is_ok(), "{depth}: {checked:?} {ran:?}");
    }
    assert!(
        matches!(check(&program), Err(ConfigError::TooManyInterpreters { program: named })
        if named == program)
    );
    let itself = place.at("itself");
    let circle = place.script("itself", itself.to_str().unwrap());
    assert_eq!(
        check(&circle).unwrap_err().code(),
        "config.too-many-interpreters"
    );
}

#[test]
fn a_first_line_without_an_interpreter_is_no_program() {
    let place = Place::new();
    for (name, head) in [
        ("a", "#!\n"),
        ("b", "#!  \t\n"),
        ("c", &format!("#!/{}", "x".repeat(300))),
    ] {
        let program = place.file(name, head.as_bytes(), 0o755);
        let refused = check(&program).unwrap_err();
        assert!(
            matches!(&refused, ConfigError::NotAProgram { program: named } if *named == program)
        );
        assert!(refused.hint().unwrap().contains("#!"));
        assert!(run(&program).is_err());
    }
}

#[test]
fn a_dynamic_program_whose_linker_is_missing_is_refused() {
    let place = Place::new();
    let mut elf = fs::read("/proc/self/exe").unwrap();
    let linker = b"/lib64/ld-linux-x86-64.so.2\0";
    let Some(at) = elf
        .windows(linker.len())
        .position(|window| window == linker)
    else {
        return; // Another machine, or a static test: then there is no linker to take away.
    };
    let fine = place.file("fine", &elf, 0o755);
    assert!(check(&fine).is_ok());
    elf[at + 1..at + 4].copy_from_slice(b"Lib");
    let broken = place.file("broken", &elf, 0o755);
    let Err(ConfigError::BadInterpreter {
        interpreter,
        source,
        ..
    }) = check(&broken)
    else {
        panic!("it must be refused");
    };
    assert_eq!(interpreter, Path::new("/Lib64/ld-linux-x86-64.so.2"));
    assert_eq!(source.code(), "config.program-missing");
    assert_eq!(run(&broken).unwrap_err().kind(), io::ErrorKind::NotFound);
}
