//! The screen, keys in the modes of the program, and answers to its questions.

use crate::stage::{Talk, on_terminal, sh};
use handfast::config::Terminal;
use handfast::session::ScreenSize;

/// Asks, and says in hexadecimal what it reads until the letter that ends the answer.
fn asking(question: &str, count: usize) -> String {
    format!(
        "stty raw -echo; printf ready; printf '{question}'; head -c {count} | od -An -tx1 | tr -d ' \\n'; \
         stty sane; echo .; read a"
    )
}

#[tokio::test]
async fn questions_are_answered_once() {
    let mut talk = Talk::start(sh(&asking(r"\033[c", 9))).await;
    talk.expect("1b5b3f36323b323263").await;
    let mut talk = Talk::start(sh(&asking(r"ab\r\n\033[6n", 6))).await;
    talk.expect("1b5b323b3152").await;
    // Looking draws from the beginning and answers nothing again.
    talk.expect(r"\.").await;
    let view = talk.manager.screen(talk.handle).unwrap();
    assert!(view.text.contains("readyab"), "{}", view.text);
    talk.write("word\n").await;
    talk.output.wait_for_output(u64::MAX).await;
    assert_eq!(talk.said().matches("323b").count(), 1);
    let view = talk.manager.screen(talk.handle).unwrap();
    assert_eq!((view.omitted, view.unanswered), (0, 0));
}

#[tokio::test]
async fn answers_can_be_left_to_others() {
    let script = asking(r"\033[c", 1);
    let config = sh(&script).terminal(Terminal::default().answers(false));
    let mut talk = Talk::start(config).await;
    talk.expect("ready").await;
    talk.manager.screen(talk.handle).unwrap();
    talk.write("x").await;
    talk.expect(r"78\.").await;
    talk.end().await;
}

#[tokio::test]
async fn a_full_screen_program_is_drawn_and_gets_its_keys() {
    let script = "seq 1 100 | less";
    let mut talk = Talk::start(sh(script)).await;
    talk.expect("23").await;
    talk.expect(":").await;
    let view = talk.manager.screen(talk.handle).unwrap();
    assert!(view.alternate);
    assert!(view.text.starts_with("1\n2\n3\n"), "{}", view.text);
    assert_eq!(view.cursor.row, 23);
    // In application mode, which less switches on.
    talk.press("down*2").await;
    talk.expect("25").await;
    loop {
        let view = talk.manager.screen(talk.handle).unwrap();
        if view.text.starts_with("3\n4\n") {
            break;
        }
        talk.output.wait_for_output(view.offset).await;
    }
    let redraw = talk.manager.redraw(talk.handle).unwrap();
    let size = ScreenSize::default();
    let mut other = handfast::session::Screen::new(size, 0);
    let _ = other.feed(&redraw);
    assert_eq!(other.text(), talk.manager.screen(talk.handle).unwrap().text);
    assert!(other.is_alternate());
    talk.press("q").await;
    talk.output.wait_for_output(u64::MAX).await;
    assert!(!talk.manager.screen(talk.handle).unwrap().alternate);
}

#[tokio::test]
async fn a_shell_is_driven_by_its_prompts() {
    let config = on_terminal("/bin/bash")
        .args(["--norc", "--noprofile", "-i"])
        .env("PS1", "prompt> ");
    let mut talk = Talk::start(config).await;
    talk.expect("prompt> ").await;
    talk.press("'echo $((6*7))' enter").await;
    talk.expect("42\r\n").await;
    talk.expect("prompt> ").await;
    talk.press("up enter").await;
    talk.expect("42\r\n").await;
    talk.expect("prompt> ").await;
    talk.write("sh -c \"echo be'g'un; exec sleep 1000\"\n")
        .await;
    talk.expect("begun").await;
    talk.manager.interrupt(talk.handle).await.unwrap();
    talk.expect("prompt> ").await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    let ended = talk.manager.wait(talk.handle).await.unwrap();
    assert_eq!(ended.exit_code, Some(130));
}

#[tokio::test]
async fn a_repl_takes_a_line_of_any_length() {
    let mut talk = Talk::start(on_terminal("/usr/bin/env").args(["python3", "-qi"])).await;
    talk.expect(">>> ").await;
    let text = format!("print(len('{}'))\n", "x".repeat(20_000));
    talk.write(text).await;
    talk.expect("\n20000\r\n").await;
    talk.expect(">>> ").await;
    talk.manager.close_stdin(talk.handle).await.unwrap();
    assert!(talk.manager.wait(talk.handle).await.unwrap().success());
}
