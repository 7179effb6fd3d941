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

/// How large the flood is: 256 MiB.
const FLOOD: u64 = 256 * 1024 * 1024;
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

pub(crate) async fn output(served: &Served) -> Outcome {
    let (client, _notes) = served.client().await?;
    let count = (FLOOD / 65_536).to_string();
    let flood = [
        "/usr/bin/dd",
        "if=/dev/zero",
        "bs=65536",
        &format!("count={count}"),
        "status=none",
    ];
    let (mut times, mut part) = (Vec::new(), 0.0);
    for _ in 0..FLOODS {
        let begun = Instant::now();
        let start = Start {
            argv: words(&flood),
            notify: Some(false),
            keep_bytes: Some(16 * 1024 * 1024),
            ..Start::default()
        };
        let id = client.call(&start).await?.process_id;
        let (got, lost) = drained(&client, &id).await?;
        times.push(begun.elapsed());
        if got + lost != FLOOD {
            return Err(format!("{got} bytes and {lost} counted are not {FLOOD}").into());
        }
        part += got as f64 / FLOOD as f64 / FLOODS as f64;
    }
    let time: Duration = percentile(&mut times, 50);
    let rate = FLOOD as f64 / time.as_secs_f64() / 1e6;
    println!(
        "output of 256 MiB through the daemon: {rate:.0} MB/s were taken, {:.0} % of it reached the client and the \
         rest was counted (the best-known exec server: 60 MB/s)",
        part * 100.0
    );
    Ok(())
}
