//! `ps`: which processes there are, as a table, as a tree, as lines, and as they change.

use crate::stage::{Running, Stage};
use testkit::Screen;

#[test]
fn those_that_live_are_listed_and_with_all_those_that_are_over() {
    let stage = Stage::new();
    assert_eq!(stage.json(&["ps"]), [0; 0]);
    let one = stage.start(&["--name", "one"], "sleep 1000");
    let two = stage.start(&["--ready-when", "exit"], "exit 0");
    let ids = |words: &[&str]| -> Vec<String> {
        let found = stage.json(words);
        let id = |line: &serde_json::Value| line["id"].as_str().unwrap().to_owned();
        found.iter().map(id).collect()
    };
    assert_eq!(ids(&["ps"]), vec![one.clone()]);
    assert_eq!(ids(&["ps", "--all"]), [two, one.clone()]);
    assert_eq!(ids(&["ps", "--owner", "user"]), [one]);
    assert_eq!(ids(&["ps", "--owner", "nobody"]), [""; 0]);
}

#[test]
fn a_table_says_the_least_that_people_need() {
    let stage = Stage::new();
    let id = stage.start(&["--name", "web\u{1b}[2J"], "sleep 1000");
    let table = stage.said(&["ps"]);
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 2, "{table}");
    let head: Vec<&str> = rows[0].split_whitespace().collect();
    assert_eq!(
        head,
        ["ID", "NAME", "STATE", "AGE", "GRADE", "OWNER", "COMMAND"]
    );
    assert!(rows[1].starts_with(&id), "{table}");
    assert!(rows[1].contains("web\\u{1b}[2J  running"), "{table}");
    assert!(rows[1].ends_with("user   sh -c 'sleep 1000'"), "{table}");
    assert!(!table.contains('\u{1b}'));
}

#[test]
fn a_tree_has_the_members_of_each_below_their_parents() {
    let stage = Stage::new();
    stage.start(
        &["--name", "web", "--ready-when", "up"],
        "sleep 1000 & echo up; wait",
    );
    let tree = stage.said(&["ps", "--tree"]);
    let lines: Vec<&str> = tree.lines().collect();
    assert_eq!(lines[0], "user", "{tree}");
    assert!(
        lines[1].starts_with("└─ ") && lines[1].contains("(web) running"),
        "{tree}"
    );
    assert!(
        lines[2].starts_with("   └─ ") && lines[2].ends_with(" sh -c sleep 1000 & echo up; wait"),
        "{tree}"
    );
    assert!(
        // It may not have become `sleep` yet.
        lines[3].starts_with("      └─ "),
        "{tree}"
    );
}

#[test]
fn what_changes_is_told_as_it_does() {
    let stage = Stage::new();
    let mut watching = Running::start(&mut stage.handfast(&["ps", "--all", "--watch", "--json"]));
    let mut next = move || -> serde_json::Value { serde_json::from_str(&watching.line()).unwrap() };
    let id = stage.start(&[], "sleep 1000");
    let line = next();
    assert_eq!(
        (&line["id"], &line["status"]),
        (&id.clone().into(), &"running".into())
    );
    stage.said(&["stop", &id]);
    let line = next();
    assert_eq!((&line["id"], &line["cause"]), (&id.into(), &"stop".into()));
}

#[test]
fn on_a_terminal_it_is_drawn_in_place_and_in_colour() {
    let stage = Stage::new();
    let mut screen = Screen::new(24, 80);
    let mut command = screen.command(&testkit::handfast(), ["ps", "--watch"]);
    stage.at_home(&mut command);
    let mut watching = command.env("TERM", "xterm").spawn().unwrap();
    screen.until("COMMAND");
    let id = stage.start(&["--name", "web"], "sleep 1000");
    screen.until(&id);
    screen.until("\u{1b}[32mrunning\u{1b}[0m");
    stage.said(&["stop", "web"]);
    // It is not drawn any more: the head is followed by nothing.
    screen.until("COMMAND\u{1b}[0m\u{1b}[K\r\n\u{1b}[J");
    watching.kill().unwrap();
    watching.wait().unwrap();
}
