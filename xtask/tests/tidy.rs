//! The house rules hold for the whole repository, so that `cargo test` finds what `cargo xtask
//! tidy` would find.

use std::path::Path;
use std::process::Command;

use xtask::tidy::check_repository;

#[test]
fn the_repository_keeps_the_house_rules() {
    let findings = check_repository(&xtask::repository_root()).expect("the repository can be read");
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} findings:\n{}",
        lines.len(),
        lines.join("\n")
    );
}

/// Without this, a check that reads no file at all would pass.
#[test]
fn a_repository_that_breaks_rules_is_found() {
    let root = std::env::temp_dir().join(format!("handfast-tidy-{}", std::process::id()));
    std::fs::create_dir_all(&root).expect("the folder can be made");
    std::fs::write(root.join("utils.rs"), "fn f() {}\n").expect("the file can be written");
    std::fs::write(root.join("README.md"), "[a](b.md)\n").expect("the file can be written");
    std::fs::write(root.join("untracked.rs"), "").expect("the file can be written");
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "utils.rs", "README.md"]);

    let findings = check_repository(&root);
    std::fs::remove_dir_all(&root).expect("the folder can be removed");
    let findings = findings.expect("the repository can be read");
    let places: Vec<_> = findings
        .iter()
        .map(|found| (found.path.as_str(), found.line))
        .collect();
    assert_eq!(places, [("README.md", 1), ("utils.rs", 1), ("utils.rs", 1)]);
}

fn git(root: &Path, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.args(arguments)
        .current_dir(root)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE");
    assert!(git.status().expect("git runs").success());
}
