//! Both directions of one connection, wherever it runs.

use super::{Connection, split};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Builder;

#[cfg(unix)]
fn both() -> (Connection, Connection) {
    Connection::pair().unwrap()
}

#[cfg(windows)]
fn both() -> (Connection, Connection) {
    use crate::local_pipe::{Listener, connect};
    let name = format!(r"\\.\pipe\handfast-test-{}-split", std::process::id());
    let name = std::ffi::OsString::from(name);
    let mut listener = Listener::new(&name).unwrap();
    let long = std::time::Duration::from_secs(600);
    let connecting = std::thread::spawn(move || connect(&name, long).unwrap());
    let served = listener.accept(None).unwrap();
    (served, connecting.join().unwrap())
}

/// More than any system keeps of a connection that nobody reads.
const MUCH: usize = 4 << 20;

#[test]
fn much_goes_both_ways_at_once_and_the_end_is_seen() {
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let (one, other) = both();
        let (mut from_other, mut to_other) = split(one).unwrap();
        let (mut from_one, mut to_one) = split(other).unwrap();
        let (there, back) = (vec![1; MUCH], vec![2; MUCH]);
        let (mut came_there, mut came_back) = (vec![0; MUCH], vec![0; MUCH]);
        let all: [io::Result<()>; 4] = tokio::join!(
            async { to_other.write_all(&there).await },
            async { from_one.read_exact(&mut came_there).await.map(drop) },
            async { to_one.write_all(&back).await },
            async { from_other.read_exact(&mut came_back).await.map(drop) },
        )
        .into();
        all.into_iter().for_each(Result::unwrap);
        assert!(came_there == there && came_back == back);
        drop((from_other, to_other));
        assert_eq!(from_one.read(&mut [0; 8]).await.unwrap(), 0);
    });
}
