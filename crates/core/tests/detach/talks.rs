//! Output and input of a process that changes its manager: nothing of it is touched.

use crate::stage::{LONG, host, said, sh, start, two};
use handfast::config::{Output, ProcessConfig, Stdin, Terminal};
use handfast::output::Cursor;
use handfast::session::{ScreenSize, WriteOptions};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MIB: u64 = 1024 * 1024;

/// More than is kept comes while nobody has it: head and tail are there, and the rest is counted.
#[tokio::test]
async fn output_goes_on_while_it_is_detached() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let script =
        "echo begin; read -r go; head -c 3145728 /dev/zero; echo; echo the end; read -r go";
    let handle = start(&one, sh(script)).await;
    said(&one, handle, "begin").await;
    let output = one.output(handle).unwrap().unwrap();
    let mut cursor = Cursor::default();
    assert_eq!(output.poll(&mut cursor, 100).bytes, b"begin\n");
    one.write(handle, "go\n", WriteOptions::default())
        .await
        .unwrap();
    one.detach(&host()).unwrap();
    drop(output);
    drop(one);
    let output = store.output(handle).unwrap().unwrap();
    let end = 6 + 3 * MIB + 1 + 8;
    assert_eq!(output.wait_for_output(end - 1).await.sum(), end);
    drop(output);
    other.reattach(&host()).unwrap();
    // The cursor of the first one goes on, to the byte.
    let output = other.output(handle).unwrap().unwrap();
    let (mut bytes, mut omitted) = (0, 0);
    let mut last = Vec::new();
    while cursor.offset() < end {
        let chunk = output.poll(&mut cursor, 100_000);
        omitted += chunk.omitted_before;
        bytes += chunk.bytes.len() as u64;
        last = chunk.bytes.to_vec();
    }
    assert_eq!(6 + bytes + omitted, end);
    assert_eq!(output.status().omitted.sum(), omitted);
    assert_eq!(omitted, end - MIB, "what is kept is 1 MiB");
    assert!(last.ends_with(b"\nthe end\n"));
    other
        .write(handle, "go\n", WriteOptions::default())
        .await
        .unwrap();
    assert!(other.wait(handle).await.unwrap().success());
}

/// Its terminal, its writes and what it shows: as the first manager left them.
#[tokio::test]
async fn a_terminal_goes_along() {
    let Some((store, one, other)) = two() else {
        return;
    };
    let script = "stty size; while read -r word; do printf 'got %s\\n' \"$word\"; done; echo bye";
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .grace(Duration::ZERO)
        .terminal(Terminal::default());
    let handle = start(&one, config).await;
    said(&one, handle, "24 80").await;
    let named = || WriteOptions::default().deadline(LONG).write_id("first");
    one.write(handle, "first\n", named()).await.unwrap();
    said(&one, handle, "got first").await;
    assert!(one.screen(handle).unwrap().text.contains("got first"));
    // A write that is under way when it moves is done.
    let writing = tokio::spawn({
        let one = one.clone();
        async move { one.write(handle, "second\n", WriteOptions::default()).await }
    });
    one.detach(&host()).unwrap();
    drop(store);
    other.reattach(&host()).unwrap();
    let written = writing.await.unwrap();
    if written.is_err() {
        // It came too late to find it here, and says where it is.
        other
            .write(handle, "second\n", WriteOptions::default())
            .await
            .unwrap();
    }
    said(&other, handle, "got second").await;
    let repeated = other.write(handle, "first\n", named()).await.unwrap();
    assert!(repeated.repeated, "the id of the write is remembered");
    other
        .resize(
            handle,
            ScreenSize {
                rows: 30,
                columns: 100,
            },
        )
        .unwrap();
    other
        .press(handle, "'third' enter", WriteOptions::default())
        .await
        .unwrap();
    said(&other, handle, "got third").await;
    let screen = other.screen(handle).unwrap();
    let lines = ["24 80", "got first", "got second", "got third"];
    assert!(
        lines.iter().all(|line| screen.text.contains(line)),
        "{}",
        screen.text
    );
    other.close_stdin(handle).await.unwrap();
    said(&other, handle, "bye").await;
    assert!(other.wait(handle).await.unwrap().success());
}

/// Pipes that nobody had taken are taken where it is now.
#[tokio::test]
async fn pipes_go_along() {
    let Some((_store, one, other)) = two() else {
        return;
    };
    let config = ProcessConfig::builder("/bin/cat")
        .stdin(Stdin::Pipe)
        .stdout(Output::Pipe)
        .grace(Duration::ZERO);
    let handle = start(&one, config).await;
    one.detach(&host()).unwrap();
    drop(one);
    other.reattach(&host()).unwrap();
    let stdio = other.take_stdio(handle).unwrap();
    let (mut stdin, mut stdout) = (stdio.stdin.unwrap(), stdio.stdout.unwrap());
    stdin.write_all(b"through both").await.unwrap();
    drop(stdin);
    let mut said = String::new();
    stdout.read_to_string(&mut said).await.unwrap();
    assert_eq!(said, "through both");
    assert!(other.wait(handle).await.unwrap().success());
}
