//! A process, as `ps` and `info` print it.

use crate::show::text;
use handfast_daemon::wire::{self, Info, PortOf, Status, TreeUsage};
use schemars::JsonSchema;
use serde::Serialize;

/// A process.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Process {
    /// By which it is asked for.
    pub(crate) id: String,
    /// Its name among all processes of all daemons.
    pub(crate) handle: String,
    /// What `--name` said.
    pub(crate) name: Option<String>,
    /// What it is for.
    pub(crate) purpose: Option<String>,
    /// To whom it belongs.
    pub(crate) owner: String,
    /// The program as it was given.
    pub(crate) program: String,
    /// Its arguments; bytes that are no UTF-8 are replaced by U+FFFD.
    pub(crate) args: Vec<String>,
    /// Where it started.
    pub(crate) directory: Option<String>,
    /// The names of its variables.
    pub(crate) variables: Vec<String>,
    /// Whether it has a terminal.
    pub(crate) tty: bool,
    /// `user`, `lease:30m`, `session` or `turn`.
    pub(crate) lifetime: String,
    /// Whether it ends with a session.
    pub(crate) bound: bool,
    /// `starting`, `running`, `running-detached`, `exited`, `terminated` or `failed`.
    pub(crate) status: String,
    /// The pid of its program, for people.
    pub(crate) pid: Option<u32>,
    /// The exit code of its program.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended its program.
    pub(crate) signal: Option<i32>,
    /// Why it ended.
    pub(crate) cause: Option<String>,
    /// Why it was not started.
    pub(crate) error: Option<Told>,
    /// When its start was asked for.
    pub(crate) started: Option<String>,
    /// When its program ended.
    pub(crate) ended: Option<String>,
    /// How long its program ran, or has run.
    pub(crate) duration_ms: u64,
    /// What holds its tree.
    pub(crate) rung: String,
    /// How surely.
    pub(crate) grade: String,
    /// The state of a program that is stopped or stuck, as `ps` writes it.
    pub(crate) unresponsive: Option<String>,
    /// What did not work when it was started, and was gone without.
    pub(crate) warnings: Vec<String>,
    /// Its output, where that is kept.
    pub(crate) output: Option<Output>,
    /// Whether it is ready: `waiting`, `ready` or `failed`; null where nobody said by what that is seen.
    pub(crate) ready: Option<String>,
    /// Why it can be no more: `ended`, `exit-code`, `no-output`, `timed-out`; others may come.
    pub(crate) not_ready: Option<String>,
    /// Its members, where they were asked for.
    pub(crate) members: Option<Vec<Member>>,
    /// At which ports they listen, where that was asked for.
    pub(crate) ports: Option<Vec<Port>>,
    /// The time of processors that its members have taken so far, where that was asked for.
    pub(crate) cpu_ms: Option<u64>,
    /// Bytes of its members that are in memory; what two share counts twice.
    pub(crate) resident_bytes: Option<u64>,
}

/// A member of a tree.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Member {
    /// Its pid, for people.
    pub(crate) pid: u32,
    /// The pid of its parent.
    pub(crate) parent: u32,
    /// Its state, as `ps` writes it.
    pub(crate) state: String,
    /// How it was started, as it wants to be seen.
    pub(crate) command: String,
    /// The time of processors that it has taken so far.
    pub(crate) cpu_ms: u64,
    /// Bytes of it that are in memory.
    pub(crate) resident_bytes: u64,
    /// How many threads it has.
    pub(crate) threads: u32,
}

/// A port at which somebody listens.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Port {
    /// Which.
    pub(crate) port: u16,
    /// At which address.
    pub(crate) address: String,
    /// The pid of who listens.
    pub(crate) pid: u32,
}

/// How the output of a process stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Whether more can come.
    pub(crate) open: bool,
    /// How many bytes came.
    pub(crate) bytes: u64,
    /// How many of them are not kept.
    pub(crate) omitted_bytes: u64,
    /// When the last byte came.
    pub(crate) last: Option<String>,
    /// Who keeps it open, where that was asked for.
    pub(crate) holders: Option<Vec<Holder>>,
}

/// Who keeps an output open.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Holder {
    /// Its pid.
    pub(crate) pid: u32,
    /// How it was started.
    pub(crate) command: String,
    /// Whether it belongs to the tree.
    pub(crate) member: bool,
}

/// Something that went wrong.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Told {
    /// Its name, which never changes.
    pub(crate) code: String,
    /// The same for people.
    pub(crate) message: String,
}

/// How a process stands, for every line that says it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Ended {
    /// `starting`, `running`, `running-detached`, `exited`, `terminated` or `failed`.
    pub(crate) status: String,
    /// The exit code of its program.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended its program.
    pub(crate) signal: Option<i32>,
    /// Why it ended.
    pub(crate) cause: Option<String>,
}

impl From<&Status> for Ended {
    fn from(status: &Status) -> Ended {
        Ended {
            status: status.state.clone(),
            exit_code: status.exit_code,
            signal: status.signal,
            cause: status.cause.clone(),
        }
    }
}

impl From<&Info> for Process {
    fn from(info: &Info) -> Process {
        let status = &info.status;
        let mut words = info.argv.iter().map(text::word);
        let until = status.exited_at_ms.unwrap_or_else(text::now_ms);
        Process {
            id: info.process_id.clone(),
            handle: info.handle.clone(),
            name: info.name.clone(),
            purpose: info.purpose.clone(),
            owner: info.owner.clone(),
            program: words.next().unwrap_or_default(),
            args: words.collect(),
            directory: info.cwd.as_ref().map(text::word),
            variables: info.env_keys.iter().map(text::word).collect(),
            tty: info.tty,
            lifetime: text::lifetime(info.lifetime),
            bound: info.bound,
            status: status.state.clone(),
            pid: status.pid,
            exit_code: status.exit_code,
            signal: status.signal,
            cause: status.cause.clone(),
            error: told(status),
            started: text::moment(info.started_at_ms),
            ended: status.exited_at_ms.and_then(text::moment),
            duration_ms: until.saturating_sub(info.started_at_ms),
            rung: info.rung.clone(),
            grade: info.grade.clone(),
            unresponsive: info.unresponsive.map(String::from),
            warnings: info.warnings.clone(),
            output: output(info),
            ready: info.ready.as_ref().map(|ready| ready.state.clone()),
            not_ready: info.ready.as_ref().and_then(|ready| ready.why.clone()),
            members: None,
            ports: None,
            cpu_ms: None,
            resident_bytes: None,
        }
    }
}

impl Process {
    /// With what its tree uses.
    pub(crate) fn using(self, tree: &TreeUsage) -> Process {
        let member = |member: &wire::Member| Member {
            pid: member.pid,
            parent: member.parent,
            state: member.state.to_string(),
            command: member.command.clone(),
            cpu_ms: member.cpu_ms,
            resident_bytes: member.resident_bytes,
            threads: member.threads,
        };
        let port = |port: &PortOf| Port {
            port: port.port,
            address: port.address.clone(),
            pid: port.pid,
        };
        let (members, ports) = (tree.members.as_ref(), tree.ports.as_ref());
        Process {
            members: members.map(|members| members.iter().map(member).collect()),
            ports: ports.map(|ports| ports.iter().map(port).collect()),
            cpu_ms: Some(tree.cpu_ms),
            resident_bytes: Some(tree.resident_bytes),
            ..self
        }
    }
}

fn told(status: &Status) -> Option<Told> {
    let code = status.error_code.clone()?;
    let message = status.error.clone().unwrap_or_default();
    Some(Told { code, message })
}

fn output(info: &Info) -> Option<Output> {
    let output = info.output.as_ref()?;
    let holders = output.holders.as_ref().map(|holders| {
        let each = holders.iter().map(|holder| Holder {
            pid: holder.pid,
            command: holder.command.clone(),
            member: holder.member,
        });
        each.collect()
    });
    Some(Output {
        open: output.open,
        bytes: output.bytes,
        omitted_bytes: output.omitted_bytes,
        last: output.last_at_ms.and_then(text::moment),
        holders,
    })
}
