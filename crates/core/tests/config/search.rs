//! Finding a program in the `PATH` of its config.

use super::*;

#[test]
fn the_given_path_is_searched_in_its_order() {
    let place = Place::new();
    let second = place.script("b/tool", "/bin/sh");
    let path = std::env::join_paths([place.at("a"), place.at("b"), place.at("c")]).unwrap();
    let tool = ProcessConfig::builder("tool").env("PATH", &path).build();
    place.script("c/tool", "/bin/sh");
    assert_eq!(tool.check().unwrap().program(), second);
    let first = place.script("a/tool", "/bin/sh");
    assert_eq!(tool.check().unwrap().program(), first);
    assert_eq!(tool.check().unwrap().argv0(), "tool");
}

#[test]
fn the_search_skips_what_cannot_be_executed() {
    let place = Place::new();
    fs::create_dir_all(place.at("a/tool")).unwrap();
    place.file("b/tool", b"", 0o644);
    place.file("no-directory", b"", 0o644);
    let good = place.script("c/tool", "/bin/sh");
    let path = std::env::join_paths(["a", "b", "no-directory", "c"].map(|name| place.at(name)));
    let tool = ProcessConfig::builder("tool")
        .env("PATH", path.unwrap())
        .build();
    assert_eq!(tool.check().unwrap().program(), good);
}

#[test]
fn a_search_that_found_only_the_forbidden_says_so() {
    let place = Place::new();
    let found = place.file("b/tool", b"", 0o644);
    let path = std::env::join_paths([place.at("a"), place.at("b"), place.at("c")]).unwrap();
    let refused = wrong(ProcessConfig::builder("tool").env("PATH", &path));
    assert!(matches!(refused, ConfigError::NotExecutable { program } if program == found));
}

#[test]
fn a_search_that_found_nothing_says_where_it_looked() {
    let place = Place::new();
    let path = format!("relative:{}::.", place.0.path().display());
    let refused = wrong(ProcessConfig::builder("tool").env("PATH", path));
    let ConfigError::ProgramNotFound { program, searched } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(
        (program.as_path(), searched.as_slice()),
        (Path::new("tool"), [place.0.path().into()].as_slice())
    );
    let hint = refused.hint().unwrap();
    assert!(
        hint.contains("PATH=...") && hint.contains(place.0.path().to_str().unwrap()),
        "{hint}"
    );
}

#[test]
fn relative_and_empty_entries_of_the_path_are_never_searched() {
    let place = Place::new();
    place.script("bin/tool", "/bin/sh");
    for path in ["", ":", "bin", ".", "./bin:bin"] {
        // Found if any entry were taken relative to where the child starts.
        let tool = ProcessConfig::builder("tool")
            .env("PATH", path)
            .working_directory(place.0.path());
        assert!(
            matches!(wrong(tool), ConfigError::ProgramNotFound { searched, .. } if searched.is_empty())
        );
    }
}
