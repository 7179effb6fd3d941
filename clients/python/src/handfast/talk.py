"""What is said and heard over one connection, without doing either.

Bytes come in, and answers and notes come out; requests go in, and lines come out. So those who wait in
their thread and those who do not share it, and it is tested without a daemon.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union

from . import wire
from .errors import HandfastError, odd, refused

__all__ = ["Answer", "FIRST_FRAME", "LONGEST_FRAME", "NOTES_KEPT", "Talk", "Told", "hello", "understood"]

FIRST_FRAME = 64 * 1024
"""How many bytes a line may have before the handshake is over."""

LONGEST_FRAME = 16 * 1024 * 1024
"""How many bytes of a line of the daemon are held at the most: twice what it says that it sends."""

NOTES_KEPT = 1024
"""How many notes wait to be taken; further ones are dropped and counted. What they told can be read."""

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """To a request; to none that is known where `id` is none."""

    id: Optional[int]
    result: Any = None
    error: Optional[HandfastError] = None


@dataclass(frozen=True)
class Told:
    """Something that was told without being asked."""

    method: str
    params: Any

    def note(self) -> Optional[wire.Note]:
        """What is told; none for a kind that this client does not know."""
        read: Optional[Callable[[Any], wire.Note]] = wire.NOTES.get(self.method)
        return None if read is None else understood(read, self.params)


Heard = Union[Answer, Told]


class Talk:
    """One side of a connection."""

    def __init__(self) -> None:
        self._next = 1
        self._held = bytearray()
        self._looked = 0
        self.limit = FIRST_FRAME
        """How many bytes a line may have."""

    def ask(self, method: str, params: Dict[str, Any]) -> Tuple[int, bytes]:
        """The number of a request, and its line."""
        number = self._next
        self._next += 1
        return number, self._line({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    def tell(self, method: str) -> bytes:
        """The line of what wants no answer."""
        return self._line({"jsonrpc": "2.0", "method": method, "params": {}})

    def cancel(self, number: int) -> bytes:
        """The line that gives up a wait; its own answer is for nobody."""
        return self.ask("request/cancel", {"id": number})[1]

    def _line(self, message: Dict[str, Any]) -> bytes:
        try:
            line = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            raw = line.encode("utf-8")
        except (TypeError, ValueError) as error:
            raise HandfastError("wire.bad-params", f"write the parameters: {error}") from error
        if len(raw) > self.limit:
            # It would be refused there, and nobody could say which request it was.
            raise HandfastError(
                "wire.frame-too-long",
                f"write a frame: it is longer than {self.limit} bytes",
                details={"limit": self.limit},
            )
        return raw + b"\n"

    def hear(self, data: bytes) -> List[Heard]:
        """What has come in whole lines by now. An error is the end of the connection."""
        self._held += data
        heard: List[Heard] = []
        while True:
            end = self._held.find(b"\n", self._looked)
            if end < 0:
                self._looked = len(self._held)
                if self._looked > LONGEST_FRAME:
                    raise odd(f"a line is longer than {LONGEST_FRAME} bytes")
                return heard
            line = bytes(self._held[:end])
            del self._held[: end + 1]
            self._looked = 0
            one = _read(line)
            if one is not None:
                heard.append(one)


def _read(line: bytes) -> Optional[Heard]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise odd(f"a line is no JSON: {error}") from error
    if not isinstance(message, dict):
        raise odd("a line is no message")
    if "method" in message:
        # A daemon asks nothing, so that is a note.
        return Told(str(message["method"]), message.get("params"))
    number = message.get("id")
    if number is not None and not isinstance(number, int):
        return None
    if "error" in message:
        return Answer(number, error=refused(message["error"]))
    return Answer(number, result=message.get("result"))


def understood(read: Callable[[Any], T], result: Any) -> T:
    """An answer, read."""
    try:
        return read(result)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise odd(f"{type(error).__name__}: {error}") from error


def hello(
    client_name: str,
    token: Optional[str],
    resume_session_id: Optional[str],
    resume_ms: Optional[int],
) -> Dict[str, Any]:
    """The handshake."""
    said = {
        "clientName": client_name,
        "protocol": {"oldest": wire.PROTOCOL, "newest": wire.PROTOCOL},
        "token": token,
        "resumeSessionId": resume_session_id,
        "resumeMs": resume_ms,
    }
    return {name: value for name, value in said.items() if value is not None}
