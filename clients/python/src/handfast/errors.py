"""What goes wrong: one class, by whose `code` programs decide, and some below it for `except`."""

from __future__ import annotations

from typing import Any, Dict, Optional

__all__ = ["Busy", "Closed", "HandfastError", "NotAllowed", "NotFound", "NotReached"]

NOT_ALLOWED = -32001
BUSY = -32002

_UNKNOWN = ("exec.unknown-process-id", "owner.unknown", "process.unknown")


class HandfastError(Exception):
    """Something has failed.

    Its text is a fragment that reads after "failed to", in the words of the daemon where that has said it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        number: Optional[int] = None,
        hint: Optional[str] = None,
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        """The name of the error, which never changes: `process.unknown`."""
        self.message = message
        """For people."""
        self.number = number
        """The number of JSON-RPC, where the daemon has refused."""
        self.hint = hint
        """What to do about it, where there is something."""
        self.details: Dict[str, Any] = {} if details is None else details
        """More about it, by name."""

    @property
    def data(self) -> Dict[str, Any]:
        """What the daemon has said for programs."""
        said: Dict[str, Any] = {"code": self.code}
        if self.hint is not None:
            said["hint"] = self.hint
        if self.details:
            said["details"] = self.details
        return said


class NotFound(HandfastError):
    """There is no such thing, or none that may be seen: a process, an owner, a command."""


class NotAllowed(HandfastError):
    """The token does not allow it, or is good no more."""


class Busy(HandfastError):
    """A limit is reached; later it may work."""


class Closed(HandfastError):
    """The connection is closed, and with it the session."""


class NotReached(HandfastError):
    """There is no session: no daemon was found or could be started, or it cannot be trusted."""


def closed() -> Closed:
    """The connection is closed."""
    return Closed("client.closed", "reach the daemon: the connection is closed")


def odd(why: str) -> HandfastError:
    """What was answered cannot be understood."""
    return HandfastError("client.odd", f"understand the daemon: {why}")


def refused(error: Any) -> HandfastError:
    """The error that a daemon has answered with."""
    if not isinstance(error, dict):
        return odd("its error is none")
    data = error.get("data")
    data = data if isinstance(data, dict) else {}
    code, number = data.get("code"), error.get("code")
    code = code if isinstance(code, str) else "wire.unnamed"
    number = number if isinstance(number, int) else None
    details = data.get("details")
    return _class_of(code, number)(
        code,
        str(error.get("message", "")),
        number=number,
        hint=data.get("hint"),
        details=details if isinstance(details, dict) else None,
    )


def _class_of(code: str, number: Optional[int]) -> type[HandfastError]:
    if number == NOT_ALLOWED:
        return NotAllowed
    if number == BUSY:
        return Busy
    return NotFound if code in _UNKNOWN else HandfastError
