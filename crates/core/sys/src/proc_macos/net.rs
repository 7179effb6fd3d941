//! Who listens at which TCP port.
//!
//! There is no table of sockets that names their owners, so the descriptors of processes are looked through:
//! those of other users are not seen.

use super::held::{descriptors, socket};
use crate::process_answers::{Socket, listening as read};
use std::io;
use std::net::IpAddr;

/// How many descriptors of one process are looked at.
const DESCRIPTORS: usize = 65_536;

/// A socket that takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// At which address; the unspecified one is all.
    pub address: IpAddr,
    /// At which port.
    pub port: u16,
    /// Whose process has it open.
    pub user: u32,
    /// What names it for the kernel, whoever has it open.
    pub inode: u64,
}

/// All that listen and are ours to see.
///
/// # Errors
///
/// Where the list of processes cannot be had.
pub fn listening() -> io::Result<Vec<Listening>> {
    let mut found: Vec<Listening> = Vec::new();
    for pid in super::pids()? {
        let sockets = of_process(pid);
        if sockets.is_empty() {
            continue;
        }
        let Some(user) = super::user_of(pid) else {
            continue;
        };
        let new = sockets.into_iter().map(|socket| Listening {
            address: socket.address,
            port: socket.port,
            user,
            inode: socket.handle,
        });
        found.extend(new);
    }
    // One that several have open is one.
    found.sort_by_key(|socket| socket.inode);
    found.dedup_by_key(|socket| socket.inode);
    Ok(found)
}

/// The sockets that listen of one process; none where they are not ours to see.
fn of_process(pid: i32) -> Vec<Socket> {
    let all = descriptors(pid).unwrap_or_default().into_iter();
    let is_socket = |kind: u32| i32::try_from(kind) == Ok(libc::PROX_FDTYPE_SOCKET);
    all.take(DESCRIPTORS)
        .filter(|one| is_socket(one.proc_fdtype))
        .filter_map(|one| read(&socket(pid, one.proc_fd)?))
        .collect()
}

/// Which of some processes have which of some sockets open, as inode and pid, at most 65,536 descriptors
/// of each process. Those that do not let us see what they have open are passed over.
#[must_use]
pub fn holders_of(sockets: &[Listening], pids: &[i32]) -> Vec<(u64, i32)> {
    if sockets.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for pid in pids {
        let of_it = of_process(*pid).into_iter().map(|socket| socket.handle);
        let wanted = of_it.filter(|handle| sockets.iter().any(|one| one.inode == *handle));
        found.extend(wanted.map(|handle| (handle, *pid)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_is_found_with_who_holds_it() {
        let own = std::process::id().cast_signed();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let socket = TcpListener::bind(address).unwrap();
            let at = socket.local_addr().unwrap();
            let mine = |all: Vec<Listening>| {
                let mut all = all.into_iter();
                all.find(|one| one.port == at.port() && one.address == at.ip())
            };
            let found = mine(listening().unwrap()).unwrap();
            assert_eq!(holders_of(&[found], &[own]), [(found.inode, own)]);
            drop(socket);
            assert_eq!(mine(listening().unwrap()), None);
        }
    }
}
