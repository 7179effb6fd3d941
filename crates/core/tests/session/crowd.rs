//! Two hundred sessions that are polled, written and stopped at once.
//!
//! Every byte of a session is known from its offset, so whoever reads anywhere sees whether one was
//! lost, doubled or changed. With `HANDFAST_MINUTE` set it goes on for a minute; the suite gives each
//! of the 200 places two sessions, which is a fixed amount of work.

use crate::stage::{on_terminal, piped, sh};
use handfast::output::{Capture, Captured, Cursor};
use handfast::session::{SessionError, WriteOptions, Written};
use handfast::{ProcessHandle, ProcessManager, StartError};
use std::collections::HashSet;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PLACES: usize = 200;
const LIVES: usize = 2;
const MINUTE: Duration = Duration::from_secs(60);
/// So little is kept that readers are overtaken.
const KEEP: usize = 6000;
const READY: &[u8] = b"ready";

/// What all of it comes to.
#[derive(Debug, Default)]
struct Sums {
    sessions: AtomicU64,
    stopped: AtomicU64,
    written: AtomicU64,
    read: AtomicU64,
    omitted: AtomicU64,
}

/// The sessions of all places.
#[derive(Debug)]
struct Crowd {
    manager: ProcessManager,
    /// Every id that was ever given.
    given: Mutex<HashSet<ProcessHandle>>,
    open: Mutex<Vec<(ProcessHandle, Captured)>>,
    sums: Sums,
    until: Option<Instant>,
}

/// Numbers that are spread well enough; no crate for that.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

fn add(sum: &AtomicU64, count: u64) {
    sum.fetch_add(count, Ordering::Relaxed);
}

/// What a session says from an offset on: `ready`, and then what it was written.
fn said(offset: u64, len: usize) -> Vec<u8> {
    let ready = READY.iter().copied().skip(offset as usize);
    let mut bytes: Vec<u8> = ready.take(len).collect();
    let from = (offset + bytes.len() as u64).saturating_sub(READY.len() as u64);
    bytes.extend(testkit::flood(from, len - bytes.len()));
    bytes
}

/// One reader with a cursor of its own.
#[derive(Debug, Default)]
struct Reader {
    cursor: Cursor,
    read: u64,
    omitted: u64,
}

impl Reader {
    /// Reads once; answers whether it was the last time.
    fn poll(&mut self, output: &Captured, limit: usize) -> bool {
        let before = self.cursor.offset();
        let chunk = output.poll(&mut self.cursor, limit);
        assert_eq!(chunk.offset, before + chunk.omitted_before);
        assert!(chunk.bytes.is_empty() || chunk.bytes == said(chunk.offset, chunk.bytes.len()));
        self.read += chunk.bytes.len() as u64;
        self.omitted += chunk.omitted_before;
        chunk.ended
    }

    /// Reads to the end and answers how many bytes there were.
    async fn finish(mut self, output: &Captured, sums: &Sums) -> u64 {
        loop {
            output.wait_for_output(self.cursor.offset()).await;
            if self.poll(output, 1000) {
                break;
            }
        }
        add(&sums.read, self.read);
        add(&sums.omitted, self.omitted);
        assert_eq!(self.read + self.omitted, self.cursor.offset());
        self.cursor.offset()
    }
}

impl Crowd {
    fn goes_on(&self, life: usize) -> bool {
        match self.until {
            Some(until) => Instant::now() < until,
            None => life < LIVES,
        }
    }

    /// All sessions of one place, one after the other.
    async fn place(self: Arc<Self>, place: usize) {
        let mut dice = Dice(place as u64 * 7919 + 1);
        let mut life = 0;
        while self.goes_on(life) {
            self.live(&mut dice).await;
            life += 1;
        }
    }

    async fn live(&self, dice: &mut Dice) {
        let config = match dice.throw(2) {
            0 => sh("stty raw -echo; printf ready; exec cat"),
            _ => piped("printf ready; exec cat"),
        };
        let config = config
            .grace(Duration::ZERO)
            .capture(Capture::default().keep(KEEP));
        let handle = self.manager.start_process(config.build()).await.unwrap();
        let output = self.manager.output(handle).unwrap().unwrap();
        assert!(
            self.given.lock().unwrap().insert(handle),
            "{handle} was given twice"
        );
        add(&self.sums.sessions, 1);
        output.wait_for_output(READY.len() as u64 - 1).await;
        self.open.lock().unwrap().push((handle, output.clone()));
        let (written, reading) = tokio::join!(
            self.write(handle, dice.throw(1 << 40)),
            self.poll(&output, dice.throw(1 << 40)),
        );
        let is_whole = written.1 && self.ends_by_itself(handle, &output).await;
        if !is_whole {
            self.manager.kill(handle).await.unwrap();
        }
        let come = reading.finish(&output, &self.sums).await;
        let late = Reader::default().finish(&output, &Sums::default()).await;
        assert_eq!((late, output.status().totals.sum()), (come, come));
        let ready = READY.len() as u64;
        assert!(come <= ready + written.0, "{come} {written:?}");
        assert!(!is_whole || come == ready + written.0, "{come} {written:?}");
        self.manager.wait_tree(handle).await.unwrap();
        self.open
            .lock()
            .unwrap()
            .retain(|(open, _)| *open != handle);
    }

    /// Ends its input and waits; `cat` on a raw terminal knows no end of file.
    async fn ends_by_itself(&self, handle: ProcessHandle, output: &Captured) -> bool {
        let info = self.manager.info(handle).unwrap();
        if info.config.terminal().is_some() {
            return false;
        }
        if let Err(error) = self.manager.close_stdin(handle).await {
            expect_ended(&error);
        }
        output.wait_for_output(u64::MAX).await;
        self.manager.wait(handle).await.unwrap().success()
    }

    /// Writes in pieces, some of them twice under one name; answers how much was taken, and whether
    /// all of it was.
    async fn write(&self, handle: ProcessHandle, seed: u64) -> (u64, bool) {
        let (mut dice, mut taken) = (Dice(seed), 0);
        for number in 0..10 + dice.throw(10) {
            let piece = testkit::flood(taken, 1 + dice.throw(3000) as usize);
            let id = format!("w{number}");
            let mut first: Option<Written> = None;
            for _ in 0..=dice.throw(2) {
                let options = WriteOptions::default().write_id(&id).deadline(MINUTE);
                let written = match self.manager.write(handle, piece.clone(), options).await {
                    Ok(written) => written,
                    Err(error) => {
                        expect_ended(&error);
                        return (taken, false);
                    }
                };
                let before = first.as_ref().map_or(written.taken, |first| first.taken);
                assert_eq!((written.taken, written.repeated), (before, first.is_some()));
                if first.is_none() {
                    taken += written.taken as u64;
                    add(&self.sums.written, written.taken as u64);
                }
                if !written.is_complete() {
                    return (taken, false);
                }
                first = Some(written);
            }
            if dice.throw(4) == 0 {
                tokio::task::yield_now().await;
            }
        }
        (taken, true)
    }

    /// Reads while it comes, and stops somebody now and then.
    async fn poll(&self, output: &Captured, seed: u64) -> Reader {
        let (mut dice, mut reader) = (Dice(seed), Reader::default());
        for _ in 0..20 + dice.throw(20) {
            reader.poll(output, 1 + dice.throw(2000) as usize);
            match dice.throw(40) {
                0 => self.stop_somebody(&mut dice).await,
                1 => self.look_at_somebody(&mut dice),
                _ => tokio::task::yield_now().await,
            }
        }
        reader
    }

    fn somebody(&self, dice: &mut Dice) -> Option<(ProcessHandle, Captured)> {
        let open = self.open.lock().unwrap();
        let place = dice.throw(open.len().max(1) as u64) as usize;
        open.get(place).cloned()
    }

    async fn stop_somebody(&self, dice: &mut Dice) {
        let Some((handle, _)) = self.somebody(dice) else {
            return;
        };
        let receipt = match dice.throw(2) {
            0 => self.manager.stop_process(handle).await,
            _ => self.manager.kill(handle).await,
        };
        assert!(receipt.unwrap().survivors.is_empty());
        add(&self.sums.stopped, 1);
    }

    /// Another reader of somebody else's output, and every other question at once.
    fn look_at_somebody(&self, dice: &mut Dice) {
        let Some((handle, output)) = self.somebody(dice) else {
            return;
        };
        let mut reader = Reader::default();
        for _ in 0..10 {
            reader.poll(&output, 500);
        }
        let status = output.status();
        assert!(status.totals.sum() - status.omitted.sum() <= KEEP as u64);
        self.manager.query_status(handle).unwrap();
        assert!(self.manager.list_processes().len() <= PLACES);
        if let Ok(view) = self.manager.screen(handle) {
            assert!(view.offset <= output.status().totals.sum());
        }
    }
}

/// A session that somebody has stopped says so, whoever was talking to it.
fn expect_ended(error: &SessionError) {
    let code = error.code();
    assert!(
        ["session.over", "session.closed"].contains(&code),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heavy_two_hundred_sessions_are_polled_written_and_stopped_at_once() {
    let builder = ProcessManager::builder().reaper(testkit::reaper());
    let minute = std::env::var_os("HANDFAST_MINUTE").is_some();
    let crowd = Arc::new(Crowd {
        manager: builder.tombstones(100_000).build().unwrap(),
        given: Mutex::default(),
        open: Mutex::default(),
        sums: Sums::default(),
        until: minute.then(|| Instant::now() + MINUTE),
    });
    let mut places = JoinSet::new();
    for place in 0..PLACES {
        places.spawn(Arc::clone(&crowd).place(place));
    }
    while let Some(done) = places.join_next().await {
        done.unwrap();
    }
    let sums = &crowd.sums;
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{sums:?}").unwrap();
    assert!(crowd.manager.list_processes().is_empty());
    assert_eq!(
        crowd.given.lock().unwrap().len() as u64,
        sums.sessions.load(Ordering::Relaxed)
    );
    let config = on_terminal("/bin/true").build();
    crowd.manager.shutdown().await;
    let refused = crowd.manager.start_process(config).await;
    assert!(matches!(refused, Err(StartError::Closed)));
}

/// The negative control: a reader that is given another session's bytes finds it out.
#[tokio::test]
#[should_panic(expected = "said(chunk.offset")]
async fn a_byte_at_a_wrong_place_is_found_out() {
    let talk = crate::stage::Talk::start(piped("printf ready000000000000001")).await;
    Reader::default()
        .finish(&talk.output, &Sums::default())
        .await;
}
