//! Channels over a `SOCK_SEQPACKET` socket pair (`unix(7)`), with `SCM_RIGHTS` for descriptors.
//!
//! `SOCK_SEQPACKET` keeps the borders of packets and the end-of-file of streams. The first byte of
//! every packet says where its body lies: in the packet, or in a memory file that came along.

use super::{Channel, LONGEST, MOST_DESCRIPTORS, Packet};
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType, accept_with,
    recvmsg, sendmsg, socket_with, socketpair, sockopt,
};
use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::fs::FileExt;

/// One end: a socket.
pub(super) type End = OwnedFd;

/// Bodies up to this many bytes travel in the socket itself; its send buffer holds several.
const INLINE: usize = 32 << 10;

const IN_PACKET: u8 = 0;
const IN_MEMORY: u8 = 1;

/// The kind of socket that carries channels.
const KIND: SocketType = SocketType::SEQPACKET;

/// Whether a call may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    No,
}

pub(super) fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(AddressFamily::UNIX, KIND, flags, None)?)
}

/// A socket that may become a channel; it does not block.
pub(crate) fn socket() -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(socket_with(AddressFamily::UNIX, KIND, flags, None)?)
}

/// Whether a socket waits for others to connect for a channel.
pub(crate) fn is_listener(socket: &OwnedFd) -> io::Result<bool> {
    let kind = sockopt::socket_type(socket)?;
    Ok(kind == KIND && sockopt::socket_acceptconn(socket)?)
}

/// Takes one who has connected.
pub(crate) fn accept(listener: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    accept_with(listener, SocketFlags::CLOEXEC)
}

impl Channel {
    /// Takes over a descriptor that is one end of a channel.
    ///
    /// # Errors
    ///
    /// `InvalidInput` where it is not a socket of the channel's kind.
    pub fn from_descriptor(descriptor: OwnedFd) -> io::Result<Channel> {
        check_kind(&descriptor)?;
        Ok(Channel(descriptor))
    }

    /// Gives the descriptor back.
    #[must_use]
    pub fn into_descriptor(self) -> OwnedFd {
        self.0
    }
}

impl AsRawFd for Channel {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn check_kind(descriptor: &OwnedFd) -> io::Result<()> {
    match sockopt::socket_type(descriptor) {
        Ok(KIND) => Ok(()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a channel")),
    }
}

pub(super) fn send(
    socket: &OwnedFd,
    bytes: &[u8],
    descriptors: &[BorrowedFd<'_>],
    wait: Wait,
) -> io::Result<()> {
    if bytes.len() > LONGEST || descriptors.len() > MOST_DESCRIPTORS {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "packet too large",
        ));
    }
    if bytes.len() <= INLINE {
        return send_parts(socket, &[&[IN_PACKET], bytes], descriptors, wait);
    }
    let memory = memory_with(bytes)?;
    let mut all = vec![memory.as_fd()];
    all.extend_from_slice(descriptors);
    let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
    send_parts(socket, &[&[IN_MEMORY], &length.to_le_bytes()], &all, wait)
}

fn memory_with(bytes: &[u8]) -> io::Result<File> {
    let file = File::from(memfd_create("handfast-packet", MemfdFlags::CLOEXEC)?);
    file.write_all_at(bytes, 0)?;
    Ok(file)
}

fn send_parts(
    socket: &OwnedFd,
    parts: &[&[u8]; 2],
    descriptors: &[BorrowedFd<'_>],
    wait: Wait,
) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let mut flags = SendFlags::NOSIGNAL;
    if wait == Wait::No {
        flags |= SendFlags::DONTWAIT;
    }
    let slices = [IoSlice::new(parts[0]), IoSlice::new(parts[1])];
    loop {
        match sendmsg(socket, &slices, &mut control, flags) {
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
            Ok(_) => return Ok(()),
        }
    }
}

pub(super) fn receive(socket: &OwnedFd, wait: Wait) -> io::Result<Option<Packet>> {
    let mut buffer = [0_u8; INLINE + 1];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut flags = RecvFlags::CMSG_CLOEXEC;
    if wait == Wait::No {
        flags |= RecvFlags::DONTWAIT;
    }
    let (length, truncated) = loop {
        match recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut buffer)],
            &mut control,
            flags,
        ) {
            Err(rustix::io::Errno::INTR) => {}
            // A peer that ended with our packets unread. The system says so once, before the packets
            // that it sent itself; after them comes the end.
            Err(rustix::io::Errno::CONNRESET) => {}
            Err(errno) => return Err(errno.into()),
            Ok(message) => break (message.bytes, message.flags.contains(ReturnFlags::CTRUNC)),
        }
    };
    let mut descriptors = Vec::new();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    match buffer[..length].split_first() {
        None => Ok(None),
        Some((&IN_PACKET, body)) => Ok(Some(Packet {
            bytes: body.to_vec(),
            descriptors,
            truncated,
        })),
        // The memory comes first, so it is there if anything is.
        Some((&IN_MEMORY, _)) if truncated && descriptors.is_empty() => {
            Err(rustix::io::Errno::MFILE.into())
        }
        Some((&IN_MEMORY, body)) => {
            let packet = from_memory(body, descriptors)?;
            Ok(Some(Packet {
                truncated,
                ..packet
            }))
        }
        Some(_) => Err(malformed()),
    }
}

fn from_memory(length: &[u8], mut descriptors: Vec<OwnedFd>) -> io::Result<Packet> {
    let length = u64::from_le_bytes(length.try_into().map_err(|_| malformed())?);
    let length = usize::try_from(length).map_err(|_| malformed())?;
    if length > LONGEST || descriptors.is_empty() {
        return Err(malformed());
    }
    let memory = File::from(descriptors.remove(0));
    let mut bytes = vec![0; length];
    memory.read_exact_at(&mut bytes, 0)?;
    Ok(Packet {
        bytes,
        descriptors,
        truncated: false,
    })
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "malformed packet")
}

#[cfg(test)]
pub(super) fn borrow(pipe: &io::PipeWriter) -> BorrowedFd<'_> {
    pipe.as_fd()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_not_taken_for_a_channel() {
        let file = File::open("/dev/null").unwrap();
        assert!(Channel::from_descriptor(file.into()).is_err());
    }
}
