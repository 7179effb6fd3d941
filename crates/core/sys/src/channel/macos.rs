//! Channels over a `SOCK_STREAM` socket pair (`unix(4)`), with `SCM_RIGHTS` for descriptors.
//!
//! There is no `SOCK_SEQPACKET` here, and a pair of datagram sockets tells nobody of an end. So packets are
//! [framed](super::framing) in a stream. What must stay true: a packet is in the stream whole before
//! another one is; so its buffer is never filled to less than a packet (`SO_SNDLOWAT`), and should
//! the system take a part of one all the same, the rest is waited for. Large bodies lie in shared memory whose
//! descriptor travels instead (`shm_open(2)`).
//!
//! The sockets do not block, since `send(2)` knows no `MSG_DONTWAIT` here; who may wait does so by `poll(2)`. A
//! descriptor of a socket that its sender closes while it is on its way may be emptied by the kernel
//! (`unp_gc` of XNU's `uipc_usrreq.c`): channels that are sent are held until an answer came. Checked by the
//! compiler and clippy only: nobody has run this yet.

use super::framing::{Frame, HEADER, header};
use super::{Channel, LONGEST, MOST_DESCRIPTORS, Packet, memory};
use crate::fork_lock;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags,
    SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
    getpeername, getsockname, recvmsg, sendmsg, socketpair, sockopt,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One end.
#[derive(Debug)]
pub(super) struct End {
    socket: OwnedFd,
    /// Held while a packet is put into the stream; room for a packet is waited for without it.
    sending: Mutex<()>,
    coming: Mutex<Coming>,
}

/// What has come of the next packet.
#[derive(Debug, Default)]
struct Coming {
    frame: Frame,
    descriptors: Vec<OwnedFd>,
    truncated: bool,
}

/// The kind of socket that carries channels.
const KIND: SocketType = SocketType::STREAM;

/// Bodies up to this many bytes travel in the socket itself; its buffer holds several.
const INLINE: usize = 16 << 10;

/// How much the socket keeps of what the peer has not read yet.
const BUFFER: usize = 256 << 10;

const IN_PACKET: u8 = 0;
const IN_MEMORY: u8 = 1;

/// Whether a call may wait.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    No,
}

pub(super) fn pair() -> io::Result<(End, End)> {
    let making = fork_lock::os::making();
    let none = SocketFlags::empty();
    let (one, other) = socketpair(AddressFamily::UNIX, KIND, none, None)?;
    for end in [&one, &other] {
        fcntl_setfd(end, FdFlags::CLOEXEC)?;
    }
    drop(making);
    Ok((End::new(one)?, End::new(other)?))
}

/// A socket that may become a channel; it does not block.
pub(crate) fn socket() -> io::Result<OwnedFd> {
    let making = fork_lock::os::making();
    let socket = rustix::net::socket(AddressFamily::UNIX, KIND, None)?;
    fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    drop(making);
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Whether a socket waits for others to connect for a channel, as far as can be told: it has a name and no
/// peer. `SO_ACCEPTCONN` is not served here.
pub(crate) fn is_listener(socket: &OwnedFd) -> io::Result<bool> {
    let is_named = SocketAddrUnix::try_from(getsockname(socket)?)
        .is_ok_and(|address| address.path_bytes().is_some_and(|path| !path.is_empty()));
    let is_alone = matches!(getpeername(socket), Err(Errno::NOTCONN));
    Ok(sockopt::socket_type(socket)? == KIND && is_named && is_alone)
}

/// Takes one who has connected.
pub(crate) fn accept(listener: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    let _making = fork_lock::os::making();
    let socket = rustix::net::accept(listener)?;
    fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    Ok(socket)
}

impl End {
    fn new(socket: OwnedFd) -> io::Result<End> {
        rustix::io::ioctl_fionbio(&socket, true)?;
        sockopt::set_socket_nosigpipe(&socket, true)?;
        sockopt::set_socket_send_buffer_size(&socket, BUFFER)?;
        sockopt::set_socket_recv_buffer_size(&socket, BUFFER)?;
        set_least_room(&socket)?;
        Ok(End {
            socket,
            sending: Mutex::default(),
            coming: Mutex::default(),
        })
    }
}

/// Has the socket be ready for writing only where a whole packet has room (`SO_SNDLOWAT` of
/// `getsockopt(2)`), and say "later" where it has not (`sosendcheck` of XNU's `uipc_socket.c`).
fn set_least_room(socket: &OwnedFd) -> io::Result<()> {
    let least = i32::try_from(INLINE + HEADER).map_err(io::Error::other)?;
    let length = libc::socklen_t::try_from(size_of::<i32>()).map_err(io::Error::other)?;
    // SAFETY: the pointer is to a number that lives for the call and is as long as is said.
    let answer = unsafe {
        let place = (&raw const least).cast();
        let number = socket.as_raw_fd();
        libc::setsockopt(number, libc::SOL_SOCKET, libc::SO_SNDLOWAT, place, length)
    };
    if answer == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

impl Channel {
    /// Takes over a descriptor that is one end of a channel.
    ///
    /// # Errors
    ///
    /// `InvalidInput` where it is not a socket of the channel's kind.
    pub fn from_descriptor(descriptor: OwnedFd) -> io::Result<Channel> {
        match sockopt::socket_type(&descriptor) {
            Ok(KIND) => Ok(Channel(End::new(descriptor)?)),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a channel")),
        }
    }

    /// Gives the descriptor back.
    ///
    /// # Platforms
    ///
    /// macOS: what has come of a packet that is not whole yet is lost with this, so it is for a channel
    /// that nobody has received from.
    #[must_use]
    pub fn into_descriptor(self) -> OwnedFd {
        self.0.socket
    }
}

impl AsRawFd for Channel {
    fn as_raw_fd(&self) -> RawFd {
        self.0.socket.as_raw_fd()
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.socket.as_fd()
    }
}

pub(super) fn send(
    end: &End,
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
        return send_framed(end, IN_PACKET, bytes, (descriptors, wait));
    }
    let memory = memory::with(bytes)?;
    let mut all = vec![memory.as_fd()];
    all.extend_from_slice(descriptors);
    let length = u64::try_from(bytes.len()).map_err(io::Error::other)?;
    send_framed(end, IN_MEMORY, &length.to_le_bytes(), (&all, wait))
}

fn send_framed(
    end: &End,
    kind: u8,
    body: &[u8],
    (descriptors, wait): (&[BorrowedFd<'_>], Wait),
) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let whole = [&header(kind, length)[..], body].concat();
    loop {
        let sent = {
            let _alone = locked(&end.sending);
            send_now(&end.socket, &whole, descriptors)
        };
        match sent {
            Err(Errno::AGAIN) if wait == Wait::Yes => wait_for(&end.socket, PollFlags::OUT)?,
            // What a peer that is gone is told by, depending on the moment.
            Err(Errno::NOTCONN | Errno::CONNRESET) => return Err(Errno::PIPE.into()),
            sent => return Ok(sent?),
        }
    }
}

/// Puts a packet into the stream, or fails with `AGAIN` and has put nothing there.
fn send_now(
    socket: &OwnedFd,
    whole: &[u8],
    descriptors: &[BorrowedFd<'_>],
) -> rustix::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        control.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    let slices = [IoSlice::new(whole)];
    let none = SendFlags::empty();
    let first = rustix::io::retry_on_intr(|| sendmsg(socket, &slices, &mut control, none))?;
    let mut rest = whole.get(first..).unwrap_or_default();
    while !rest.is_empty() {
        match rustix::io::write(socket, rest) {
            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait_for(socket, PollFlags::OUT)?,
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn wait_for(socket: &OwnedFd, wanted: PollFlags) -> rustix::io::Result<()> {
    rustix::io::retry_on_intr(|| poll(&mut [PollFd::new(socket, wanted)], None)).map(drop)
}

/// What a panic left behind is as good as before: each step leaves it in order.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn receive(end: &End, wait: Wait) -> io::Result<Option<Packet>> {
    loop {
        let received = locked(&end.coming).go_on(&end.socket);
        match received {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && wait == Wait::Yes => {
                wait_for(&end.socket, PollFlags::IN)?;
            }
            received => return received,
        }
    }
}

impl Coming {
    /// Reads until the packet is whole, the stream is empty (`WouldBlock`) or at its end.
    fn go_on(&mut self, socket: &OwnedFd) -> io::Result<Option<Packet>> {
        let mut buffer = [0_u8; INLINE + HEADER];
        loop {
            let wanted = self.frame.wanted()?.min(buffer.len());
            if wanted == 0 {
                return self.finish().map(Some);
            }
            let place = buffer.get_mut(..wanted).unwrap_or_default();
            match self.read(socket, place) {
                Err(Errno::INTR) => {}
                // There was no room for the descriptors; the bytes are still there.
                Err(Errno::MSGSIZE) if !self.truncated => self.truncated = true,
                // A packet that its sender did not live to finish is none.
                Ok(0) | Err(Errno::CONNRESET) => return Ok(None),
                Ok(count) => self.frame.take_in(buffer.get(..count).unwrap_or_default()),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Reads once, and keeps the descriptors that came.
    fn read(&mut self, socket: &OwnedFd, place: &mut [u8]) -> rustix::io::Result<usize> {
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS + 1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let _making = fork_lock::os::making();
        let none = RecvFlags::empty();
        let message = recvmsg(socket, &mut [IoSliceMut::new(place)], &mut control, none)?;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                self.descriptors.extend(rights);
            }
        }
        for descriptor in &self.descriptors {
            fcntl_setfd(descriptor, FdFlags::CLOEXEC)?;
        }
        self.truncated |= message.flags.contains(ReturnFlags::CTRUNC);
        Ok(message.bytes)
    }

    fn finish(&mut self) -> io::Result<Packet> {
        let mut descriptors = std::mem::take(&mut self.descriptors);
        let truncated = std::mem::take(&mut self.truncated);
        let bytes = match self.frame.finish() {
            Some((IN_PACKET, body)) => body,
            // The memory comes first, so it is there if anything is.
            Some((IN_MEMORY, _)) if descriptors.is_empty() && truncated => {
                return Err(Errno::MFILE.into());
            }
            Some((IN_MEMORY, body)) if !descriptors.is_empty() => {
                let length = u64::from_le_bytes(body.try_into().map_err(|_| malformed())?);
                let length = usize::try_from(length).map_err(|_| malformed())?;
                if length > LONGEST {
                    return Err(malformed());
                }
                memory::read(&descriptors.remove(0), length)?
            }
            _ => return Err(malformed()),
        };
        Ok(Packet {
            bytes,
            descriptors,
            truncated,
        })
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "malformed packet")
}

#[cfg(test)]
pub(super) fn borrow(pipe: &io::PipeWriter) -> BorrowedFd<'_> {
    pipe.as_fd()
}
