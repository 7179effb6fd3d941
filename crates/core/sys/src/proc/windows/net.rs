//! Who listens at which TCP port of this machine (`GetExtendedTcpTable`).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, ERROR_SUCCESS, FALSE};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCP6ROW_OWNER_PID, MIB_TCPROW_OWNER_PID, TCP_TABLE_OWNER_PID_LISTENER,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};

/// How often a table may grow between two looks at it.
const ATTEMPTS: usize = 8;

/// A socket that takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// At which address; the unspecified one is all.
    pub address: IpAddr,
    /// At which port.
    pub port: u16,
    /// Whose it is, by number: users have none here.
    pub user: Option<u32>,
    /// What names it among those that were told of at once.
    pub number: u64,
    /// Who made it.
    pid: i32,
}

/// All that listen on this machine.
///
/// # Errors
///
/// What `GetExtendedTcpTable` says. That there is no IPv6 is none.
pub fn listening() -> io::Result<Vec<Listening>> {
    let mut found = Vec::new();
    for row in rows::<MIB_TCPROW_OWNER_PID>(AF_INET)? {
        // As they lie in memory, they are in the order of the network.
        let address = Ipv4Addr::from(row.dwLocalAddr.to_ne_bytes());
        found.push((address.into(), row.dwLocalPort, row.dwOwningPid));
    }
    for row in rows::<MIB_TCP6ROW_OWNER_PID>(AF_INET6).unwrap_or_default() {
        let address = Ipv6Addr::from(row.ucLocalAddr);
        found.push((address.into(), row.dwLocalPort, row.dwOwningPid));
    }
    let found = found.into_iter().zip(0..);
    let found = found.map(|((address, port, pid), number)| Listening {
        address,
        port: port_of(port),
        user: None,
        number,
        pid: pid.cast_signed(),
    });
    Ok(found.collect())
}

/// The first two bytes are the port, in the order of the network; the others may be anything.
fn port_of(word: u32) -> u16 {
    let [high, low, ..] = word.to_ne_bytes();
    u16::from_be_bytes([high, low])
}

/// Plain numbers in the layout of the system, which any bytes are.
///
/// # Safety
///
/// Every pattern of bytes is a value, and it is aligned as a `u32` at the most.
unsafe trait Plain: Copy {}

// SAFETY: six numbers of 32 bits.
unsafe impl Plain for MIB_TCPROW_OWNER_PID {}
// SAFETY: numbers of 32 bits, and bytes.
unsafe impl Plain for MIB_TCP6ROW_OWNER_PID {}

/// The rows of one table, which begins with their number.
fn rows<T: Plain>(family: u16) -> io::Result<Vec<T>> {
    let mut table: Vec<u32> = Vec::new();
    for _ in 0..ATTEMPTS {
        let mut bytes = u32::try_from(size_of_val(&table[..])).map_err(io::Error::other)?;
        // SAFETY: the system writes at most as many bytes as it is told, and says how many it would need.
        let code = unsafe {
            GetExtendedTcpTable(
                table.as_mut_ptr().cast(),
                &raw mut bytes,
                FALSE,
                u32::from(family),
                TCP_TABLE_OWNER_PID_LISTENER,
                0,
            )
        };
        match code {
            ERROR_SUCCESS => return Ok(taken(&table)),
            ERROR_INSUFFICIENT_BUFFER => table.resize(bytes.div_ceil(4) as usize, 0),
            code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
    Err(io::Error::other("the table of sockets grows and grows"))
}

fn taken<T: Plain>(table: &[u32]) -> Vec<T> {
    let Some((count, rest)) = table.split_first() else {
        return Vec::new();
    };
    let words = size_of::<T>() / size_of::<u32>();
    let rows = rest.chunks_exact(words).take(*count as usize);
    rows.map(|row| {
        // SAFETY: there are as many words as the row has, and any bytes are one.
        unsafe { row.as_ptr().cast::<T>().read_unaligned() }
    })
    .collect()
}

/// Which of some processes have which of some sockets, as number and pid: the system tells of each socket who made
/// it, and not who else has it by now.
#[must_use]
pub fn holders_of(sockets: &[Listening], pids: &[i32]) -> Vec<(u64, i32)> {
    let held = sockets.iter().filter(|socket| pids.contains(&socket.pid));
    let mut found: Vec<(u64, i32)> = held.map(|socket| (socket.number, socket.pid)).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_that_is_listened_at_is_found() {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = socket.local_addr().unwrap();
        let is_there = || {
            let all = listening().unwrap();
            all.iter()
                .any(|one| one.port == at.port() && one.address == at.ip())
        };
        assert!(is_there());
        drop(socket);
        assert!(!is_there());
    }

    #[test]
    fn a_port_is_found_with_who_holds_it() {
        if crate::wine::cannot("a_port_is_found_with_who_holds_it") {
            return;
        }
        let own = std::process::id().cast_signed();
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A machine may have no IPv6.
            let Ok(socket) = TcpListener::bind(address) else {
                continue;
            };
            let at = socket.local_addr().unwrap();
            let mine = |all: Vec<Listening>| {
                let mut all = all.into_iter();
                all.find(|one| one.port == at.port() && one.address == at.ip())
            };
            let found = mine(listening().unwrap()).unwrap();
            assert_eq!(holders_of(&[found], &[own]), [(found.number, own)]);
            assert_eq!(holders_of(&[], &[own]), []);
            drop(socket);
            assert_eq!(mine(listening().unwrap()), None);
        }
    }

    #[test]
    fn a_port_is_read_in_the_order_of_the_network() {
        assert_eq!(port_of(u32::from_ne_bytes([0x1f, 0x90, 7, 7])), 8080);
    }
}
