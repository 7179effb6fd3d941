//! A program on a pseudoconsole that is talked to.

use crate::apart::apart;
use crate::puppet::{ARGUMENTS, variables};
use crate::stage::{manager, until_closed};
use handfast::session::{InputState, ScreenSize, WriteOptions};
use handfast::{ProcessConfig, ProcessHandle, ProcessManager};

/// A program on a terminal that says `ready`, reads a line and ends with 5.
async fn on_terminal(manager: &ProcessManager) -> ProcessHandle {
    let config = ProcessConfig::builder(std::env::current_exe().unwrap())
        .args(ARGUMENTS)
        .envs(variables("console exit 5"))
        .terminal(ScreenSize::default());
    let handle = manager.start_process(config.build()).await.unwrap();
    until(manager, handle, "ready").await;
    handle
}

async fn type_line(manager: &ProcessManager, handle: ProcessHandle) {
    // A line end of Unix is the key that ends a line here.
    let bytes = b"typed\n".to_vec();
    let written = manager.write(handle, bytes, WriteOptions::default()).await;
    assert!(written.unwrap().is_complete());
}

#[tokio::test]
async fn a_program_on_a_terminal_shows_and_reads_lines() {
    let Some(_inner) = apart("terminals::a_program_on_a_terminal_shows_and_reads_lines") else {
        return;
    };
    let manager = manager();
    let handle = on_terminal(&manager).await;
    assert_eq!(manager.input_state(handle).unwrap(), InputState::Hidden);
    type_line(&manager, handle).await;
    until(&manager, handle, "<typed>").await;
    assert_eq!(manager.wait(handle).await.unwrap().exit_code, Some(5));
    manager.wait_tree(handle).await.unwrap();
}

#[tokio::test]
async fn the_output_of_a_terminal_ends_with_its_tree() {
    let Some(_inner) = apart("terminals::the_output_of_a_terminal_ends_with_its_tree") else {
        return;
    };
    let manager = manager();
    let handle = on_terminal(&manager).await;
    type_line(&manager, handle).await;
    manager.wait_tree(handle).await.unwrap();
    until_closed(&manager.output(handle).unwrap().unwrap()).await;
}

#[tokio::test]
async fn a_program_on_a_terminal_is_stopped() {
    let Some(_inner) = apart("terminals::a_program_on_a_terminal_is_stopped") else {
        return;
    };
    let manager = manager();
    let handle = on_terminal(&manager).await;
    let receipt = manager.kill(handle).await.unwrap();
    assert_eq!((receipt.members_before, receipt.survivors.len()), (1, 0));
}

/// Waits until the screen shows a text.
async fn until(manager: &ProcessManager, handle: ProcessHandle, text: &str) {
    let output = manager.output(handle).unwrap().unwrap();
    loop {
        let view = manager.screen(handle).unwrap();
        if view.text.contains(text) {
            return;
        }
        assert!(output.status().is_open(), "it ended with {:?}", view.text);
        output.wait_for_output(view.offset).await;
    }
}
