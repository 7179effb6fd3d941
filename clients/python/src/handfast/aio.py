"""The client for those who use `asyncio`.

The same verbs as those of `handfast.Client`, each awaited. What must stay true: a call that is cancelled
gives its wait up at the daemon too, and loses nothing by that.
"""

from __future__ import annotations

import asyncio
import os
import socket
import weakref
from collections import deque
from types import TracebackType
from typing import (
    Any,
    AsyncIterator,
    Callable,
    Deque,
    Dict,
    Generator,
    List,
    Optional,
    Sequence,
    Type,
    TypeVar,
    Union,
)

from . import wire
from .errors import HandfastError, closed
from .follow import PAGE, Output, Pages, Patience
from .launch import ATTEMPTS, Wanted, token_in, unsteady
from .place import Place
from .talk import NOTES_KEPT, Answer, Talk, Told, understood
from .verbs import AsyncVerbs

__all__ = ["Client", "Connecting", "Events", "Follow", "connect"]

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
) -> Connecting:
    """As `handfast.connect`: to be awaited, or entered with `async with`."""
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
    return Connecting(wanted)


class Connecting:
    """A session that is about to begin."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._client: Optional[Client] = None

    def __await__(self) -> Generator[Any, None, Client]:
        return self._begin().__await__()

    async def __aenter__(self) -> Client:
        self._client = await self._begin()
        return self._client

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if self._client is not None:
            await self._client.close()

    async def _begin(self) -> Client:
        loop = asyncio.get_running_loop()
        for _ in range(ATTEMPTS):
            try:
                # Local, and short; but for a daemon that is so busy that its queue is full.
                line = await loop.run_in_executor(None, self._wanted.place.connect)
                line.setblocking(False)
                reader, writer = await asyncio.open_unix_connection(sock=line)
                client = Client(line, reader, writer)
                return await client._begin(self._wanted.hello)
            except HandfastError as error:
                if self._wanted.is_absent(error):
                    await loop.run_in_executor(None, self._wanted.start_daemon)
                elif not self._wanted.is_leaving(error):
                    raise
        raise unsteady()


class Client(AsyncVerbs):
    """A session with a daemon. Its end ends what was started over it and not declared to survive.

    It belongs to the event loop that it was made in.
    """

    welcome: wire.Initialized
    """What the daemon answered to the handshake."""

    def __init__(
        self, line: socket.socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._line = line
        self._writer = writer
        self._talk = Talk()
        self._waiting: Optional[Dict[int, asyncio.Future[Any]]] = {}
        self._notes: Deque[Told] = deque()
        self._dropped = 0
        self._news = asyncio.Event()
        # Neither keeps the client: one that is forgotten is closed.
        self._reading = asyncio.ensure_future(_read(reader, weakref.ref(self)))
        self._forgotten = weakref.finalize(self, _shut, asyncio.get_running_loop(), writer)
        # The loop is gone by then, and with it the connection.
        self._forgotten.atexit = False
        _open.add(self)

    async def _begin(self, hello: Callable[[], Dict[str, Any]]) -> Client:
        try:
            self.welcome = await self._call("initialize", hello(), wire.Initialized.from_wire)
            self._talk.limit = self.welcome.limits.frame_bytes
            self._writer.write(self._talk.tell("initialized"))
        except BaseException:
            await self.close()
            raise
        return self

    @property
    def session_id(self) -> str:
        """All that is needed to resume the session: keep it secret."""
        return self.welcome.session_id

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the session. What it started and was not declared to survive is ended by the daemon. It is
        also ended when nobody has the client any more.
        """
        _open.discard(self)
        self._forgotten.detach()
        self._writer.close()
        self._reading.cancel()
        # Neither may have anything to say: the daemon may have been gone before.
        await asyncio.gather(self._reading, self._writer.wait_closed(), return_exceptions=True)
        self._over(closed())

    async def wait(
        self,
        process_id: str,
        *,
        conditions: Optional[Sequence[wire.Condition]] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Waited:
        """As `handfast.Client.wait`: for as long as it takes."""
        patience = Patience(wait_ms, self.welcome.limits.wait_ms)
        while True:
            waited = await super().wait(process_id, conditions=conditions, wait_ms=patience.next_ms())
            if patience.is_over(waited):
                return patience.whole(waited)

    def follow(
        self, process_id: str, *, after_seq: int = 0, offset: Optional[int] = None, wait: bool = True
    ) -> Follow:
        """As `handfast.Client.follow`."""
        return Follow(self, process_id, Pages(after_seq, offset, wait))

    def events(self, *, after_seq: int = 0) -> Events:
        """What happens to processes, from behind this number on, for ever."""
        return Events(self, after_seq)

    async def notes(self) -> AsyncIterator[wire.Note]:
        """As `handfast.Client.notes`. One reader at a time."""
        while True:
            while not self._notes:
                if self._waiting is None:
                    return
                self._news.clear()
                await self._news.wait()
            note = self._notes.popleft().note()
            if note is not None:
                yield note

    @property
    def dropped_notes(self) -> int:
        """How many notes were dropped because they were not taken in time."""
        return self._dropped

    async def _call(self, method: str, params: Dict[str, Any], read: Callable[[Any], T]) -> T:
        number, line = self._talk.ask(method, params)
        if self._waiting is None:
            raise closed()
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._writer.write(line)
        try:
            await self._drain()
            return understood(read, await answer)
        finally:
            is_open = self._waiting is not None and self._waiting.pop(number, None) is not None
            if is_open and method in wire.WAITS:
                self._writer.write(self._talk.cancel(number))

    async def _drain(self) -> None:
        try:
            await self._writer.drain()
        except OSError:
            # Who waits is told by the reader.
            pass

    def _hear(self, data: bytes) -> Optional[HandfastError]:
        """Takes what has come; an error is the end of the connection."""
        try:
            for heard in self._talk.hear(data):
                self._sort(heard)
        except HandfastError as odd:
            return odd
        return None

    def _over(self, error: HandfastError) -> None:
        waiting, self._waiting = self._waiting, None
        self._news.set()
        for answer in (waiting or {}).values():
            if not answer.done():
                answer.set_exception(error)

    def _sort(self, heard: Union[Answer, Told]) -> None:
        if isinstance(heard, Told):
            if len(self._notes) < NOTES_KEPT:
                self._notes.append(heard)
                self._news.set()
            else:
                self._dropped += 1
            return
        for answer in self._answered(heard.id):
            if answer.done():
                continue
            if heard.error is None:
                answer.set_result(heard.result)
            else:
                answer.set_exception(heard.error)

    def _answered(self, number: Optional[int]) -> List[asyncio.Future[Any]]:
        waiting = self._waiting if self._waiting is not None else {}
        if number is None:
            # Of no request that can be known: all who wait are told, as one of them may be meant.
            all_of_them = list(waiting.values())
            waiting.clear()
            return all_of_them
        answer = waiting.pop(number, None)
        return [] if answer is None else [answer]


async def _read(reader: asyncio.StreamReader, client: weakref.ref[Client]) -> None:
    """Hears what comes until there is no more, or nobody is there for it."""
    error: Optional[HandfastError] = None
    while error is None:
        try:
            data = await reader.read(_PIECE)
        except OSError:
            data = b""
        one = client()
        if one is None:
            return
        error = one._hear(data) if data else closed()
        if error is not None:
            one._over(error)
        # It must not be kept while nothing comes.
        del one


def _shut(loop: asyncio.AbstractEventLoop, writer: asyncio.StreamWriter) -> None:
    """Ends a connection. Whoever forgets the last one may be any thread."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(writer.close)


class Follow:
    """Output of a process, piece by piece. At most a page of it is held."""

    def __init__(self, client: Client, process_id: str, pages: Pages) -> None:
        self._client = client
        self._process_id = process_id
        self._pages = pages
        self._ready: Deque[Output] = deque()

    def __aiter__(self) -> Follow:
        return self

    async def __anext__(self) -> Output:
        while not self._ready:
            if self._pages.done:
                raise StopAsyncIteration
            wait_ms = self._client.welcome.limits.wait_ms if self._pages.waits else 0
            page = await self._client.read(
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

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> wire.EventNote:
        while not self._ready:
            longest = self._client.welcome.limits.wait_ms
            page = await self._client.events_read(after_seq=self.seq, wait_ms=longest)
            self.seq = page.last_seq
            self.missed += page.missed
            self._ready.extend(page.events)
        return self._ready.popleft()


_open: weakref.WeakSet[Client] = weakref.WeakSet()


def _give_up_lines() -> None:
    """A copy of this process is no client: as long as it held the line, nothing would end."""
    for client in list(_open):
        client._forgotten.detach()
        client._line.close()
        client._waiting = None


os.register_at_fork(after_in_child=_give_up_lines)
