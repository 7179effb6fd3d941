//! Who listens at which TCP port of this network namespace (`proc_pid_net(5)`).

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The state of a socket that listens, as the kernel writes it.
const LISTENS: &str = "0A";

/// How many descriptors of one process are looked at.
const DESCRIPTORS: usize = 65_536;

/// A socket that takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// At which address; the unspecified one is all.
    pub address: IpAddr,
    /// At which port.
    pub port: u16,
    /// Whose it is, by number.
    pub user: Option<u32>,
    /// What names it: its inode, as in `/proc/PID/fd`.
    pub number: u64,
}

/// All that listen in our network namespace.
///
/// # Errors
///
/// Where `/proc` cannot be read. That there is no IPv6 is none.
pub fn listening() -> io::Result<Vec<Listening>> {
    let mut found = Vec::new();
    read("/proc/self/net/tcp", &mut found)?;
    match read("/proc/self/net/tcp6", &mut found) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other?,
    }
    Ok(found)
}

fn read(path: &str, found: &mut Vec<Listening>) -> io::Result<()> {
    let lines = BufReader::new(File::open(path)?).lines().skip(1);
    for line in lines {
        found.extend(parse(&line?));
    }
    Ok(())
}

/// `sl local_address rem_address st … uid timeout inode …`
fn parse(line: &str) -> Option<Listening> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (address, port) = fields.next()?.split_once(':')?;
    if fields.nth(1)? != LISTENS {
        return None;
    }
    Some(Listening {
        address: ip(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        user: Some(fields.nth(3)?.parse().ok()?),
        number: fields.nth(1)?.parse().ok()?,
    })
}

/// Words of 32 bits in the order of this machine, each as eight hexadecimal digits.
fn ip(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = text.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    match text.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes
                    .get_mut(at * 4..at * 4 + 4)?
                    .copy_from_slice(&word(at)?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

/// Which of some processes have which of some sockets open, as inode and pid, at most 65,536 descriptors
/// of each process. Those that do not let us see what they have open are passed over.
#[must_use]
pub fn holders_of(sockets: &[Listening], pids: &[i32]) -> Vec<(u64, i32)> {
    let wanted: HashMap<String, u64> = sockets
        .iter()
        .map(|socket| (format!("socket:[{}]", socket.number), socket.number))
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for pid in pids {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            continue;
        };
        for entry in entries.take(DESCRIPTORS).flatten() {
            let Ok(link) = fs::read_link(entry.path()) else {
                continue;
            };
            let inode = link.to_str().and_then(|link| wanted.get(link));
            found.extend(inode.map(|inode| (*inode, *pid)));
        }
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
        let own = i32::try_from(std::process::id()).unwrap();
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
    fn a_socket_that_does_not_listen_is_none() {
        let line =
            "  0: 0100007F:1F90 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000 0 0 42 1";
        assert_eq!(parse(line), None);
        assert_eq!(parse("odd"), None);
        let line = line.replace(" 01 ", " 0A ");
        let found = parse(&line).unwrap();
        assert_eq!((found.port, found.number), (8080, 42));
        assert_eq!(found.address, IpAddr::from([127, 0, 0, 1]));
    }
}
