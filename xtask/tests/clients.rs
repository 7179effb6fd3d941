//! What the clients in other languages know of the wire is what its schema says.

use xtask::clients::stale;

#[test]
fn what_clients_know_of_the_wire_is_current() {
    let stale = stale(&xtask::repository_root()).expect("the schema can be read");
    assert!(
        stale.is_empty(),
        "stale: {stale:?}; write them with `cargo xtask clients`"
    );
}

/// Without this, a check that looks at nothing would pass.
#[test]
fn files_that_are_not_there_are_stale() {
    let root = tempfile::tempdir().expect("a temporary folder can be made");
    let schema = "crates/daemon/schema/wire-v1.json";
    let there = root.path().join(schema);
    std::fs::create_dir_all(there.parent().expect("it has one")).expect("it can be made");
    std::fs::copy(xtask::repository_root().join(schema), there).expect("it can be copied");
    let stale = stale(root.path()).expect("the schema can be read");
    assert_eq!(stale.len(), 4, "{stale:?}");
}
