//! An echo, and a flood.

use crate::Outcome;
use crate::figures::{compare, percentile};
use crate::served::{Served, manager};
use handfast::ProcessConfig;
use handfast::config::{Output, Stdin};
use handfast::session::WriteOptions;
use handfast_daemon::connect::Client;
use handfast_daemon::wire::{Bytes, OutputNote, Read, Start, Word, Write};
use std::time::{Duration, Instant};

const ROUNDS: usize = 1000;
const WARM: usize = 50;
const WORD: &[u8] = b"hello\n";

const MIB: u64 = 1024 * 1024;
/// More than a client can take in the time.
const FLOOD: u64 = 256 * MIB;
const FLOODS: usize = 5;

fn words(all: &[&str]) -> Vec<Word> {
    all.iter().map(|word| Word::from(*word)).collect()
}

/// What is written to `cat` comes back, through the daemon by notes and in the library by waiting.
pub(crate) async fn echo(served: &Served) -> Outcome {
    let (client, mut notes) = served.client().await?;
    let start = Start {
        argv: words(&["/bin/cat"]),
        pipe_stdin: true,
        ..Start::default()
    };
    let id = client.call(&start).await?.process_id;
    let manager = manager()?;
    let config = ProcessConfig::builder("/bin/cat").stdin(Stdin::Written);
    let config = config.stdout(Output::Captured).build();
    let handle = manager.start_process(config).await?;
    let output = manager.output(handle)?.ok_or("no output")?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..WARM + ROUNDS {
        let begun = Instant::now();
        let write = Write {
            process_id: id.clone(),
            chunk: Bytes::from(WORD),
            write_id: None,
            wait_ms: None,
        };
        client.call(&write).await?;
        loop {
            let told = notes.next().await.ok_or("the daemon is gone")?;
            if told.read::<OutputNote>().is_some() {
                break;
            }
        }
        let by_daemon = begun.elapsed();
        let begun = Instant::now();
        let from = (round * WORD.len()) as u64;
        manager
            .write(handle, WORD.to_vec(), WriteOptions::default())
            .await?;
        output.wait_for_output(from).await;
        if round >= WARM {
            ours.push(by_daemon);
            theirs.push(begun.elapsed());
        }
    }
    compare(
        "echo of cat on pipes, daemon over library",
        &mut ours,
        &mut theirs,
        "no target",
    );
    manager.shutdown().await;
    Ok(())
}

/// Reads everything that a process says, as fast as it comes; answers how many bytes were got, and how many
/// the offsets say were not.
async fn drained(client: &Client, id: &str) -> Outcome<(u64, u64)> {
    let (mut after_seq, mut got, mut lost, mut end) = (0, 0, 0, 0);
    loop {
        let read = Read {
            process_id: id.to_owned(),
            after_seq,
            max_bytes: None,
            wait_ms: 60_000,
        };
        let answer = client.call(&read).await?;
        for chunk in &answer.chunks {
            let len = chunk.chunk.0.len() as u64;
            (got, lost) = (got + len, lost + (chunk.offset - end));
            end = chunk.offset + len;
        }
        after_seq = answer.next_seq - 1;
        if answer.closed {
            return Ok((got, lost));
        }
    }
}

/// Starts a flood of `all` bytes and drains it; answers how long that took and how many bytes were got.
async fn flood(client: &Client, all: u64, keep_bytes: u64) -> Outcome<(Duration, u64)> {
    let count = format!("count={}", all / 65_536);
    let dd = [
        "/usr/bin/dd",
        "if=/dev/zero",
        "bs=65536",
        &count,
        "status=none",
    ];
    let begun = Instant::now();
    let start = Start {
        argv: words(&dd),
        notify: Some(false),
        keep_bytes: Some(keep_bytes),
        ..Start::default()
    };
    let id = client.call(&start).await?.process_id;
    let (got, lost) = drained(client, &id).await?;
    let took = begun.elapsed();
    if got + lost != all {
        return Err(format!("{got} bytes and {lost} counted are not {all}").into());
    }
    Ok((took, got))
}

/// The median rate of several floods in MB/s, and which part of the bytes was got.
async fn rate(client: &Client, all: u64, keep_bytes: u64) -> Outcome<(f64, f64)> {
    let (mut times, mut got) = (Vec::new(), 0);
    for _ in 0..FLOODS {
        let (took, bytes) = flood(client, all, keep_bytes).await?;
        times.push(took);
        got += bytes;
    }
    let rate = all as f64 / percentile(&mut times, 50).as_secs_f64() / 1e6;
    Ok((rate, got as f64 / all as f64 / FLOODS as f64))
}

pub(crate) async fn output(served: &Served) -> Outcome {
    let (client, _notes) = served.client().await?;
    let (taken, part) = rate(&client, FLOOD, 16 * MIB).await?;
    println!(
        "output of 256 MiB through the daemon, 16 MiB kept: {taken:.0} MB/s were taken, {:.0} % of it reached the \
         client and the rest was counted",
        part * 100.0
    );
    let (reached, part) = rate(&client, 48 * MIB, 64 * MIB).await?;
    println!(
        "output of 48 MiB through the daemon, all kept: {reached:.0} MB/s from start to the last byte at the client, \
         {:.0} % reached it (the best-known exec server: 60 MB/s)",
        part * 100.0
    );
    Ok(())
}
