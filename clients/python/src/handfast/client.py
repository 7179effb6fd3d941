"""The client for those who wait in their thread.

One thread of its own reads, so that threads may ask beside one another. What must stay true: each
request is answered once, also when the daemon is gone; the connection is the life line of all that was
started over it, so no other process ever holds it: none gets it by `exec`, and a fork gives it up.
"""

from __future__ import annotations

import os
import socket
import threading
import weakref
from collections import deque
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Callable, Deque, Dict, Iterator, List, Optional, Sequence, Type, TypeVar, Union

from . import wire
from .errors import HandfastError, closed
from .follow import PAGE, Output, Pages, Patience
from .launch import ATTEMPTS, Wanted, token_in, unsteady
from .place import Place
from .talk import NOTES_KEPT, Answer, Talk, Told, understood
from .verbs import Verbs

__all__ = ["Client", "Events", "Follow", "connect"]

T = TypeVar("T")

_PIECE = 64 * 1024


def connect(
    *,
    home: Union[str, "os.PathLike[str]", None] = None,
    program: Union[str, "os.PathLike[str]"] = "handfast",
    start: bool = True,
    as_user: bool = True,
    token: Optional[str] = None,
    token_file: Union[str, "os.PathLike[str]", None] = None,
    client_name: str = "handfast-python",
    resume_session_id: Optional[str] = None,
    resume_ms: Optional[int] = None,
) -> Client:
    """Begins a session with the daemon of this user, which is started where there is none.

    Args:
        home: A folder for everything, in place of what `HANDFAST_HOME` and the other variables say.
        program: The program `handfast`, which starts the daemon.
        start: Whether a daemon is started.
        as_user: Act for the user; else for an owner of its own, who is gone with the session.
        token: Act for the owner of this token.
        token_file: Likewise, by a file that has it.
        client_name: Who asks, for people and logs.
        resume_session_id: The session to resume: `Client.session_id` of the one that began it.
        resume_ms: For how long the session may be resumed once the line is cut. Until then its
            processes live; without it they end at once.

    Raises:
        HandfastError: There is no session. `NotReached` where nobody was reached.
    """
    wanted = Wanted(
        place=Place.usual() if home is None else Place.at(home),
        program=program,
        start=start,
        as_user=as_user,
        token=token if token_file is None else token_in(token_file),
        client_name=client_name,
        resume_session_id=resume_session_id,
        resume_ms=resume_ms,
    )
    for _ in range(ATTEMPTS):
        try:
            return Client(wanted.place.connect(), wanted.hello)
        except HandfastError as error:
            if wanted.is_absent(error):
                wanted.start_daemon()
            elif not wanted.is_leaving(error):
                raise
    raise unsteady()


class Client(Verbs):
    """A session with a daemon. Its end ends what was started over it and not declared to survive.

    Every verb blocks, and may be called by any thread. An interrupt (Ctrl-C) gives a wait up and loses
    nothing.
    """

    def __init__(self, line: socket.socket, hello: Callable[[], Dict[str, Any]]) -> None:
        self._line = line
        self._talk = Talk()
        self._writing = threading.Lock()
        self._state = threading.Condition()
        self._waiting: Optional[Dict[int, Future[Any]]] = {}
        self._notes: Deque[Told] = deque()
        self._dropped = 0
        # Neither keeps the client: one that is forgotten is closed.
        self._reader = threading.Thread(
            target=_read, args=(line, weakref.ref(self)), name="handfast-client", daemon=True
        )
        self._forgotten = weakref.finalize(self, _shut, line)
        try:
            said = hello()
            _open.add(self)
            self._reader.start()
            self.welcome: wire.Initialized = self._call("initialize", said, wire.Initialized.from_wire)
            """What the daemon answered to the handshake."""
            self._talk.limit = self.welcome.limits.frame_bytes
            self._write(self._talk.tell("initialized"))
        except BaseException:
            self.close()
            raise

    @property
    def session_id(self) -> str:
        """All that is needed to resume the session: keep it secret."""
        return self.welcome.session_id

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the session. What it started and was not declared to survive is ended by the daemon. It is
        also ended when nobody has the client any more.
        """
        self._forgotten()
        if self._reader.ident is not None and self._reader is not threading.current_thread():
            self._reader.join()
        self._line.close()
        _open.discard(self)

    def wait(
        self,
        process_id: str,
        *,
        conditions: Optional[Sequence[wire.Condition]] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Waited:
        """Waits for the first of some conditions, for as long as it takes; also for longer than one
        request may wait.

        Args:
            process_id: Which process.
            conditions: For what; without any, for the end of the leader. At most 16.
            wait_ms: How long; without it, for ever. The outcome is `timed-out` then.
        """
        patience = Patience(wait_ms, self.welcome.limits.wait_ms)
        while True:
            waited = super().wait(process_id, conditions=conditions, wait_ms=patience.next_ms())
            if patience.is_over(waited):
                return patience.whole(waited)

    def follow(
        self, process_id: str, *, after_seq: int = 0, offset: Optional[int] = None, wait: bool = True
    ) -> Follow:
        """Output, piece by piece, until nothing more can come.

        Args:
            process_id: Which process.
            after_seq: From behind this sequence number on; `Follow.seq` is where a reader stands.
            offset: From this byte on, among all.
            wait: Whether to wait for what comes; else only what is kept by now.
        """
        return Follow(self, process_id, Pages(after_seq, offset, wait))

    def events(self, *, after_seq: int = 0) -> Events:
        """What happens to processes, from behind this number on, for ever."""
        return Events(self, after_seq)

    def notes(self) -> Iterator[wire.Note]:
        """What the daemon tells without being asked, in order, until the connection is closed. It tells
        what was subscribed to.
        """
        while True:
            with self._state:
                self._state.wait_for(lambda: self._notes or self._waiting is None)
                if not self._notes:
                    return
                told = self._notes.popleft()
            note = told.note()
            if note is not None:
                yield note

    @property
    def dropped_notes(self) -> int:
        """How many notes were dropped because they were not taken in time."""
        return self._dropped

    def _call(self, method: str, params: Dict[str, Any], read: Callable[[Any], T]) -> T:
        answer: Future[Any] = Future()
        number: Optional[int] = None
        try:
            with self._writing:
                number, line = self._talk.ask(method, params)
                with self._state:
                    if self._waiting is None:
                        raise closed()
                    self._waiting[number] = answer
                self._send(line)
            return understood(read, answer.result())
        except BaseException:
            if number is not None and not answer.done():
                self._give_up(method, number)
            raise

    def _give_up(self, method: str, number: int) -> None:
        with self._state:
            was_open = self._waiting is not None and self._waiting.pop(number, None) is not None
        if was_open and method in wire.WAITS:
            with self._writing:
                self._send(self._talk.cancel(number))

    def _write(self, line: bytes) -> None:
        with self._writing:
            self._send(line)

    def _send(self, line: bytes) -> None:
        try:
            self._line.sendall(line)
        except OSError:
            # Who waits is told by the reader.
            pass
        except BaseException:
            # An interrupt in the middle of a line: nothing can be said behind it.
            _shut(self._line)
            raise

    def _hear(self, data: bytes) -> Optional[HandfastError]:
        """Takes what has come; an error is the end of the connection."""
        try:
            for heard in self._talk.hear(data):
                self._sort(heard)
        except HandfastError as odd:
            return odd
        return None

    def _over(self, error: HandfastError) -> None:
        with self._state:
            waiting, self._waiting = self._waiting, None
            self._state.notify_all()
        for answer in (waiting or {}).values():
            answer.set_exception(error)

    def _sort(self, heard: Union[Answer, Told]) -> None:
        if isinstance(heard, Told):
            with self._state:
                if len(self._notes) < NOTES_KEPT:
                    self._notes.append(heard)
                    self._state.notify()
                else:
                    self._dropped += 1
            return
        for answer in self._answered(heard.id):
            if heard.error is None:
                answer.set_result(heard.result)
            else:
                answer.set_exception(heard.error)

    def _answered(self, number: Optional[int]) -> List[Future[Any]]:
        with self._state:
            waiting = self._waiting if self._waiting is not None else {}
            if number is None:
                # Of no request that can be known: all who wait are told, as one of them may be meant.
                all_of_them = list(waiting.values())
                waiting.clear()
                return all_of_them
            answer = waiting.pop(number, None)
            return [] if answer is None else [answer]


def _read(line: socket.socket, client: weakref.ref[Client]) -> None:
    """Hears what comes until there is no more, or nobody is there for it."""
    error: Optional[HandfastError] = None
    while error is None:
        try:
            data = line.recv(_PIECE)
        except OSError:
            data = b""
        one = client()
        if one is None:
            line.close()
            return
        error = one._hear(data) if data else closed()
        if error is not None:
            one._over(error)
        # It must not be kept while nothing comes.
        del one


def _shut(line: socket.socket) -> None:
    """Ends a connection, also where a copy of it is held by somebody."""
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It has ended before.
        pass


class Follow:
    """Output of a process, piece by piece. At most a page of it is held."""

    def __init__(self, client: Client, process_id: str, pages: Pages) -> None:
        self._client = client
        self._process_id = process_id
        self._pages = pages
        self._ready: Deque[Output] = deque()

    def __iter__(self) -> Follow:
        return self

    def __next__(self) -> Output:
        while not self._ready:
            if self._pages.done:
                raise StopIteration
            wait_ms = self._client.welcome.limits.wait_ms if self._pages.waits else 0
            page = self._client.read(
                self._process_id, after_seq=self._pages.seq, max_bytes=PAGE, wait_ms=wait_ms
            )
            self._ready.extend(self._pages.take(page))
        return self._ready.popleft()

    @property
    def seq(self) -> int:
        """The last sequence number of the pages that were read: where to go on once they were taken."""
        return self._pages.seq

    @property
    def missed(self) -> int:
        """How many bytes were asked for and are not kept."""
        return self._pages.missed

    @property
    def exit_code(self) -> Optional[int]:
        """The exit code, once it is known; 128 and the signal, where it died of one."""
        return self._pages.exit_code

    @property
    def signal(self) -> Optional[int]:
        """The signal that ended it."""
        return self._pages.signal


class Events:
    """What happens to processes, in order."""

    def __init__(self, client: Client, after_seq: int) -> None:
        self._client = client
        self.seq = after_seq
        """The number to go on after."""
        self.missed = 0
        """How many are not kept any more, of all owners."""
        self._ready: Deque[wire.EventNote] = deque()

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> wire.EventNote:
        while not self._ready:
            longest = self._client.welcome.limits.wait_ms
            page = self._client.events_read(after_seq=self.seq, wait_ms=longest)
            self.seq = page.last_seq
            self.missed += page.missed
            self._ready.extend(page.events)
        return self._ready.popleft()


_open: weakref.WeakSet[Client] = weakref.WeakSet()


def _give_up_lines() -> None:
    """A copy of this process is no client: as long as it held the line, nothing would end."""
    for client in list(_open):
        # Closed and not shut, which would end it for its owner too.
        client._forgotten.detach()
        client._line.close()
        client._waiting = None
        # Some other thread may have had them, and is not here.
        client._writing, client._state = threading.Lock(), threading.Condition()


os.register_at_fork(after_in_child=_give_up_lines)
