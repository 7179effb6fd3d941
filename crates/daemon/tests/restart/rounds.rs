//! Fifty processes of all lifetimes at work, a daemon that is killed at any moment, and what the next one says
//! of each.

use super::at_work::{AtWork, Told};
use super::stage::{Stage, hello, info, is_over, read, said, sh, wait_for, write};
use handfast_daemon::connect::Client;
use handfast_daemon::wire::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};

const PROCESSES: usize = 50;

/// After how many answers to those at work the daemon is killed, at the most.
const ANSWERS: u64 = 300;

/// What ends a program that writes to nobody.
const SIGPIPE: i32 = 13;

/// What a writer writes: so many lines of 16 bytes.
const LINES: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Declared to survive, writing all the time.
    UserWriter,
    /// Declared to survive, written to all the time.
    UserReader,
    /// The same on a terminal.
    UserTerminal,
    /// Declared to survive, and ends while no daemon is there.
    EndsMeanwhile,
    Session,
    Turn,
    Lease,
    /// Had ended before.
    Ended,
}

const KINDS: [Kind; 8] = [
    Kind::UserWriter,
    Kind::UserReader,
    Kind::UserTerminal,
    Kind::EndsMeanwhile,
    Kind::Session,
    Kind::Turn,
    Kind::Lease,
    Kind::Ended,
];

impl Kind {
    fn is_written_to(self) -> bool {
        matches!(self, Kind::UserReader | Kind::UserTerminal | Kind::Turn)
    }

    fn is_told_to_write(self) -> bool {
        matches!(self, Kind::UserWriter | Kind::Session | Kind::Lease)
    }

    fn lifetime(self) -> LifetimeName {
        match self {
            Kind::UserWriter | Kind::UserReader | Kind::UserTerminal | Kind::EndsMeanwhile => {
                LifetimeName::User
            }
            Kind::Session | Kind::Ended => LifetimeName::Session,
            Kind::Turn => LifetimeName::Turn,
            Kind::Lease => LifetimeName::Lease { ms: 600_000 },
        }
    }

    fn start(self, stage: &Stage, number: usize) -> Start {
        let read = "while read l; do echo got:$l; done; exec sleep 1000";
        let write = format!(
            "read go; i=0; while [ $i -lt {LINES} ]; do printf '%015d\\n' $((i*16)); i=$((i+1)); done; exec sleep 1000"
        );
        let script = match self {
            Kind::UserWriter | Kind::Session | Kind::Lease => write,
            Kind::UserReader | Kind::Turn => read.to_owned(),
            Kind::UserTerminal => format!("stty -echo; {read}"),
            Kind::EndsMeanwhile => {
                let gate = stage.gate(number);
                let gate = gate.display();
                format!("mkfifo {gate}; echo said; read l < {gate}; exit 7")
            }
            Kind::Ended => "echo said; exit 3".to_owned(),
        };
        let mut start = sh(&format!("{number}-{self:?}"), self.lifetime(), &script);
        start.tty = self == Kind::UserTerminal;
        start.pipe_stdin = !start.tty;
        start
    }
}

/// What was promised of a process.
struct Promised {
    number: usize,
    kind: Kind,
    name: String,
    handle: String,
}

/// Promised and found: processes, bytes, lines.
type Row = [(u64, u64); 3];

#[derive(Default)]
struct Table {
    rows: BTreeMap<Kind, Row>,
    access: (u64, u64),
    wrong: Vec<String>,
}

impl Table {
    fn text(&self, rounds: usize) -> String {
        let mut text = format!("{rounds} rounds of {PROCESSES}, promised / found\n");
        let _ = writeln!(
            text,
            "{:14}{:>13}{:>25}{:>17}",
            "", "processes", "bytes told", "lines taken"
        );
        for (kind, [processes, bytes, lines]) in &self.rows {
            let pair = |(one, other): &(u64, u64)| format!("{one} / {other}");
            let (processes, bytes, lines) = (pair(processes), pair(bytes), pair(lines));
            let kind = format!("{kind:?}");
            let _ = writeln!(text, "{kind:14}{processes:>13}{bytes:>25}{lines:>17}");
        }
        let (promised, found) = self.access;
        text + &format!("tokens and sessions: {promised} / {found}")
    }
}

impl Table {
    /// Whether a session can be resumed, and a token is good.
    async fn access(&mut self, stage: &Stage, session: Secret, token: Secret) {
        let again = [
            Initialize {
                resume_session_id: Some(session),
                ..hello()
            },
            Initialize {
                token: Some(token),
                ..hello()
            },
        ];
        for hello in again {
            let found = stage.client(&hello).await.is_ok();
            self.access = (self.access.0 + 1, self.access.1 + u64::from(found));
        }
    }
}

#[tokio::test]
async fn rounds_of_kills_lose_no_process_no_byte_and_no_end() {
    let rounds = std::env::var("HANDFAST_ROUNDS").ok();
    let rounds: usize = rounds.map_or(3, |rounds| rounds.parse().unwrap());
    let mut table = Table::default();
    for round in 0..rounds {
        play(round, &mut table).await;
    }
    println!("{}", table.text(rounds));
    assert!(table.wrong.is_empty(), "{:#?}", table.wrong);
    let row = |(promised, found): &(u64, u64)| promised == found;
    assert!(table.rows.values().all(|rows| rows.iter().all(row)));
    assert!(row(&table.access));
}

async fn play(round: usize, table: &mut Table) {
    let mut stage = Stage::new();
    let user = stage.user().await;
    let resumable = Initialize {
        resume_ms: Some(60_000),
        ..hello()
    };
    let session = stage
        .client(&resumable)
        .await
        .unwrap()
        .welcome()
        .session_id
        .clone();
    let token = user.call(&CreateToken::default()).await.unwrap().token;
    let promised = begin(&stage, &user, round).await;
    let told = kill_at_any_moment(&mut stage, &promised).await;
    for one in promised
        .iter()
        .filter(|one| one.kind == Kind::EndsMeanwhile)
    {
        stage.open_gate(one.number);
    }
    stage.begin();
    let user = stage.user().await;
    for one in &promised {
        // Nobody may have come to read it.
        let nothing = Told::default();
        let told = told.get(&one.name).unwrap_or(&nothing);
        let (row, wrong) = check(&user, one, told).await;
        let rows = table.rows.entry(one.kind).or_default();
        for (all, (promised, found)) in rows.iter_mut().zip(row) {
            *all = (all.0 + promised, all.1 + found);
        }
        let wrong = wrong
            .into_iter()
            .map(|what| format!("round {round}: {}: {what}", one.name));
        table.wrong.extend(wrong);
    }
    table.access(&stage, session, token).await;
    stage.end().await;
}

/// Starts all.
async fn begin(stage: &Stage, user: &Client, round: usize) -> Vec<Promised> {
    let mut promised = Vec::new();
    for number in 0..PROCESSES {
        let kind = KINDS[(number + round) % KINDS.len()];
        let started = user.call(&kind.start(stage, number)).await.unwrap();
        let (name, handle) = (started.process_id, started.handle);
        if matches!(kind, Kind::Ended | Kind::EndsMeanwhile | Kind::UserTerminal) {
            let condition = match kind {
                Kind::Ended => Condition::Exit {},
                // It has set its terminal once it answers.
                Kind::UserTerminal => {
                    write(user, &name, "first\n").await;
                    said("got:first")
                }
                _ => said("said"),
            };
            wait_for(user, &name, condition).await;
        }
        promised.push(Promised {
            number,
            kind,
            name,
            handle,
        });
    }
    promised
}

/// Lets some read and others write, until so many were answered; answers what they know by then.
async fn kill_at_any_moment(stage: &mut Stage, promised: &[Promised]) -> BTreeMap<String, Told> {
    let mut at_work = AtWork::default();
    let names = || promised.iter().map(|one| one.name.clone());
    let written_to = promised.iter().filter(|one| one.kind.is_written_to());
    let written_to: Vec<String> = written_to.map(|one| one.name.clone()).collect();
    for _ in 0..2 {
        at_work.read(stage.user().await, names().collect());
    }
    at_work.write(stage.user().await, written_to);
    let writers = promised.iter().filter(|one| one.kind.is_told_to_write());
    let writers = writers.map(|one| one.name.clone()).collect();
    at_work.begin(stage.user().await, writers);
    let any = RandomState::new().hash_one(0) % ANSWERS;
    at_work.answered(any).await;
    stage.kill();
    at_work.over().await
}

/// What is said of it now, against what was said before.
async fn check(user: &Client, one: &Promised, told: &Told) -> (Row, Vec<String>) {
    let mut wrong = Vec::new();
    let now = info(user, &one.name).await;
    let status = now.status;
    let (state, cause) = (status.state.as_str(), status.cause.as_deref());
    let is_as_promised = match one.kind {
        Kind::UserWriter | Kind::UserReader | Kind::UserTerminal => state == "running",
        Kind::Session | Kind::Turn | Kind::Lease => {
            // One that was writing may have been faster: nobody reads what it writes.
            let is_pipe = status.signal == Some(SIGPIPE);
            state == "terminated" && (cause == Some("host-lost") || is_pipe)
        }
        Kind::EndsMeanwhile => is_over(user, &one.name).await.exit_code == Some(7),
        Kind::Ended => state == "exited" && status.exit_code == Some(3),
    };
    if !is_as_promised || now.handle != one.handle {
        wrong.push(format!("is {state} {cause:?} {}", now.handle));
    }
    if one.kind == Kind::UserWriter {
        // It may not have been told to begin; else nobody reads this.
        write(user, &one.name, "go\n").await;
        let last = format!("{:015}", (LINES - 1) * 16);
        wait_for(user, &one.name, said(&last)).await;
    }
    if matches!(one.kind, Kind::UserReader | Kind::UserTerminal) {
        write(user, &one.name, "end\n").await;
        wait_for(user, &one.name, said("got:end")).await;
    }
    let (found, lines) = output(user, one, told, &mut wrong).await;
    let row = [
        (1, u64::from(wrong.is_empty())),
        (told.bytes(), found),
        (told.lines, lines.min(told.lines)),
    ];
    (row, wrong)
}

/// How many of the bytes that were told are found under their numbers, and how many lines came out again.
async fn output(user: &Client, one: &Promised, told: &Told, wrong: &mut Vec<String>) -> (u64, u64) {
    let after = read(user, &one.name, 0).await;
    let found = told.chunks.iter().zip(&after.chunks);
    let found = found.filter(|(was, is)| was == is);
    let found: u64 = found.map(|(was, _)| was.chunk.0.len() as u64).sum();
    let mut expect = |is: bool, what: &str| {
        if !is {
            wrong.push(what.to_owned());
        }
    };
    expect(after.omitted_bytes == 0, "misses bytes");
    expect(found == told.bytes(), "says other than before");
    // The exit and the close have numbers too.
    let mut seqs: Vec<u64> = after.chunks.iter().map(|chunk| chunk.seq).collect();
    let all = seqs.len() as u64 + u64::from(after.exited) + u64::from(after.closed);
    expect(after.next_seq == all + 1, "has a gap in its numbers");
    let is_new = seqs.len();
    seqs.dedup();
    expect(
        seqs.len() == is_new && seqs.is_sorted(),
        "has a number twice",
    );
    let chunks = after.chunks.iter();
    let bytes: Vec<u8> = chunks.flat_map(|chunk| chunk.chunk.0.clone()).collect();
    let (is_right, lines) = is_right(one.kind, &bytes, told);
    expect(is_right, "has other bytes, or lines twice or not at all");
    (found, lines)
}

/// Whether a process has said what it was to say, and how many of the lines that were taken for it.
fn is_right(kind: Kind, bytes: &[u8], told: &Told) -> (bool, u64) {
    match kind {
        Kind::UserWriter | Kind::Session | Kind::Lease => {
            let is_whole = kind != Kind::UserWriter || bytes.len() == LINES * 16;
            (is_whole && bytes == testkit::flood(0, bytes.len()), 0)
        }
        Kind::Ended | Kind::EndsMeanwhile => (bytes == b"said\n", 0),
        Kind::UserReader | Kind::UserTerminal | Kind::Turn => {
            let text = String::from_utf8_lossy(bytes);
            let said = text.lines().filter_map(|line| line.strip_prefix("got:"));
            let counted = said.filter(|line| !["first", "end"].contains(line));
            let counted: Vec<&str> = counted.collect();
            let in_order = (0..counted.len()).map(|number| number.to_string());
            let in_order = in_order.eq(counted.iter().copied());
            // Of one that has ended nobody knows what it would have said.
            let lines = match kind {
                Kind::Turn => told.lines,
                _ => counted.len() as u64,
            };
            (in_order && lines >= told.lines, lines)
        }
    }
}
