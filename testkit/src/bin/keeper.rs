//! A host program whose manager keeps its processes for the next one, and that is killed at any moment.
//!
//! `keeper --folder PATH --rung RUNG [--reaper PROGRAM] [--stay MS]` makes its manager, takes over what is there, and says
//! `up adopted=N ended=N lost=N remembered=N` or `refused CODE`. Then it does the words of its standard input,
//! one a line, with one line of answer each:
//!
//! `start LIFETIME pipes|terminal SCRIPT` (a script of the shell; `user:MS` has a deadline), `status H`, `more H N` (waits for more than N
//! bytes), `flood H` (checks every byte against [`testkit::flood`]), `text H`, `seen H TEXT`, `write H TEXT`, `close H`,
//! `size H`, `stop H`, `wait H`, `list`, `reaper`, `hand-over MS`, `drop`, `exit`. At the end of its input it waits to be killed.

#![forbid(unsafe_code)]

use std::io::{BufRead, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use handfast::config::{Lifetime, Output, Stdin, Stream};
use handfast::output::{Condition, Outcome, Pattern};
use handfast::session::{ScreenSize, WriteOptions};
use handfast::{Keep, ProcessConfig, ProcessHandle, ProcessManager, ProcessStatus, Rung};

type Failed = Box<dyn std::error::Error>;

/// Far more than anything here takes; only a failing test comes to it.
const LONG: Duration = Duration::from_secs(600);

/// Reads this much at once.
const PIECE: usize = 1 << 16;

struct Orders {
    folder: PathBuf,
    rung: Rung,
    reaper: PathBuf,
    stay: Duration,
}

fn orders() -> Result<Orders, Failed> {
    let mut orders = Orders {
        folder: PathBuf::new(),
        rung: Rung::Group,
        reaper: PathBuf::new(),
        stay: Keep::DEFAULT_STAY,
    };
    let mut given = std::env::args_os().skip(1);
    while let Some(option) = given.next() {
        let value = given.next().unwrap_or_default();
        match option.to_str() {
            Some("--folder") => orders.folder = value.into(),
            Some("--rung") => orders.rung = value.to_string_lossy().parse()?,
            Some("--reaper") => orders.reaper = value.into(),
            Some("--stay") => orders.stay = Duration::from_millis(value.to_string_lossy().parse()?),
            _ => return Err(format!("there is no option {}", option.display()).into()),
        }
    }
    if orders.reaper.as_os_str().is_empty() {
        orders.reaper = testkit::reaper();
    }
    Ok(orders)
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    match runtime.block_on(serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Who reads its lines sees that it ended.
            let _ = say(&format!("failed {error}"));
            ExitCode::from(125)
        }
    }
}

async fn serve() -> Result<(), Failed> {
    let orders = orders()?;
    let keep = Keep::at(&orders.folder).stay(orders.stay);
    let builder = ProcessManager::builder().reaper(&orders.reaper);
    let manager = match builder.force(orders.rung).keep(keep).build() {
        Ok(manager) => manager,
        Err(error) => return Ok(say(&format!("refused {}", error.code()))?),
    };
    match manager.adopt().await {
        Ok(found) => say(&format!(
            "up adopted={} ended={} lost={} remembered={}",
            found.adopted.len(),
            found.ended.len(),
            found.lost.len(),
            found.remembered.len()
        ))?,
        Err(error) => {
            let why = match &error {
                handfast::AdoptError::Reaper { source, .. } => source.code(),
                _ => error.code(),
            };
            say(&format!("refused {why}"))?;
        }
    }
    obey(Some(manager)).await
}

async fn obey(mut manager: Option<ProcessManager>) -> Result<(), Failed> {
    let (lines_in, mut lines) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in stdin().lock().lines().map_while(Result::ok) {
            if lines_in.send(line).is_err() {
                return;
            }
        }
        std::thread::park();
    });
    while let Some(line) = lines.recv().await {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match (word, &manager) {
            ("drop", _) => {
                manager = None;
                say("dropped")?;
            }
            ("exit", _) => std::process::exit(3),
            (_, Some(manager)) => {
                let answer = answer(manager, word, rest).await;
                say(&answer.unwrap_or_else(|error| format!("failed {error}")))?;
            }
            (_, None) => say("failed no manager")?,
        }
    }
    Ok(())
}

async fn answer(manager: &ProcessManager, word: &str, rest: &str) -> Result<String, Failed> {
    if word == "start" {
        return start(manager, rest).await;
    }
    if word == "list" {
        let mut handles: Vec<String> = Vec::new();
        for info in manager.list_processes() {
            handles.push(info.handle.to_string());
        }
        return Ok(format!("list {}", handles.join(" ")));
    }
    if word == "reaper" {
        let pids = manager.reaper_pids();
        return Ok(format!(
            "reaper {}",
            pids.first().map_or(0, |(_, pid)| *pid)
        ));
    }
    if word == "hand-over" {
        manager
            .hand_over(Duration::from_millis(rest.parse()?))
            .await?;
        return Ok("handed over".into());
    }
    of_one(manager, word, rest).await
}

async fn of_one(manager: &ProcessManager, word: &str, rest: &str) -> Result<String, Failed> {
    let (handle, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let handle: ProcessHandle = handle.parse()?;
    match word {
        "status" => status(manager, handle),
        "text" => text(manager, handle).await,
        "flood" => flood(manager, handle).await,
        "more" => more(manager, handle, rest.parse()?).await,
        "seen" => seen(manager, handle, rest).await,
        "wait" => {
            let status = manager.wait_tree(handle).await?;
            Ok(shown(&status))
        }
        "write" => {
            let bytes = rest.replace("\\n", "\n");
            let written = manager
                .write(handle, bytes, WriteOptions::default())
                .await?;
            Ok(format!("written {}", written.taken))
        }
        "close" => {
            manager.close_stdin(handle).await?;
            Ok("closed".into())
        }
        "size" => {
            let size = ScreenSize {
                rows: 33,
                columns: 99,
            };
            manager.resize(handle, size)?;
            Ok("resized".into())
        }
        "stop" => {
            let receipt = manager.stop_process(handle).await?;
            let (members, survivors) = (receipt.members_before, receipt.survivors.len());
            Ok(format!("stopped members={members} survivors={survivors}"))
        }
        _ => Err(format!("there is no word {word:?}").into()),
    }
}

async fn start(manager: &ProcessManager, rest: &str) -> Result<String, Failed> {
    let mut words = rest.splitn(3, ' ');
    let word = words.next();
    let deadline = word.and_then(|word| word.strip_prefix("user:"));
    let lifetime = match word {
        Some("turn") => Lifetime::Turn,
        Some("user") => Lifetime::User,
        Some("lease") => Lifetime::Lease(LONG),
        Some(word) if word.starts_with("user:") => Lifetime::User,
        _ => Lifetime::Session,
    };
    let (kind, script) = (words.next(), words.next().unwrap_or_default());
    let config = ProcessConfig::builder("/bin/sh")
        .args(["-c", script])
        .env("PATH", "/usr/bin:/bin")
        .grace(Duration::from_millis(200))
        .lifetime(lifetime);
    let config = match deadline {
        Some(millis) => config.deadline(Duration::from_millis(millis.parse()?)),
        None => config,
    };
    let config = match kind {
        Some("terminal") => config.terminal(ScreenSize {
            rows: 24,
            columns: 80,
        }),
        _ => config
            .stdin(Stdin::Written)
            .stdout(Output::Captured)
            .stderr(Output::Captured),
    };
    let handle = manager.start_process(config.build()).await?;
    Ok(format!("started {handle}"))
}

fn shown(status: &ProcessStatus) -> String {
    match status {
        ProcessStatus::Exited { exit_code, .. } => format!("exited {exit_code}"),
        ProcessStatus::Terminated {
            signal,
            exit_code,
            cause,
            ..
        } => {
            let how = signal.map(|signal| format!("signal={signal}"));
            let how = how.or(exit_code.map(|code| format!("code={code}")));
            format!("terminated {} {}", cause.word(), how.unwrap_or_default())
        }
        ProcessStatus::Failed { code, .. } => format!("failed {code}"),
        other => other.word().into(),
    }
}

fn status(manager: &ProcessManager, handle: ProcessHandle) -> Result<String, Failed> {
    match manager.query_status(handle) {
        Ok(status) => Ok(shown(&status)),
        Err(error) => Ok(format!("unknown {}", error.code())),
    }
}

async fn more(
    manager: &ProcessManager,
    handle: ProcessHandle,
    than: u64,
) -> Result<String, Failed> {
    let output = manager.output(handle)?.ok_or("it has no output")?;
    let totals = output.wait_for_output(than).await;
    Ok(format!("come {}", totals.sum()))
}

/// Every byte that was counted, in its place among those of its stream.
async fn flood(manager: &ProcessManager, handle: ProcessHandle) -> Result<String, Failed> {
    let output = manager.output(handle)?.ok_or("it has no output")?;
    let (end, mut from, mut omitted, mut read) = (output.end().offset(), 0, 0, 0);
    let mut next = [0_u64; 3];
    while from < end {
        let chunk = output.fetch(from, PIECE).await;
        omitted += chunk.omitted_before;
        for segment in &chunk.segments {
            let bytes = chunk.bytes_of(segment);
            let place = &mut next[segment.stream as usize];
            let gap = chunk.omitted_before > 0;
            if segment.offset < *place || (segment.offset > *place && !gap) {
                return Ok(format!("bad place {} after {place}", segment.offset));
            }
            if bytes != testkit::flood(segment.offset, bytes.len()) {
                return Ok(format!(
                    "bad bytes at {} of {}",
                    segment.offset, segment.stream
                ));
            }
            *place = segment.offset + bytes.len() as u64;
        }
        read += chunk.bytes.len() as u64;
        from = chunk.next.offset();
    }
    let [out, err, terminal] = next;
    Ok(format!(
        "good read={read} omitted={omitted} out={out} err={err} terminal={terminal}"
    ))
}

async fn text(manager: &ProcessManager, handle: ProcessHandle) -> Result<String, Failed> {
    let output = manager.output(handle)?.ok_or("it has no output")?;
    let mut shown = String::new();
    for stream in [Stream::Stdout, Stream::Stderr, Stream::Terminal] {
        let chunk = output.fetch_stream(stream, 0, PIECE).await;
        shown += &chunk.bytes.escape_ascii().to_string();
    }
    Ok(format!("text {shown}"))
}

async fn seen(
    manager: &ProcessManager,
    handle: ProcessHandle,
    text: &str,
) -> Result<String, Failed> {
    let pattern: Pattern = text.parse()?;
    let conditions = [Condition::Match { pattern, from: 0 }];
    let waited = manager.wait_for(handle, &conditions, LONG).await?;
    match waited.outcome {
        Outcome::Matched { .. } => Ok("seen".into()),
        other => Ok(format!("not seen: {other:?}")),
    }
}
