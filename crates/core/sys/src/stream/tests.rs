//! Streams that are moved, and ends that are found.

use super::*;
use crate::files::AtPlace;
use std::fs::File;
use std::future::poll_fn;
use std::io::Write;

async fn moved(from: &mut impl Moves, file: &File, offset: u64) -> io::Result<usize> {
    poll_fn(|context| {
        let place = Place {
            file: file.as_descriptor(),
            offset,
            most: 1 << 16,
        };
        from.poll_move(context, &place)
    })
    .await
}

fn text(file: &File, len: usize) -> String {
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, 0).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_io().build().unwrap();
    runtime.block_on(test);
}

#[test]
fn what_comes_on_a_pipe_is_moved_to_its_place_until_the_end() {
    run(async {
        let file = tempfile::tempfile().unwrap();
        let (mut end, theirs) = from_child().unwrap();
        let mut theirs = File::from(theirs);
        theirs.write_all(b"one ").unwrap();
        assert_eq!(moved(&mut end, &file, 0).await.unwrap(), 4);
        let more =
            tokio::spawn(async move { moved(&mut end, &file, 4).await.map(|n| (n, end, file)) });
        theirs.write_all(b"two").unwrap();
        drop(theirs);
        let (count, mut end, file) = more.await.unwrap().unwrap();
        assert_eq!((count, text(&file, 7).as_str()), (3, "one two"));
        assert_eq!(moved(&mut end, &file, 7).await.unwrap(), 0);
    });
}

#[cfg(unix)]
#[test]
fn a_terminal_is_moved_by_way_of_its_pipe_and_what_is_in_that_comes_first() {
    run(async {
        let file = tempfile::tempfile().unwrap();
        use crate::terminal::{Opened, ReadyTerminal, open_pair};
        let pair = open_pair().unwrap();
        let mut slave = File::from(pair.slave);
        let opened = Opened {
            descriptor: pair.master,
            own: true,
        };
        let terminal = Arc::new(ReadyTerminal::new(opened).unwrap());
        let pipe = Arc::new(RelayPipe::new().unwrap());
        File::from(pipe.ends().1.try_clone_to_owned().unwrap())
            .write_all(b"left ")
            .unwrap();
        slave.write_all(b"come").unwrap();
        let mut relay = Relay::new(terminal, pipe);
        assert_eq!(moved(&mut relay, &file, 0).await.unwrap(), 5);
        assert_eq!(moved(&mut relay, &file, 5).await.unwrap(), 4);
        assert_eq!(text(&file, 9), "left come");
        drop(slave);
        let end = moved(&mut relay, &file, 9).await;
        // macOS says the end, and not `EIO`.
        assert!(end.map_or_else(|error| error.raw_os_error() == Some(5), |count| count == 0));
    });
}

#[test]
fn who_finds_an_end_does_not_hold_it() {
    run(async {
        let (end, theirs) = from_child().unwrap();
        let finder = end.finder();
        assert!(finder.duplicate().is_some());
        drop(end);
        assert!(finder.duplicate().is_none());
        let mut theirs = File::from(theirs);
        // On Windows it is closed when the reactor has seen that its read is over.
        let broken = loop {
            match theirs.write_all(b"x") {
                Ok(()) => tokio::task::yield_now().await,
                Err(error) => break error,
            }
        };
        assert_eq!(broken.kind(), io::ErrorKind::BrokenPipe);
    });
}
