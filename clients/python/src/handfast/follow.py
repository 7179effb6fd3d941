"""Reading output page by page, and waiting for longer than one request may: without doing either."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import List, Optional

from . import wire

__all__ = ["Output", "PAGE", "Pages", "Patience"]

PAGE = 256 * 1024
"""How many bytes of output are asked for at once, and so held."""


@dataclass(frozen=True)
class Output:
    """A piece of output."""

    offset: int
    """Of its first byte among all bytes of the process."""

    data: bytes
    """What came, exactly."""

    stream: wire.StreamName
    """On which stream it came."""

    missed: int
    """How many bytes before it were asked for and are not kept."""

    at_ms: Optional[int]
    """When it came, in milliseconds since 1970."""


class Pages:
    """Where a reader of output stands."""

    def __init__(self, after_seq: int, offset: Optional[int], wait: bool) -> None:
        self.waits = wait
        """Whether to wait for what comes."""
        self.seq = after_seq
        """The last sequence number that was read: from where to go on later."""
        self.offset: Optional[int] = 0 if offset is None and after_seq == 0 else offset
        """The byte that comes next among all; none before the first one is known."""
        self.missed = 0
        """How many bytes were not kept."""
        self.done = False
        """Nothing more can come, or nothing more is kept where that was asked for."""
        self.exit_code: Optional[int] = None
        """The exit code, once it is known; 128 and the signal, where it died of one."""
        self.signal: Optional[int] = None
        """The signal that ended it."""

    def take(self, answer: wire.ReadAnswer) -> List[Output]:
        """What is new in a page."""
        until = max(self.seq, answer.next_seq - 1)
        is_stuck = until == self.seq
        self.seq = until
        if answer.exited:
            self.exit_code, self.signal = answer.exit_code, answer.signal
        self.done = is_stuck and (answer.closed or not self.waits)
        pieces = [self._piece(chunk) for chunk in answer.chunks]
        return [piece for piece in pieces if piece.data]

    def _piece(self, chunk: wire.OutputChunk) -> Output:
        at = chunk.offset if self.offset is None else self.offset
        missed = max(0, chunk.offset - at)
        # What lies before the byte that was asked for is passed over.
        data = chunk.chunk[max(0, at - chunk.offset) :]
        offset = max(at, chunk.offset)
        if data:
            self.offset = offset + len(data)
            self.missed += missed
        return Output(offset, data, chunk.stream, missed if data else 0, chunk.at_ms)


class Patience:
    """A wait that may be longer than one request."""

    def __init__(self, wait_ms: Optional[int], longest_ms: int) -> None:
        self._begun = time.monotonic()
        self._wait_ms = wait_ms
        self._longest_ms = longest_ms

    def next_ms(self) -> int:
        """For how long to wait in the next request."""
        if self._wait_ms is None:
            return self._longest_ms
        left = self._wait_ms - self._passed_ms()
        return max(0, min(self._longest_ms, left))

    def is_over(self, waited: wire.Waited) -> bool:
        """Whether that was what was waited for, or all the time that there was."""
        if waited.outcome != "timed-out":
            return True
        return self._wait_ms is not None and self._passed_ms() >= self._wait_ms

    def whole(self, waited: wire.Waited) -> wire.Waited:
        """The answer, with the time that all requests took."""
        return replace(waited, took_ms=max(waited.took_ms, self._passed_ms()))

    def _passed_ms(self) -> int:
        return int((time.monotonic() - self._begun) * 1000)
