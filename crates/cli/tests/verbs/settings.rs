//! `config show`: where each value comes from; and that verbs follow the settings.

use crate::stage::Stage;

fn file(stage: &Stage, text: &str) {
    std::fs::create_dir_all(stage.folder().join("handfast")).unwrap();
    stage.file("handfast/config.toml", text);
}

#[test]
fn every_value_says_where_it_comes_from() {
    let stage = Stage::new();
    file(
        &stage,
        "[start]\nlifetime = \"lease:1h\"\n[exec]\nyield = 30\n",
    );
    let mut command = stage.handfast(&["config", "show", "--every", "2s"]);
    command
        .env("HANDFAST_EXEC_YIELD", "5s")
        .env("NO_COLOR", "1");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let home = stage.folder().to_str().unwrap();
    insta::assert_snapshot!(said.replace(home, "HOME"));
}

#[test]
fn verbs_do_what_the_settings_say() {
    let stage = Stage::new();
    file(
        &stage,
        "start.lifetime = \"lease:1h\"\ncolor = \"always\"\n",
    );
    let id = stage.start(&[], "sleep 1000");
    assert_eq!(stage.json(&["info", &id])[0]["lifetime"], "lease:1h");
    let id = stage.start(&["--lifetime", "user"], "sleep 1000");
    assert_eq!(stage.json(&["info", &id])[0]["lifetime"], "user");
    assert!(stage.said(&["ps"]).contains('\u{1b}'));
    assert!(!stage.said(&["ps", "--color", "never"]).contains('\u{1b}'));
}

#[test]
fn what_nobody_knows_is_refused() {
    let stage = Stage::new();
    let mut said = Vec::new();
    for text in [
        "[exec]\nyeild = 3\n",
        "color = \"never\"\n= 3\n",
        "color = \"pink\"\n",
    ] {
        file(&stage, text);
        said.push(stage.refused(&["config", "show"]));
    }
    insta::assert_snapshot!(said.join("\n"));
}
