//! What trees use, and who listens where.

use super::super::{describe, refuse};
use super::Asked;
use crate::wire::{
    INTERNAL_ERROR, Member, PortListener, PortOf, PortWho, PortWhoAnswer, TreeUsage, UsageAnswer,
    UsageOf, WireError,
};
use handfast::{ProcessHandle, ProcessManager};
use handfast_sys::proc::{self, Listening, Usage};
use std::collections::HashMap;
use std::time::SystemTime;

/// Looks at processes, which takes some milliseconds.
async fn looked<T: Send + 'static>(
    look: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WireError> {
    let looked = tokio::task::spawn_blocking(look).await;
    looked.map_err(|error| {
        let message = format!("look at processes: {error}");
        WireError::new(INTERNAL_ERROR, "usage.system", message)
    })
}

pub(super) async fn usage(asked: Asked<'_>, of: &UsageOf) -> Result<UsageAnswer, WireError> {
    let daemon = asked.daemon;
    let one = of.process_id.as_ref().map(|name| asked.find(name));
    let which: Vec<(ProcessHandle, String)> = match one.transpose()? {
        Some(handle) => {
            daemon
                .manager()
                .query_status(handle)
                .map_err(refuse::lookup)?;
            let name = daemon.book(|book| book.entry(handle).map(|entry| entry.name.clone()));
            name.map(|name| (handle, name)).into_iter().collect()
        }
        None => daemon.book(|book| {
            let seen = book.seen_by(&asked.session.authority);
            seen.map(|(handle, entry)| (handle, entry.name.clone()))
                .collect()
        }),
    };
    let (manager, of) = (daemon.manager().clone(), of.clone());
    looked(move || {
        let listening = if of.ports {
            proc::listening().unwrap_or_default()
        } else {
            Vec::new()
        };
        let is_over = |handle| {
            let status = manager.query_status(handle);
            status.map_or(true, |status| status.is_over())
        };
        let trees = which
            .into_iter()
            .filter(|(handle, _)| of.process_id.is_some() || !is_over(*handle))
            .map(|(handle, name)| tree(&manager, (handle, name), &of, &listening))
            .collect();
        let processors = std::thread::available_parallelism();
        UsageAnswer {
            at_ms: describe::at_ms(SystemTime::now()),
            processors: processors.map_or(1, |number| u32::try_from(number.get()).unwrap_or(1)),
            trees,
        }
    })
    .await
}

fn tree(
    manager: &ProcessManager,
    (handle, process_id): (ProcessHandle, String),
    of: &UsageOf,
    listening: &[Listening],
) -> TreeUsage {
    let pids = manager.members(handle).unwrap_or_default();
    let pids: Vec<i32> = pids.into_iter().map(u32::cast_signed).collect();
    let used = proc::usages(&pids);
    let members = of.members.then(|| used.iter().map(member).collect());
    let ports = of.ports.then(|| {
        let held = proc::holders_of(listening, &pids);
        let one = |socket: &Listening, pid: i32| PortOf {
            port: socket.port,
            address: socket.address.to_string(),
            pid: pid.unsigned_abs(),
        };
        let held = held.into_iter().filter_map(|(number, pid)| {
            let socket = listening.iter().find(|one| one.number == number)?;
            Some(one(socket, pid))
        });
        let mut ports: Vec<PortOf> = held.collect();
        ports.sort_by_key(|one| (one.port, one.pid));
        ports
    });
    TreeUsage {
        process_id,
        handle: handle.to_string(),
        member_count: used.len() as u64,
        cpu_ms: used.iter().map(|one| describe::ms(one.cpu)).sum(),
        resident_bytes: used.iter().map(|one| one.resident).sum(),
        members,
        ports,
    }
}

fn member(used: &Usage) -> Member {
    Member {
        pid: used.pid.unsigned_abs(),
        parent: used.parent.unsigned_abs(),
        state: used.state,
        command: proc::command(used.pid),
        cpu_ms: describe::ms(used.cpu),
        resident_bytes: used.resident,
        threads: used.threads,
    }
}

/// Who is of no process that the session may see is a stranger: of such a one is told what `ps` would tell
/// to anybody of this user.
pub(super) async fn who(asked: Asked<'_>, what: &PortWho) -> Result<PortWhoAnswer, WireError> {
    let daemon = asked.daemon;
    let seen: Vec<(ProcessHandle, String)> = daemon.book(|book| {
        let seen = book.seen_by(&asked.session.authority);
        seen.map(|(handle, entry)| (handle, entry.name.clone()))
            .collect()
    });
    let (manager, port) = (daemon.manager().clone(), what.port);
    looked(move || {
        let listening = proc::listening().unwrap_or_default();
        let sockets: Vec<Listening> = listening
            .into_iter()
            .filter(|one| one.port == port)
            .collect();
        if sockets.is_empty() {
            return PortWhoAnswer::default();
        }
        let held = proc::holders_of(&sockets, &proc::pids().unwrap_or_default());
        let mut ours: HashMap<i32, (ProcessHandle, &String)> = HashMap::new();
        for (handle, name) in &seen {
            let members = manager.members(*handle).unwrap_or_default();
            let members = members.into_iter().map(u32::cast_signed);
            ours.extend(members.map(|pid| (pid, (*handle, name))));
        }
        let mut listeners = Vec::new();
        for socket in &sockets {
            let holders = held.iter().filter(|(number, _)| *number == socket.number);
            let holders: Vec<i32> = holders.map(|(_, pid)| *pid).collect();
            let nobody = holders.is_empty().then_some(None);
            let holders = holders.into_iter().map(Some).chain(nobody);
            listeners.extend(
                holders
                    .map(|pid| listener(socket, pid, pid.and_then(|pid| ours.get(&pid).copied()))),
            );
        }
        PortWhoAnswer { listeners }
    })
    .await
}

fn listener(
    socket: &Listening,
    pid: Option<i32>,
    of: Option<(ProcessHandle, &String)>,
) -> PortListener {
    PortListener {
        address: socket.address.to_string(),
        user: socket.user,
        process_id: of.map(|(_, name)| name.clone()),
        handle: of.map(|(handle, _)| handle.to_string()),
        pid: pid.map(i32::unsigned_abs),
        command: pid.map(proc::command),
    }
}
