//! What macOS answers of a descriptor and of a process, out of the bytes of the answer. Pure.
//!
//! The structures are those of `sys/proc_info.h`, which the crate `libc` has not: `pipe_fdinfo`,
//! `vnode_fdinfo` and `socket_fdinfo`, each of which begins with a `proc_fileinfo`. Only the fields that are
//! used are read, by their offsets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// `sizeof(struct proc_fileinfo)`: flags, status, offset, type, guard.
const FILE: usize = 24;
/// `sizeof(struct vinfo_stat)`.
const STAT: usize = 136;
/// `sizeof(struct pipe_fdinfo)`.
pub(crate) const PIPE: usize = FILE + STAT + 24;
/// `sizeof(struct vnode_fdinfo)`.
pub(crate) const VNODE: usize = FILE + STAT + 16;
/// `sizeof(struct socket_fdinfo)`.
pub(crate) const SOCKET: usize = 792;

/// `FWRITE` of `sys/fcntl.h`.
const FOR_WRITING: u32 = 2;
/// `vst_rdev`, in a `vinfo_stat`.
const DEVICE: usize = FILE + 116;
/// `soi_so`, behind the `vinfo_stat` of a `socket_info`.
const HANDLE: usize = FILE + STAT;
/// `soi_kind`.
const KIND: usize = FILE + 232;
/// `soi_proto`, which for TCP begins with an `in_sockinfo`.
const TCP: usize = FILE + 240;
/// `SOCKINFO_TCP`.
const IS_TCP: u32 = 2;
/// `INI_IPV4`, in `insi_vflag`.
const IS_IPV4: u8 = 1;
/// `TSI_S_LISTEN`.
const LISTENS: u32 = 1;

fn bytes<const N: usize>(answer: &[u8], at: usize) -> Option<[u8; N]> {
    answer.get(at..)?.first_chunk().copied()
}

fn small(answer: &[u8], at: usize) -> Option<u32> {
    bytes(answer, at).map(u32::from_ne_bytes)
}

fn large(answer: &[u8], at: usize) -> Option<u64> {
    bytes(answer, at).map(u64::from_ne_bytes)
}

/// Whether a descriptor is open for writing, by any of the answers.
pub(crate) fn is_for_writing(answer: &[u8]) -> bool {
    small(answer, 0).is_some_and(|flags| flags & FOR_WRITING != 0)
}

/// What both ends of a pipe have in common: the smaller of their two handles, of which one is 0 when its end is
/// closed.
pub(crate) fn pipe(answer: &[u8]) -> Option<u64> {
    let own = large(answer, FILE + STAT)?;
    let peer = large(answer, FILE + STAT + 8)?;
    Some(if peer == 0 { own } else { own.min(peer) })
}

/// Which device a file is.
pub(crate) fn device(answer: &[u8]) -> Option<u32> {
    small(answer, DEVICE)
}

/// A socket that takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Socket {
    /// What names it, whoever has it open.
    pub(crate) handle: u64,
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
}

/// The TCP socket that waits for connections, where it is one.
pub(crate) fn listening(answer: &[u8]) -> Option<Socket> {
    if small(answer, KIND)? != IS_TCP || small(answer, TCP + 80)? != LISTENS {
        return None;
    }
    // In the order of the network, in the first half of an `int`.
    let port = u16::from_be_bytes(bytes(answer, TCP + 4)?);
    let [flags] = bytes::<1>(answer, TCP + 24)?;
    let local: [u8; 16] = bytes(answer, TCP + 48)?;
    let address = if flags & IS_IPV4 != 0 {
        // `in4in6_addr`: three words of nothing, then the address.
        Ipv4Addr::from(bytes::<4>(&local, 12)?).into()
    } else {
        Ipv6Addr::from(local).into()
    };
    Some(Socket {
        handle: large(answer, HANDLE)?,
        address,
        port,
    })
}

/// The time of units of the machine's clock, each of which is `numerator / denominator` nanoseconds.
pub(crate) fn time(units: u64, (numerator, denominator): (u32, u32)) -> Duration {
    let nanoseconds = u128::from(units) * u128::from(numerator) / u128::from(denominator.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// `SIDL`, `SRUN`, `SSLEEP`, `SSTOP` and `SZOMB` of `sys/proc.h`, by the letters that `ps(1)` has for them.
pub(crate) fn state(status: u32) -> u8 {
    match status {
        1 => b'I',
        2 => b'R',
        3 => b'S',
        4 => b'T',
        5 => b'Z',
        _ => b'?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(answer: &mut [u8], at: usize, bytes: &[u8]) {
        answer[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn socket() -> Vec<u8> {
        let mut answer = vec![0; SOCKET];
        put(&mut answer, 160, &77_u64.to_ne_bytes());
        put(&mut answer, 256, &2_u32.to_ne_bytes());
        put(&mut answer, 264 + 4, &8080_u16.to_be_bytes());
        put(&mut answer, 264 + 24, &[1]);
        put(&mut answer, 264 + 60, &[127, 0, 0, 1]);
        put(&mut answer, 264 + 80, &1_u32.to_ne_bytes());
        answer
    }

    #[test]
    fn a_socket_that_listens_is_told_from_others() {
        let mut answer = socket();
        let found = listening(&answer).unwrap();
        assert_eq!((found.handle, found.port), (77, 8080));
        assert_eq!(found.address, IpAddr::from([127, 0, 0, 1]));
        answer[264 + 24] = 2;
        put(&mut answer, 264 + 48, &[0; 16]);
        assert!(listening(&answer).unwrap().address.is_unspecified());
        put(&mut answer, 264 + 80, &4_u32.to_ne_bytes());
        assert_eq!(listening(&answer), None);
        for length in 0..264 + 84 {
            assert_eq!(listening(&socket()[..length]), None, "{length}");
        }
    }

    #[test]
    fn both_ends_of_a_pipe_are_one_and_the_writing_one_is_seen() {
        let end = |own: u64, peer: u64, flags: u32| {
            let mut answer = vec![0; PIPE];
            put(&mut answer, 0, &flags.to_ne_bytes());
            put(&mut answer, 160, &own.to_ne_bytes());
            put(&mut answer, 168, &peer.to_ne_bytes());
            answer
        };
        assert_eq!(pipe(&end(5, 9, 1)), pipe(&end(9, 5, 2)));
        assert_eq!(pipe(&end(9, 0, 2)), Some(9));
        assert!(is_for_writing(&end(9, 5, 2)) && !is_for_writing(&end(5, 9, 1)));
        assert_eq!((pipe(b""), is_for_writing(b"")), (None, false));
    }

    #[test]
    fn a_device_and_a_time_and_a_state_are_read() {
        let mut answer = vec![0; VNODE];
        put(&mut answer, 140, &0x1000_0002_u32.to_ne_bytes());
        assert_eq!(device(&answer), Some(0x1000_0002));
        // The clock of Apple's own processors ticks 24 million times a second.
        assert_eq!(time(24_000_000, (125, 3)), Duration::from_secs(1));
        assert_eq!(
            time(u64::MAX, (u32::MAX, 0)),
            Duration::from_nanos(u64::MAX)
        );
        assert_eq!([0, 2, 5].map(state), [b'?', b'R', b'Z']);
    }
}
